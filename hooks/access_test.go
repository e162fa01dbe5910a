package hooks_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// Actors, as letters so that the tables below can be read at a glance.
const (
	guest     = 'g' // nobody signed in
	visitor   = 'v' // a browser that chats, with the conversation of the test
	stranger  = 'x' // another such browser
	customer  = 'c' // the contact whose records are used, signed in
	customer2 = 'd' // another contact, signed in
	agent     = 'a'
	owner     = 'o' // an agent with role owner
	superuser = 's'
)

const everybody = "gvxcdaos"

// world is a served shop with somebody of every kind.
type world struct {
	*hookstest.App
	t            *testing.T
	base         string
	tokens       map[rune]string
	agent        *core.Record
	owner        *core.Record
	contact      string // whose conversation it is
	conversation string
	message      string // the visitor's, with a file
	file         string // link to it
	stored       string // its name in the store
	otherConv    string // of the stranger
	otherMessage string
	brought      string // an import
}

const (
	visitorSays  = "where is my red saree"
	strangerSays = "do you sell blue lungis"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{App: hookstest.New(t), t: t, tokens: map[rune]string{}}
	settings := w.Settings()
	settings.RateLimits.Enabled = false // hundreds of requests from one address
	if err := w.Save(settings); err != nil {
		t.Fatal(err)
	}
	w.Shop(map[string]any{schema.ShopStreamsPerAddress: 10_000})
	w.tokens[superuser] = w.Token(w.Superuser("boss@shop.test"))
	w.agent, w.owner = w.Agent("rafi", schema.RoleAgent), w.Agent("mina", schema.RoleOwner)
	w.tokens[agent], w.tokens[owner] = w.Token(w.agent), w.Token(w.owner)
	w.base = w.Serve()

	type sent struct {
		Message struct {
			ID    string
			Files []struct{ URL string }
		}
		Conversation struct{ ID string }
	}
	say := func(who rune, text string, files bool) (s sent) {
		var started struct{ Token string }
		c := w.as(who)
		c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
		w.tokens[who], c.Token = started.Token, started.Token
		var body any = map[string]any{"client_id": "client-id-1", "text": text}
		if files {
			body = form(map[string]string{"client_id": "client-id-1", "text": text}, "note.txt", "the secret of the red saree")
		}
		c.Must(200, "POST", "/api/chat/messages", body).JSON(t, &s)
		return s
	}
	mine := say(visitor, visitorSays, true)
	w.conversation, w.message, w.file = mine.Conversation.ID, mine.Message.ID, mine.Message.Files[0].URL
	other := say(stranger, strangerSays, false)
	w.otherConv, w.otherMessage = other.Conversation.ID, other.Message.ID

	for who, conv := range map[rune]string{customer: w.conversation, customer2: w.otherConv} {
		id := w.get(schema.Conversations, conv).GetString(schema.ConvContact)
		w.tokens[who] = w.Token(w.get(schema.Contacts, id))
		if who == customer {
			w.contact = id
		}
	}
	w.brought = w.insert(schema.Imports, map[string]any{"kind": "contacts", "state": "new"}).Id
	w.stored = w.get(schema.Messages, w.message).GetStringSlice(schema.MsgFiles)[0]
	return w
}

// form is a multipart body with one file.
func form(fields map[string]string, name, content string) hookstest.Form {
	var b bytes.Buffer
	const boundary = "a-boundary"
	for k, v := range fields {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, k, v)
	}
	fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"files\"; filename=%q\r\nContent-Type: text/plain\r\n\r\n%s\r\n--%s--\r\n", boundary, name, content, boundary)
	return hookstest.Form{Body: &b, Type: "multipart/form-data; boundary=" + boundary}
}

func (w *world) as(who rune) *hookstest.Client {
	return &hookstest.Client{TB: w.t, Base: w.base, Token: w.tokens[who]}
}

