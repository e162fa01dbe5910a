package notice_test

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/device"
	"github.com/shohay/shohay/hooks/notice"
	"github.com/shohay/shohay/hooks/schema"
)

// service is a push service for one device, on this machine.
type service struct {
	*httptest.Server
	*device.Device
	mu     sync.Mutex
	got    []notice.Notice
	heads  []http.Header
	answer func(n int) (status int, after string)
	asked  int
	seen   int // pushes to the witness
	wrong  []string
}

// origin is where the service seems to be; its certificate is for that name.
const origin = "https://example.com"

// client leads every name to the service.
func (s *service) client() *http.Client {
	c := s.Client()
	c.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
	}
	return c
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{Device: device.New(t)}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	return s
}

func (s *service) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/witness" {
		s.seen++
		w.WriteHeader(http.StatusCreated)
		return
	}
	s.asked++
	if s.answer != nil {
		if status, after := s.answer(s.asked); status != 0 {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(status)
			return
		}
	}
	if err := notice.CheckVAPID(r.Header.Get("Authorization"), origin, time.Now()); err != nil {
		s.wrong = append(s.wrong, err.Error())
	}
	if r.Header.Get("Content-Encoding") != "aes128gcm" || r.Header.Get("TTL") == "" || r.Method != http.MethodPost {
		s.wrong = append(s.wrong, fmt.Sprint("headers ", r.Header))
	}
	plain, err := s.Open(body)
	var n notice.Notice
	if err == nil {
		err = json.Unmarshal(plain, &n)
	}
	if err != nil {
		s.wrong = append(s.wrong, err.Error())
	}
	s.got, s.heads = append(s.got, n), append(s.heads, r.Header.Clone())
	w.WriteHeader(http.StatusCreated)
}

func (s *service) notices(t *testing.T) []notice.Notice {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wrong {
		t.Error("a push is not as it has to be: ", w)
	}
	return append([]notice.Notice{}, s.got...)
}

func (s *service) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// post is a mail that was sent to an agent.
type post struct{ to, text string }

// shop is a served app of this room alone beside the usual ones' records.
type shop struct {
	*hookstest.App
	t     *testing.T
	desk  *hookstest.Client
	agent *core.Record
	*service

	mu     sync.Mutex
	posts  []post
	refuse error
}

// The room of the app itself is told to use the test's push service.
func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, service: newService(t)}
	s.App = hookstest.New(t, hookstest.PushTo(s.client()))
	s.agent = s.Agent("rafi", schema.RoleAgent)
	s.desk = &hookstest.Client{TB: t, Base: s.Serve(), Token: s.Token(s.agent)}
	return s
}

func (s *shop) subscribe() string {
	s.t.Helper()
	key, auth := s.Keys()
	var made struct{ ID string }
	s.desk.Must(200, "POST", "/api/desk/push", map[string]any{"endpoint": origin + "/device", "keys": map[string]any{"p256dh": key, "auth": auth}, "device": "Chrome on Android"}).JSON(s.t, &made)
	return made.ID
}

// witness is an agent who is told of everything: a message that they were told
// of, with one more behind it, has been considered for everybody.
func (s *shop) witness() (considered func(text string)) {
	s.t.Helper()
	mina := &hookstest.Client{TB: s.t, Base: s.desk.Base, Token: s.Token(s.Agent("witness", schema.RoleAgent))}
	key, auth := device.New(s.t).Keys()
	mina.Must(200, "POST", "/api/desk/push", map[string]any{"endpoint": origin + "/witness", "keys": map[string]any{"p256dh": key, "auth": auth}})
	mina.Must(200, "PATCH", "/api/desk/me", map[string]any{"notify": map[string]any{"push": "all"}})
	return func(text string) {
		s.t.Helper()
		for _, part := range []string{"", " again"} {
			s.service.mu.Lock()
			before := s.seen
			s.service.mu.Unlock()
			s.says("c"+text+part, text+part)
			hookstest.Until(s.t, "the witness to hear "+text+part, 5*time.Second, func() bool {
				s.service.mu.Lock()
				defer s.service.mu.Unlock()
				return s.seen > before
			})
		}
	}
}

func (s *shop) choose(notify map[string]any) {
	s.t.Helper()
	s.desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"notify": notify})
}

