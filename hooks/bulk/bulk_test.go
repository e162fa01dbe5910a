package bulk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type shop struct {
	*hookstest.App
	t    *testing.T
	rafi *core.Record
	desk *hookstest.Client
	ids  []string
}

func open(t *testing.T, n int) *shop {
	app := hookstest.New(t)
	s := &shop{App: app, t: t, rafi: app.Agent("rafi", schema.RoleAgent)}
	s.desk = &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(s.rafi)}
	for i := range n {
		got, err := conversation.Receive(app, conversation.Incoming{
			Channel: schema.ChannelChat, Account: fmt.Sprint("chat:v", i), Keys: []string{"client-1"}, ClientID: "client-1", Visitor: fmt.Sprint("v", i), Text: fmt.Sprint("hello ", i),
			From: []conversation.Identity{{Kind: schema.KindVisitor, Value: fmt.Sprint("v", i), Verified: true}},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.ids = append(s.ids, got.Conversation.Id)
	}
	return s
}

func (s *shop) get(id string) *core.Record {
	s.t.Helper()
	r, err := s.FindRecordById(schema.Conversations, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *shop) tag(name string) string {
	s.t.Helper()
	c, err := s.FindCollectionByNameOrId(schema.Tags)
	if err != nil {
		s.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Set(schema.TagName, name)
	if err := s.Save(r); err != nil {
		s.t.Fatal(err)
	}
	return r.Id
}

type answer struct {
	Done   int
	Undo   string
	More   bool
	Failed []struct{ ID, Message string }
	Rows   []struct{ ID string }
}

func (s *shop) bulk(body map[string]any) (a answer) {
	s.t.Helper()
	s.desk.Must(200, "POST", "/api/desk/bulk", body).JSON(s.t, &a)
	return a
}

func (s *shop) undo(name string) {
	s.t.Helper()
	s.desk.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": name})
}

func TestOneThatCannotBeChangedDoesNotKeepTheOthers(t *testing.T) {
	s := open(t, 4)
	if _, err := conversation.Remove(s, s.ids[1], ""); err != nil {
		t.Fatal(err)
	}
	if _, err := conversation.Merge(s, s.ids[0], s.ids[2], ""); err != nil {
		t.Fatal(err)
	}
	a := s.bulk(map[string]any{"ids": append(slices.Clone(s.ids), "nowhere00000000", s.ids[0]), "change": map[string]any{"status": "solved", "priority": 2}})
	if a.Done != 2 || len(a.Failed) != 3 || len(a.Rows) != 2 {
		t.Errorf("done %d, failed %v", a.Done, a.Failed)
	}
	for _, f := range a.Failed {
		if !slices.Contains([]string{s.ids[1], s.ids[2], "nowhere00000000"}, f.ID) || !strings.Contains(f.Message, "does not exist") {
			t.Errorf("failed: %v", f)
		}
	}
	for _, id := range []string{s.ids[0], s.ids[3]} {
		if r := s.get(id); r.GetString(schema.ConvStatus) != "solved" || r.GetInt(schema.ConvPriority) != 2 {
			t.Errorf("%s: %s, priority %d", id, r.GetString(schema.ConvStatus), r.GetInt(schema.ConvPriority))
		}
	}
	// Half of a change is none: the tag is not known, so nobody is solved.
	a = s.bulk(map[string]any{"ids": s.ids[3:], "change": map[string]any{"status": "open", "add_tags": []string{"nothing00000000"}}})
	if a.Done != 0 || a.Undo != "" || s.get(s.ids[3]).GetString(schema.ConvStatus) != "solved" {
		t.Errorf("a change that is half wrong was made by halves: %+v", a)
	}
}

func TestUndoGivesBackWhatNobodyChangedSince(t *testing.T) {
	s := open(t, 3)
	vip, late := s.tag("vip"), s.tag("late")
	high := conversation.PriorityHigh
	if _, err := conversation.Apply(s, s.ids[0], "", conversation.Change{Tags: &[]string{late}, Priority: &high}); err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	snoozed := schema.StatusSnoozed
	if _, err := conversation.Apply(s, s.ids[1], "", conversation.Change{Status: &snoozed, SnoozedUntil: &soon}); err != nil {
		t.Fatal(err)
	}
	until := s.get(s.ids[1]).GetString(schema.ConvSnoozedUntil)
	a := s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"status": "solved", "assignee": s.rafi.Id, "add_tags": []string{vip}, "remove_tags": []string{late}, "priority": -1}})
	if a.Done != 3 {
		t.Fatalf("done: %+v", a)
	}
	// Somebody reopens the third meanwhile.
	opened := schema.StatusOpen
	if _, err := conversation.Apply(s, s.ids[2], "", conversation.Change{Status: &opened}); err != nil {
		t.Fatal(err)
	}
	s.undo(a.Undo)
	first, second, third := s.get(s.ids[0]), s.get(s.ids[1]), s.get(s.ids[2])
	if got := first.GetStringSlice(schema.ConvTags); !slices.Equal(got, []string{late}) || first.GetInt(schema.ConvPriority) != high || first.GetString(schema.ConvStatus) != opened || first.GetString(schema.ConvAssignee) != "" {
		t.Errorf("the first: %v", first.FieldsData())
	}
	if second.GetString(schema.ConvStatus) != snoozed || second.GetString(schema.ConvSnoozedUntil) != until {
		t.Errorf("the second is %s until %s", second.GetString(schema.ConvStatus), second.GetString(schema.ConvSnoozedUntil))
	}
	if third.GetString(schema.ConvStatus) != opened || third.GetString(schema.ConvAssignee) != "" || len(third.GetStringSlice(schema.ConvTags)) != 0 {
		t.Errorf("the third: %v", third.FieldsData())
	}
}