func (w *world) get(collection, id string) *core.Record {
	w.t.Helper()
	r, err := w.FindRecordById(collection, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// access says who may do what with a collection's records through the
// database's own API. Nobody named is refused.
type access struct {
	list, create, update, delete string
	realtime                     string // "" is the same as list
	body                         func(w *world, n int) map[string]any
	change                       func(n int) map[string]any
}

func text(field string) func(int) map[string]any {
	return func(n int) map[string]any { return map[string]any{field: fmt.Sprintf("changed %d", n)} }
}

// collectionAccess is the table. View goes with list.
var collectionAccess = map[string]access{
	schema.Shop: {list: "aos", update: "os", change: text("tagline"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "Another", "language": "en", "time_zone": "Asia/Dhaka", "widget_position": "left"}
	}},
	schema.Agents: {list: "aos", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "New", "role": "agent", "email": fmt.Sprintf("new%d@shop.test", n), "password": hookstest.Password, "passwordConfirm": hookstest.Password}
	}},
	schema.Contacts: {list: "aos", create: "s", update: "s", delete: "s", change: text("note"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "Karim", "email": fmt.Sprintf("karim%d@mail.test", n), "password": hookstest.Password, "passwordConfirm": hookstest.Password}
	}},
	schema.Identities: {list: "aos", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"verified": n%2 == 0} },
		body: func(w *world, n int) map[string]any {
			return map[string]any{"contact": w.contact, "kind": "email", "value": fmt.Sprintf("id%d@mail.test", n)}
		}},
	schema.Tags: {list: "aos", create: "aos", update: "aos", delete: "os",
		change: func(n int) map[string]any { return map[string]any{"colour": fmt.Sprintf("#%06x", n)} },
		body:   func(_ *world, n int) map[string]any { return map[string]any{"name": fmt.Sprintf("tag %d", n)} }},
	schema.Mailboxes: {list: "os", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"address": fmt.Sprintf("help%d@shop.test", n), "active": false}
	}},
	schema.Conversations: {list: "aos", create: "s", update: "s", delete: "s", change: text("subject"), body: func(w *world, n int) map[string]any {
		return map[string]any{"number": 5000 + n, "contact": w.contact, "channel": "portal", "status": "open"}
	}},
	schema.Messages: {list: "aos", create: "s", update: "s", delete: "s", change: text("text"), body: func(w *world, n int) map[string]any {
		return map[string]any{"conversation": w.conversation, "kind": "note", "author_kind": "system", "text": fmt.Sprintf("note %d", n)}
	}},
	schema.Ledger: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"attempts": n} },
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"account": "box", "dedupe_key": fmt.Sprint("k", n)}
		}},
	schema.Quarantine: {list: "aos", create: "s", update: "s", delete: "aos", change: text("reason"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"subject": "Broken", "reason": "It is."}
	}},
	schema.Outbox: {list: "os", create: "s", update: "s", delete: "s", change: text("last_error"), body: func(w *world, n int) map[string]any {
		return map[string]any{"message": w.message, "channel": "email", "recipient": fmt.Sprintf("r%d@mail.test", n), "state": "failed"}
	}},
	schema.CannedReplies: {list: "aos", create: "aos", update: "aos", delete: "aos", change: text("title"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"title": "Thanks", "text": "Thank you."}
	}},
	schema.OfficeHours: {list: "aos", create: "os", update: "os", delete: "os",
		change: func(n int) map[string]any { return map[string]any{"closes": fmt.Sprintf("23:%02d", n%60)} },
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"day": fmt.Sprint(n % 7), "opens": fmt.Sprintf("0%d:%02d", n/60%10, n%60), "closes": "22:00"}
		}},
	schema.Automations: {list: "aos", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "First", "trigger": "created", "match": "all", "conditions": []any{}, "actions": []any{map[string]any{"do": "priority", "value": "1"}}}
	}},
	schema.AutomationRuns: {list: "aos", create: "s", update: "s", delete: "s", change: text("event"), body: func(w *world, n int) map[string]any {
		return map[string]any{"automation": "autoturn0000001", "conversation": w.conversation, "event": fmt.Sprint("test:", n), "result": "done"}
	}},
	schema.ContactFields: {list: "aos", create: "os", update: "os", delete: "os", change: text("label_en"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"key": fmt.Sprint("key", n), "label_en": "Size", "label_bn": "মাপ", "kind": "text"}
	}},
	schema.Targets: {list: "aos", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "Chat", "count": "clock", "first_reply": 5}
	}},
	schema.Holidays: {list: "aos", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": "Eid", "first_day": "2026-03-26"}
	}},
	schema.Categories: {list: "aos", create: "aos", update: "aos", delete: "os",
		change: func(n int) map[string]any { return map[string]any{"position": n} },
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"titles": map[string]string{"en": fmt.Sprintf("Topic %d", n)}}
		}},
	schema.Articles: {list: "aos", create: "aos", update: "aos", delete: "os", change: text("summary"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"language": "en", "title": fmt.Sprintf("How is it done, %d?", n), "body": "<p>Like this.</p>", "status": "published"}
	}},
	schema.ArticleVersions: {list: "aos", create: "s", update: "s", delete: "s", change: text("title"), body: func(w *world, n int) map[string]any {
		return map[string]any{"article": w.article(), "title": fmt.Sprint("Then ", n)}
	}},
	schema.ArticleVotes: {list: "aos", create: "s", update: "s", delete: "os", change: text("comment"), body: func(w *world, n int) map[string]any {
		return map[string]any{"article": w.article(), "voter": fmt.Sprint("reader ", n)}
	}},
	schema.ArticleRedirects: {list: "aos", create: "aos", update: "s", delete: "aos", change: text("slug"), body: func(w *world, n int) map[string]any {
		return map[string]any{"article": w.article(), "language": "en", "slug": fmt.Sprint("old-", n)}
	}},
	schema.SearchMisses: {list: "aos", create: "s", update: "s", delete: "aos",
		change: func(n int) map[string]any { return map[string]any{"count": n} },
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"text": fmt.Sprint("umbrella ", n), "language": "en"}
		}},
	schema.Views: {list: "aos", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": fmt.Sprintf("view %d", n), "filter": map[string]any{"status": []string{"open"}}}
	}},
	schema.BlockedSenders: {list: "aos", create: "aos", update: "aos", delete: "aos", change: text("note"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"value": fmt.Sprintf("bad%d@spam.test", n)}
	}},
	schema.Audit: {list: "os", change: text("label"), body: func(w *world, n int) map[string]any {
		return map[string]any{"kind": "contact", "action": "update", "label": fmt.Sprint(n)}
	}},
	schema.Imports: {list: "s", create: "s", update: "s", delete: "s", change: text("name"), body: func(w *world, n int) map[string]any {
		return map[string]any{"kind": "contacts", "state": "new", "name": fmt.Sprint(n)}
	}},
	schema.ImportRows: {list: "s", create: "s", update: "s", delete: "s", change: text("reason"), body: func(w *world, n int) map[string]any {
		return map[string]any{"import": w.brought, "number": n, "outcome": "refused"}
	}},
	schema.Sessions: {list: "s", create: "s", update: "s", delete: "s", change: text("device"), body: func(w *world, n int) map[string]any {
		return map[string]any{"agent": w.agent.Id, "device": "Firefox, Linux"}
	}},
	schema.SecondFactors: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"step": n} },
		body: func(w *world, n int) map[string]any {
			if n == 0 { // is there all the time
				return map[string]any{"agent": w.owner.Id}
			}
			return map[string]any{"agent": w.agent.Id}
		}},
	schema.PushSubscriptions: {list: "s", create: "s", update: "s", delete: "s", change: text("device"), body: func(w *world, n int) map[string]any {
		return map[string]any{"agent": w.agent.Id, "endpoint": fmt.Sprintf("https://push.test/%d", n), "p256dh": "k", "auth": "a"}
	}},
	schema.Reminders: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any {
			return map[string]any{"since": fmt.Sprintf("2026-11-22 10:00:%02d.000Z", n%60)}
		},
		body: func(w *world, n int) map[string]any {
			conversation, of := w.conversation, w.agent.Id
			if n > 0 { // 0 is there all the time
				conversation = w.otherConv
			}
			return map[string]any{"agent": of, "conversation": conversation}
		}},
	schema.Mentions: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any {
			return map[string]any{"seen": fmt.Sprintf("2026-11-22 10:00:%02d.000Z", n%60)}
		},
		body: func(w *world, n int) map[string]any {
			message := w.message
			if n > 0 { // 0 is there all the time
				message = w.otherMessage
			}
			return map[string]any{"agent": w.agent.Id, "message": message}
		}},
	schema.Follows: {list: "s", create: "s", update: "s", delete: "s",
		change: func(int) map[string]any { return map[string]any{} },
		body: func(w *world, n int) map[string]any {
			conversation := w.conversation
			if n > 0 { // 0 is there all the time
				conversation = w.otherConv
			}
			return map[string]any{"agent": w.agent.Id, "conversation": conversation}
		}},
	schema.Checks: {list: "s", create: "s", update: "s", delete: "s", change: text("code"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": fmt.Sprintf("disk:%d", n), "state": "ok"}
	}},
	schema.SetupSteps: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any {
			return map[string]any{"state": []string{"done", "skipped"}[n%2], "proof": map[string]any{"n": n}}
		},
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"step": []string{"shop", "hours"}[min(n, 1)], "state": "done"} // 0 is there all the time
		}},
	schema.OnceLinks: {list: "s", create: "s", update: "s", delete: "s", change: text("base"), body: func(w *world, n int) map[string]any {
		return map[string]any{"purpose": "invite", "agent": w.agent.Id, "hash": fmt.Sprint("hash ", n)}
	}},
	schema.BackupPlaces: {list: "os", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": fmt.Sprintf("Disk %d", n), "kind": "folder"}
	}},
	schema.Bot: {list: "os", create: "s", update: "os", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"suggest_mail": n%2 == 0} },
		body: func(_ *world, n int) map[string]any {
			return map[string]any{"names": map[string]string{"en": fmt.Sprint("Helper ", n)}}
		}},
	schema.BotFlows: {list: "os", create: "os", update: "os", delete: "os", change: text("name"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"name": fmt.Sprintf("flow %d", n), "steps": []any{}}
	}},
	schema.BotSessions: {list: "s", create: "s", update: "s", delete: "s", change: text("question"), body: func(w *world, n int) map[string]any {
		c := w.insert(schema.Conversations, map[string]any{"number": 70_000 + w.count(schema.Conversations), "contact": w.contact, "channel": "chat", "status": "open"})
		return map[string]any{"conversation": c.Id, "question": fmt.Sprint("why ", n)}
	}},
	schema.BotTasks: {list: "s", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"tries": n % 2} },
		body: func(w *world, n int) map[string]any {
			return map[string]any{"message": fmt.Sprintf("task%011d", n), "conversation": w.conversation, "seq": n}
		}},
	schema.BotQuestions: {list: "s", create: "s", update: "s", delete: "s", change: text("text"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"text": fmt.Sprint("why ", n), "why": "not_found", "state": "open", "seq": n}
	}},
	schema.LanguageModel: {list: "os", create: "s", update: "os", delete: "s", change: text("model"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"url": "http://127.0.0.1:9/v1", "model": fmt.Sprint("llama", n)}
	}},
	schema.LanguageModelUse: {list: "os", create: "s", update: "s", delete: "s",
		change: func(n int) map[string]any { return map[string]any{"requests": n} },
		body:   func(_ *world, n int) map[string]any { return map[string]any{"month": fmt.Sprintf("2%03d-01", n%1000)} }},
	schema.Drafts: {list: "s", create: "s", update: "s", delete: "s", change: text("text"), body: func(w *world, n int) map[string]any {
		return map[string]any{"conversation": w.conversation, "state": "stopped", "kind": "note", "text": fmt.Sprintf("draft %d", n)}
	}},
	schema.Callbacks: {list: "s", create: "s", update: "s", delete: "s", change: text("topic"), body: func(w *world, n int) map[string]any {
		return map[string]any{"conversation": w.conversation, "phone": fmt.Sprintf("0171100000%d", n), "state": "waiting"}
	}},
	schema.SignIns: {list: "s", create: "s", update: "s", delete: "s", change: text("browser"), body: func(w *world, n int) map[string]any {
		id, err := w.FindFirstRecordByData(schema.Identities, schema.IdentityContact, w.contact)
		if err != nil {
			w.t.Fatal(err)
		}
		return map[string]any{"secret": fmt.Sprintf("secret-%d", n), "identity": id.Id}
	}},
	schema.SignInCodes: {list: "s", create: "s", update: "s", delete: "s", change: text("address"), body: func(_ *world, n int) map[string]any {
		return map[string]any{"flow": fmt.Sprintf("flow-%d", n), "address": "me@mail.test", "code": "hash"}
	}},
	schema.MailTemplates: {list: "os", create: "os", update: "os", delete: "os", change: text("subject"), body: func(_ *world, n int) map[string]any {
		if n > 0 { // 0 is there all the time
			n = 1 + n%7
		}
		return map[string]any{"key": []string{"acknowledgement", "reply", "transcript", "code"}[n/2], "language": []string{"en", "bn"}[n%2]}
	}},
}