func (s *shop) says(client, text string) conversation.Received {
	s.t.Helper()
	got, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v", Keys: []string{client}, ClientID: client, Visitor: "visitor-one-123", Name: "Nusrat", Text: text,
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "visitor-one-123"}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *shop) awaits(n int) []notice.Notice {
	s.t.Helper()
	hookstest.Until(s.t, fmt.Sprint(n, " pushes"), 5*time.Second, func() bool { return len(s.notices(s.t)) >= n })
	return s.notices(s.t)
}

func TestAMessageIsPushedToAnAgentWhoIsAway(t *testing.T) {
	s := open(t)
	s.subscribe()
	got := s.says("one", "Where is my saree?")
	n := s.awaits(1)[0]
	if n.Title != "Nusrat" || n.Body != "Where is my saree?" || n.Tag != got.Conversation.Id || n.Badge != 1 || n.Lang != "en" ||
		n.URL != fmt.Sprintf("/desk/#/all/%d", got.Conversation.Number()) {
		t.Errorf("the push says %+v", n)
	}
	if s.heads[0].Get("Topic") == "" || len(s.heads[0].Get("Topic")) > 32 || s.heads[0].Get("Urgency") != "high" {
		t.Errorf("headers %v", s.heads[0])
	}

	// At a desk nobody needs a push; away again one does.
	considered := s.witness()
	s.desk.Must(204, "POST", "/api/desk/active", map[string]any{"on": true})
	considered("Hello?")
	s.desk.Must(204, "POST", "/api/desk/active", map[string]any{"on": false})
	s.says("three", "Is anybody there?")
	all := s.awaits(2)
	if len(all) != 2 || all[1].Body != "Is anybody there?" {
		t.Errorf("pushes %+v", all)
	}
}

func TestWhatAnAgentChoseIsFollowed(t *testing.T) {
	s := open(t)
	s.subscribe()
	considered := s.witness()
	unheard := func(text string) {
		t.Helper()
		before := len(s.notices(t))
		considered(text)
		s.choose(map[string]any{"push": "mine"})
		s.says("after "+text, "after "+text)
		if all := s.awaits(before + 1); len(all) != before+1 || all[before].Body != "after "+text {
			t.Errorf("%s: pushes %+v", text, all[before:])
		}
	}
	s.choose(map[string]any{"push": "off"})
	unheard("off")
	s.choose(map[string]any{"push": "mine", "hours": map[string]any{"on": true, "days": []int{int(time.Now().Add(72 * time.Hour).Weekday())}, "from": "10:00", "to": "10:01"}})
	unheard("out of hours")

	// Without preview nothing of the customer leaves the shop.
	s.choose(map[string]any{"preview": false})
	before := len(s.notices(t))
	s.says("secret", "my number is 01711")
	n := s.awaits(before + 1)[before]
	if n.Title != "New message" || strings.Contains(n.Body, "01711") || strings.Contains(n.Title+n.Body, "Nusrat") {
		t.Errorf("the push says %+v", n)
	}

	s.desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "offline", "notify": map[string]any{"push": "all"}})
	considered("offline")
	s.desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "online"})
	s.says("online", "online")
	all := s.awaits(before + 2)
	if last := all[len(all)-1]; last.Body != "online" || len(all) > before+2 {
		t.Errorf("somebody who is offline was called: %+v", all[before:])
	}

	bad := s.desk.Must(400, "PATCH", "/api/desk/me", map[string]any{"notify": map[string]any{"mail_minutes": 1}})
	if !bytes.Contains(bad.Body, []byte("5 minutes")) {
		t.Errorf("the refusal says %s", bad.Body)
	}
}

func TestWhoIsGivenAConversationIsToldAndWhoTakesItIsNot(t *testing.T) {
	s := open(t)
	got := s.says("one", "Hello")
	mina := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(s.Agent("mina", schema.RoleAgent))}
	s.subscribe()
	path := "/api/desk/conversations/" + got.Conversation.Id
	s.desk.Must(200, "PATCH", path, map[string]any{"assignee": s.agent.Id})
	mina.Must(200, "PATCH", path, map[string]any{"assignee": ""})
	mina.Must(200, "PATCH", path, map[string]any{"assignee": s.agent.Id})
	all := s.awaits(1)
	if len(all) != 1 || !strings.Contains(all[0].Title, "is yours now") {
		t.Errorf("pushes %+v", all)
	}
	// Now it is his: mine covers it, and for mina it is somebody else's.
	s.says("two", "And now?")
	s.awaits(2)
}

