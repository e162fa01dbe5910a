package lookup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/lookup"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

func TestMain(m *testing.M) {
	defer hookstest.Cleanup()
	m.Run()
}

type shop struct {
	*hookstest.App
	t     *testing.T
	agent *core.Record
	desk  *hookstest.Client
	n     int
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{App: hookstest.New(t), t: t}
	s.agent = s.Agent("rafi", schema.RoleAgent)
	s.desk = &hookstest.Client{TB: t, Base: s.Serve(), Token: s.Token(s.agent)}
	return s
}

// mail takes a message in; address names the customer, a known subject goes on.
func (s *shop) mail(address, name, subject, text string, files ...conversation.File) conversation.Received {
	s.t.Helper()
	got, err := s.receive(s.App, address, name, subject, text, files...)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *shop) receive(app core.App, address, name, subject, text string, files ...conversation.File) (conversation.Received, error) {
	s.n++
	return conversation.Receive(app, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: "test", Keys: []string{fmt.Sprint("key", s.n)}, From: []conversation.Identity{{Kind: schema.KindEmail, Value: address}},
		Name: name, Subject: subject, Text: text, Files: files,
	})
}

type answer struct {
	Rows []struct {
		Conversation struct {
			ID     string
			Number int64
		}
		Message *struct {
			ID  string
			Seq int64
		}
		Snippet []search.Piece
		Hits    int
	}
	Contacts []struct{ Name string }
	Next     string
	Number   string
	Loose    bool
}

func (s *shop) find(query string, more ...string) answer {
	s.t.Helper()
	var a answer
	s.desk.Must(200, "GET", "/api/desk/search?q="+url.QueryEscape(query)+strings.Join(more, ""), nil).JSON(s.t, &a)
	return a
}

// ids are the conversations found.
func (s *shop) ids(query string, more ...string) (list []string) {
	s.t.Helper()
	for _, r := range s.find(query, more...).Rows {
		list = append(list, r.Conversation.ID)
	}
	return list
}

func (s *shop) finds(query string, want ...conversation.Received) {
	s.t.Helper()
	var ids []string
	for _, w := range want {
		ids = append(ids, w.Conversation.Id)
	}
	if got := s.ids(query); !slices.Equal(got, ids) {
		s.t.Errorf("%q finds %q instead of %q", query, got, ids)
	}
}

func (s *shop) change(id string, values map[string]any) {
	s.t.Helper()
	s.desk.Must(200, "PATCH", "/api/desk/conversations/"+id, values)
}

func TestMessagesAreFoundInEveryWayOfWriting(t *testing.T) {
	s := open(t)
	bangla := s.mail("nusrat@mail.test", "নুসরাত জাহান", "", "শাড়িটা ফেরত দিতে চাই, টাকা বিকাশে দেবেন?")
	latin := s.mail("imran@mail.test", "Imran Hossain", "", "apu saree ta ferot dibo")
	english := s.mail("sara@mail.test", "Sara", "Exchange please", "The size is wrong.")
	s.finds("ফেরত", latin, bangla)
	s.finds("ferot", latin, bangla)
	s.finds("bkash", bangla)
	s.finds("taka", bangla) // two consonants, and the vowels between them
	s.finds("শাড়ি", latin, bangla)
	s.finds("exchanges", english)
	s.finds("exchagne", english)
	s.finds("এক্সচেঞ্জ", english)
	s.finds("nothing of this kind")
	s.finds(`"size is"`, english)
	s.finds(`"is size"`)
	s.finds("ferot -apu", bangla)
	s.finds("imran", latin)
	s.finds("নুসরাত ফেরত", bangla)
	if got := s.find("exchagne"); !got.Loose {
		t.Error("nobody is told that a word was repaired")
	}
	r := s.find("ferot").Rows[1]
	var hits []string
	for _, p := range r.Snippet {
		if p.Hit {
			hits = append(hits, p.Text)
		}
	}
	if !slices.Equal(hits, []string{"ফেরত"}) || r.Message == nil || r.Message.ID != bangla.Message.Id || r.Hits != 1 {
		t.Errorf("the snippet is %+v", r)
	}
	if got := s.ids("sare", "&typing=1"); len(got) != 1 {
		t.Errorf("the beginning of a word finds %q", got)
	}
	if c := s.find("রহিম").Contacts; len(c) > 0 {
		t.Errorf("found the customers %v", c)
	}
	for _, name := range []string{"Nusrat", "নুসরাত", "nusrat@mail.test", "C-00001"} {
		if c := s.find(name).Contacts; len(c) != 1 || c[0].Name != "নুসরাত জাহান" {
			t.Errorf("%s finds the customers %v", name, c)
		}
	}
}

