package conversation_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func ptr[T any](v T) *T { return &v }

func TestApplyWritesAnEventForEachRealChange(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	tag := core.NewRecord(must(app.FindCollectionByNameOrId(schema.Tags)))
	tag.Set(schema.TagName, "refund")
	if err := app.Save(tag); err != nil {
		t.Fatal(err)
	}
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	apply := func(c conversation.Change) *conversation.Conversation {
		t.Helper()
		conv, err := conversation.Apply(app, id, rafi.Id, c)
		if err != nil {
			t.Fatal(err)
		}
		return conv
	}
	all := conversation.Change{Assignee: &rafi.Id, Tags: &[]string{tag.Id, tag.Id}, Priority: ptr(2), Subject: ptr("Refund"), Status: ptr(schema.StatusSolved)}
	apply(all)
	conv := apply(all) // once more changes nothing
	want := "assigned:>" + rafi.Id + " tagged:>" + tag.Id + " priority:0>2 subject:>Refund status:open>solved"
	if got := strings.Join(events(t, app, id), " "); got != want {
		t.Errorf("events:\n%s\ninstead of\n%s", got, want)
	}
	if conv.GetDateTime(schema.ConvSolvedAt).IsZero() || !conv.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Error("solved without its time, or somebody still waits")
	}
	conv = apply(conversation.Change{Status: ptr(schema.StatusOpen), Assignee: ptr(""), Tags: &[]string{}})
	if !conv.GetDateTime(schema.ConvSolvedAt).IsZero() || conv.GetString(schema.ConvAssignee) != "" || len(conv.GetStringSlice(schema.ConvTags)) != 0 {
		t.Errorf("reopened: %v", conv.FieldsData())
	}
	if last := newest(t, app); conv.GetInt(schema.ConvLastSeq) != int(last) {
		t.Errorf("last_seq is %d, the newest message %d", conv.GetInt(schema.ConvLastSeq), last)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestChangesThatAreRefused(t *testing.T) {
	app := hookstest.New(t)
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	past, future := time.Now().Add(-time.Hour).Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339)
	for name, c := range map[string]conversation.Change{
		"unknown status":      {Status: ptr("gone")},
		"unknown agent":       {Assignee: ptr("nobody000000000")},
		"unknown tag":         {Tags: &[]string{"nothing00000000"}},
		"priority":            {Priority: ptr(3)},
		"snooze without time": {Status: ptr(schema.StatusSnoozed)},
		"snooze in the past":  {Status: ptr(schema.StatusSnoozed), SnoozedUntil: &past},
		"snooze in words":     {Status: ptr(schema.StatusSnoozed), SnoozedUntil: ptr("tomorrow")},
		"half of a change":    {Subject: ptr("new"), Status: ptr("gone")},
	} {
		var refused conversation.ErrChange
		if _, err := conversation.Apply(app, id, "", c); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if ev := events(t, app, id); len(ev) != 0 {
		t.Errorf("a refused change left %v", ev)
	}
	if _, err := conversation.Apply(app, "nowhere00000000", "", conversation.Change{Status: ptr("open")}); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a conversation that is not there: %v", err)
	}
	conv, err := conversation.Apply(app, id, "", conversation.Change{Status: ptr(schema.StatusSnoozed), SnoozedUntil: &future})
	if err != nil || conv.GetDateTime(schema.ConvSnoozedUntil).IsZero() {
		t.Errorf("snoozing: %v", err)
	}
}

func TestASnoozedConversationComesBack(t *testing.T) {
	app := hookstest.New(t)
	app.Serve()
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	soon := time.Now().Add(600 * time.Millisecond).UTC().Format(time.RFC3339Nano)
	if _, err := conversation.Apply(app, id, "", conversation.Change{Status: ptr(schema.StatusSnoozed), SnoozedUntil: &soon}); err != nil {
		t.Fatal(err)
	}
	hookstest.Until(t, "the conversation is open again", 10*time.Second, func() bool {
		return count(t, app, `SELECT COUNT(*) FROM conversations WHERE id={:id} AND status='open' AND snoozed_until=''`, dbx.Params{"id": id}) == 1
	})
}

func TestReadingNeverGoesBack(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	base := app.Serve()
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(rafi)}
	inbox := desk.Listen("topic=inbox")
	inbox.Await("hello", "")
	in := receive(t, app, chat("v1", "client-1", "one"))
	two := receive(t, app, chat("v1", "client-2", "two"))
	mark := func(seq int64) int64 {
		t.Helper()
		now, err := conversation.MarkSeen(app, in.Conversation.Id, schema.ConvContactSeenSeq, seq)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	at := func() int {
		return count(t, app, `SELECT contact_seen_seq FROM conversations WHERE id={:id}`, dbx.Params{"id": in.Conversation.Id})
	}
	for _, s := range []struct {
		seq, moved, at int64
	}{
		{in.Message.Seq(), in.Message.Seq(), in.Message.Seq()}, {in.Message.Seq(), 0, in.Message.Seq()}, {-5, 0, in.Message.Seq()},
		{1 << 40, two.Message.Seq(), two.Message.Seq()}, {in.Message.Seq(), 0, two.Message.Seq()}, {1 << 40, 0, two.Message.Seq()},
	} {
		if moved := mark(s.seq); moved != s.moved || at() != int(s.at) {
			t.Errorf("seen up to %d: moved to %d, now at %d instead of %d", s.seq, moved, at(), s.at)
		}
	}
	if _, err := conversation.MarkSeen(app, in.Conversation.Id, "status", 1); err == nil {
		t.Error("any field can be written")
	}
	// Nobody has read what is not written yet.
	if err := app.Rooms.Conversation.Seen(app, in.Conversation.Id, schema.ConvStaffSeenSeq, 1<<40); err != nil {
		t.Fatal(err)
	}
	if ev := inbox.Await("read", `"staff"`); strings.Contains(ev.Data, "1099511627776") {
		t.Errorf("the desks hear of messages read that do not exist: %s", ev.Data)
	}
	if err := conversation.MarkUnseen(app, in.Conversation.Id); err != nil {
		t.Fatal(err)
	}
	if n := count(t, app, `SELECT staff_seen_seq < last_incoming_seq FROM conversations`, nil); n != 1 {
		t.Error("it does not count as unread")
	}
}