func TestMentionsFollowedNotesAndHandOversAreTold(t *testing.T) {
	s := open(t)
	got := s.says("one", "Hello")
	mina := s.Agent("mina", schema.RoleAgent)
	colleague := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(mina)}
	s.subscribe()
	path := "/api/desk/conversations/" + got.Conversation.Id
	note := func(text string) {
		t.Helper()
		colleague.Must(200, "POST", path+"/reply", map[string]any{"kind": "note", "text": text})
	}
	colleague.Must(200, "PATCH", path, map[string]any{"assignee": mina.Id}) // rafi has nothing to do with it
	note("nobody is called")
	note("@rafi can you look?")
	all := s.awaits(1)
	if len(all) != 1 || all[0].Title != "mina mentioned you" || all[0].Body != "@rafi can you look?" {
		t.Fatalf("pushes %+v", all)
	}
	// From now on he follows: notes and the customer's messages.
	note("found it")
	if n := s.awaits(2)[1]; !strings.HasPrefix(n.Title, "mina wrote a note") || n.Body != "found it" {
		t.Errorf("a followed note: %+v", n)
	}
	s.says("two", "And now?")
	if n := s.awaits(3)[2]; n.Body != "And now?" {
		t.Errorf("a followed message: %+v", n)
	}
	// Each by his choice.
	s.choose(map[string]any{"mentions": false, "follows": false})
	note("@rafi once more")
	s.says("three", "Hello?")
	s.choose(map[string]any{"preview": false})
	note("@rafi again, his number is 0171")
	n := s.awaits(4)[3]
	if n.Title != "mina mentioned you" || strings.Contains(n.Body, "0171") {
		t.Errorf("without preview: %+v", n)
	}
	s.choose(map[string]any{})
	colleague.Must(200, "POST", path+"/handover", map[string]any{"assignee": s.agent.Id, "text": "he waits for the refund", "client_id": "h"})
	// The note alone may be replaced by what says more of the same conversation.
	hookstest.Until(t, "the words of the hand-over", 5*time.Second, func() bool {
		for _, n := range s.notices(t)[4:] {
			if strings.HasSuffix(n.Title, "is yours now") && n.Body == "he waits for the refund" {
				return true
			}
		}
		return false
	})
}

func TestAPushThatIsRefusedIsTriedAgainOrTheDeviceForgotten(t *testing.T) {
	t.Run("gone", func(t *testing.T) {
		for _, status := range []int{http.StatusGone, http.StatusNotFound} {
			s := open(t)
			s.answer = func(int) (int, string) { return status, "" }
			s.subscribe()
			s.says("one", "Hello")
			hookstest.Until(t, "the device to be forgotten", 5*time.Second, func() bool {
				n, err := s.CountRecords(schema.PushSubscriptions)
				return err == nil && n == 0
			})
			if s.times() != 1 {
				t.Errorf("asked %d times after %d", s.times(), status)
			}
		}
	})
	t.Run("refused", func(t *testing.T) {
		s := open(t)
		s.answer = func(int) (int, string) { return http.StatusForbidden, "" }
		id := s.subscribe()
		s.says("one", "Hello")
		hookstest.Until(t, "the refusal to be noted", 5*time.Second, func() bool {
			failures, said, err := notice.Device(s.App, id)
			return err == nil && failures == 1 && strings.Contains(said, "403")
		})
		var list struct{ Devices []struct{ Trouble bool } }
		s.desk.Must(200, "GET", "/api/desk/push", nil).JSON(t, &list)
		if len(list.Devices) != 1 || !list.Devices[0].Trouble {
			t.Errorf("the list says %+v", list)
		}
	})
}