func TestFiltersInWords(t *testing.T) {
	s := open(t)
	a := s.mail("a@mail.test", "Anika", "", "the parcel is late")
	b := s.mail("b@mail.test", "Babul Mia", "", "my parcel is broken", conversation.File{
		Name: "x.txt", Type: "text/plain", Size: 1, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil },
	})
	c := s.mail("c@mail.test", "Chandra", "", "parcel came, thanks")
	tags, err := s.FindCollectionByNameOrId(schema.Tags)
	if err != nil {
		t.Fatal(err)
	}
	tag := core.NewRecord(tags)
	tag.Set(schema.TagName, "Damaged Goods")
	tag.Set(schema.TagColour, "#aa3333")
	if err := s.Save(tag); err != nil {
		t.Fatal(err)
	}
	s.change(b.Conversation.Id, map[string]any{"tags": []string{tag.Id}, "assignee": s.agent.Id})
	s.change(c.Conversation.Id, map[string]any{"status": "solved"})
	s.desk.Must(200, "POST", "/api/desk/conversations/"+a.Conversation.Id+"/reply", map[string]any{"client_id": "n1", "kind": "note", "text": "ask the rider about this parcel"})

	s.finds("parcel is:open", a, b)
	s.finds("parcel -is:open", c)
	s.finds("is:solved", c)
	s.finds("tag:damaged", b)
	s.finds(`parcel tag:"damaged goods"`, b)
	s.finds("parcel -tag:damaged-goods", a, c)
	s.finds("assigned:me", b)
	s.finds("assigned:rafi parcel", b)
	s.finds("is:mine", b)
	s.finds("has:file", b)
	s.finds("parcel -has:file", a, c)
	s.finds("from:anika parcel", a)
	s.finds("from:a@mail.test", a)
	s.finds("from:babul", b)
	s.finds("from:rafi", a)
	s.finds("from:nobody")
	s.finds("to:anika")
	s.finds("in:portal parcel", a, c, b)
	s.finds("in:chat parcel")
	s.finds("is:unread", a, c, b)
	s.finds("after:today parcel", a, c, b)
	s.finds("before:today parcel")
	s.finds("before:2031 has:file", b)
	s.finds(fmt.Sprintf("#%d", a.Conversation.Number()), a)
	s.finds("rider", a)
	s.finds("অবস্থা:সমাধান", c)
	for _, bad := range []string{"is:wrong", "tag:none", "assigned:zorro", "before:never", "has:x", "in:fax"} {
		got := s.desk.Must(400, "GET", "/api/desk/search?q="+url.QueryEscape(bad), nil)
		if !strings.Contains(string(got.Body), "“") {
			t.Errorf("%s: %s", bad, got.Body)
		}
	}
	s.desk.Must(400, "GET", "/api/desk/search?q=parcel&before=zzz", nil)
	if got := s.ids("parcel broken late came", "&sort=best"); len(got) > 0 {
		t.Errorf("not all words were asked for: %q", got)
	}
	if got := s.ids("parcel", "&sort=best"); len(got) != 3 {
		t.Errorf("the best first finds %q", got)
	}
}

