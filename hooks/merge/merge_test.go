package merge_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func letter(from, id, text string) conversation.Incoming {
	return conversation.Incoming{
		Channel: schema.ChannelEmail, Account: "box1", Keys: []string{"<" + id + ">"}, ChannelID: id, SenderAddress: from, Text: text, Subject: "About " + id,
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: from}}, Name: "Writer", Auth: "pass",
	}
}

func chat(visitor, id, text string) conversation.Incoming {
	return conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{id}, ClientID: id, Visitor: visitor, Text: text, Language: "en",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	}
}

// shop is a served app with an agent.
type shop struct {
	*hookstest.App
	t    *testing.T
	desk *hookstest.Client
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	return &shop{App: app, t: t, desk: &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(rafi)}}
}

func (s *shop) receive(in conversation.Incoming) conversation.Received {
	s.t.Helper()
	got, err := conversation.Receive(s, in)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *shop) get(id string) *conversation.Conversation {
	s.t.Helper()
	r, err := s.FindRecordById(schema.Conversations, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return conversation.Wrap(r)
}

// said is what stands in a conversation, in order; events by their type.
func (s *shop) said(id string) (lines []string) {
	s.t.Helper()
	var rows []struct{ Text, Kind, Type string }
	err := s.DB().NewQuery(`SELECT text, kind, COALESCE(json_extract(event, '$.type'), '') AS type FROM messages WHERE conversation = {:id} ORDER BY seq`).Bind(dbx.Params{"id": id}).All(&rows)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Kind == schema.MessageEvent {
			r.Text = "(" + r.Type + ")"
		}
		lines = append(lines, r.Text)
	}
	return lines
}

type answer struct {
	Undo         string
	Conversation struct {
		ID     string
		Number int64
		Status string
		Tags   []string
	}
}

func (s *shop) merge(keep string, across bool, others ...string) (a answer) {
	s.t.Helper()
	s.desk.Must(200, "POST", "/api/desk/conversations/"+keep+"/merge", map[string]any{"others": others, "across": across}).JSON(s.t, &a)
	return a
}

func (s *shop) undo(name string) {
	s.t.Helper()
	s.desk.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": name})
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q instead of %q", what, got, want)
	}
}

// two is a customer's two conversations, with messages that alternate.
func (s *shop) two() (keep, gone string) {
	keep = s.receive(letter("a@mail.test", "a1@mail.test", "one")).Conversation.Id
	gone = s.receive(letter("a@mail.test", "b1@mail.test", "two")).Conversation.Id
	for i, text := range []string{"three", "four"} {
		in := letter("a@mail.test", fmt.Sprintf("c%d@mail.test", i), text)
		in.Thread = conversation.Thread{Conversation: []string{keep, gone}[i], Address: "a@mail.test"}
		s.receive(in)
	}
	return keep, gone
}

func TestMergedMessagesStandInTheOrderTheyWereWritten(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	seen := s.get(gone).GetInt(schema.ConvLastSeq)
	s.desk.Must(204, "POST", "/api/desk/conversations/"+gone+"/seen", map[string]any{"seq": seen})
	s.desk.Must(204, "POST", "/api/desk/conversations/"+keep+"/seen", map[string]any{"seq": 1})
	a := s.merge(keep, false, gone)
	same(t, "merged", s.said(keep), "one", "two", "three", "four", "(merged)")
	if len(s.said(gone)) != 0 || a.Conversation.ID != keep {
		t.Errorf("the one that is gone still holds %q", s.said(gone))
	}
	k := s.get(keep)
	if k.GetInt(schema.ConvStaffSeenSeq) != 1 || k.GetInt(schema.ConvLastIncomingSeq) != 4 {
		t.Errorf("what nobody read counts as read up to %d of %d", k.GetInt(schema.ConvStaffSeenSeq), k.GetInt(schema.ConvLastIncomingSeq))
	}

	var page struct{ Rows []struct{ ID string } }
	s.desk.Must(200, "GET", "/api/desk/conversations?view=all", nil).JSON(t, &page)
	if len(page.Rows) != 1 || page.Rows[0].ID != keep {
		t.Errorf("the list shows %v", page.Rows)
	}
	s.undo(a.Undo)
	same(t, "kept after undo", s.said(keep), "one", "three", "(merged)", "(unmerged)")
	same(t, "back after undo", s.said(gone), "two", "four")
	g := s.get(gone)
	if g.Status() != schema.StatusOpen || g.MergedInto() != "" || g.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Errorf("it came back %s, merged into %q", g.Status(), g.MergedInto())
	}
	s.desk.Must(404, "POST", "/api/desk/undo", map[string]any{"undo": a.Undo})
}