func TestSpamAndDeletingAndBack(t *testing.T) {
	s := open(t, 2)
	a := s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"spam": true}})
	for _, id := range s.ids {
		if r := s.get(id); !r.GetBool(schema.ConvSpam) || r.GetString(schema.ConvStatus) != schema.StatusSolved {
			t.Error("a chat cannot be marked as spam")
		}
	}
	s.undo(a.Undo)
	b := s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"delete": true}})
	if b.Done != 2 || s.get(s.ids[0]).GetString(schema.ConvDeletedAt) == "" {
		t.Fatalf("deleting: %+v", b)
	}
	s.undo(b.Undo)
	for _, id := range s.ids {
		r := s.get(id)
		if r.GetBool(schema.ConvSpam) || r.GetString(schema.ConvDeletedAt) != "" || r.GetString(schema.ConvStatus) != schema.StatusOpen || r.GetString(schema.ConvWaitingSince) == "" {
			t.Errorf("back: %v", r.FieldsData())
		}
	}
}

func TestAWholeViewAtOnce(t *testing.T) {
	s := open(t, 130)
	solved := schema.StatusSolved
	if _, err := conversation.Apply(s, s.ids[7], "", conversation.Change{Status: &solved}); err != nil {
		t.Fatal(err)
	}
	a := s.bulk(map[string]any{"view": "unassigned", "change": map[string]any{"assignee": s.rafi.Id}})
	if a.Done != 129 || a.More || len(a.Rows) != 100 {
		t.Errorf("done %d, more %t, rows %d", a.Done, a.More, len(a.Rows))
	}
	if s.get(s.ids[7]).GetString(schema.ConvAssignee) != "" {
		t.Error("one outside the view was changed")
	}
	b := s.bulk(map[string]any{"view": "mine", "q": "hello 12", "change": map[string]any{"priority": 1}})
	if b.Done != 11 { // 12, 120 to 129
		t.Errorf("%d match what the list was filtered by", b.Done)
	}
}

func TestWhatABulkRequestRefuses(t *testing.T) {
	s := open(t, 1)
	for name, body := range map[string]map[string]any{
		"no change":    {"ids": s.ids, "change": map[string]any{}},
		"nobody":       {"ids": []string{}, "change": map[string]any{"priority": 1}},
		"empty view":   {"view": "snoozed", "change": map[string]any{"priority": 1}},
		"unknown view": {"view": "elsewhere", "change": map[string]any{"priority": 1}},
		"too many":     {"ids": make([]string, 1001), "change": map[string]any{"priority": 1}},
		"no list":      {"ids": 7, "change": map[string]any{"priority": 1}},
	} {
		if a := s.desk.Do("POST", "/api/desk/bulk", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	a := s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"priority": 1}})
	mina := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(s.Agent("mina", schema.RoleOwner))}
	mina.Must(404, "POST", "/api/desk/undo", map[string]any{"undo": a.Undo})
	s.undo(a.Undo)
}

func TestReadAndUnreadTogether(t *testing.T) {
	s := open(t, 2)
	s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"seen": true}})
	if r := s.get(s.ids[0]); r.GetInt(schema.ConvStaffSeenSeq) < r.GetInt(schema.ConvLastIncomingSeq) {
		t.Error("it is still unread")
	}
	s.bulk(map[string]any{"ids": s.ids, "change": map[string]any{"seen": false}})
	if r := s.get(s.ids[1]); r.GetInt(schema.ConvStaffSeenSeq) >= r.GetInt(schema.ConvLastIncomingSeq) {
		t.Error("it is still read")
	}
}
