package hooks_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// route is a request to one of our routes and how each actor is answered.
type route struct {
	pattern string // as it was registered
	path    string // {conv}, {other}, {msg}, {contact} … are filled in; "" is the pattern itself
	body    any
	want    string // answers by actor: "g401 v200 *403"; * is everybody not named
}

// staffOnly is how the desk's routes answer; agents and owners with ok.
func staffOnly(ok int) string { return fmt.Sprintf("a%d o%d c403 d403 s403 *401", ok, ok) }

// ownersAlone is how routes that set something up answer; owners with ok.
func ownersAlone(ok int) string { return fmt.Sprintf("o%d a403 c403 d403 s403 *401", ok) }

// visitors is how the chat's routes answer those whose tokens are theirs;
// anybody else's token is none.
func visitors(ok int) string { return fmt.Sprintf("v%d x%d *401", ok, ok) }

var routes = []route{
	{"GET /api/chat/config", "", nil, "*200"},
	{"POST /api/chat/start", "", map[string]any{}, "*200"},
	{"POST /api/chat/messages", "", map[string]any{"client_id": "client-id-2", "text": "hello"}, visitors(200)},
	{"GET /api/chat/messages", "", nil, visitors(200)},
	{"POST /api/chat/typing", "", map[string]any{"on": true}, visitors(204)},
	{"POST /api/chat/read", "", map[string]any{"seq": 1}, visitors(204)},
	{"POST /api/chat/rating", "", map[string]any{"score": 5}, visitors(200)},
	{"POST /api/chat/email", "", map[string]any{"email": "me@mail.test"}, visitors(200)},

	{"GET /api/chat/conversations", "", nil, visitors(200)},
	{"GET /api/chat/conversations/{id}", "/api/chat/conversations/{conv}", nil, "v200 x404 *401"},
	{"GET /api/chat/help", "", nil, "*200"},
	{"GET /api/chat/help/{slug}", "/api/chat/help/nothing", nil, "*404"},

	{"GET /api/chat/callback", "", nil, "*200"},
	{"POST /api/chat/callback", "", map[string]any{"client_id": "client-id-9", "phone": "01711000000"}, visitors(200)},
	{"GET /api/desk/callbacks", "", nil, staffOnly(200)},
	{"POST /api/desk/callbacks/{id}/claim", "/api/desk/callbacks/none00000000000/claim", nil, staffOnly(404)},
	{"POST /api/desk/callbacks/{id}/release", "/api/desk/callbacks/none00000000000/release", nil, staffOnly(404)},
	{"POST /api/desk/callbacks/{id}/outcome", "/api/desk/callbacks/none00000000000/outcome", map[string]any{"outcome": "reached"}, staffOnly(404)},
	{"GET /api/help/search", "/api/help/search?q=saree", nil, "*200"},

	{"GET /api/desk/articles", "", nil, staffOnly(200)},
	{"POST /api/desk/articles", "", map[string]any{"title": "How?"}, staffOnly(200)},
	{"GET /api/desk/articles/{id}", "/api/desk/articles/{article}", nil, staffOnly(200)},
	{"PATCH /api/desk/articles/{id}", "/api/desk/articles/{article}", map[string]any{"title": "How?"}, staffOnly(200)},
	{"DELETE /api/desk/articles/{id}", "/api/desk/articles/none00000000000", nil, staffOnly(404)},
	{"DELETE /api/desk/articles/{id}", "/api/desk/articles/{article}", nil, "a403 o204 c403 d403 s403 *401"},
	{"POST /api/desk/articles/{id}/files", "/api/desk/articles/{article}/files", nil, staffOnly(400)},
	{"GET /api/desk/articles/{id}/versions", "/api/desk/articles/{article}/versions", nil, staffOnly(200)},
	{"POST /api/desk/articles/{id}/versions/{version}", "/api/desk/articles/{article}/versions/none00000000000", nil, staffOnly(404)},
	{"GET /api/desk/articles/synonyms", "", nil, staffOnly(200)},
	{"POST /api/desk/articles/bulk", "", map[string]any{"ids": []string{"none00000000000"}, "do": "publish"}, staffOnly(204)},
	{"POST /api/desk/articles/preview", "", map[string]any{"markdown": "*a*"}, staffOnly(200)},
	{"POST /api/desk/articles/sample", "", nil, staffOnly(200)},
	{"GET /api/desk/bot", "", nil, ownersAlone(200)},
	{"POST /api/desk/bot/preview", "", map[string]any{"steps": []any{}, "env": map[string]any{"language": "en"}}, ownersAlone(200)},
	{"POST /api/desk/bot/model/try", "", map[string]any{}, ownersAlone(200)},
	{"GET /api/desk/bot/questions", "", nil, staffOnly(200)},
	{"POST /api/desk/bot/questions/dismiss", "", map[string]any{"ids": []string{"none00000000000"}}, staffOnly(204)},
	{"POST /api/desk/theme/preview", "", map[string]any{"colour": "#006a4e"}, ownersAlone(200)},

	{"GET /api/stream", "/api/stream?topic=conversation/{conv}", nil, "v200 x404 *401"},
	{"GET /api/stream", "/api/stream?topic=inbox", nil, "a200 o200 *401"},
	{"GET /api/stream", "/api/stream?topic=agent/{agent}", nil, "*404"},
	{"GET /api/stream", "/api/stream?topic=visitors", nil, "*404"},
	{"GET /api/stream", "/api/stream?topic=request/1", nil, "*404"},
	{"GET /api/stream", "/api/stream", nil, "*404"},

	{"GET /api/files/m/{message}/{name}", "{file}", nil, "*200"},
	{"GET /api/files/m/{message}/{name}", "/api/files/m/{msg}/{stored}", nil, "*403"},

	{"GET /api/desk/boot", "", nil, staffOnly(200)},
	{"GET /api/desk/embed", "", nil, "o200 s200 a403 c403 d403 *401"},
	{"PATCH /api/desk/me", "", map[string]any{"name": "N"}, staffOnly(200)},
	{"GET /api/desk/conversations", "", nil, staffOnly(200)},
	{"GET /api/desk/search", "/api/desk/search?q=parcel", nil, staffOnly(200)},
	{"POST /api/desk/conversations", "", map[string]any{"email": "new@mail.test", "text": "hello", "subject": "s"}, staffOnly(200)},
	{"GET /api/desk/conversations/{id}", "/api/desk/conversations/{conv}", nil, staffOnly(200)},
	{"PATCH /api/desk/conversations/{id}", "/api/desk/conversations/{conv}", map[string]any{"priority": 1}, staffOnly(200)},
	{"GET /api/desk/conversations/{id}/messages", "/api/desk/conversations/{conv}/messages", nil, staffOnly(200)},
	{"POST /api/desk/conversations/{id}/reply", "/api/desk/conversations/{conv}/reply", map[string]any{"text": "hi", "kind": "reply"}, staffOnly(200)},
	{"POST /api/desk/conversations/{id}/seen", "/api/desk/conversations/{conv}/seen", map[string]any{"seq": 1}, staffOnly(204)},
	{"POST /api/desk/conversations/{id}/unseen", "/api/desk/conversations/{conv}/unseen", nil, staffOnly(204)},
	{"POST /api/desk/conversations/{id}/typing", "/api/desk/conversations/{conv}/typing", map[string]any{"on": true, "what": "reply"}, staffOnly(204)},
	{"POST /api/desk/conversations/{id}/viewing", "/api/desk/conversations/{conv}/viewing", map[string]any{"on": true}, staffOnly(204)},
	{"GET /api/desk/conversations/{id}/draft", "/api/desk/conversations/{conv}/draft", nil, staffOnly(200)},
	{"PUT /api/desk/conversations/{id}/draft", "/api/desk/conversations/{conv}/draft", map[string]any{"text": "half a"}, staffOnly(200)},
	{"DELETE /api/desk/conversations/{id}/draft", "/api/desk/conversations/{conv}/draft", nil, staffOnly(204)},
	{"POST /api/desk/conversations/{id}/hold", "/api/desk/conversations/{conv}/hold", map[string]any{"text": "later", "client_id": "c-held", "seconds": 60}, staffOnly(200)},
	{"GET /api/desk/held", "", nil, staffOnly(200)},
	{"POST /api/desk/held", "", map[string]any{"email": "new@mail.test", "subject": "Later", "text": "later", "client_id": "c-open", "due": "tomorrow"}, staffOnly(400)},
	{"PATCH /api/desk/held/{id}", "/api/desk/held/none00000000000", map[string]any{"if_reply": "send"}, staffOnly(409)},
	{"DELETE /api/desk/held/{id}", "/api/desk/held/none00000000000", nil, staffOnly(409)},
	{"POST /api/desk/held/{id}/back", "/api/desk/held/none00000000000/back", nil, staffOnly(409)},
	{"POST /api/desk/held/{id}/now", "/api/desk/held/none00000000000/now", nil, staffOnly(409)},
	{"GET /api/desk/drafts/{id}/files/{name}", "/api/desk/drafts/none00000000000/files/a.png", nil, staffOnly(404)},
	{"POST /api/desk/messages/{id}/retry", "/api/desk/messages/{msg}/retry", nil, staffOnly(400)},
	{"POST /api/desk/messages/{id}/accept", "/api/desk/messages/{msg}/accept", nil, staffOnly(400)},
	{"GET /api/desk/messages/{id}/html", "/api/desk/messages/{msg}/html", nil, staffOnly(200)},
	{"GET /api/desk/messages/{id}/raw", "/api/desk/messages/{msg}/raw", nil, staffOnly(404)},
	{"POST /api/desk/messages/{id}/parse", "/api/desk/messages/{msg}/parse", nil, staffOnly(404)},
	{"POST /api/desk/conversations/{id}/spam", "/api/desk/conversations/{conv}/spam", map[string]any{"on": true}, staffOnly(200)},
	{"POST /api/desk/conversations/{id}/transcript", "/api/desk/conversations/{conv}/transcript", nil, staffOnly(400)},
	{"GET /api/desk/quarantine", "", nil, staffOnly(200)},
	{"GET /api/desk/quarantine/{id}/raw", "/api/desk/quarantine/none00000000000/raw", nil, staffOnly(404)},
	{"POST /api/desk/quarantine/{id}/retry", "/api/desk/quarantine/none00000000000/retry", nil, staffOnly(404)},
	{"DELETE /api/desk/quarantine/{id}", "/api/desk/quarantine/none00000000000", nil, staffOnly(404)},
	{"GET /api/desk/mailboxes", "", nil, staffOnly(200)},
	{"GET /api/desk/mailboxes/{id}/folders", "/api/desk/mailboxes/none00000000000/folders", nil, ownersAlone(404)},
	{"POST /api/desk/mailboxes/{id}/older", "/api/desk/mailboxes/none00000000000/older", nil, ownersAlone(404)},
	{"POST /api/desk/mailboxes/{id}/try", "/api/desk/mailboxes/none00000000000/try", nil, ownersAlone(404)},
	{"DELETE /api/desk/mailboxes/{id}/alerts", "/api/desk/mailboxes/none00000000000/alerts", nil, ownersAlone(404)},
	{"GET /api/mail/signin", "/api/mail/signin?state=none00000000000.x&code=x", nil, "*410"},
	{"POST /api/desk/mailboxes/{id}/signin", "/api/desk/mailboxes/none00000000000/signin", nil, ownersAlone(404)},
	{"POST /api/desk/mailboxes/{id}/signin/finish", "/api/desk/mailboxes/none00000000000/signin/finish", nil, ownersAlone(404)},
	{"GET /api/desk/mailboxes/{id}/dkim", "/api/desk/mailboxes/none00000000000/dkim", nil, ownersAlone(404)},
	{"POST /api/welcome", "", map[string]any{"token": "none"}, "*404"},
	{"POST /api/welcome/in", "", map[string]any{"token": "none", "email": "me@shop.test", "name": "Me", "password": "a-long-password"}, "*404"},
	{"GET /api/desk/setup", "", nil, ownersAlone(200)},
	{"POST /api/desk/setup/{step}", "/api/desk/setup/look", map[string]any{"state": "done"}, ownersAlone(200)},
	{"POST /api/desk/setup/{step}", "/api/desk/setup/account", map[string]any{"state": "skipped"}, ownersAlone(404)},
	{"POST /api/desk/setup/{step}", "/api/desk/setup/mail", map[string]any{"state": "done"}, ownersAlone(409)},
	{"POST /api/desk/staff/invite", "", map[string]any{"email": "new@shop.test"}, ownersAlone(200)},
	{"POST /api/desk/staff/{id}/invite", "/api/desk/staff/{agent}/invite", nil, ownersAlone(404)},
	{"DELETE /api/desk/staff/{id}/invite", "/api/desk/staff/{agent}/invite", nil, ownersAlone(404)},
	{"GET /api/desk/backups", "", nil, ownersAlone(200)},
	{"POST /api/desk/backups/{place}/now", "/api/desk/backups/none00000000000/now", nil, ownersAlone(404)},
	{"POST /api/desk/mail/signature", "", map[string]any{"text": "Rafi"}, staffOnly(200)},
	{"GET /api/desk/mail/preview", "/api/desk/mail/preview?template=reply", nil, ownersAlone(200)},
	{"GET /api/desk/audit", "", nil, ownersAlone(200)},
	{"GET /api/desk/retention", "", nil, ownersAlone(200)},
	{"POST /api/desk/retention/try", "", map[string]any{"days": map[string]int{"spam": 30}}, ownersAlone(200)},
	{"GET /api/desk/imports", "", nil, ownersAlone(200)},
	{"POST /api/desk/imports", "", nil, ownersAlone(400)},
	{"GET /api/desk/imports/{id}", "/api/desk/imports/none00000000000", nil, ownersAlone(404)},
	{"POST /api/desk/imports/{id}/start", "/api/desk/imports/none00000000000/start", nil, ownersAlone(404)},
	{"POST /api/desk/imports/{id}/undo", "/api/desk/imports/none00000000000/undo", nil, ownersAlone(404)},
	{"GET /api/desk/imports/{id}/report", "/api/desk/imports/none00000000000/report", nil, ownersAlone(404)},
	{"GET /api/desk/sessions", "", nil, staffOnly(200)},
	{"DELETE /api/desk/sessions/{id}", "/api/desk/sessions/none00000000000", nil, staffOnly(404)},
	{"POST /api/desk/sessions/end", "", nil, staffOnly(200)},
	{"POST /api/desk/password", "", map[string]any{"old": "not mine", "new": "a-new-password"}, staffOnly(400)},
	{"POST /api/desk/second", "", map[string]any{"password": "not mine"}, staffOnly(400)},
	{"POST /api/desk/second/confirm", "", map[string]any{"code": "123456"}, staffOnly(400)},
	{"POST /api/desk/second/codes", "", map[string]any{"code": "123456"}, staffOnly(400)},
	{"POST /api/desk/second/end", "", map[string]any{"code": "123456"}, staffOnly(400)},
	{"DELETE /api/desk/staff/{id}/second", "/api/desk/staff/none00000000000/second", nil, ownersAlone(404)},
	{"GET /api/desk/push", "", nil, staffOnly(200)},
	{"POST /api/desk/push", "", map[string]any{"endpoint": "https://10.0.0.1/x"}, staffOnly(400)},
	{"DELETE /api/desk/push/{id}", "/api/desk/push/none00000000000", nil, staffOnly(404)},
	{"POST /api/desk/push/try", "", nil, staffOnly(200)},
	{"POST /api/desk/active", "", map[string]any{"on": true}, staffOnly(204)},
	{"GET /api/desk/contacts/{id}/blocks", "/api/desk/contacts/{contact}/blocks", nil, staffOnly(200)},
	{"GET /api/desk/contacts/{id}/timeline", "/api/desk/contacts/{contact}/timeline", nil, staffOnly(200)},
	{"PATCH /api/desk/contacts/{id}/custom", "/api/desk/contacts/{contact}/custom", map[string]any{}, staffOnly(200)},
	{"POST /api/desk/contacts/{id}/consents", "/api/desk/contacts/{contact}/consents", map[string]any{"what": "newsletter", "given": true}, staffOnly(200)},
	{"POST /api/desk/contacts/{id}/identities/{identity}/code", "/api/desk/contacts/{contact}/identities/none00000000000/code", nil, staffOnly(404)},
	{"POST /api/desk/contacts/{id}/identities/{identity}/verify", "/api/desk/contacts/{contact}/identities/none00000000000/verify", map[string]any{"verified": true}, staffOnly(404)},
	{"GET /api/desk/automations/runs", "", nil, staffOnly(200)},
	{"POST /api/desk/automations/try", "", map[string]any{"trigger": "created", "actions": []any{map[string]any{"do": "priority", "value": "1"}}}, ownersAlone(200)},
	{"POST /api/desk/undo", "", map[string]any{"undo": "none"}, staffOnly(404)},
	{"POST /api/desk/bulk", "", map[string]any{"ids": []string{"none00000000000"}, "change": map[string]any{"priority": 1}}, staffOnly(200)},
	{"POST /api/desk/conversations/{id}/merge", "/api/desk/conversations/{conv}/merge", map[string]any{"others": []string{"none00000000000"}}, staffOnly(404)},
	{"POST /api/desk/messages/{id}/split", "/api/desk/messages/none00000000000/split", map[string]any{"following": true}, staffOnly(404)},
	{"DELETE /api/desk/conversations/{id}", "/api/desk/conversations/none00000000000", nil, staffOnly(404)},
	{"POST /api/desk/conversations/{id}/restore", "/api/desk/conversations/{conv}/restore", nil, "o200 a404 c403 d403 s403 *401"},
	{"POST /api/desk/conversations/{id}/follow", "/api/desk/conversations/{conv}/follow", map[string]any{"on": true}, staffOnly(200)},
	{"POST /api/desk/conversations/{id}/mentions/seen", "/api/desk/conversations/{conv}/mentions/seen", nil, staffOnly(204)},
	{"POST /api/desk/conversations/{id}/handover", "/api/desk/conversations/{conv}/handover", map[string]any{"assignee": "none00000000000", "text": "please"}, staffOnly(400)},
	{"GET /api/desk/views", "", nil, staffOnly(200)},
	{"POST /api/desk/views", "", map[string]any{"name": ""}, staffOnly(400)},
	{"POST /api/desk/views/order", "", map[string]any{"ids": []string{}}, staffOnly(204)},
	{"PATCH /api/desk/views/{id}", "/api/desk/views/none00000000000", map[string]any{"name": "x"}, staffOnly(404)},
	{"DELETE /api/desk/views/{id}", "/api/desk/views/none00000000000", nil, staffOnly(404)},
	{"GET /api/desk/tags", "", nil, staffOnly(200)},
	{"POST /api/desk/tags", "", map[string]any{"name": ""}, staffOnly(400)},
	{"PATCH /api/desk/tags/{id}", "/api/desk/tags/none00000000000", map[string]any{"name": "x"}, staffOnly(404)},
	{"DELETE /api/desk/tags/{id}", "/api/desk/tags/none00000000000", nil, ownersAlone(404)},
	{"POST /api/desk/tags/{id}/merge", "/api/desk/tags/none00000000000/merge", map[string]any{"into": "x"}, ownersAlone(404)},
	{"GET /api/desk/contacts", "/api/desk/contacts?q=a", nil, staffOnly(200)},
	{"GET /api/desk/contacts/{id}", "/api/desk/contacts/{contact}", nil, staffOnly(200)},
	{"PATCH /api/desk/contacts/{id}", "/api/desk/contacts/{contact}", map[string]any{"name": "Karim"}, staffOnly(200)},
	{"POST /api/desk/contacts/{id}/identities", "/api/desk/contacts/{contact}/identities", map[string]any{"kind": "email", "value": "k@mail.test"}, staffOnly(200)},
	{"POST /api/desk/contacts/{id}/identities/{identity}/clear", "/api/desk/contacts/{contact}/identities/none00000000000/clear", nil, staffOnly(404)},
	{"DELETE /api/desk/contacts/{id}/identities/{identity}", "/api/desk/contacts/{contact}/identities/none00000000000", nil, staffOnly(404)},
	{"GET /api/desk/contacts/{id}/archive", "/api/desk/contacts/{contact}/archive", nil, ownersAlone(200)},
	{"DELETE /api/desk/contacts/{id}", "/api/desk/contacts/{contact}", map[string]any{"number": "not theirs"}, ownersAlone(400)},
	{"POST /api/desk/contacts/{id}/merge", "/api/desk/contacts/{contact}/merge", map[string]any{"other": "none00000000000"}, staffOnly(404)},
}