func TestTheNumberThatVanishedStillLeadsThere(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	number := s.get(gone).Number()
	s.merge(keep, false, gone)
	var shown answer
	s.desk.Must(200, "GET", "/api/desk/conversations/number:"+strconv.FormatInt(number, 10), nil).JSON(t, &shown)
	if shown.Conversation.ID != keep {
		t.Error("the link of the old number leads nowhere")
	}
	var page struct{ Rows []struct{ ID string } }
	s.desk.Must(200, "GET", fmt.Sprintf("/api/desk/conversations?view=all&q=%%23%d", number), nil).JSON(t, &page)
	if len(page.Rows) != 1 || page.Rows[0].ID != keep {
		t.Errorf("the list finds %v by the old number", page.Rows)
	}
	token := letter("a@mail.test", "d1@mail.test", "by its address")
	token.Thread = conversation.Thread{Conversation: gone, Address: "a@mail.test"}
	subject := letter("a@mail.test", "d2@mail.test", "by its number")
	subject.Numbers = []int64{number}
	reference := letter("a@mail.test", "d3@mail.test", "by a reference")
	reference.References = []string{"b1@mail.test"}
	for _, in := range []conversation.Incoming{token, subject, reference} {
		if got := s.receive(in); got.Conversation.Id != keep {
			t.Errorf("%s: a new conversation", in.Text)
		}
	}
	// An answer that was on its way to the old id arrives too, once.
	for range 2 {
		s.desk.Must(200, "POST", "/api/desk/conversations/"+gone+"/reply", map[string]any{"client_id": "reply-0001", "kind": "note", "text": "late"})
	}
	if n := len(slices.DeleteFunc(s.said(keep), func(l string) bool { return l != "late" })); n != 1 {
		t.Errorf("the late answer stands there %d times", n)
	}
}

func TestChainsOfMergesStayShort(t *testing.T) {
	s := open(t)
	var ids []string
	for i := range 14 {
		ids = append(ids, s.receive(letter("a@mail.test", fmt.Sprintf("m%d@mail.test", i), fmt.Sprint("m", i))).Conversation.Id)
	}
	var last answer
	for i := 1; i < len(ids); i++ {
		last = s.merge(ids[i], false, ids[i-1])
	}
	in := letter("a@mail.test", "later@mail.test", "to the first")
	in.Thread = conversation.Thread{Conversation: ids[0], Address: "a@mail.test"}
	if got := s.receive(in); got.Conversation.Id != ids[13] {
		t.Error("the first of fourteen no longer leads to the last")
	}
	s.undo(last.Undo)
	if got := s.get(ids[0]).MergedInto(); got != ids[12] {
		t.Errorf("after undo the first leads to %s", got)
	}
	if got := s.said(ids[12]); !slices.Contains(got, "m0") || slices.Contains(got, "m13") {
		t.Errorf("after undo: %q", got)
	}
}

func TestDifferentCustomersAreMergedOnlyOnPurpose(t *testing.T) {
	s := open(t)
	keep := s.receive(letter("a@mail.test", "a1@mail.test", "of a")).Conversation.Id
	gone := s.receive(letter("b@mail.test", "b1@mail.test", "of b")).Conversation.Id
	refused := s.desk.Must(400, "POST", "/api/desk/conversations/"+keep+"/merge", map[string]any{"others": []string{gone}})
	if !strings.Contains(string(refused.Body), "different customers") {
		t.Errorf("refused with %s", refused.Body)
	}
	s.desk.Must(400, "POST", "/api/desk/conversations/"+keep+"/merge", map[string]any{"others": []string{keep}, "across": true})
	a := s.merge(keep, true, gone)
	in := letter("b@mail.test", "b2@mail.test", "b again")
	in.Thread = conversation.Thread{Conversation: gone, Address: "b@mail.test"}
	got := s.receive(in)
	if got.Conversation.Id != keep || got.Message.GetString(schema.MsgTrust) != "" {
		t.Errorf("the other customer's answer is in %s, trust %q", got.Conversation.Id, got.Message.GetString(schema.MsgTrust))
	}
	if who := got.Message.GetString(schema.MsgContact); who != s.get(gone).Contact() {
		t.Error("what the other customer wrote is said to be the first one's")
	}
	s.undo(a.Undo)
	same(t, "the other's", s.said(gone), "of b", "b again")
	same(t, "the first's", s.said(keep), "of a", "(merged)", "(unmerged)")
}