// article is the id of an article that others belong to.
func (w *world) article() string {
	w.t.Helper()
	if r, err := w.FindFirstRecordByData(schema.Articles, schema.ArticleSlug, "the-article"); err == nil {
		return r.Id
	}
	return w.insert(schema.Articles, map[string]any{"language": "en", "title": "The article", "body": "<p>Its text.</p>", "status": "published"}).Id
}

// insert makes a record as the program does, past all rules.
func (w *world) insert(collection string, body map[string]any) *core.Record {
	w.t.Helper()
	c, err := w.FindCollectionByNameOrId(collection)
	if err != nil {
		w.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(body)
	if err := w.Save(r); err != nil {
		w.t.Fatalf("insert into %s: %v", collection, err)
	}
	return r
}

func TestTheAccessTableCoversEveryCollection(t *testing.T) {
	found := ours(t, hookstest.New(t))
	for name := range found {
		if _, ok := collectionAccess[name]; !ok {
			t.Errorf("the collection %s is not in the table", name)
		}
	}
	for name := range collectionAccess {
		if found[name] == nil {
			t.Errorf("the table names the collection %s, which does not exist", name)
		}
	}
}

// refused are the answers of the database's API to those who may not. It
// answers 404 rather than 403 to those who may not even know.
var refused = []int{400, 401, 403, 404}

func TestWhoMayDoWhatWithRecords(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(collectionAccess)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, rule := newWorld(t), collectionAccess[name]
			w.Rooms.Group.Stop() // no loop takes up what is written here
			var r *core.Record
			if name == schema.Shop {
				r = w.get(name, "shop00000000001")
			} else {
				r = w.insert(name, rule.body(w, 0))
			}
			path := "/api/collections/" + name + "/records"
			n := 0
			for _, who := range everybody {
				n++
				c := w.as(who)
				expect := func(what, allowed string, yes bool, a hookstest.Answer) {
					t.Helper()
					if may := strings.ContainsRune(allowed, who); may != yes {
						t.Errorf("%c %s: allowed %t instead of %t: %d %s", who, what, yes, may, a.Status, a.Body)
					} else if !yes && a.Status != 200 && !slices.Contains(refused, a.Status) {
						t.Errorf("%c %s was refused with %d: %s", who, what, a.Status, a.Body)
					}
				}

				a := c.Do("GET", path+"?filter=(id='"+r.Id+"')", nil)
				expect("list", rule.list, a.Status == 200 && bytes.Contains(a.Body, []byte(r.Id)), a)
				a = c.Do("GET", path+"/"+r.Id, nil)
				expect("view", rule.list, a.Status == 200, a)
				before := w.get(name, r.Id).GetString(schema.Updated)
				a = c.Do("PATCH", path+"/"+r.Id, rule.change(n))
				expect("update", rule.update, a.Status == 200, a)
				if a.Status != 200 && w.get(name, r.Id).GetString(schema.Updated) != before {
					t.Errorf("%c was refused with %d and changed it all the same", who, a.Status)
				}

				count := w.count(name)
				a = c.Do("POST", path, rule.body(w, n))
				expect("create", rule.create, a.Status == 200, a)
				if a.Status == 200 {
					var made struct{ ID string }
					a.JSON(t, &made)
					if err := w.Delete(w.get(name, made.ID)); err != nil {
						t.Fatal(err)
					}
				}
				if w.count(name) != count {
					t.Errorf("%c was refused with %d and created a record all the same", who, a.Status)
				}

				victim := r
				if name != schema.Shop {
					victim = w.insert(name, rule.body(w, n))
				}
				a = c.Do("DELETE", path+"/"+victim.Id, nil)
				expect("delete", rule.delete, a.Status == 204, a)
				_, err := w.FindRecordById(name, victim.Id)
				if gone := err != nil; gone != strings.ContainsRune(rule.delete, who) {
					t.Errorf("%c asked to delete and was answered %d; gone: %t", who, a.Status, gone)
				}
				if err == nil && name != schema.Shop {
					if err := w.Delete(victim); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func (w *world) count(collection string) int64 {
	w.t.Helper()
	n, err := w.CountRecords(collection)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// ear is a connection to the database's own realtime API.
type ear struct {
	mu    sync.Mutex
	heard []string // events as "topic data"
}

func (e *ear) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

func (e *ear) has(topic, part string) bool {
	return slices.ContainsFunc(e.all(), func(h string) bool { return strings.HasPrefix(h, topic+" ") && strings.Contains(h, part) })
}

// listen subscribes somebody to topics. It returns nil when the subscription
// itself is refused.
func (w *world) listen(who rune, topics []string) *ear {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", w.base+"/api/realtime", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	e, connected := &ear{}, make(chan string, 1)
	go func() {
		defer res.Body.Close()
		sc := bufio.NewScanner(res.Body)
		sc.Buffer(nil, 4<<20)
		name := ""
		for sc.Scan() {
			switch line := sc.Text(); {
			case strings.HasPrefix(line, "event:"):
				name = line[6:]
			case strings.HasPrefix(line, "data:") && name == "PB_CONNECT":
				var hello struct {
					ClientID string `json:"clientId"`
				}
				if json.Unmarshal([]byte(line[5:]), &hello) == nil {
					connected <- hello.ClientID
				}
			case strings.HasPrefix(line, "data:"):
				e.mu.Lock()
				e.heard = append(e.heard, name+" "+line[5:])
				e.mu.Unlock()
			}
		}
	}()
	select {
	case id := <-connected:
		w.as(who).Must(204, "POST", "/api/realtime", map[string]any{"clientId": id, "subscriptions": topics})
	case <-time.After(5 * time.Second):
		w.t.Fatal("the realtime API does not greet")
	}
	return e
}

func TestWhoHearsOfRecords(t *testing.T) {
	w := newWorld(t)
	records := map[string]*core.Record{}
	var topics []string
	for name, rule := range collectionAccess {
		if name == schema.Shop {
			records[name] = w.get(name, "shop00000000001")
		} else {
			records[name] = w.insert(name, rule.body(w, 0))
		}
		topics = append(topics, name+"/*", name+"/"+records[name].Id)
	}
	ears := map[rune]*ear{}
	for _, who := range everybody {
		ears[who] = w.listen(who, topics)
	}
	// Two rounds: when the superuser has heard all of the second, whatever
	// anybody else was sent of the first has long been written.
	for round := range 2 {
		for name, rule := range collectionAccess {
			r := w.get(name, records[name].Id)
			r.Load(rule.change(1000 + round*7))
			if err := w.Save(r); err != nil {
				t.Fatal(err)
			}
		}
		for name, r := range records {
			for _, topic := range []string{name + "/*", name + "/" + r.Id} {
				hookstest.Until(t, "the superuser's event of "+topic, 5*time.Second, func() bool {
					n := 0
					for _, h := range ears[superuser].all() {
						if strings.HasPrefix(h, topic+" ") {
							n++
						}
					}
					return n > round
				})
			}
		}
	}
	for name, rule := range collectionAccess {
		allowed := rule.realtime
		if allowed == "" {
			allowed = rule.list
		}
		for _, who := range everybody {
			for _, topic := range []string{name + "/*", name + "/" + records[name].Id} {
				if may := strings.ContainsRune(allowed, who); may {
					hookstest.Until(t, fmt.Sprintf("%c's event of %s", who, topic), 5*time.Second, func() bool { return ears[who].has(topic, records[name].Id) })
				} else if ears[who].has(topic, "") {
					t.Errorf("%c heard of %s", who, topic)
				}
			}
		}
	}
}

// What the letters of the table cannot say.
func TestAgentsStayWhatTheyAre(t *testing.T) {
	w := newWorld(t)
	me := "/api/collections/agents/records/" + w.agent.Id
	c := w.as(agent)
	c.Must(200, "PATCH", me, map[string]any{"name": "Rafi Ahmed", "signature": "R."})
	for _, body := range []map[string]any{
		{"role": "owner"}, {"role+": "owner"}, {"+role": "owner"}, {"role-": "agent"}, {"name": "x", "role": "owner"},
		{"email": "thief@mail.test"}, {"verified": false}, {"password": "another-password", "passwordConfirm": "another-password"},
	} {
		c.Do("PATCH", me, body)
		r := w.get(schema.Agents, w.agent.Id)
		if r.GetString(schema.AgentRole) != schema.RoleAgent {
			t.Fatalf("an agent made themselves %q with %v", r.GetString(schema.AgentRole), body)
		}
		if r.Email() != "rafi@shop.test" || !r.ValidatePassword(hookstest.Password) {
			t.Fatalf("an agent changed their sign-in with %v", body)
		}
	}
	c.Do("PATCH", "/api/desk/me", map[string]any{"role": "owner", "name": "R"})
	if r := w.get(schema.Agents, w.agent.Id); r.GetString(schema.AgentRole) != schema.RoleAgent {
		t.Error("an agent made themselves an owner by the desk's route")
	}
	if a := c.Do("PATCH", "/api/collections/agents/records/"+w.owner.Id, map[string]any{"name": "x"}); a.Status != 404 {
		t.Errorf("an agent changed another: %d", a.Status)
	}
}

func TestAPrivateCannedReplyIsPrivate(t *testing.T) {
	w := newWorld(t)
	mine := w.insert(schema.CannedReplies, map[string]any{"title": "Mine", "text": "x", "owner": w.owner.Id})
	path := "/api/collections/canned_replies/records/"
	for _, c := range []struct {
		who  rune
		want int
	}{{agent, 404}, {owner, 200}, {superuser, 200}} {
		w.as(c.who).Must(c.want, "GET", path+mine.Id, nil)
	}
	w.as(agent).Must(404, "PATCH", path+mine.Id, map[string]any{"text": "y"})
	w.as(agent).Must(404, "DELETE", path+mine.Id, nil)
	for _, body := range []map[string]any{{"title": "a", "text": "b", "owner": w.owner.Id}, {"title": "a", "text": "b", "owner+": w.owner.Id}} {
		w.as(agent).Do("POST", path, body)
		if n, err := w.CountRecords(schema.CannedReplies); err != nil || n != 1 {
			t.Errorf("an agent wrote a canned reply in another's name with %v (%v)", body, err)
		}
	}
}

// Nobody signs up, and a contact has no password to guess.
func TestNobodySignsUp(t *testing.T) {
	w := newWorld(t)
	c := w.as(guest)
	for _, name := range []string{"users", "contacts", "agents", "_superusers"} {
		if a := c.Do("POST", "/api/collections/"+name+"/records", map[string]any{"email": "me@mail.test", "password": hookstest.Password, "passwordConfirm": hookstest.Password, "name": "me", "role": "owner"}); !slices.Contains(refused, a.Status) {
			t.Errorf("%s: signing up was answered with %d", name, a.Status)
		}
	}
	for _, route := range []string{"auth-with-password", "request-otp", "auth-with-oauth2"} {
		a := c.Do("POST", "/api/collections/contacts/"+route, map[string]any{"identity": "me@mail.test", "email": "me@mail.test", "password": hookstest.Password})
		if a.Status != 403 && a.Status != 400 && a.Status != 404 {
			t.Errorf("contacts/%s was answered with %d: %s", route, a.Status, a.Body)
		}
	}
}
