package callback_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type queue struct {
	Callbacks []struct {
		ID, Phone, Tel, Due, Outcome, Agent string
		Number                              int64
		Tries                               int
		Claimed, Overdue                    bool
	}
}

func TestACallIsAskedForClaimedAndNoted(t *testing.T) {
	a := hookstest.New(t)
	base := a.Serve()
	a.Shop(map[string]any{"languages": []string{"bn", "en"}, "language": "bn"})
	post := func(v url.Values) (*http.Response, string) {
		t.Helper()
		v.Set("form", form.NewStamp(a.Rooms.Settings.Keys(), time.Now().Add(-time.Minute)))
		jar := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := jar.PostForm(base+"/callback?lang=en", v)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b := make([]byte, 100_000)
		n, _ := res.Body.Read(b)
		return res, string(b[:n])
	}
	for name, v := range map[string]url.Values{
		"no number": {"phone": {"call me"}}, "a time that is not offered": {"phone": {"01711204437"}, "when": {"0101morning"}},
		"a wrong address": {"phone": {"01711204437"}, "email": {"a@b.test\r\nBcc: c@d.test"}}, "a machine": {"phone": {"01711204437"}, form.Trap: {"x"}},
	} {
		if res, _ := post(v); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if n, _ := a.CountRecords(schema.Callbacks); n != 0 {
		t.Fatal("refused, and noted")
	}
	res, body := post(url.Values{"phone": {"০১৭১১-২০৪৪৩৭"}, "topic": {"My parcel"}, "name": {"Rina"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode, body)
	}
	thanks := (&hookstest.Client{TB: t, Base: base}).Must(200, "GET", res.Header.Get("Location"), nil)
	if !strings.Contains(string(thanks.Body), "A person calls you") || regexp.MustCompile(`>(portal|callback)\.`).Match(thanks.Body) {
		t.Errorf("%s", thanks.Body)
	}
	forged := strings.Replace(res.Header.Get("Location"), "n=1", "n=2", 1)
	if got := (&hookstest.Client{TB: t, Base: base}).Must(200, "GET", forged, nil); strings.Contains(string(got.Body), "A person calls you") {
		t.Error("anybody may say that a call was promised")
	}
	m, err := a.FindFirstRecordByFilter(schema.Messages, "kind = 'incoming'")
	if err != nil || m.GetString(schema.MsgChannel) != schema.ChannelPhone || !strings.Contains(m.GetString(schema.MsgText), "01711204437") {
		t.Fatal(err, m)
	}

	conv, err := a.FindRecordById(schema.Conversations, m.GetString(schema.MsgConversation))
	if err != nil || conv.GetString(schema.ConvSubject) != "Call 01711204437" { // mails to the customer carry it, and the shop speaks Bangla
		t.Error(err, conv.GetString(schema.ConvSubject))
	}

	desk := func(name string) *hookstest.Client {
		return &hookstest.Client{TB: t, Base: base, Token: a.Token(a.Agent(name, schema.RoleAgent))}
	}
	rafi, mim := desk("rafi"), desk("mim")
	var q queue
	rafi.Must(200, "GET", "/api/desk/callbacks", nil).JSON(t, &q)
	if len(q.Callbacks) != 1 || q.Callbacks[0].Tel != "tel:01711204437" || q.Callbacks[0].Overdue {
		t.Fatalf("%+v", q)
	}
	path := "/api/desk/callbacks/" + q.Callbacks[0].ID
	rafi.Must(200, "POST", path+"/claim", nil)
	mim.Must(409, "POST", path+"/claim", nil)
	mim.Must(409, "POST", path+"/outcome", map[string]any{"outcome": "reached"})
	rafi.Must(400, "POST", path+"/outcome", map[string]any{"outcome": "nonsense"})
	rafi.Must(400, "POST", path+"/outcome", map[string]any{"outcome": "call_later", "next": "2020-01-01T00:00:00Z"})
	rafi.Must(200, "POST", path+"/outcome", map[string]any{"outcome": "no_answer", "note": "rang ten times"}).JSON(t, &q)
	due, err := time.Parse(time.RFC3339, q.Callbacks[0].Due)
	if err != nil || q.Callbacks[0].Tries != 1 || q.Callbacks[0].Claimed || time.Until(due) < time.Hour {
		t.Errorf("%+v %v", q.Callbacks[0], err)
	}
	for range 3 {
		mim.Must(200, "POST", path+"/outcome", map[string]any{"outcome": "busy"})
	}
	mim.Must(200, "POST", path+"/outcome", map[string]any{"outcome": "no_answer"}).JSON(t, &q)
	if len(q.Callbacks) != 0 {
		t.Error("the fifth try without an answer proposes another one")
	}
	mim.Must(404, "POST", path+"/outcome", map[string]any{"outcome": "reached"})
	events, err := a.FindRecordsByFilter(schema.Messages, "kind = 'event' && text ~ '01711204437'", "", 0, 0)
	notes, nerr := a.FindRecordsByFilter(schema.Messages, "kind = 'note' && text = 'rang ten times'", "", 0, 0)
	if err != nil || nerr != nil || len(events) != 5 || len(notes) != 1 {
		t.Errorf("%d events, %d notes, %v %v", len(events), len(notes), err, nerr)
	}
}

func TestACallFromTheChatIsPartOfIt(t *testing.T) {
	a := hookstest.New(t)
	base := a.Serve()
	guest := &hookstest.Client{TB: t, Base: base}
	wish := map[string]any{"client_id": "client-id-7", "phone": "+8801711204437", "topic": "Size"}
	guest.Must(401, "POST", "/api/chat/callback", wish)
	var started struct{ Token string }
	guest.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	guest.Token = started.Token
	guest.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": "client-id-1", "text": "Hello"})
	var first, again struct{ Conversation struct{ Number int64 } }
	guest.Must(200, "POST", "/api/chat/callback", wish).JSON(t, &first)
	guest.Must(200, "POST", "/api/chat/callback", wish).JSON(t, &again)
	if first.Conversation.Number == 0 || first.Conversation.Number != again.Conversation.Number {
		t.Error(first, again)
	}
	if n, _ := a.CountRecords(schema.Conversations); n != 1 {
		t.Errorf("%d conversations", n)
	}
	if n, _ := a.CountRecords(schema.Callbacks); n != 1 {
		t.Errorf("%d calls", n)
	}
	guest.Must(200, "POST", "/api/chat/callback", map[string]any{"client_id": "client-id-8", "phone": "+8801711204437"})
	if got := guest.Do("POST", "/api/chat/callback", map[string]any{"client_id": "client-id-9", "phone": "+8801711204437"}); got.Status != 429 {
		t.Error("a number can be rung up without end:", got.Status, fmt.Sprint(got.Header))
	}
}