func TestABrowserFollowsItsChatOnlyWhereItMaySeeEverything(t *testing.T) {
	s := open(t)
	keep := s.receive(chat("v1", "client-0001", "from the phone")).Conversation
	gone := s.receive(chat("v2", "client-0001", "from the laptop")).Conversation
	a := s.merge(keep.Id, true, gone.Id)
	if conv, err := conversation.OfVisitor(s, "v2"); err != nil || conv != nil {
		t.Errorf("another customer's browser was let in: %v, %v", conv, err)
	}
	s.undo(a.Undo)
	if conv, err := conversation.OfVisitor(s, "v2"); err != nil || conv == nil || conv.Id != gone.Id {
		t.Fatalf("after undo: %v, %v", conv, err)
	}
	// The agent has found out that both are one customer.
	r := s.get(gone.Id)
	r.Set(schema.ConvContact, keep.Contact())
	if err := s.Save(r.Record); err != nil {
		t.Fatal(err)
	}
	s.merge(keep.Id, false, gone.Id)
	got := s.receive(chat("v2", "client-0002", "again"))
	if got.Conversation.Id != keep.Id {
		t.Error("the customer's other browser does not follow")
	}
	if own, err := conversation.VisitorOwns(s, "v2", keep.Id); err != nil || !own {
		t.Errorf("and may not listen: %v", err)
	}
	// Two browsers chose the same client id: both messages are there.
	same(t, "both", s.said(keep.Id)[:2], "from the phone", "from the laptop")
}

