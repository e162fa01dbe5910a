package conversation_test

import (
	"testing"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestAnAnswerThatWasOvertakenIsNotSentUnnoticed(t *testing.T) {
	app := hookstest.New(t)
	rafi, mina := app.Agent("rafi", schema.RoleAgent), app.Agent("mina", schema.RoleAgent)
	n := 0
	customer := func(text string, change func(*conversation.Incoming)) *conversation.Message {
		t.Helper()
		n++
		in := conversation.Incoming{
			Channel: schema.ChannelChat, Account: "chat:v1", Keys: []string{text}, Visitor: "v1", Text: text,
			From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "v1", Verified: true}},
		}
		if change != nil {
			change(&in)
		}
		got, err := conversation.Receive(app, in)
		if err != nil {
			t.Fatal(err)
		}
		return got.Message
	}
	first := customer("where is my order?", nil)
	base := app.Serve()
	desk := func(token string) *hookstest.Client { return &hookstest.Client{TB: t, Base: base, Token: token} }
	a, b := desk(app.Token(rafi)), desk(app.Token(mina))
	path := "/api/desk/conversations/" + first.Conversation()
	say := func(c *hookstest.Client, want int, body map[string]any) (since []string) {
		t.Helper()
		var got struct {
			Message any
			Since   []struct{ Text, Kind string }
		}
		c.Must(want, "POST", path+"/reply", body).JSON(t, &got)
		for _, m := range got.Since {
			since = append(since, m.Kind+": "+m.Text)
		}
		return since
	}
	seq := first.Seq()

	// A note, an event and what a machine says overtake nobody.
	say(b, 200, map[string]any{"kind": "note", "text": "he called"})
	b.Must(200, "PATCH", path, map[string]any{"priority": 1})
	customer("out of office", func(in *conversation.Incoming) { in.Automatic = true })
	say(a, 200, map[string]any{"text": "soon", "client_id": "a1", "base": seq})
	// Nor do one's own messages.
	say(a, 200, map[string]any{"text": "very soon", "client_id": "a2", "base": seq})

	// A colleague's answer does, and what the customer wrote.
	got := say(b, 409, map[string]any{"text": "tomorrow", "client_id": "b1", "base": seq})
	if len(got) != 2 || got[0] != "outgoing: soon" || got[1] != "outgoing: very soon" {
		t.Errorf("mina is shown %v", got)
	}
	customer("hello?", nil)
	if got := say(a, 409, map[string]any{"text": "today", "client_id": "a3", "base": seq}); len(got) != 1 || got[0] != "incoming: hello?" {
		t.Errorf("rafi is shown %v", got)
	}
	// What is held or scheduled is asked about as well, and nothing was kept.
	for _, body := range []map[string]any{{"text": "today", "client_id": "a4", "base": seq, "seconds": 10}, {"text": "today", "client_id": "a5", "base": seq, "due": "2099-01-01T00:00:00Z"}} {
		if r := a.Do("POST", path+"/hold", body); r.Status != 409 && r.Status != 400 {
			t.Errorf("held: %d %s", r.Status, r.Body)
		}
	}
	if n, _ := app.CountRecords(schema.Drafts); n != 0 {
		t.Errorf("%d messages wait", n)
	}
	// A note is never stopped; anyway sends; a repeat of what was sent is no collision.
	say(a, 200, map[string]any{"kind": "note", "text": "late", "base": seq})
	say(a, 200, map[string]any{"text": "today", "client_id": "a3", "base": seq, "anyway": true})
	say(a, 200, map[string]any{"text": "today", "client_id": "a3", "base": seq})
	say(b, 409, map[string]any{"text": "tomorrow", "client_id": "b1", "base": seq})
	// Without a base nothing is asked.
	say(b, 200, map[string]any{"text": "as I said", "client_id": "b2"})
}
