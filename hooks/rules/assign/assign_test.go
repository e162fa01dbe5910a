package assign_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

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

type shop struct {
	*hookstest.App
	t    *testing.T
	base string
	n    int

	hours int
}

func open(t *testing.T, set map[string]any) *shop {
	app := hookstest.New(t)
	app.Shop(set)
	return &shop{App: app, t: t, base: app.Serve()}
}

// there opens a desk for an agent.
func (s *shop) there(r *core.Record) *hookstest.Client {
	s.t.Helper()
	c := &hookstest.Client{TB: s.t, Base: s.base, Token: s.Token(r)}
	c.Listen("topic=inbox").Await("hello", "")
	return c
}

func receive(app core.App, visitor string, change func(*conversation.Incoming)) (conversation.Received, error) {
	in := conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{"1"}, Visitor: visitor, Text: "hello",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	}
	if change != nil {
		change(&in)
	}
	return conversation.Receive(app, in)
}

// come is a new conversation, and who has it.
func (s *shop) come(change func(*conversation.Incoming)) string {
	s.t.Helper()
	s.n++
	got, err := receive(s.App, fmt.Sprint("v", s.n), change)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.assignee(got.Conversation.Id)
}

func (s *shop) assignee(id string) string {
	s.t.Helper()
	r, err := s.FindRecordById(schema.Conversations, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.GetString(schema.ConvAssignee)
}

func TestByHandNobodyIsGivenAnything(t *testing.T) {
	s := open(t, nil)
	s.there(s.Agent("mina", schema.RoleAgent))
	if who := s.come(nil); who != "" {
		t.Errorf("given to %s", who)
	}
}

func TestInTurnIsFairHoweverManyComeAtOnceAndAcrossARestart(t *testing.T) {
	s := open(t, map[string]any{schema.ShopAssignNew: schema.ShopAssignTurn})
	if who := s.come(nil); who != "" {
		t.Errorf("nobody is there, and it was given to %s", who)
	}
	agents := []*core.Record{s.Agent("mina", schema.RoleAgent), s.Agent("rafi", schema.RoleOwner), s.Agent("tuli", schema.RoleAgent)}
	for _, a := range agents {
		s.there(a)
	}
	s.there(s.Agent("away", schema.RoleAgent)).Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "away"})
	s.there(s.Agent("off", schema.RoleAgent)).Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "offline"})
	s.Agent("closed", schema.RoleAgent) // no desk open

	const each = 8
	var mu sync.Mutex
	given := map[string]int{}
	var wg sync.WaitGroup
	for i := range each * len(agents) {
		wg.Go(func() {
			got, err := receive(s.App, fmt.Sprint("many", i), nil)
			if err != nil {
				t.Error(err)
				return
			}
			r, err := s.FindRecordById(schema.Conversations, got.Conversation.Id)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			given[r.GetString(schema.ConvAssignee)]++
			if got.Conversation.GetString(schema.ConvAssignee) != r.GetString(schema.ConvAssignee) {
				t.Error("whoever received it does not know whom it was given to")
			}
		})
	}
	wg.Wait()
	for _, a := range agents {
		if given[a.Id] != each {
			t.Errorf("%s got %d of %d: %v", a.GetString("name"), given[a.Id], each*len(agents), given)
		}
	}
	// Only what is new, and only what somebody waits for.
	for name, change := range map[string]func(*conversation.Incoming){
		"spam": func(in *conversation.Incoming) { in.Spam = true }, "older": func(in *conversation.Incoming) { in.Older = true },
		"a machine": func(in *conversation.Incoming) { in.Automatic, in.AutoReply = true, true },
	} {
		if who := s.come(change); who != "" {
			t.Errorf("%s was given to %s", name, who)
		}
	}

	first := s.come(nil)
	dir := s.DataDir()
	s.Stop()
	again := &shop{App: hookstest.Open(t, dir), t: t, n: 100}
	again.base = again.Serve()
	for _, a := range agents {
		again.there(a)
	}
	seen := map[string]bool{first: true}
	for range 2 {
		seen[again.come(nil)] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("after a restart the turn began anew: %v", seen)
	}
}

func TestWhoHasTheLeastToDoIsGivenIt(t *testing.T) {
	s := open(t, map[string]any{schema.ShopAssignNew: schema.ShopAssignLoad})
	mina, rafi := s.Agent("mina", schema.RoleAgent), s.Agent("rafi", schema.RoleAgent)
	desk := s.there(mina)
	var mine []string
	for i := range 3 {
		got, err := receive(s.App, fmt.Sprint("old", i), nil)
		if err != nil || s.assignee(got.Conversation.Id) != mina.Id {
			t.Fatal(err, "mina is alone")
		}
		mine = append(mine, got.Conversation.Id)
	}
	s.there(rafi)
	for range 3 {
		if who := s.come(nil); who != rafi.Id {
			t.Errorf("given to %s, who has more", who)
		}
	}
	desk.Must(200, "PATCH", "/api/desk/conversations/"+mine[0], map[string]any{"status": "solved"})
	if who := s.come(nil); who != mina.Id {
		t.Error("mina has less now")
	}
}

