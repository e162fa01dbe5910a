package retention_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/logbook"
	"github.com/shohay/shohay/hooks/retention"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type shop struct {
	*hookstest.App
	t     *testing.T
	mina  *hookstest.Client // an owner
	rafi  *hookstest.Client
	agent string
	n     int
	now   time.Time
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	base := app.Serve()
	rafi := app.Agent("rafi", schema.RoleAgent)
	return &shop{
		App: app, t: t, agent: rafi.Id, now: time.Now(),
		mina: &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("mina", schema.RoleOwner))},
		rafi: &hookstest.Client{TB: t, Base: base, Token: app.Token(rafi)},
	}
}

// at is the moment so many days and minutes ago, as the database holds it.
func (s *shop) at(days, minutes int) string {
	d, err := types.ParseDateTime(s.now.AddDate(0, 0, -days).Add(time.Duration(-minutes) * time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	return d.String()
}

func (s *shop) exec(query string, params dbx.Params) {
	s.t.Helper()
	if _, err := s.DB().NewQuery(query).Bind(params).Execute(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) put(collection string, values map[string]any) string {
	s.t.Helper()
	c, err := s.FindCollectionByNameOrId(collection)
	if err != nil {
		s.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := s.SaveNoValidate(r); err != nil {
		s.t.Fatal(err)
	}
	return r.Id
}

func (s *shop) has(table, id string) bool {
	s.t.Helper()
	var there bool
	if err := s.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM ` + table + ` WHERE id = {:id})`).Bind(dbx.Params{"id": id}).Row(&there); err != nil {
		s.t.Fatal(err)
	}
	return there
}

// talk is a conversation of a visitor.
func (s *shop) talk() conversation.Received {
	s.t.Helper()
	s.n++
	visitor, id := fmt.Sprint("visitor", s.n), fmt.Sprint("client-", s.n)
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{id}, ClientID: id, Visitor: visitor, Text: "hello " + id,
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// original keeps a mail that came at a time.
func (s *shop) original(when string) (sha, file string) {
	s.t.Helper()
	s.n++
	pieces := []original.Piece{{Raw: fmt.Append(nil, "mail ", s.n)}}
	placed, err := original.Keep(s.DataDir(), pieces)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := placed(); err != nil {
		s.t.Fatal(err)
	}
	file, err = original.Path(s.DataDir(), pieces[0].SHA)
	if err == nil {
		at, _ := types.ParseDateTime(when)
		err = os.Chtimes(file, at.Time(), at.Time())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return pieces[0].SHA, file
}

// makers make one thing of a kind as it stood at a time, and tell whether it is
// still there. Every kind of the table needs one.
var makers = map[string][]func(s *shop, when string) (there func() bool){
	"originals": {func(s *shop, when string) func() bool {
		_, file := s.original(when)
		return func() bool { _, err := os.Stat(file); return err == nil }
	}},
	"quarantine": {func(s *shop, when string) func() bool {
		sha, file := s.original(when)
		id := s.put(schema.Quarantine, map[string]any{schema.QuarantineRaw: sha, schema.QuarantineReason: "x"})
		s.exec(`UPDATE quarantine SET created = {:at} WHERE id = {:id}`, dbx.Params{"at": when, "id": id})
		return func() bool {
			_, err := os.Stat(file)
			if s.has("quarantine", id) != (err == nil) {
				s.t.Error("a mail of the quarantine and its original went apart")
			}
			return err == nil
		}
	}},
	"solved":  {func(s *shop, when string) func() bool { return s.old(when, `status = 'solved', solved_at = {:at}`) }},
	"spam":    {func(s *shop, when string) func() bool { return s.old(when, `spam = TRUE`) }},
	"deleted": {func(s *shop, when string) func() bool { return s.old(when, `deleted_at = {:at}`) }},
	"audit": {func(s *shop, when string) func() bool {
		return s.row("audit", "created", when, map[string]any{"kind": "contact", "action": "update"})
	}},
	"sign_ins": {
		func(s *shop, when string) func() bool {
			return s.row("sessions", "last_used", when, map[string]any{"agent": s.agent})
		},
		func(s *shop, when string) func() bool {
			return s.row("audit", "created", when, map[string]any{"kind": "signin", "action": "in"})
		},
	},
	"sent": {func(s *shop, when string) func() bool {
		return s.row("outbox", "updated", when, map[string]any{"message": s.talk().Message.Id, "channel": "email", "recipient": "a@mail.test", "state": "sent"})
	}},
	"questions": {
		func(s *shop, when string) func() bool {
			s.n++
			return s.row("search_misses", "last_at", when, map[string]any{"text": fmt.Sprint("saree ", s.n), "language": "en", "count": 1})
		},
		func(s *shop, when string) func() bool {
			return s.row("bot_questions", "created", when, map[string]any{"text": "where", "state": "open", "why": "not_found"})
		},
	},
	"logs": {func(s *shop, when string) func() bool {
		at, _ := types.ParseDateTime(when)
		s.n++
		name := filepath.Join(s.DataDir(), logbook.Folder, "shohay-"+at.Time().UTC().Format("20060102T150405.000Z")+".log")
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("{}\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return func() bool { _, err := os.Stat(name); return err == nil }
	}},
}

func (s *shop) row(table, field, when string, values map[string]any) func() bool {
	id := s.put(table, values)
	s.exec(`UPDATE `+table+` SET `+field+` = {:at} WHERE id = {:id}`, dbx.Params{"at": when, "id": id})
	return func() bool { return s.has(table, id) }
}

// night notes a night so long ago.
func (s *shop) night(ago time.Duration) {
	s.t.Helper()
	s.put(schema.Audit, map[string]any{"kind": "configuration", "action": "retention"})
	s.dated(s.now.Add(-ago))
}

// dated gives the last night that was noted another time.
func (s *shop) dated(at time.Time) {
	s.t.Helper()
	d, err := types.ParseDateTime(at)
	if err != nil {
		s.t.Fatal(err)
	}
	s.exec(`UPDATE audit SET created = {:at} WHERE rowid = (SELECT MAX(rowid) FROM audit WHERE action = 'retention')`, dbx.Params{"at": d.String()})
}

// What is announced for a moment goes at that moment and not before: also on the
// first day of a shop, whose first night lets nothing go.
func TestWhatIsAnnouncedGoesWhenItIsSaid(t *testing.T) {
	type announced struct {
		Counts map[string]int
		At     time.Time
		Next   time.Time
	}
	ask := func(s *shop) (a announced) {
		s.mina.Must(200, "GET", "/api/desk/retention", nil).JSON(t, &a)
		s.mina.Must(200, "POST", "/api/desk/retention/try", map[string]any{"days": map[string]int{"questions": 30}}).JSON(t, &a)
		if !a.Next.Equal(a.At) || !a.At.After(time.Now()) {
			t.Errorf("next is %s, counted for %s", a.Next, a.At)
		}
		return a
	}
	make := func(s *shop) {
		s.Shop(map[string]any{schema.ShopQuestionDays: 30})
		makers["questions"][0](s, s.at(31, 0))
		makers["questions"][0](s, s.at(30, -1)) // a minute too young now
		makers["questions"][0](s, s.at(27, 0))
	}
	runs := func(s *shop, at time.Time, want int) {
		t.Helper()
		gone, err := s.Rooms.Retention.Night(t.Context(), at)
		if err != nil || gone["questions"] != want {
			t.Errorf("at %s: %v went, not %d: %v", at, gone, want, err)
		}
		s.dated(at)
	}

	s := open(t)
	make(s)
	a := ask(s)
	start := s.now.Add(10 * time.Minute)
	if a.At.Sub(start) < 20*time.Hour || a.At.Sub(start) > 45*time.Hour || a.Counts["questions"] != 2 {
		t.Errorf("on the first day: %+v", a)
	}
	runs(s, start, 0)
	if a.At.Sub(start) > 24*time.Hour {
		runs(s, a.At.AddDate(0, 0, -1), 0)
	}
	runs(s, a.At, 2)

	s = open(t) // a shop that has been there for long
	s.night(24 * time.Hour)
	make(s)
	if a = ask(s); a.At.Sub(s.now) > time.Hour || a.Counts["questions"] != 2 {
		t.Errorf("on another day: %+v", a)
	}
	runs(s, a.At, 2)
}

// old is a conversation in which nothing happened since.
func (s *shop) old(when, set string) func() bool {
	got := s.talk()
	s.exec(`UPDATE conversations SET last_activity = {:at}, `+set+` WHERE id = {:id}`, dbx.Params{"at": when, "id": got.Conversation.Id})
	message := got.Message.Id
	return func() bool {
		if s.has("conversations", got.Conversation.Id) != s.has("messages", message) {
			s.t.Error("a conversation and its message went apart")
		}
		return s.has("conversations", got.Conversation.Id)
	}
}

// TestWhatIsTooOldGoesAndWhatIsYoungerStays makes of every kind something that
// is a minute too old and something that is not, at the least and at the usual
// time, and lets a night pass.
func TestWhatIsTooOldGoesAndWhatIsYoungerStays(t *testing.T) {
	for _, k := range retention.Kinds {
		if len(makers[k.Name]) == 0 {
			t.Errorf("nothing tries %s", k.Name)
			continue
		}
		for _, days := range slices.Compact([]int{max(k.Least, 1), max(k.First, k.Least, 1) + 3}) {
			t.Run(fmt.Sprint(k.Name, days), func(t *testing.T) {
				s := open(t)
				s.Shop(map[string]any{k.Field: days})
				var old, young []func() bool
				for range 3 {
					for _, make := range makers[k.Name] {
						old = append(old, make(s, s.at(days, 1+s.n)))
						young = append(young, make(s, s.at(days, -30-s.n)))
					}
				}
				s.night(24 * time.Hour) // so that something goes ten minutes after the start
				path := "/api/desk/retention/try"
				var would struct{ Counts map[string]int }
				s.mina.Must(200, "POST", path, map[string]any{"days": map[string]int{k.Name: days}}).JSON(t, &would)
				if would.Counts[k.Name] != len(old) {
					t.Errorf("%v would go, not %d", would.Counts, len(old))
				}
				for i, there := range append(slices.Clone(old), young...) {
					if !there() {
						t.Fatalf("%d is gone before the night", i)
					}
				}
				gone, err := s.Rooms.Retention.Run(t.Context(), s.now)
				if err != nil || gone[k.Name] != len(old) {
					t.Errorf("%v went, not %d: %v", gone, len(old), err)
				}
				for i := range old {
					if old[i]() {
						t.Errorf("the %dth old one is still there", i)
					}
					if !young[i]() {
						t.Errorf("the %dth young one is gone", i)
					}
				}
				if gone, err := s.Rooms.Retention.Run(t.Context(), s.now); err != nil || gone[k.Name] != 0 {
					t.Errorf("once more: %v, %v", gone, err)
				}
			})
		}
	}
}

// At first nothing that was said goes but spam and what was deleted.
func TestAtFirstConversationsStayForEver(t *testing.T) {
	s := open(t)
	record, err := s.FindRecordById(schema.Shop, "shop00000000001")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range retention.Kinds {
		if got := record.GetInt(k.Field); got != k.First && !(k.Zero == retention.Usual && got == 0) {
			t.Errorf("%s is kept for %d days at first, the table says %d", k.Name, got, k.First)
		}
		if !k.Fits(k.First) && k.First != 0 {
			t.Errorf("%s: %d days are refused", k.Name, k.First)
		}
	}
	var there []func() bool
	for _, name := range []string{"solved", "originals"} {
		there = append(there, makers[name][0](s, s.at(20000, 0)))
	}
	open := s.old(s.at(20000, 0), `status = 'open'`) // never by itself
	due := makers["sent"][0](s, s.at(170, 0))
	s.exec(`UPDATE outbox SET filed = 'due'`, nil)
	s.Shop(map[string]any{schema.ShopSolvedDays: 30, schema.ShopSentDays: 30})
	s.exec(`UPDATE conversations SET status = 'pending', solved_at = ''`, nil)
	s.Shop(map[string]any{schema.ShopSolvedDays: 0})
	gone, err := s.Rooms.Retention.Run(t.Context(), s.now)
	if err != nil || len(gone) != 0 {
		t.Errorf("%v went, %v", gone, err)
	}
	for i, there := range append(there, open, due) {
		if !there() {
			t.Errorf("%d is gone", i)
		}
	}
}

// What is kept shorter leaves no trace: not in the search, not in the trail.
func TestASolvedConversationLeavesNothing(t *testing.T) {
	s := open(t)
	s.Shop(map[string]any{schema.ShopSolvedDays: 30})
	got := s.talk()
	id := got.Conversation.Id
	s.rafi.Must(200, "POST", "/api/desk/conversations/"+id+"/reply", map[string]any{"kind": "note", "text": "qxvtrace of it", "client_id": "note-0001"})
	s.rafi.Must(200, "PATCH", "/api/desk/conversations/"+id, map[string]any{"subject": "qxvtrace subject", "status": "solved"})
	s.exec(`UPDATE conversations SET last_activity = {:at}, solved_at = {:at} WHERE id = {:id}`, dbx.Params{"at": s.at(31, 0), "id": id})
	var traced int
	count := func() int {
		if err := s.DB().NewQuery(`SELECT COUNT(*) FROM audit WHERE target = {:id} AND (label != '' OR changes NOT IN ('', '[]', 'null'))`).Bind(dbx.Params{"id": id}).Row(&traced); err != nil {
			t.Fatal(err)
		}
		return traced
	}
	if count() == 0 {
		t.Fatal("nothing is noted of it: the test could not miss it")
	}
	if gone, err := s.Rooms.Retention.Run(t.Context(), s.now); err != nil || gone["solved"] != 1 {
		t.Fatalf("%v, %v", gone, err)
	}
	if count() != 0 {
		t.Errorf("the trail still says %d things of it", traced)
	}
	hookstest.Until(t, "it is out of the search", 10*time.Second, func() bool {
		var page struct{ Conversations []any }
		s.mina.Must(200, "GET", "/api/desk/search?q=qxvtrace", nil).JSON(t, &page)
		return len(page.Conversations) == 0
	})
}

func TestTooShortATimeIsRefusedInWords(t *testing.T) {
	s := open(t)
	path := "/api/collections/shop/records/shop00000000001"
	s.Shop(map[string]any{schema.ShopLanguage: "bn"})
	for _, k := range retention.Kinds {
		if k.Least > 1 {
			a := s.mina.Must(400, "PATCH", path, map[string]any{k.Field: k.Least - 1})
			if !strings.Contains(string(a.Body), "দিন") {
				t.Errorf("%s: %s", k.Name, a.Body)
			}
		}
		s.mina.Must(200, "PATCH", path, map[string]any{k.Field: max(k.Least, 1)})
	}
	s.exec(`UPDATE shop SET audit_days = 5`, nil) // from before there was a least
	s.mina.Must(200, "PATCH", path, map[string]any{"name": "Shop"})
	s.rafi.Must(403, "GET", "/api/desk/retention", nil)
	s.rafi.Must(403, "POST", "/api/desk/retention/try", map[string]any{"days": map[string]int{"spam": 30}})
	s.mina.Must(400, "POST", "/api/desk/retention/try", map[string]any{"days": map[string]int{"spam": 2}})
	s.mina.Must(400, "POST", "/api/desk/retention/try", map[string]any{})
}

func TestANightIsNotedAndShown(t *testing.T) {
	s := open(t)
	var view struct {
		Kinds   []struct{ Name string }
		Backups int
		Last    *struct {
			At   string
			Gone []struct{ Field, To string }
		}
	}
	s.mina.Must(200, "GET", "/api/desk/retention", nil).JSON(t, &view)
	if view.Last != nil || len(view.Kinds) != len(retention.Kinds) || view.Backups < 300 {
		t.Errorf("before the first night: %+v", view)
	}
	makers["spam"][0](s, s.at(91, 0))
	makers["spam"][0](s, s.at(92, 0))
	if _, err := s.Rooms.Retention.Run(t.Context(), s.now); err != nil {
		t.Fatal(err)
	}
	s.mina.Must(200, "GET", "/api/desk/retention", nil).JSON(t, &view)
	if view.Last == nil || len(view.Last.Gone) != 1 || view.Last.Gone[0].Field != "spam" || view.Last.Gone[0].To != "2" {
		t.Errorf("after it: %+v", view.Last)
	}
}

// One that cannot be removed does not keep the others, of its kind and of the
// next.
func TestWhatCannotGoKeepsNothingElse(t *testing.T) {
	s := open(t)
	bad := s.talk().Conversation.Id
	s.exec(`UPDATE conversations SET last_activity = {:at}, spam = TRUE WHERE id = {:id}`, dbx.Params{"at": s.at(100, 0), "id": bad})
	s.OnRecordDelete(schema.Conversations).BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Id == bad {
			return fmt.Errorf("it cannot go")
		}
		return e.Next()
	})
	for range 45 { // more than are listed at once
		makers["spam"][0](s, s.at(100, 0))
	}
	makers["questions"][0](s, s.at(400, 0))
	gone, err := s.Rooms.Retention.Run(t.Context(), s.now)
	if err == nil || !maps.Equal(gone, map[string]int{"spam": 45, "questions": 1}) {
		t.Errorf("%v went, %v", gone, err)
	}
}

// A machine that wakes up in another year lets nothing go before a day has
// passed there.
func TestAClockThatJumpedLetsNothingGo(t *testing.T) {
	s := open(t)
	s.put(schema.SearchMisses, map[string]any{"text": "umbrella", "language": "en", "count": 1, "last_at": s.at(3000, 0)})
	left := func() (n int) {
		if err := s.DB().NewQuery("SELECT COUNT(*) FROM search_misses").Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	night := func(what string, want int) {
		t.Helper()
		if _, err := s.Rooms.Retention.Night(t.Context(), s.now); err != nil || left() != want {
			t.Errorf("%s: %d left, %v", what, left(), err)
		}
	}
	noted := func(hours int) {
		s.exec("UPDATE audit SET created = {:at} WHERE action = 'retention'", dbx.Params{"at": s.at(0, hours*60)})
	}
	night("the first night of all", 1)
	night("a second start on the same day", 1)
	noted(24 * 30)
	night("a month after the last one", 1)
	noted(24)
	night("a day after it", 0)
}
