package draft_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// desk is a served shop with an agent and a conversation.
type desk struct {
	*hookstest.App
	*hookstest.Client
	t     *testing.T
	agent string
	conv  string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{App: hookstest.New(t), t: t}
	settings := d.Settings()
	settings.RateLimits.Enabled = false
	if err := d.App.Save(settings); err != nil {
		t.Fatal(err)
	}
	rafi := d.Agent("rafi", schema.RoleAgent)
	d.agent = rafi.Id
	d.conv = d.customer("first", "where is my order?")
	d.Client = &hookstest.Client{TB: t, Base: d.Serve(), Token: d.App.Token(rafi)}
	return d
}

// customer writes in the chat and returns the conversation.
func (d *desk) customer(id, text string) string {
	d.t.Helper()
	got, err := conversation.Receive(d.App, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v1", Keys: []string{id}, ClientID: id, Visitor: "v1",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "v1", Verified: true}}, Text: text,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return got.Conversation.Id
}

// view is a draft as the API shows it.
type view struct {
	ID, State, Kind, Text, HTML, CC, BCC, Then, Due, Error string
	ClientID                                               string `json:"client_id"`
	IfReply                                                string `json:"if_reply"`
	Rev                                                    int
	Files                                                  []struct{ Name, URL, CID, Stored string }
	Other                                                  *struct{ Text, HTML string }
}

func (d *desk) hold(body any) view {
	d.t.Helper()
	var got struct{ Held view }
	d.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/hold", body).JSON(d.t, &got)
	return got.Held
}

func (d *desk) save(body any) view {
	d.t.Helper()
	var got struct{ Draft view }
	d.Must(200, "PUT", "/api/desk/conversations/"+d.conv+"/draft", body).JSON(d.t, &got)
	return got.Draft
}

// said are the outgoing messages of the conversation.
func (d *desk) said() (texts []string) {
	d.t.Helper()
	err := d.DB().NewQuery(`SELECT text FROM messages WHERE kind IN ('outgoing', 'note') ORDER BY seq`).Column(&texts)
	if err != nil {
		d.t.Fatal(err)
	}
	return texts
}

func (d *desk) drafts() int64 {
	d.t.Helper()
	n, err := d.CountRecords(schema.Drafts)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEUlEQVR4nGNgyPLDh0alsSEAaeNH4WLebMIAAAAASUVORK5CYII="

// form is a multipart body; a field may come more than once.
func form(t *testing.T, fields [][2]string, files ...string) hookstest.Form {
	t.Helper()
	picture, err := base64.StdEncoding.DecodeString(dot)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		err = w.WriteField(f[0], f[1])
	}
	for _, name := range files {
		var part io.Writer
		if part, err = w.CreateFormFile("files", name); err == nil {
			_, err = part.Write(picture)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	return hookstest.Form{Body: &b, Type: w.FormDataContentType()}
}

func TestAHeldMessageGoesWhenItsSecondsAreOver(t *testing.T) {
	d := newDesk(t)
	h := d.hold(map[string]any{"client_id": "c1", "text": "x", "html": "<p>On <b>Monday</b></p>", "then": "solved", "seconds": 1})
	if h.State != "held" || h.Text != "On Monday" || h.HTML != "<p>On <strong>Monday</strong></p>" || len(d.said()) != 0 {
		t.Fatalf("held: %+v, said %v", h, d.said())
	}
	hookstest.Until(t, "the message", 10*time.Second, func() bool { return len(d.said()) == 1 })
	c, err := d.FindRecordById(schema.Conversations, d.conv)
	if err != nil || c.GetString(schema.ConvStatus) != schema.StatusSolved {
		t.Errorf("after send and solve: %v %v", c, err)
	}
	m, err := d.FindFirstRecordByData(schema.Messages, schema.MsgClientID, "c1")
	if err != nil || m.GetString(schema.MsgHTML) != "<p>On <strong>Monday</strong></p>" || m.GetString(schema.MsgAgent) != d.agent {
		t.Errorf("the message: %v %v", m, err)
	}
	if n := d.drafts(); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	// A repeated request makes no second one, and what was sent stays sent.
	var again struct{ Held *view }
	d.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/hold", map[string]any{"client_id": "c1", "text": "x", "seconds": 1}).JSON(t, &again)
	if again.Held != nil || d.drafts() != 0 {
		t.Errorf("the repeat is held: %+v", again.Held)
	}
	for _, act := range [][2]string{{"POST", "/back"}, {"POST", "/now"}, {"DELETE", ""}} {
		d.Must(409, act[0], "/api/desk/held/"+h.ID+act[1], nil)
	}
}

func TestAMessageTakenBackIsADraftWithEverything(t *testing.T) {
	d := newDesk(t)
	h := d.hold(form(t, [][2]string{{"client_id", "c1"}, {"html", `<p>see <img src="cid:p1" alt="a.png"></p>`}, {"cids", "p1"}, {"cids", ""},
		{"cc", "a@mail.test"}, {"bcc", "b@mail.test"}, {"then", "solved"}, {"seconds", "60"}}, "a.png", "ছবি.png"))
	if same := d.hold(map[string]any{"client_id": "c1", "text": "x", "seconds": 60}); same.ID != h.ID {
		t.Error("the repeat is another one")
	}
	var got struct{ Draft view }
	d.Must(200, "POST", "/api/desk/held/"+h.ID+"/back", nil).JSON(t, &got)
	b := got.Draft
	if b.State != "writing" || b.Text != "see [a.png]" || b.HTML != `<p>see <img src="cid:p1" alt="a.png"></p>` || b.CC != "a@mail.test" || b.BCC != "b@mail.test" || b.Then != "solved" ||
		len(b.Files) != 2 || b.Files[0].CID != "p1" || b.Files[1].Name != "ছবি.png" {
		t.Errorf("taken back: %+v", b)
	}
	file := d.Must(200, "GET", b.Files[1].URL, nil)
	if base64.StdEncoding.EncodeToString(file.Body) != dot {
		t.Error("the file is another one")
	}
	mina := &hookstest.Client{TB: t, Base: d.Base, Token: d.App.Token(d.Agent("mina", schema.RoleAgent))}
	mina.Must(404, "GET", b.Files[1].URL, nil)
	d.Must(409, "POST", "/api/desk/held/"+h.ID+"/now", nil)
	if len(d.said()) != 0 {
		t.Error("it was sent")
	}
	var shown struct{ Draft *view }
	d.Must(200, "GET", "/api/desk/conversations/"+d.conv, nil).JSON(t, &shown)
	if shown.Draft == nil || shown.Draft.ID != h.ID {
		t.Errorf("the conversation shows the draft %+v", shown.Draft)
	}
	mina.Must(200, "GET", "/api/desk/conversations/"+d.conv, nil).JSON(t, &shown)
	if shown.Draft != nil {
		t.Error("a colleague is shown the draft")
	}
}

// The clock and the hand that takes back race: each message ends as exactly
// one of the two.
func TestSendingAndTakingBackNeverBothHappen(t *testing.T) {
	d := newDesk(t)
	const n = 40
	ids := make([]string, n)
	for i := range ids {
		ids[i] = d.hold(map[string]any{"client_id": fmt.Sprint("c", i), "text": fmt.Sprintf("message %02d", i), "seconds": 120}).ID
	}
	backs := make([]bool, n)
	var wg sync.WaitGroup
	for i, id := range ids {
		for range 2 {
			wg.Go(func() {
				if s := d.Do("POST", "/api/desk/held/"+id+"/now", nil).Status; s != 204 && s != 409 {
					t.Errorf("send: %d", s)
				}
			})
		}
		wg.Go(func() { backs[i] = d.Do("DELETE", "/api/desk/held/"+id, nil).Status == http.StatusNoContent })
	}
	wg.Wait()
	said := strings.Join(d.said(), "\n")
	for i := range ids {
		if times := strings.Count(said, fmt.Sprintf("message %02d", i)); backs[i] && times != 0 || !backs[i] && times != 1 {
			t.Errorf("message %d: taken back %t and sent %d times", i, backs[i], times)
		}
	}
	if d.drafts() != 0 {
		t.Error("something is left")
	}
}

func TestAScheduledMessageSurvivesARestart(t *testing.T) {
	d := newDesk(t)
	d.hold(map[string]any{"client_id": "c1", "text": "good morning", "due": time.Now().Add(1500 * time.Millisecond).UTC().Format(time.RFC3339Nano)})
	dir := d.DataDir()
	d.Stop()
	time.Sleep(1600 * time.Millisecond) // its time comes while nothing runs
	again := hookstest.Open(t, dir)
	again.Serve()
	hookstest.Until(t, "the message", 10*time.Second, func() bool {
		m, err := again.FindFirstRecordByData(schema.Messages, schema.MsgClientID, "c1")
		return err == nil && m.GetString(schema.MsgText) == "good morning"
	})
}

func TestTheCustomerWritingStopsWhatWantsToAsk(t *testing.T) {
	d := newDesk(t)
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	ask := d.hold(map[string]any{"client_id": "ask", "text": "are you there?", "due": later})
	sure := d.hold(map[string]any{"client_id": "sure", "text": "happy Eid", "due": later, "if_reply": "send"})
	soon := d.hold(map[string]any{"client_id": "soon", "text": "a moment", "seconds": 60})
	stream := d.Listen("topic=inbox&after=0")
	d.customer("second", "hello?")
	stream.Await("held", "stopped")
	states := map[string]string{}
	var list struct{ Held []view }
	d.Must(200, "GET", "/api/desk/held", nil).JSON(t, &list)
	for _, h := range list.Held {
		states[h.ID] = h.State
	}
	if states[ask.ID] != "stopped" || states[sure.ID] != "scheduled" || states[soon.ID] != "held" {
		t.Errorf("states: %v", states)
	}
	// The agent decides: another time, or now.
	var changed struct{ Held view }
	d.Must(200, "PATCH", "/api/desk/held/"+ask.ID, map[string]any{"due": later, "if_reply": "send"}).JSON(t, &changed)
	if changed.Held.State != "scheduled" || changed.Held.IfReply != "send" {
		t.Errorf("changed: %+v", changed.Held)
	}
	d.Must(400, "PATCH", "/api/desk/held/"+ask.ID, map[string]any{"due": "2020-01-01T00:00:00Z"})
	d.Must(204, "POST", "/api/desk/held/"+ask.ID+"/now", nil)
	if got := strings.Join(d.said(), "|"); got != "are you there?" {
		t.Errorf("said: %s", got)
	}
}

func TestWhatCannotBeSentIsSaidAtOnce(t *testing.T) {
	d := newDesk(t)
	path := "/api/desk/conversations/" + d.conv + "/hold"
	for name, body := range map[string]map[string]any{
		"nothing": {"client_id": "c", "text": " ", "seconds": 10}, "no id": {"text": "x", "seconds": 10}, "no time": {"client_id": "c", "text": "x"},
		"too long": {"client_id": "c", "text": "x", "seconds": 1000}, "the past": {"client_id": "c", "text": "x", "due": "2020-01-01T00:00:00Z"},
		"no such status": {"client_id": "c", "text": "x", "seconds": 10, "then": "gone"}, "no address": {"client_id": "c", "text": "x", "seconds": 10, "cc": []string{"nobody"}},
	} {
		if a := d.Do("POST", path, body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	d.Must(404, "POST", "/api/desk/conversations/none00000000000/hold", map[string]any{"client_id": "c", "text": "x", "seconds": 10})
	if d.drafts() != 0 {
		t.Error("something is held")
	}
}

func TestADraftFollowsItsAgent(t *testing.T) {
	d := newDesk(t)
	stream := d.Listen("topic=inbox&after=0")
	first := d.save(map[string]any{"text": "Dear", "kind": "reply", "base": 3, "device": "one"})
	stream.Await("draft", `"rev":1`)
	if first.Rev != 1 || first.State != "writing" {
		t.Fatalf("first: %+v", first)
	}
	second := d.save(map[string]any{"text": "Dear Karim", "html": "<p>Dear <b onclick=x>Karim</b></p>", "kind": "note", "rev": 1, "device": "one"})
	if second.Rev != 2 || second.HTML != "<p>Dear <strong>Karim</strong></p>" || second.Kind != "note" || second.Other != nil {
		t.Errorf("second: %+v", second)
	}
	// A device that knew the first alone wins, and the other text is kept.
	third := d.save(map[string]any{"text": "Hello there", "rev": 1, "device": "two"})
	if third.Text != "Hello there" || third.Other == nil || third.Other.Text != "Dear Karim" || third.Other.HTML != "<p>Dear <strong>Karim</strong></p>" {
		t.Errorf("third: %+v", third)
	}
	fourth := d.save(map[string]any{"text": "Hello there, Karim", "rev": 3, "settle": true})
	if fourth.Other != nil {
		t.Errorf("fourth: %+v", fourth)
	}
	// One that goes on with the same words is no conflict.
	fifth := d.save(map[string]any{"text": "Hello there, Karim, how are you", "rev": 1})
	if fifth.Other != nil {
		t.Errorf("fifth: %+v", fifth)
	}
	var boot struct{ Drafts []string }
	d.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
	if len(boot.Drafts) != 1 || boot.Drafts[0] != d.conv {
		t.Errorf("boot: %v", boot.Drafts)
	}
	d.save(map[string]any{"text": " ", "rev": 5})
	if d.drafts() != 0 {
		t.Error("an empty draft is kept")
	}
}

func TestADraftIsOverWhenItsTextWasSent(t *testing.T) {
	d := newDesk(t)
	d.save(map[string]any{"text": "on its way\n"})
	d.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/reply", map[string]any{"client_id": "c1", "text": "something else"})
	if d.drafts() != 1 {
		t.Error("another message ended the draft")
	}
	d.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/reply", map[string]any{"client_id": "c2", "text": "on its way"})
	if d.drafts() != 0 {
		t.Error("the draft of what was sent is still there")
	}
}

func TestADraftKeepsItsFiles(t *testing.T) {
	d := newDesk(t)
	first := d.save(form(t, [][2]string{{"text", "see"}, {"cids", "p1"}, {"cids", ""}}, "a.png", "b.png"))
	if len(first.Files) != 2 || first.Files[0].CID != "p1" {
		t.Fatalf("first: %+v", first)
	}
	// Words alone leave them; a list keeps what it names.
	if v := d.save(map[string]any{"text": "see here", "rev": 1}); len(v.Files) != 2 {
		t.Errorf("after words: %+v", v)
	}
	v := d.save(form(t, [][2]string{{"text", "see"}, {"rev", "2"}, {"keep", first.Files[1].Stored}, {"cids", ""}}, "c.png"))
	if len(v.Files) != 2 || v.Files[0].Name != "b.png" || v.Files[1].Name != "c.png" {
		t.Errorf("after another: %+v", v)
	}
	d.Must(404, "GET", first.Files[0].URL, nil)
	d.Must(200, "GET", v.Files[1].URL, nil)
	if v := d.save(map[string]any{"text": "see", "rev": 3, "keep": []string{}}); len(v.Files) != 0 {
		t.Errorf("after none: %+v", v)
	}
	// Sending with a delay ends the draft.
	d.hold(map[string]any{"client_id": "c1", "text": "see", "seconds": 60})
	var shown struct{ Draft *view }
	d.Must(200, "GET", "/api/desk/conversations/"+d.conv+"/draft", nil).JSON(t, &shown)
	if shown.Draft != nil {
		t.Errorf("the draft is still there: %+v", shown.Draft)
	}
}

func TestTakingBackLeavesWhatWasBegunMeanwhile(t *testing.T) {
	d := newDesk(t)
	h := d.hold(map[string]any{"client_id": "c1", "text": "the first", "seconds": 60})
	d.save(map[string]any{"text": "the second"})
	var got struct{ Draft view }
	d.Must(200, "POST", "/api/desk/held/"+h.ID+"/back", nil).JSON(t, &got)
	if got.Draft.Text != "the first" || got.Draft.Other == nil || got.Draft.Other.Text != "the second" || d.drafts() != 1 {
		t.Errorf("taken back: %+v, %d drafts", got.Draft, d.drafts())
	}
}

func TestAMessageWhoseAuthorLeftStillGoes(t *testing.T) {
	d := newDesk(t)
	mina := d.Agent("mina", schema.RoleAgent)
	theirs := &hookstest.Client{TB: t, Base: d.Base, Token: d.App.Token(mina)}
	theirs.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/hold", map[string]any{"client_id": "c1", "text": "goodbye", "due": time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)})
	if err := d.App.Delete(mina); err != nil {
		t.Fatal(err)
	}
	hookstest.Until(t, "the message", 10*time.Second, func() bool { return strings.Join(d.said(), "") == "goodbye" })
}

func TestAColleaguesAnswerStopsWhatIsAboutToGo(t *testing.T) {
	d := newDesk(t)
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	soon := d.hold(map[string]any{"client_id": "soon", "text": "a moment", "seconds": 60, "base": 1})
	sure := d.hold(map[string]any{"client_id": "sure", "text": "happy Eid", "due": later, "if_reply": "send"})
	ask := d.hold(map[string]any{"client_id": "ask", "text": "are you there?", "due": later})
	stream := d.Listen("topic=inbox&after=0")
	mina := &hookstest.Client{TB: t, Base: d.Base, Token: d.App.Token(d.Agent("mina", schema.RoleAgent))}
	mina.Must(200, "POST", "/api/desk/conversations/"+d.conv+"/reply", map[string]any{"text": "I have it here", "client_id": "m1"})
	stream.Await("held", "stopped")
	var list struct{ Held []view }
	d.Must(200, "GET", "/api/desk/held", nil).JSON(t, &list)
	states := map[string]string{}
	for _, h := range list.Held {
		states[h.ID] = h.State
	}
	if states[soon.ID] != "stopped" || states[ask.ID] != "stopped" || states[sure.ID] != "scheduled" {
		t.Errorf("states: %v", states)
	}
	// What was taken back still knows what its writer had seen.
	var back struct{ Draft struct{ Base int64 } }
	d.Must(200, "POST", "/api/desk/held/"+soon.ID+"/back", nil).JSON(t, &back)
	if back.Draft.Base != 1 {
		t.Errorf("base: %d", back.Draft.Base)
	}
}

func TestANewMailGoesAtItsTime(t *testing.T) {
	d := newDesk(t)
	body := map[string]any{"email": "new@customer.test", "name": "Nila", "subject": "Your order", "html": "<p>It is <b>ready</b></p>", "client_id": "later-1", "due": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	var got struct {
		Held         view
		Conversation struct {
			ID, Status, Subject string
			Assignee            string
		}
	}
	d.Must(200, "POST", "/api/desk/held", body).JSON(t, &got)
	first := got.Conversation.ID
	if got.Held.State != schema.DraftScheduled || got.Held.Text != "It is ready" || got.Conversation.Status != schema.StatusPending || got.Conversation.Subject != "Your order" || got.Conversation.Assignee == "" {
		t.Errorf("scheduled: %+v", got)
	}
	// Asked for twice it is one.
	d.Must(200, "POST", "/api/desk/held", body).JSON(t, &got)
	if got.Conversation.ID != first || d.drafts() != 1 {
		t.Errorf("a repeated request made another: %+v", got)
	}
	for field, value := range map[string]string{"email": "nobody", "due": "2001-01-01T00:00:00Z", "html": ""} {
		bad := map[string]any{}
		for k, v := range body {
			bad[k] = v
		}
		bad["client_id"] = "bad-" + field
		bad[field] = value
		d.Must(400, "POST", "/api/desk/held", bad)
	}
	var conversations int
	if err := d.DB().NewQuery(`SELECT COUNT(*) FROM conversations WHERE channel = 'email'`).Row(&conversations); err != nil || conversations != 1 {
		t.Errorf("what was refused left something: %d conversations", conversations)
	}
	if len(d.said()) != 0 {
		t.Errorf("it went too early: %q", d.said())
	}
	d.Must(204, "POST", "/api/desk/held/"+got.Held.ID+"/now", nil)
	hookstest.Until(t, "it to be sent", time.Minute, func() bool { s := d.said(); return len(s) == 1 && s[0] == "It is ready" })
}