func TestDevicesBelongToWhoIsSignedIn(t *testing.T) {
	s := open(t)
	id := s.subscribe()
	if again := s.subscribe(); again != id {
		t.Error("the same browser became two devices")
	}
	var tried struct {
		Sent   int
		Failed []string
	}
	s.desk.Must(200, "POST", "/api/desk/push/try", nil).JSON(t, &tried)
	if n := s.awaits(1); tried.Sent != 1 || n[0].Title != "It works" {
		t.Errorf("tried %+v, got %+v", tried, n)
	}
	s.answer = func(int) (int, string) { return 500, "" }
	s.desk.Must(200, "POST", "/api/desk/push/try", nil).JSON(t, &tried)
	if tried.Sent != 0 || len(tried.Failed) != 1 || !strings.Contains(tried.Failed[0], "Chrome on Android") {
		t.Errorf("tried %+v", tried)
	}
	other := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(s.Agent("mina", schema.RoleAgent))}
	other.Must(404, "DELETE", "/api/desk/push/"+id, nil)
	for _, endpoint := range []string{"http://a.example/x", "https://127.0.0.1/x", "https://10.1.2.3:9/x", ""} {
		key, auth := s.Keys()
		s.desk.Must(400, "POST", "/api/desk/push", map[string]any{"endpoint": endpoint, "keys": map[string]any{"p256dh": key, "auth": auth}})
	}
	s.desk.Must(400, "POST", "/api/desk/push", map[string]any{"endpoint": origin + "/x", "keys": map[string]any{"p256dh": "x", "auth": "y"}})
	// A new password ends all sessions, and what they are told with them.
	r, err := s.FindRecordById(schema.Agents, s.agent.Id)
	if err != nil {
		t.Fatal(err)
	}
	r.SetPassword("another-password")
	if err := s.Save(r); err != nil {
		t.Fatal(err)
	}
	if n, err := s.CountRecords(schema.PushSubscriptions); err != nil || n != 0 {
		t.Errorf("%d devices, %v", n, err)
	}
}

func TestAgentsAreMailedOnceForEachWait(t *testing.T) {
	s := open(t)
	reminder := notice.Reminder(s.App, func(_ core.App, to, lang string, l letter.Letter) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.refuse != nil {
			return s.refuse
		}
		s.posts = append(s.posts, post{to, l.Subject + "\n" + l.Plain()})
		return nil
	})
	look := func(after time.Duration, want int) {
		t.Helper()
		if err := reminder(time.Now().Add(after)); err != nil {
			t.Fatal(err)
		}
		if len(s.posts) != want {
			t.Fatalf("%d mails instead of %d: %+v", len(s.posts), want, s.posts)
		}
	}
	got := s.says("one", "Hello {shop} **loud**")
	look(time.Hour, 0) // nobody wants any
	s.choose(map[string]any{"mail": "mine", "mail_minutes": 30})
	look(10*time.Minute, 0)
	look(31*time.Minute, 1)
	if p := s.posts[0]; p.to != "rafi@shop.test" || !strings.Contains(p.text, fmt.Sprintf("#%d", got.Conversation.Number())) || !strings.Contains(p.text, "Nusrat") {
		t.Errorf("the mail is %+v", p)
	}
	look(40*time.Minute, 1) // the same wait
	s.says("two", "Still waiting")
	look(50*time.Minute, 1)

	// An answer ends the wait; the next word begins another.
	path := "/api/desk/conversations/" + got.Conversation.Id
	s.desk.Must(200, "POST", path+"/reply", map[string]any{"client_id": "reply-one", "kind": "reply", "text": "Yes?"})
	look(2*time.Hour, 1)
	s.says("three", "Thanks, and one more thing")
	s.refuse = errors.New("no server")
	look(2*time.Hour, 1)
	s.refuse = nil
	look(2*time.Hour+time.Minute, 1) // not at once after a failure
	look(2*time.Hour+6*time.Minute, 2)

	// Somebody else's conversation is none of mine.
	mina := s.Agent("mina", schema.RoleAgent)
	s.desk.Must(200, "POST", path+"/reply", map[string]any{"client_id": "reply-two", "kind": "reply", "text": "Sure."})
	s.says("four", "Well?")
	s.desk.Must(200, "PATCH", path, map[string]any{"assignee": mina.Id})
	look(4*time.Hour, 2)
	s.choose(map[string]any{"mail": "all", "mail_minutes": 30})
	// Who gave no name is called by their address, as at the desk.
	if _, err := s.DB().NewQuery(`UPDATE contacts SET name = ''`).Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().NewQuery(`INSERT INTO identities (id, contact, kind, value) SELECT 'nusratsmail0000', id, 'email', 'nusrat@mail.test' FROM contacts LIMIT 1`).Execute(); err != nil {
		t.Fatal(err)
	}
	look(4*time.Hour, 3)
	if p := s.posts[2]; !strings.Contains(p.text, "nusrat@mail.test") {
		t.Errorf("of somebody without a name: %+v", p)
	}
	s.desk.Must(200, "PATCH", path, map[string]any{"status": "solved"})
	if n, err := s.CountRecords(schema.Reminders); err != nil || n == 0 {
		t.Errorf("%d reminders, %v", n, err)
	}
	// Whoever is blocked waits for nobody.
	s.says("five", "Hello??")
	if _, err := s.DB().NewQuery(`UPDATE contacts SET blocked = TRUE`).Execute(); err != nil {
		t.Fatal(err)
	}
	look(9*time.Hour, 3)
	if _, err := s.DB().NewQuery(`UPDATE contacts SET blocked = FALSE`).Execute(); err != nil {
		t.Fatal(err)
	}
	look(9*time.Hour, 4)
}

