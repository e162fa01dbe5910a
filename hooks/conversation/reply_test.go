package conversation_test

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func reply(t *testing.T, app *hookstest.App, d conversation.Draft) conversation.Sent {
	t.Helper()
	if d.Kind == "" {
		d.Kind = schema.MessageOutgoing
	}
	sent, err := app.Rooms.Conversation.Reply(app, d)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func events(t *testing.T, app core.App, conv string) (types []string) {
	t.Helper()
	err := app.DB().NewQuery(`SELECT json_extract(event,'$.type') || ':' || json_extract(event,'$.from') || '>' || json_extract(event,'$.to')
		FROM messages WHERE conversation={:c} AND kind='event' ORDER BY seq`).Bind(dbx.Params{"c": conv}).Column(&types)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func TestAnAnswerMovesTheConversation(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	in := receive(t, app, chat("v1", "client-1", "hello"))
	if in.Conversation.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Error("nobody seems to wait")
	}
	sent := reply(t, app, conversation.Draft{Conversation: in.Conversation.Id, Agent: rafi.Id, ClientID: "r1", Text: "hi"})
	c := sent.Conversation
	if c.Status() != schema.StatusPending || c.GetString(schema.ConvAssignee) != rafi.Id || !c.GetDateTime(schema.ConvWaitingSince).IsZero() ||
		c.GetDateTime(schema.ConvFirstReplyAt).IsZero() || c.GetInt(schema.ConvStaffSeenSeq) != int(in.Message.Seq()) {
		t.Errorf("after the answer: %v", c.FieldsData())
	}
	if got := strings.Join(events(t, app, c.Id), " "); got != "assigned:>"+rafi.Id {
		t.Errorf("events: %s", got)
	}
	if n := count(t, app, `SELECT COUNT(*) FROM outbox WHERE message={:m} AND channel='chat' AND state='queued'`, dbx.Params{"m": sent.Message.Id}); n != 1 {
		t.Errorf("%d rows in the outbox", n)
	}
	first := c.GetString(schema.ConvFirstReplyAt)
	again := reply(t, app, conversation.Draft{Conversation: c.Id, Agent: app.Agent("mina", schema.RoleAgent).Id, ClientID: "r2", Text: "and this", Then: schema.StatusSolved})
	if again.Conversation.GetString(schema.ConvAssignee) != rafi.Id || again.Conversation.Status() != schema.StatusSolved || again.Conversation.GetString(schema.ConvFirstReplyAt) != first {
		t.Errorf("after the second answer: %v", again.Conversation.FieldsData())
	}
}

func TestANoteIsNoAnswer(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	in := receive(t, app, chat("v1", "client-1", "hello"))
	sent := reply(t, app, conversation.Draft{Conversation: in.Conversation.Id, Agent: rafi.Id, Kind: schema.MessageNote, Text: "secret"})
	c := sent.Conversation
	if c.Status() != schema.StatusOpen || c.GetString(schema.ConvAssignee) != "" || c.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Errorf("the note changed the conversation: %v", c.FieldsData())
	}
	if n := count(t, app, `SELECT COUNT(*) FROM outbox`, nil); n != 0 {
		t.Error("the note is on its way out")
	}
	if _, err := app.Rooms.Conversation.PublicOf(app, sent.Message.Id); !errors.Is(err, sql.ErrNoRows) {
		t.Error("the customer can read the note")
	}
	msgs, _, err := app.Rooms.Conversation.PublicPage(app, c.Id, 0, 0, 50)
	if err != nil || len(msgs) != 1 {
		t.Errorf("the customer's page has %d messages, error %v", len(msgs), err)
	}
}

func TestAMachineIsNoAnswer(t *testing.T) {
	app := hookstest.New(t)
	in := receive(t, app, chat("v1", "client-1", "hello"))
	c := reply(t, app, conversation.Draft{Conversation: in.Conversation.Id, AuthorKind: schema.AuthorBot, Text: "we are closed", Automatic: true}).Conversation
	if c.Status() != schema.StatusOpen || c.GetDateTime(schema.ConvWaitingSince).IsZero() || !c.GetDateTime(schema.ConvFirstReplyAt).IsZero() {
		t.Errorf("the machine stopped the clock: %v", c.FieldsData())
	}
}