// pages are routes that anybody may open: they give what everybody may see.
var pages = []string{"GET /{$}", "GET /index.html", "GET /ask", "POST /ask", "GET /callback", "POST /callback", "GET /requests", "POST /requests/code", "GET /requests/code", "POST /requests/in", "GET /requests/account", "GET /requests/export",
	"POST /requests/language", "POST /requests/consents", "POST /requests/out", "POST /requests/erase", "GET /requests/l/{token}", "POST /requests/l/{token}", "GET /requests/{number}", "POST /requests/{number}", "GET /icon.svg", "GET /{path...}",
	"GET /desk/app.webmanifest", "GET /desk/shell.js", "GET /desk/icon/{name}",
	"GET /theme.css", "GET /help", "GET /help/{path...}", "GET /help/search", "GET /help/files/{article}/{name}", "POST /help/vote", "GET /sitemap.xml", "GET /robots.txt"}

// registered lists the routes of a router as "METHOD /path".
func registered(router any) (list []string) {
	var walk func(v reflect.Value, prefix string)
	walk = func(v reflect.Value, prefix string) {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if path := v.FieldByName("Path"); path.IsValid() {
			list = append(list, v.FieldByName("Method").String()+" "+prefix+path.String())
			return
		}
		if group := v.FieldByName("RouterGroup"); group.IsValid() {
			walk(group, prefix)
			return
		}
		children := v.FieldByName("children")
		for i := range children.Len() {
			walk(children.Index(i), prefix+v.FieldByName("Prefix").String())
		}
	}
	walk(reflect.ValueOf(router), "")
	return list
}