func TestTheDeskCanBeInstalled(t *testing.T) {
	s := open(t)
	var m struct {
		Name, Scope, Display string
		StartURL             string `json:"start_url"`
		Icons                []struct{ Src, Sizes, Purpose string }
		Shortcuts            []struct{ Name, URL string }
	}
	a := s.desk.Must(200, "GET", "/desk/app.webmanifest?lang=bn", nil)
	a.JSON(t, &m)
	if m.Scope != "/desk/" || m.StartURL != "/desk/" || m.Display != "standalone" || m.Name == "" || len(m.Shortcuts) != 3 || len(m.Icons) != 3 ||
		!strings.HasPrefix(a.Header.Get("Content-Type"), "application/manifest+json") {
		t.Errorf("the manifest is %s", a.Body)
	}
	paths := []string{"/desk/icon/touch-180.png", "/desk/icon/badge-96.png"}
	for _, i := range m.Icons {
		paths = append(paths, i.Src)
	}
	for _, p := range paths {
		b := s.desk.Must(200, "GET", p, nil)
		img, err := png.Decode(bytes.NewReader(b.Body))
		if err != nil || b.Header.Get("Content-Type") != "image/png" {
			t.Fatalf("%s: %v", p, err)
		}
		if w := img.Bounds().Dx(); !strings.Contains(p, fmt.Sprint(w)) || w != img.Bounds().Dy() {
			t.Errorf("%s is %v", p, img.Bounds())
		}
	}
	s.desk.Must(404, "GET", "/desk/icon/1024.png", nil)

	shell := s.desk.Must(200, "GET", "/desk/shell.js", nil)
	for _, part := range []string{`"/desk/"`, `"/desk/main.js"`, `"/shared/api.js"`, `"/i18n/bn.json"`, `"version":"`} {
		if !bytes.Contains(shell.Body, []byte(part)) {
			t.Errorf("the shell lacks %s", part)
		}
	}
	if bytes.Contains(shell.Body, []byte(".html")) || shell.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("shell %v %.200s", shell.Header, shell.Body)
	}
}

func TestNobodyIsCalledForWhatTheBotAnswers(t *testing.T) {
	s := open(t)
	c, err := s.FindCollectionByNameOrId(schema.Articles)
	if err != nil {
		t.Fatal(err)
	}
	article := core.NewRecord(c)
	article.Load(map[string]any{"language": "en", "title": "How do I return a product?", "body": "<p>Within 7 days. A rider collects it.</p>", "status": "published"})
	if err := s.Save(article); err != nil {
		t.Fatal(err)
	}
	s.subscribe()
	s.says("one", "How do I return a product?")
	hookstest.Until(t, "the bot's answer", 10*time.Second, func() bool {
		n, err := s.CountRecords(schema.Messages, dbx.HashExp{"author_kind": "bot"})
		return err == nil && n == 1
	})
	s.says("two", "I want to talk to a person")
	if n := s.awaits(1)[0]; n.Body != "I want to talk to a person" {
		t.Errorf("the push says %+v", n)
	}
	s.says("three", "Hello?")
	if all := s.awaits(2); len(all) != 2 || all[1].Body != "Hello?" {
		t.Errorf("pushes %+v", all)
	}
}