func TestARepeatedAnswerIsOne(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	in := receive(t, app, chat("v1", "client-1", "hello"))
	ids := make([]string, 24)
	news := make([]bool, len(ids))
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			sent, err := app.Rooms.Conversation.Reply(app, conversation.Draft{Conversation: in.Conversation.Id, Agent: rafi.Id, ClientID: "same", Kind: schema.MessageOutgoing, Text: "hi"})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i], news[i] = sent.Message.Id, sent.New
		})
	}
	wg.Wait()
	made := 0
	for i := range ids {
		if ids[i] != ids[0] {
			t.Error("two messages")
		}
		if news[i] {
			made++
		}
	}
	if made != 1 || count(t, app, `SELECT COUNT(*) FROM outbox`, nil) != 1 {
		t.Errorf("made %d times", made)
	}
}

func TestAnswersThatCannotBe(t *testing.T) {
	app := hookstest.New(t)
	in := receive(t, app, chat("v1", "client-1", "hello"))
	var change conversation.ErrChange
	for name, c := range map[string]struct {
		d  conversation.Draft
		ok func(error) bool
	}{
		"empty":             {conversation.Draft{Text: " \n\t"}, func(err error) bool { return errors.Is(err, conversation.ErrEmpty) }},
		"nowhere":           {conversation.Draft{Conversation: "nowhere00000000", Text: "hi"}, func(err error) bool { return errors.Is(err, sql.ErrNoRows) }},
		"unknown status":    {conversation.Draft{Text: "hi", Then: "gone"}, func(err error) bool { return errors.As(err, &change) }},
		"snoozed until now": {conversation.Draft{Text: "hi", Then: schema.StatusSnoozed}, func(err error) bool { return errors.As(err, &change) }},
	} {
		if c.d.Conversation == "" {
			c.d.Conversation = in.Conversation.Id
		}
		c.d.Kind = schema.MessageOutgoing
		if _, err := app.Rooms.Conversation.Reply(app, c.d); !c.ok(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := count(t, app, `SELECT COUNT(*) FROM messages`, nil); n != 1 {
		t.Errorf("%d messages stand there now", n)
	}
}

func TestAConversationOfOurOwn(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	to := contact.Identity{Kind: schema.KindEmail, Value: "ayesha@mail.test"}
	open := func(then string) (conversation.Sent, error) {
		return app.Rooms.Conversation.NewOutgoing(app, to, "Ayesha", "Your parcel", conversation.Draft{Agent: rafi.Id, ClientID: "c-" + then, Text: "It is here", Then: then})
	}
	for then, want := range map[string]string{"": schema.StatusPending, "open": schema.StatusOpen, "solved": schema.StatusSolved} {
		first, err := open(then)
		if err != nil {
			t.Fatal(err)
		}
		again, err := open(then)
		if err != nil || again.New || again.Conversation.Id != first.Conversation.Id {
			t.Errorf("%q: repeated, it became another: %v", then, err)
		}
		if got := first.Conversation.Status(); got != want {
			t.Errorf("then %q: %s", then, got)
		}
		if solved := !first.Conversation.GetDateTime(schema.ConvSolvedAt).IsZero(); solved != (want == schema.StatusSolved) {
			t.Errorf("then %q: solved at is set: %v", then, solved)
		}
	}
	for _, then := range []string{"gone", schema.StatusSnoozed} {
		var change conversation.ErrChange
		if _, err := open(then); !errors.As(err, &change) {
			t.Errorf("then %q: %v", then, err)
		}
	}
	if n := count(t, app, `SELECT COUNT(*) FROM contacts`, nil); n != 1 {
		t.Errorf("%d contacts", n)
	}
}