// Messages come in from everywhere while conversations are merged and taken
// apart again: each is in exactly one, none is lost, none is doubled.
func TestMergingWhileMessagesComeIn(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	const writers, each = 4, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				in := letter("a@mail.test", fmt.Sprintf("w%d-%d@mail.test", w, i), fmt.Sprintf("w%d-%d", w, i))
				in.Thread = conversation.Thread{Conversation: []string{keep, gone}[i%2], Address: "a@mail.test"}
				if _, err := conversation.Receive(s, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 8 {
		m, err := conversation.Merge(s, keep, gone, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := conversation.Unmerge(s, m, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conversation.Merge(s, keep, gone, ""); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	count := map[string]int{}
	for _, line := range s.said(keep) {
		count[line]++
	}
	for w := range writers {
		for i := range each {
			if n := count[fmt.Sprintf("w%d-%d", w, i)]; n != 1 {
				t.Errorf("w%d-%d is there %d times", w, i, n)
			}
		}
	}
	if left := s.said(gone); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	var last int
	if err := s.DB().NewQuery(`SELECT MAX(seq) FROM messages`).Row(&last); err != nil {
		t.Fatal(err)
	}
	if k := s.get(keep); k.GetInt(schema.ConvLastSeq) != last || k.GetInt(schema.ConvLastIncomingSeq) == 0 {
		t.Errorf("last_seq is %d, the newest message %d", k.GetInt(schema.ConvLastSeq), last)
	}
}

func TestWhatWasChangedSinceAMergeStays(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	urgent := conversation.PriorityUrgent
	if _, err := conversation.Apply(s, gone, "", conversation.Change{Priority: &urgent}); err != nil {
		t.Fatal(err)
	}
	a := s.merge(keep, false, gone)
	if s.get(keep).GetInt(schema.ConvPriority) != urgent {
		t.Error("what was urgent is not any more")
	}
	solved := schema.StatusSolved
	if _, err := conversation.Apply(s, keep, "", conversation.Change{Status: &solved}); err != nil {
		t.Fatal(err)
	}
	s.undo(a.Undo)
	k := s.get(keep)
	if k.GetInt(schema.ConvPriority) != conversation.PriorityNormal || k.Status() != solved {
		t.Errorf("after undo: priority %d, %s", k.GetInt(schema.ConvPriority), k.Status())
	}
}

func TestAMergeIsNotUndoneThroughALaterOne(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	third := s.receive(letter("a@mail.test", "z@mail.test", "third")).Conversation.Id
	first := s.merge(keep, false, gone)
	second := s.merge(third, false, keep)
	s.desk.Must(400, "POST", "/api/desk/undo", map[string]any{"undo": first.Undo})
	s.undo(second.Undo)
	same(t, "still merged", s.said(keep), "one", "two", "three", "four", "(merged)")
}

func TestSeveralAreMergedAllOrNone(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	third := s.receive(letter("a@mail.test", "z@mail.test", "third")).Conversation.Id
	s.desk.Must(404, "POST", "/api/desk/conversations/"+keep+"/merge", map[string]any{"others": []string{gone, "nowhere00000000"}, "across": true})
	same(t, "nothing happened", s.said(gone), "two", "four")
	a := s.merge(keep, false, gone, third)
	if got := s.said(keep); !slices.Contains(got, "four") || !slices.Contains(got, "third") {
		t.Errorf("merged: %q", got)
	}
	s.undo(a.Undo)
	same(t, "third", s.said(third), "third")
	same(t, "second", s.said(gone), "two", "four")
}

func TestSplittingOut(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	s.merge(keep, false, gone)
	message := func(text string) *core.Record {
		r, err := s.FindFirstRecordByData(schema.Messages, schema.MsgText, text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	split := func(text string, following bool) (a answer) {
		s.desk.Must(200, "POST", "/api/desk/messages/"+message(text).Id+"/split", map[string]any{"following": following}).JSON(t, &a)
		return a
	}
	a := split("three", true)
	same(t, "split out", s.said(a.Conversation.ID), "three", "four", "(split_from)")
	same(t, "what stays", s.said(keep), "one", "two", "(merged)", "(split)")
	k, out := s.get(keep), s.get(a.Conversation.ID)
	if k.GetString(schema.ConvPreview) != "two" || out.GetString(schema.ConvPreview) != "four" || out.Number() == k.Number() || out.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Errorf("the list shows %q and %q", k.GetString(schema.ConvPreview), out.GetString(schema.ConvPreview))
	}
	s.undo(a.Undo)
	if got := slices.DeleteFunc(s.said(keep), func(l string) bool { return l[0] == '(' }); !slices.Equal(got, []string{"one", "two", "three", "four"}) {
		t.Errorf("after undo: %q", got)
	}
	b := split("two", false)
	same(t, "one alone", s.said(b.Conversation.ID), "two", "(split_from)")
	path := "/api/desk/messages/"
	s.desk.Must(400, "POST", path+message("one").Id+"/split", map[string]any{"following": true})
	events, err := s.FindFirstRecordByFilter(schema.Messages, "kind = 'event'")
	if err != nil {
		t.Fatal(err)
	}
	s.desk.Must(400, "POST", path+events.Id+"/split", map[string]any{})
}

func TestOthersSeeAMergeAtOnce(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	mina := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(s.Agent("mina", schema.RoleAgent))}
	inbox := mina.Listen("topic=inbox")
	inbox.Await("hello", "")
	a := s.merge(keep, false, gone)
	inbox.Await("message", `"merged"`)
	inbox.Await("conversation", `"merged_into":"`+keep+`"`)
	s.undo(a.Undo)
	inbox.Await("message", `"unmerged"`)
}

// The search names the conversation that a message is in now.
func TestTheSearchFindsMovedMessagesWhereTheyAre(t *testing.T) {
	s := open(t)
	keep, gone := s.two()
	found := func() (ids []string) {
		var page struct {
			Rows []struct{ Conversation struct{ ID string } }
		}
		s.desk.Must(200, "GET", "/api/desk/search?q=four", nil).JSON(t, &page)
		for _, r := range page.Rows {
			ids = append(ids, r.Conversation.ID)
		}
		return ids
	}
	same(t, "before", found(), gone)
	a := s.merge(keep, false, gone)
	same(t, "merged", found(), keep)
	s.undo(a.Undo)
	same(t, "after undo", found(), gone)
	if _, err := conversation.Remove(s, gone, ""); err != nil {
		t.Fatal(err)
	}
	same(t, "deleted", found())
}