func TestWhatIsGoneIsNotFound(t *testing.T) {
	s := open(t)
	a := s.mail("a@mail.test", "Anika", "", "a purple umbrella")
	b := s.mail("b@mail.test", "Babul", "", "a purple raincoat")
	s.finds("purple", b, a)
	m, err := s.FindRecordById(schema.Messages, a.Message.Id)
	if err != nil {
		t.Fatal(err)
	}
	m.Set(schema.MsgText, "erased")
	if err := s.Save(m); err != nil {
		t.Fatal(err)
	}
	s.finds("purple", b)
	s.finds("umbrella")
	who, err := s.FindRecordById(schema.Contacts, b.Conversation.Contact())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(who); err != nil {
		t.Fatal(err)
	}
	s.finds("raincoat")
	if c := s.find("babul").Contacts; len(c) > 0 {
		t.Errorf("a deleted customer is found: %v", c)
	}
	var left int
	if err := s.DB().NewQuery(`SELECT COUNT(*) FROM shohay_search_messages WHERE shohay_search_messages MATCH 'raincoat'`).Row(&left); err != nil || left != 0 {
		t.Errorf("%d rows left (%v)", left, err)
	}
	// A write that is taken back leaves nothing to be found.
	err = s.RunInTransaction(func(tx core.App) error {
		if _, err := s.receive(tx, "c@mail.test", "Chandra", "", "a purple hat"); err != nil {
			t.Error(err)
		}
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("the transaction went on")
	}
	s.finds("purple hat")
}

func TestMergedCustomersAreOne(t *testing.T) {
	s := open(t)
	a := s.mail("a@mail.test", "Anika Rahman", "", "hello one")
	b := s.mail("b@mail.test", "Babul", "", "hello two")
	err := s.RunInTransaction(func(tx core.App) error { return contact.Merge(tx, a.Conversation.Contact(), b.Conversation.Contact()) })
	if err != nil {
		t.Fatal(err)
	}
	s.finds("from:b@mail.test", b, a)
	if c := s.find("b@mail.test").Contacts; len(c) != 1 || c[0].Name != "Anika Rahman" {
		t.Errorf("found %v", c)
	}
}

func TestPagesGoOnWhereTheLastEnded(t *testing.T) {
	s := open(t)
	for i := range 70 {
		s.mail(fmt.Sprintf("c%d@mail.test", i), "", "", fmt.Sprintf("parcel number %d", i))
	}
	for _, query := range []string{"parcel", "is:open", "parcel is:open"} {
		seen, before := map[string]bool{}, ""
		for range 5 {
			a := s.find(query, "&before="+before)
			for _, r := range a.Rows {
				if seen[r.Conversation.ID] {
					t.Errorf("%s: %s twice", query, r.Conversation.ID)
				}
				seen[r.Conversation.ID] = true
			}
			if before = a.Next; before == "" {
				break
			}
		}
		if len(seen) != 70 || before != "" {
			t.Errorf("%s: %d conversations on all pages", query, len(seen))
		}
	}
}

// Conditions that many conversations fulfil find the same as those of few.
func TestManyConversationsFulfilACondition(t *testing.T) {
	s := open(t)
	var ids []string
	for i := range 560 {
		text := "parcel"
		if i%50 == 0 {
			text = "parcel umbrella"
		}
		ids = append(ids, s.mail(fmt.Sprintf("c%d@mail.test", i), "", "", text).Conversation.Id)
	}
	slices.Reverse(ids)
	for _, query := range []string{"parcel is:open", "umbrella is:open", "umbrella -is:solved", "parcel in:portal"} {
		var got []string
		before := ""
		for range 40 {
			a := s.find(query, "&before="+before)
			for _, r := range a.Rows {
				got = append(got, r.Conversation.ID)
			}
			if before = a.Next; before == "" {
				break
			}
		}
		want := ids
		if strings.HasPrefix(query, "umbrella") {
			want = nil
			for i, id := range ids {
				if (len(ids)-1-i)%50 == 0 {
					want = append(want, id)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d conversations instead of %d, or in another order", query, len(got), len(want))
		}
	}
}

// What was there before the index comes in by itself, and a command does all
// of it anew.
func TestOlderMessagesComeIn(t *testing.T) {
	s := open(t)
	for i := range 250 {
		s.mail(fmt.Sprintf("c%d@mail.test", i%7), fmt.Sprintf("Customer%d", i%7), "", fmt.Sprintf("parcel number%d", i))
	}
	for _, query := range []string{
		`INSERT INTO shohay_search_messages (shohay_search_messages) VALUES ('delete-all')`, `INSERT INTO shohay_search_contacts (shohay_search_contacts) VALUES ('delete-all')`,
		`DELETE FROM shohay_search_contacts_rows`,
	} {
		if _, err := s.DB().NewQuery(query).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.ids("number17"); len(got) > 0 {
		t.Fatalf("the index is not empty: %q", got)
	}
	told := int64(-1)
	if err := lookup.Rebuild(context.Background(), s.App, func(done, of int64) {
		if told = done; of != 250 {
			t.Errorf("%d of %d", done, of)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if told != 250 || len(s.ids("number17")) != 1 || len(s.find("customer3").Contacts) != 1 {
		t.Errorf("after rebuilding %d messages: %q %v", told, s.ids("number17"), s.find("customer3").Contacts)
	}

	// The loop of a server does the same.
	if _, err := s.DB().NewQuery(`INSERT INTO shohay_search_messages (shohay_search_messages) VALUES ('delete-all')`).Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().NewQuery(`UPDATE shohay_search_fill SET at = '1000' WHERE name = 'messages'`).Execute(); err != nil {
		t.Fatal(err)
	}
	dir := s.DataDir()
	s.Stop()
	again := hookstest.Open(t, dir)
	again.Serve()
	hookstest.Until(t, "the older messages", 20*time.Second, func() bool {
		var at string
		return again.DB().NewQuery(`SELECT at FROM shohay_search_fill WHERE name = 'messages'`).Row(&at) == nil && at == ""
	})
	var n int
	if err := again.DB().NewQuery(`SELECT COUNT(*) FROM shohay_search_messages WHERE shohay_search_messages MATCH 'parcel'`).Row(&n); err != nil || n != 250 {
		t.Errorf("%d messages are in (%v)", n, err)
	}
}

// The migration made the tables as the indexes are described today.
func TestTheTablesAreThoseOfTheIndexes(t *testing.T) {
	app := hookstest.New(t)
	for _, ix := range lookup.Indexes() {
		for _, want := range ix.Schema() {
			var n int
			err := app.DB().NewQuery(`SELECT COUNT(*) FROM sqlite_schema WHERE sql = {:sql}`).Bind(map[string]any{"sql": want}).Row(&n)
			if err != nil || n != 1 {
				t.Errorf("no table is made by %s (%v)", want, err)
			}
		}
	}
}