// openOn adds office hours; the first ones replace what a shop begins with.
func (s *shop) openOn(hours map[string]any) {
	s.t.Helper()
	c, err := s.FindCollectionByNameOrId(schema.OfficeHours)
	if err == nil && s.hours == 0 {
		_, err = s.DB().NewQuery(`DELETE FROM office_hours`).Execute()
	}
	if err == nil {
		s.hours++
		r := core.NewRecord(c)
		r.Load(hours)
		err = s.Save(r)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestOnlyInOfficeHours(t *testing.T) {
	s := open(t, map[string]any{schema.ShopAssignNew: schema.ShopAssignTurn, schema.ShopAssignHours: true, schema.ShopTimeZone: "UTC"})
	s.there(s.Agent("mina", schema.RoleAgent))
	s.openOn(map[string]any{"day": fmt.Sprint((int(time.Now().UTC().Weekday()) + 3) % 7), "opens": "10:00", "closes": "11:00"})
	if who := s.come(nil); who != "" {
		t.Errorf("it is closed, and it was given to %s", who)
	}
	for day := range 7 {
		s.openOn(map[string]any{"day": fmt.Sprint(day), "opens": "00:00", "closes": "24:00"})
	}
	if who := s.come(nil); who == "" {
		t.Error("it is open, and nobody was given it")
	}
}

// waiting receives something that nobody is there for.
func (s *shop) waiting(visitor string) string {
	s.t.Helper()
	got, err := receive(s.App, visitor, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if who := s.assignee(got.Conversation.Id); who != "" {
		s.t.Fatalf("nobody can take it, and it was given to %s", who)
	}
	return got.Conversation.Id
}

func (s *shop) becomes(what, id, who string) {
	s.t.Helper()
	hookstest.Until(s.t, what, time.Minute, func() bool { return s.assignee(id) == who })
}

func TestWhatCameWhileNobodyWasThereIsGivenToWhoComes(t *testing.T) {
	for _, way := range []string{schema.ShopAssignTurn, schema.ShopAssignLoad} {
		t.Run(way, func(t *testing.T) {
			s := open(t, map[string]any{schema.ShopAssignNew: way})
			mina, rafi := s.Agent("mina", schema.RoleAgent), s.Agent("rafi", schema.RoleAgent)
			first, solved, spam, taken := s.waiting("one"), s.waiting("two"), s.waiting("three"), s.waiting("four")
			rafis := &hookstest.Client{TB: t, Base: s.base, Token: s.Token(rafi)} // with no desk open
			rafis.Must(200, "PATCH", "/api/desk/conversations/"+solved, map[string]any{"status": "solved"})
			rafis.Must(200, "POST", "/api/desk/conversations/"+spam+"/spam", map[string]any{"on": true})
			// Taken and given back: what becomes of it is for people to say.
			rafis.Must(200, "PATCH", "/api/desk/conversations/"+taken, map[string]any{"assignee": rafi.Id})
			rafis.Must(200, "PATCH", "/api/desk/conversations/"+taken, map[string]any{"assignee": ""})

			// It outlives a restart; a desk whose person is away is nobody's.
			dir := s.DataDir()
			s.Stop()
			s.App = hookstest.Open(t, dir)
			s.base = s.Serve()
			minas := &hookstest.Client{TB: t, Base: s.base, Token: s.Token(mina)}
			minas.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "away"})
			minas.Listen("topic=inbox").Await("hello", "")
			second := s.waiting("five")
			minas.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "online"})
			s.becomes("what waited longest to be mina's", first, mina.Id)
			s.becomes("the other to be mina's", second, mina.Id)
			for what, id := range map[string]string{"what was solved": solved, "spam": spam, "what was given back": taken} {
				if who := s.assignee(id); who != "" {
					t.Errorf("%s was given to %s", what, who)
				}
			}
			var left int
			if err := s.DB().NewQuery(`SELECT COUNT(*) FROM shohay_unclaimed`).Row(&left); err != nil || left != 0 {
				t.Errorf("%d are noted still, %v", left, err)
			}
		})
	}
}

func TestWhatCameByNightIsGivenAwayWhenTheShopOpens(t *testing.T) {
	s := open(t, map[string]any{schema.ShopAssignNew: schema.ShopAssignTurn, schema.ShopAssignHours: true, schema.ShopTimeZone: "UTC"})
	mina := s.Agent("mina", schema.RoleAgent)
	s.there(mina)
	s.openOn(map[string]any{"day": fmt.Sprint((int(time.Now().UTC().Weekday()) + 3) % 7), "opens": "10:00", "closes": "11:00"})
	id := s.waiting("night")
	for day := range 7 {
		s.openOn(map[string]any{"day": fmt.Sprint(day), "opens": "00:00", "closes": "24:00"})
	}
	// The next one who comes brings it about; else the next minute would.
	s.there(s.Agent("rafi", schema.RoleAgent))
	hookstest.Until(t, "it to be somebody's", 2*time.Minute, func() bool { return s.assignee(id) != "" })
}
