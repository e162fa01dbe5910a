package target_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func change(t *testing.T, app core.App, collection, id string, values map[string]any) *core.Record {
	t.Helper()
	r, err := app.FindRecordById(collection, id)
	if err != nil {
		t.Fatal(err)
	}
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func receive(t *testing.T, app core.App, key, text string) conversation.Received {
	t.Helper()
	got, err := conversation.Receive(app, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:x", Keys: []string{key}, Visitor: "visitor-1", Text: text,
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "visitor-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func find(t *testing.T, app core.App, id string) *core.Record {
	t.Helper()
	r, err := app.FindRecordById(schema.Conversations, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const chat = "targetchat00001" // comes with the migration, switched off

func TestWhatIsDueIsKeptWithTheConversation(t *testing.T) {
	app := hookstest.New(t)
	got := receive(t, app.App, "1", "where is my saree")
	if due := find(t, app.App, got.Conversation.Id).GetString(schema.ConvDueAt); due != "" {
		t.Fatalf("due %s although no target is on", due)
	}
	change(t, app.App, schema.Targets, chat, map[string]any{"active": true, "count": "clock"})
	receive(t, app.App, "2", "hello?")
	// The second word changes nothing that a target looks at; an answer and the next question do.
	_, err := app.Rooms.Conversation.Reply(app.App, conversation.Draft{Conversation: got.Conversation.Id, Kind: schema.MessageOutgoing, Agent: app.Agent("rafi", schema.RoleAgent).Id, Text: "on its way"})
	if err != nil {
		t.Fatal(err)
	}
	if r := find(t, app.App, got.Conversation.Id); r.GetString(schema.ConvDueAt) != "" || r.GetString(schema.ConvTarget) != chat {
		t.Errorf("answered: due %q of %q", r.GetString(schema.ConvDueAt), r.GetString(schema.ConvTarget))
	}
	receive(t, app.App, "3", "when?")
	r := find(t, app.App, got.Conversation.Id)
	left := time.Until(r.GetDateTime(schema.ConvDueAt).Time())
	if r.GetString(schema.ConvDueKind) != schema.DueNextReply || left > 10*time.Minute || left < 9*time.Minute {
		t.Errorf("%s due in %v", r.GetString(schema.ConvDueKind), left)
	}
	if warn := time.Until(r.GetDateTime(schema.ConvDueWarnAt).Time()); warn > 7*time.Minute+30*time.Second || warn < 7*time.Minute {
		t.Errorf("warning in %v", warn)
	}
	// A tag may bring another promise.
	c, err := app.FindCollectionByNameOrId(schema.Tags)
	if err != nil {
		t.Fatal(err)
	}
	tag := core.NewRecord(c)
	tag.Set("name", "VIP")
	if err := app.Save(tag); err != nil {
		t.Fatal(err)
	}
	change(t, app.App, schema.Targets, "targetmail00001", map[string]any{"active": true, "channels": []string{}, "sort": 1, "tags": []string{tag.Id}, "next_reply": 1, "count": "clock"})
	if _, err := conversation.Apply(app.App, got.Conversation.Id, "", conversation.Change{Tags: &[]string{tag.Id}}); err != nil {
		t.Fatal(err)
	}
	if r := find(t, app.App, got.Conversation.Id); r.GetString(schema.ConvTarget) != "targetmail00001" || time.Until(r.GetDateTime(schema.ConvDueAt).Time()) > time.Minute {
		t.Errorf("tagged: due %s of %s", r.GetString(schema.ConvDueAt), r.GetString(schema.ConvTarget))
	}
	solved := schema.StatusSolved
	if _, err := conversation.Apply(app.App, got.Conversation.Id, "", conversation.Change{Status: &solved}); err != nil {
		t.Fatal(err)
	}
	if r := find(t, app.App, got.Conversation.Id); r.GetString(schema.ConvDueAt)+r.GetString(schema.ConvDueNext) != "" {
		t.Error("solved, and still due")
	}
}

func events(t *testing.T, app core.App, conv string) (types []string) {
	t.Helper()
	err := app.DB().NewQuery(`SELECT json_extract(event, '$.type') FROM messages WHERE conversation = {:id} AND kind = 'event' ORDER BY seq`).Bind(dbx.Params{"id": conv}).Column(&types)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func TestTheWatchTellsOnceThatTimeIsShortAndOnceThatItIsOver(t *testing.T) {
	app := hookstest.New(t)
	agent := app.Agent("rafi", schema.RoleAgent)
	got := receive(t, app.App, "1", "where is my saree")
	change(t, app.App, schema.Targets, chat, map[string]any{"active": true, "count": "clock"})
	base := app.Serve()
	// Only what was computed anew already may be put back in time by hand.
	hookstest.Until(t, "the due time", 5*time.Second, func() bool { return find(t, app.App, got.Conversation.Id).GetString(schema.ConvDueAt) != "" })
	stream := (&hookstest.Client{TB: t, Base: base, Token: app.Token(agent)}).Listen("topic=inbox")
	stream.Await("hello", "")
	back := func(due, warn time.Duration) {
		t.Helper()
		now := time.Now().UTC()
		stamp := func(d time.Duration) string { return now.Add(d).Format("2006-01-02 15:04:05.000Z") }
		change(t, app.App, schema.Conversations, got.Conversation.Id, map[string]any{"due_at": stamp(due), "due_warn_at": stamp(warn), "due_next": stamp(warn)})
	}
	back(time.Hour, 50*time.Millisecond)
	stream.Await("due", `"due_soon"`)
	back(50*time.Millisecond, 50*time.Millisecond)
	stream.Await("due", `"overdue"`)
	hookstest.Until(t, "both events", 5*time.Second, func() bool { return len(events(t, app.App, got.Conversation.Id)) == 2 })
	time.Sleep(300 * time.Millisecond) // a watch that repeats itself would have by now
	if list := events(t, app.App, got.Conversation.Id); strings.Join(list, " ") != "due_soon overdue" {
		t.Errorf("events: %v", list)
	}
	if r := find(t, app.App, got.Conversation.Id); r.GetString(schema.ConvDueNext) != "" || r.GetString(schema.ConvDueAt) == "" {
		t.Error("what is over is told again, or no longer red")
	}
}

func TestSwitchingATargetOnColoursWhatWaitsAndCallsNobodyForOldSins(t *testing.T) {
	app := hookstest.New(t)
	got := receive(t, app.App, "1", "where is my saree")
	_, err := app.DB().NewQuery(`UPDATE conversations SET waiting_since = '2026-01-01 10:00:00.000Z', created = '2026-01-01 10:00:00.000Z' WHERE id = {:id}`).Bind(dbx.Params{"id": got.Conversation.Id}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	app.Serve()
	change(t, app.App, schema.Targets, chat, map[string]any{"active": true, "count": "clock"})
	hookstest.Until(t, "the due time", 5*time.Second, func() bool { return find(t, app.App, got.Conversation.Id).GetString(schema.ConvDueAt) != "" })
	r := find(t, app.App, got.Conversation.Id)
	if !strings.HasPrefix(r.GetString(schema.ConvDueAt), "2026-01-01 10:05") || r.GetString(schema.ConvDueNext) != "" || len(events(t, app.App, r.Id)) != 0 {
		t.Errorf("due %s, told next %q, %v", r.GetString(schema.ConvDueAt), r.GetString(schema.ConvDueNext), events(t, app.App, r.Id))
	}
	change(t, app.App, schema.Targets, chat, map[string]any{"active": false})
	hookstest.Until(t, "no due time", 5*time.Second, func() bool { return find(t, app.App, r.Id).GetString(schema.ConvDueAt) == "" })
}