func TestRating(t *testing.T) {
	app := hookstest.New(t)
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	for _, score := range []int{0, 6, -1} {
		var refused conversation.ErrChange
		if _, err := conversation.Rate(app, id, score, ""); !errors.As(err, &refused) {
			t.Errorf("score %d: %v", score, err)
		}
	}
	conv, err := conversation.Rate(app, id, 4, "ভালো\x00 "+strings.Repeat("খ", 3000))
	if err != nil || conv.GetInt(schema.ConvRating) != 4 || len([]rune(conv.GetString(schema.ConvRatingComment))) > 2000 {
		t.Errorf("rating: %v", err)
	}
	if got := events(t, app, id); len(got) != 1 || got[0] != "rated:>4" {
		t.Errorf("events: %v", got)
	}
	if _, err := conversation.Rate(app, "nowhere00000000", 4, ""); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a conversation that is not there: %v", err)
	}
}

func TestAnAddressOfSomebodyElseIsNotTakenOver(t *testing.T) {
	app := hookstest.New(t)
	owner := receive(t, app, letter("box1", "owner@mail.test", "m1@mail.test", "hello"))
	visitor := receive(t, app, chat("v1", "client-1", "hello"))
	conv, err := conversation.LeaveEmail(app, visitor.Conversation.Id, "Owner@Mail.test", "Eve")
	if err != nil {
		t.Fatal(err)
	}
	if conv.GetString(schema.ConvEmail) != "owner@mail.test" {
		t.Error("the answer would not go to the address left")
	}
	who := must(contact.FindByIdentity(app, schema.KindEmail, "owner@mail.test"))
	if who.Id != owner.Conversation.Contact() || conv.Contact() == who.Id {
		t.Error("the address changed hands")
	}
	if own := must(conversation.VisitorOwns(app, "v1", owner.Conversation.Id)); own {
		t.Error("the visitor opens the owner's conversation")
	}
	// The owner's next mail is still theirs alone.
	if got := receive(t, app, letter("box1", "owner@mail.test", "m2@mail.test", "again")); got.Conversation.Contact() != who.Id {
		t.Error("the owner's mail went to the visitor")
	}
	if _, err := conversation.LeaveEmail(app, conv.Id, "not an address", ""); err == nil {
		t.Error("any text is an address")
	}
	if _, err := conversation.LeaveEmail(app, conv.Id, "owner@mail.test", ""); err != nil || len(events(t, app, conv.Id)) != 1 {
		t.Errorf("leaving the same address again: %v, events %v", err, events(t, app, conv.Id))
	}
	// An address of nobody becomes theirs, unproven.
	if _, err := conversation.LeaveEmail(app, conv.Id, "eve@mail.test", "Eve"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, app, `SELECT COUNT(*) FROM identities WHERE value='eve@mail.test' AND contact={:c} AND NOT verified`, dbx.Params{"c": conv.Contact()}); n != 1 {
		t.Error("the free address was not noted, or counts as proven")
	}
	if name := must(contact.NameOf(app, conv.Contact())); name != "Eve" {
		t.Errorf("the visitor is called %q", name)
	}
}

func TestASaveWritesWhatWasChangedAndASecondOneWhatWasChangedBack(t *testing.T) {
	app := hookstest.New(t)
	id := receive(t, app, chat("v1", "client-1", "hello")).Conversation.Id
	r, err := app.FindRecordById(schema.Conversations, id)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody else changes another field meanwhile.
	if _, err := app.DB().NewQuery(`UPDATE conversations SET priority = 2 WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	stored := func() (status string, priority int) {
		t.Helper()
		if err := app.DB().NewQuery(`SELECT status, priority FROM conversations WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Row(&status, &priority); err != nil {
			t.Fatal(err)
		}
		return status, priority
	}
	r.Set(schema.ConvStatus, schema.StatusSolved)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	if status, priority := stored(); status != schema.StatusSolved || priority != 2 {
		t.Errorf("%s, %d: what nobody changed was written over", status, priority)
	}
	r.Set(schema.ConvStatus, schema.StatusOpen)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	if status, _ := stored(); status != schema.StatusOpen {
		t.Errorf("%s: what was changed back was not written", status)
	}
	if err := app.RunInTransaction(func(tx core.App) error {
		r := must(tx.FindRecordById(schema.Conversations, id))
		r.Set(schema.ConvSubject, "one")
		if err := tx.Save(r); err != nil {
			return err
		}
		r.Set(schema.ConvSubject, "")
		return tx.Save(r)
	}); err != nil {
		t.Fatal(err)
	}
	if got := must(app.FindRecordById(schema.Conversations, id)).GetString(schema.ConvSubject); got != "" {
		t.Errorf("subject %q", got)
	}
}