func TestTheTableOfRoutesCoversEveryRoute(t *testing.T) {
	app := hookstest.New(t)
	var all []string
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Priority: 9999, Func: func(e *core.ServeEvent) error {
		all = registered(e.Router)
		return e.Next()
	}})
	app.Serve()

	router, err := apis.NewRouter(app.App)
	if err != nil {
		t.Fatal(err)
	}
	theirs := registered(router)
	if len(theirs) < 40 || len(all) < len(theirs)+40 {
		t.Fatalf("only %d of %d routes are ours: they are not read right", len(all)-len(theirs), len(all))
	}
	known := slices.Clone(pages)
	for _, r := range routes {
		known = append(known, r.pattern)
	}
	for _, r := range all {
		if !slices.Contains(theirs, r) && !slices.Contains(known, r) {
			t.Errorf("the route %s is not in the table", r)
		}
	}
	for _, r := range known {
		if !slices.Contains(all, r) {
			t.Errorf("the table names the route %s, which does not exist", r)
		}
	}
}

// wanted is the status for an actor.
func wanted(t *testing.T, want string, who rune) (status int) {
	t.Helper()
	for _, entry := range strings.Fields(want) {
		if rune(entry[0]) == who {
			fmt.Sscan(entry[1:], &status)
			return status
		}
		if entry[0] == '*' {
			fmt.Sscan(entry[1:], &status)
		}
	}
	if status == 0 {
		t.Fatalf("%q says nothing of %c", want, who)
	}
	return status
}

func (w *world) fill(path string) string {
	if strings.Contains(path, "{article}") {
		path = strings.ReplaceAll(path, "{article}", w.article())
	}
	return strings.NewReplacer("{conv}", w.conversation, "{other}", w.otherConv, "{msg}", w.message, "{contact}", w.contact,
		"{agent}", w.agent.Id, "{file}", w.file, "{stored}", w.stored).Replace(path)
}

// status is the answer to a request; a stream is left once it began.
func (w *world) status(who rune, method, path string, body any) (int, []byte) {
	w.t.Helper()
	if method == "GET" && strings.HasPrefix(path, "/api/stream") {
		req, err := http.NewRequest(method, w.base+path, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if w.tokens[who] != "" {
			req.Header.Set("Authorization", "Bearer "+w.tokens[who])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode, nil
	}
	a := w.as(who).Do(method, path, body)
	return a.Status, a.Body
}

func TestWhoMayUseWhichRoute(t *testing.T) {
	for _, r := range routes {
		method, pattern, _ := strings.Cut(r.pattern, " ")
		path := r.path
		if path == "" {
			path = pattern
		}
		t.Run(method+" "+path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, who := range everybody {
				target := w.fill(path)
				before := w.fingerprint()
				status, body := w.status(who, method, target, r.body)
				want := wanted(t, r.want, who)
				if status != want {
					t.Errorf("%c was answered %d instead of %d: %.300s", who, status, want, body)
				}
				if status >= 400 {
					if now := w.fingerprint(); now != before {
						t.Errorf("%c was refused with %d and something changed: %s, then %s", who, status, before, now)
					}
					page := bytes.HasPrefix(body, []byte("<!doctype html>")) && bytes.Contains(body, []byte("<p>")) // for people
					if len(body) > 0 && !page && !bytes.Contains(body, []byte(`"message":"`)) {
						t.Errorf("%c was refused without a sentence: %s", who, body)
					}
				}
			}
		})
	}
}

// fingerprint changes with whatever a route may write.
func (w *world) fingerprint() string {
	w.t.Helper()
	var s string
	err := w.DB().NewQuery(`SELECT (SELECT COUNT(*) || MAX(seq) || MAX(updated) FROM messages) || '/' || (SELECT COUNT(*) || MAX(updated) FROM conversations)
		|| '/' || (SELECT COUNT(*) || MAX(updated) FROM contacts) || '/' || (SELECT COUNT(*) FROM identities) || '/' || (SELECT COUNT(*) FROM outbox)
		|| '/' || (SELECT COUNT(*) || coalesce(MAX(updated), '') FROM articles)
		|| '/' || (SELECT group_concat(name || role) FROM agents)`).Row(&s)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// secrets are never in an answer, whoever asks. The identity key is given to
// owners, by one route.
func TestSecretsAreInNoAnswer(t *testing.T) {
	w := newWorld(t)
	const password = "the-mailbox-password"
	ears := map[rune]*ear{}
	for _, who := range everybody {
		ears[who] = w.listen(who, []string{"mailboxes/*", "conversations/*", "agents/*", "shop/*"})
	}
	made := w.as(owner).Must(200, "POST", "/api/collections/mailboxes/records", map[string]any{
		"address": "help@shop.test", "active": false, "login": "help", "password": password, "oauth_secret": "the-oauth-secret",
	})
	var box struct{ ID string }
	made.JSON(t, &box)
	r := w.get(schema.Mailboxes, box.ID)
	r.Set(schema.MailboxTokens, "v1.the-sealed-tokens")
	r.Set(schema.MailboxDKIMSecret, "v1.the-sealed-dkim-key")
	if err := w.Save(r); err != nil {
		t.Fatal(err)
	}
	r = w.get(schema.Mailboxes, box.ID)
	sealed := r.GetString(schema.MailboxSecret)
	if opened, err := w.Rooms.Settings.Keys().Open(sealed); err != nil || string(opened) != password {
		t.Fatalf("the password is not kept sealed: %q %v", sealed, err)
	}
	identity := w.Rooms.Settings.Keys().IdentityKey()
	secrets := map[string]string{
		"the password": password, "the sealed password": sealed, "the OAuth secret": "the-oauth-secret", "the sealed tokens": "the-sealed-tokens",
		"the DKIM key": "the-sealed-dkim-key", "the identity key": identity, "an agent's token key": w.get(schema.Agents, w.agent.Id).TokenKey(),
		"an agent's password": w.get(schema.Agents, w.agent.Id).GetString("password:hash"),
	}
	search := func(where string, body []byte) {
		t.Helper()
		for name, s := range secrets {
			if name == "the identity key" && strings.HasSuffix(where, "GET /api/desk/embed") && (where[0] == owner || where[0] == superuser) {
				continue
			}
			if s != "" && bytes.Contains(body, []byte(s)) {
				t.Errorf("%s: the answer holds %s", where, name)
			}
		}
	}
	search("create", made.Body)
	search("update", w.as(owner).Must(200, "PATCH", "/api/collections/mailboxes/records/"+box.ID, map[string]any{"name": "Help", "password": password}).Body)
	for _, who := range everybody {
		for name := range collectionAccess {
			search(string(who)+" list of "+name, w.as(who).Do("GET", "/api/collections/"+name+"/records?expand=mailbox,conversation,contact,assignee", nil).Body)
		}
		search(string(who)+" view", w.as(who).Do("GET", "/api/collections/mailboxes/records/"+box.ID, nil).Body)
		search(string(who)+" fields", w.as(who).Do("GET", "/api/collections/mailboxes/records?fields=*,secret,password,tokens,dkim_secret,oauth_secret", nil).Body)
		for _, route := range routes {
			if strings.HasPrefix(route.pattern, "GET ") && !strings.Contains(route.pattern, "stream") {
				path := route.path
				if path == "" {
					path = route.pattern[4:]
				}
				search(string(who)+" "+route.pattern, w.as(who).Do("GET", w.fill(path), nil).Body)
			}
		}
		// Whether a filter matches would give a secret away letter by letter.
		if who == superuser {
			continue
		}
		for _, field := range []string{"secret", "tokens", "dkim_secret"} {
			a := w.as(who).Do("GET", "/api/collections/mailboxes/records?filter=("+field+"~'v1')", nil)
			if a.Status == 200 && bytes.Contains(a.Body, []byte(box.ID)) {
				t.Errorf("%c can ask for what %s holds", who, field)
			}
		}
	}
	hookstest.Until(t, "the superuser's events", 5*time.Second, func() bool { return ears[superuser].has("mailboxes/*", `"update"`) })
	for who, e := range ears {
		for _, h := range e.all() {
			search(string(who)+" realtime", []byte(h))
		}
	}
}

// A visitor's token opens exactly its own conversations.
func TestAVisitorOpensOnlyTheirOwn(t *testing.T) {
	w := newWorld(t)
	mine, theirs := w.as(visitor), w.as(stranger)

	t.Run("messages", func(t *testing.T) {
		for _, q := range []string{"", "?after=0", "?after=-5", "?before=999999", "?before=999999&limit=1000", "?conversation=" + w.conversation, "?id=" + w.conversation} {
			body := theirs.Must(200, "GET", "/api/chat/messages"+q, nil).Body
			if !bytes.Contains(body, []byte(strangerSays)) && q != "" && q != "?after=0" {
				continue // an empty page shows nothing of anybody
			}
			if bytes.Contains(body, []byte(visitorSays)) || bytes.Contains(body, []byte(w.conversation)) {
				t.Errorf("the stranger read %s", body)
			}
		}
		if body := mine.Must(200, "GET", "/api/chat/messages", nil).Body; !bytes.Contains(body, []byte(visitorSays)) {
			t.Errorf("the visitor cannot read what they wrote: %s", body)
		}
	})
	t.Run("stream", func(t *testing.T) {
		for _, topic := range []string{"conversation/" + w.conversation, "conversation/", "conversation", "conversation/*", "conversation/%25", "conversation/" + w.otherConv + "/" + w.conversation,
			"conversation/" + w.otherConv + "," + w.conversation, "conversation/" + w.otherConv + "&topic=conversation/" + w.conversation} {
			status, _ := w.status(stranger, "GET", "/api/stream?topic="+topic, nil)
			if own := strings.HasPrefix(topic, "conversation/"+w.otherConv+"&"); status != 404 && !own {
				t.Errorf("topic %s was answered with %d", topic, status)
			}
		}
		s := theirs.Listen("topic=conversation/" + w.otherConv + "&topic=conversation/" + w.conversation + "&after=0")
		s.Await("message", strangerSays)
		desk := w.as(agent)
		desk.Must(200, "POST", "/api/desk/conversations/"+w.conversation+"/reply", map[string]any{"kind": "reply", "text": "for the visitor alone"})
		desk.Must(200, "POST", "/api/desk/conversations/"+w.otherConv+"/reply", map[string]any{"kind": "note", "text": "among staff"})
		desk.Must(200, "POST", "/api/desk/conversations/"+w.otherConv+"/reply", map[string]any{"kind": "reply", "text": "for the stranger"})
		s.Await("message", "for the stranger") // streams keep the order, so the rest would have come before
		for _, ev := range s.Events() {
			for _, part := range []string{"for the visitor alone", "among staff", visitorSays, w.conversation} {
				if strings.Contains(ev.Data, part) {
					t.Errorf("the stranger's stream said %s", ev.Data)
				}
			}
		}
	})
	t.Run("changes", func(t *testing.T) {
		before := w.get(schema.Conversations, w.conversation)
		for _, id := range []string{w.conversation, w.message} {
			extra := map[string]any{"score": 1, "email": "thief@mail.test", "seq": 999, "on": true, "conversation": id, "id": id}
			for _, path := range []string{"rating", "email", "read", "typing"} {
				theirs.Do("POST", "/api/chat/"+path, extra)
			}
		}
		after := w.get(schema.Conversations, w.conversation)
		for _, f := range []string{schema.ConvRating, schema.ConvEmail, schema.ConvContactSeenSeq, schema.ConvStatus} {
			if before.GetString(f) != after.GetString(f) {
				t.Errorf("the stranger changed %s from %q to %q", f, before.GetString(f), after.GetString(f))
			}
		}
		// The visitor's client id is theirs alone.
		var s struct {
			Message   struct{ ID, Text string }
			Duplicate bool
		}
		theirs.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-1", "text": "again"}).JSON(t, &s)
		if s.Message.ID == w.message || s.Message.ID != w.otherMessage || !s.Duplicate {
			t.Errorf("the stranger's repeat became %+v", s)
		}
	})
	t.Run("tokens", func(t *testing.T) {
		another := hookstest.New(t)
		base := another.Serve()
		var elsewhere struct{ Token string }
		(&hookstest.Client{TB: t, Base: base}).Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &elsewhere)

		good, other := strings.Split(w.tokens[visitor], "."), strings.Split(w.tokens[stranger], ".")
		flip := func(s string, i int) string {
			b := []byte(s)
			if i < 0 {
				i += len(b)
			}
			b[i] ^= 1
			return string(b)
		}
		for name, token := range map[string]string{
			"another installation's": elsewhere.Token, "no code": good[0] + "." + good[1], "an empty code": good[0] + "." + good[1] + ".",
			"another's code": good[0] + "." + good[1] + "." + other[2], "a changed body": good[0] + "." + flip(good[1], 5) + "." + good[2],
			"a changed code": good[0] + "." + good[1] + "." + flip(good[2], 3), "another version": "v2." + good[1] + "." + good[2],
			"longer": w.tokens[visitor] + "x", "an agent's": w.tokens[agent], "a contact's": w.tokens[customer], "a superuser's": w.tokens[superuser],
			"nothing": "", "a word": "null", "huge": "v1." + strings.Repeat("a", 100_000) + ".b",
		} {
			c := &hookstest.Client{TB: t, Base: w.base, Token: token}
			if len(token) < 10_000 { // a header of that size is refused by the server itself
				c.Must(401, "GET", "/api/chat/messages", nil)
				c.Must(401, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-9", "text": "x"})
				c.Must(401, "GET", "/api/stream?topic=conversation/"+w.conversation, nil)
			}
			// start never refuses: it gives a new browser a new token
			var started struct {
				Token        string
				Conversation *struct{}
			}
			(&hookstest.Client{TB: t, Base: w.base}).Must(200, "POST", "/api/chat/start", map[string]any{"token": token}).JSON(t, &started)
			if started.Conversation != nil || started.Token == token {
				t.Errorf("%s token opened a conversation", name)
			}
		}
		// What the page says of a customer has to be signed.
		for _, id := range []map[string]any{{"id": "42"}, {"id": "42", "hash": "00"}, {"id": "42", "hash": strings.Repeat("a", 64)}} {
			(&hookstest.Client{TB: t, Base: w.base}).Must(403, "POST", "/api/chat/start", map[string]any{"identity": id})
		}
	})
	t.Run("files", func(t *testing.T) {
		anybody := w.as(guest)
		if body := anybody.Must(200, "GET", w.file, nil).Body; !bytes.Contains(body, []byte("the secret of the red saree")) {
			t.Errorf("the link gives %s", body)
		}
		keys := w.Rooms.Settings.Keys()
		link := func(message, stored string, until time.Time) string {
			e := fmt.Sprint(until.Unix())
			return "/api/files/m/" + message + "/" + stored + "?e=" + e + "&k=" + keys.MAC(settings.PurposeFile, message, stored, e)
		}
		anybody.Must(200, "GET", link(w.message, w.stored, time.Now().Add(time.Hour)), nil)
		path, query, _ := strings.Cut(w.file, "?")
		for name, l := range map[string]string{
			"without a code":     path,
			"expired":            link(w.message, w.stored, time.Now().Add(-time.Minute)),
			"lengthened":         strings.Replace(w.file, "?e=", "?e=9", 1),
			"a changed code":     w.file[:len(w.file)-1] + map[bool]string{true: "B", false: "A"}[w.file[len(w.file)-1] == 'A'],
			"another message":    "/api/files/m/" + w.otherMessage + "/" + w.stored + "?" + query,
			"another name":       path + "x?" + query,
			"a visitor's code":   path + "?e=9999999999&k=" + keys.MAC(settings.PurposeVisitor, w.message, w.stored, "9999999999"),
			"a path that climbs": "/api/files/m/" + w.message + "/..%2F..%2Fdata.db?" + query,
		} {
			for _, who := range everybody {
				if a := w.as(who).Do("GET", l, nil); a.Status != 403 {
					t.Errorf("%c, %s: %d %.100s", who, name, a.Status, a.Body)
				}
			}
		}
		// signed, but not for a file of the message
		for _, stored := range []string{"data.db", "..%2F..%2Fdata.db", "nothing.txt"} {
			plain := strings.ReplaceAll(stored, "%2F", "/")
			e := fmt.Sprint(time.Now().Add(time.Hour).Unix())
			anybody.Must(404, "GET", "/api/files/m/"+w.message+"/"+stored+"?e="+e+"&k="+keys.MAC(settings.PurposeFile, w.message, plain, e), nil)
		}
		// the database's own way to files needs a token of staff
		direct := "/api/files/messages/" + w.message + "/" + w.stored
		for _, who := range everybody {
			if a := w.as(who).Do("GET", direct, nil); a.Status == 200 {
				t.Errorf("%c opened the file without a file token", who)
			}
			var token struct{ Token string }
			a := w.as(who).Do("POST", "/api/files/token", nil)
			if a.Status != 200 {
				continue
			}
			a.JSON(t, &token)
			status := w.as(guest).Do("GET", direct+"?token="+token.Token, nil).Status
			if staff := strings.ContainsRune("aos", who); staff != (status == 200) {
				t.Errorf("%c with a file token was answered %d", who, status)
			}
		}
	})
}
