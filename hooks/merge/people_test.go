package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// rows are all that the database knows of customers, a line each.
func (s *shop) rows() (lines []string) {
	s.t.Helper()
	for _, table := range []string{schema.Contacts, schema.Identities, schema.Conversations, schema.Messages, "shohay_search_contacts_rows"} {
		rows, err := s.DB().NewQuery(`SELECT * FROM ` + table + ` ORDER BY id`).Rows()
		if err != nil {
			s.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			s.t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				s.t.Fatal(err)
			}
			line := table
			for i, c := range columns {
				if c != "n" { // a number that the index gives anew
					line += fmt.Sprintf(" %s=%q", c, fmt.Sprint(values[i]))
				}
			}
			lines = append(lines, line)
		}
		if err := rows.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
	return lines
}

func (s *shop) same(before []string) {
	s.t.Helper()
	after := s.rows()
	for _, l := range before {
		if !slices.Contains(after, l) {
			s.t.Errorf("not as it was: %s", l)
		}
	}
	for _, l := range after {
		if !slices.Contains(before, l) {
			s.t.Errorf("became: %s", l)
		}
	}
}

// found are the ids of the contacts that a search finds.
func (s *shop) found(q string) string {
	s.t.Helper()
	list, err := contact.Find(s, q, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	var ids []string
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

func (s *shop) change(id string, values map[string]any) *core.Record {
	s.t.Helper()
	r, err := s.FindRecordById(schema.Contacts, id)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Load(values)
	if err := s.Save(r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// couple are two contacts with all that contacts can have.
func (s *shop) couple() (keep, drop *conversation.Conversation) {
	s.t.Helper()
	keep = s.receive(letter("one@mail.test", "a1", "from the first")).Conversation
	drop = s.receive(letter("two@mail.test", "b1", "from the second")).Conversation
	s.receive(letter("two@mail.test", "b2", "again"))
	who := drop.Contact()
	s.desk.Must(200, "POST", "/api/desk/contacts/"+who+"/identities", map[string]any{"kind": "phone", "value": "+8801711000002"})
	s.desk.Must(200, "PATCH", "/api/desk/contacts/"+keep.Contact(), map[string]any{"name": "", "note": "likes red"})
	s.desk.Must(200, "PATCH", "/api/desk/contacts/"+who, map[string]any{"name": "Second Person", "note": "likes blue", "language": "bn", "blocked": true})
	s.change(who, map[string]any{schema.ContactConsents: []contact.Consent{{What: "calls", Given: true, At: "2026-01-02T03:04:05Z", Source: "desk"}}, schema.ContactLastSeen: "2026-02-03 04:05:06.000Z"})
	return keep, drop
}

func (s *shop) joins(keep, drop string) (undo string) {
	s.t.Helper()
	var got struct {
		Contact contact.ContactView
		Undo    string
	}
	s.desk.Must(200, "POST", "/api/desk/contacts/"+keep+"/merge", map[string]any{"other": drop}).JSON(s.t, &got)
	if got.Contact.ID != keep || got.Contact.Name != "Second Person" || len(got.Contact.Identities) != 3 || !got.Contact.Blocked || got.Undo == "" {
		s.t.Errorf("merged: %+v", got)
	}
	return got.Undo
}

func TestMergedContactsAreTakenApartAsIfNothingHadBeen(t *testing.T) {
	s := open(t)
	k, d := s.couple()
	keep, drop := k.Contact(), d.Contact()
	other := &hookstest.Client{TB: t, Base: s.desk.Base, Token: s.Token(s.Agent("mina", schema.RoleAgent))}
	before, byName, byPhone := s.rows(), s.found("Second Person"), s.found("01711000002")
	if byName != drop || byPhone != drop {
		t.Fatalf("found %q and %q before", byName, byPhone)
	}
	undo := s.joins(keep, drop)
	if got := s.found("Second Person"); got != keep {
		t.Errorf("merged, the search finds %q", got)
	}
	// Only who did it takes it back, and once.
	other.Must(404, "POST", "/api/desk/undo", map[string]any{"undo": undo})
	s.desk.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": undo})
	s.same(before)
	if a, b := s.found("Second Person"), s.found("01711000002"); a != drop || b != drop {
		t.Errorf("taken apart, the search finds %q and %q", a, b)
	}
	s.desk.Must(404, "POST", "/api/desk/undo", map[string]any{"undo": undo})
	var noted []string
	if err := s.DB().NewQuery(`SELECT action FROM audit WHERE target = {:id} AND action LIKE 'contact_%' ORDER BY created, rowid`).Bind(map[string]any{"id": keep}).Column(&noted); err != nil || strings.Join(noted, " ") != "contact_merge contact_apart" {
		t.Errorf("noted %v, %v", noted, err)
	}
	// The next mail finds its way.
	if got := s.receive(letter("two@mail.test", "b3", "and again")).Conversation; got.Contact() != drop {
		t.Error("a mail after it is the first one's")
	}
}

func TestWhatWasWrittenSinceAMergeGoesWithItsConversation(t *testing.T) {
	s := open(t)
	k, d := s.couple()
	keep, drop := k.Contact(), d.Contact()
	undo := s.joins(keep, drop)
	in := letter("two@mail.test", "b4", "one thing more")
	in.References = []string{"b1"}
	got := s.receive(in)
	s.desk.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": undo})
	r, err := s.FindRecordById(schema.Messages, got.Message.Id)
	if err != nil || r.GetString(schema.MsgContact) != drop || r.GetString(schema.MsgConversation) != d.Id {
		t.Errorf("the new message is of %q in %q, %v", r.GetString(schema.MsgContact), r.GetString(schema.MsgConversation), err)
	}
}

func TestAMergeThatLostSomethingIsNotTakenApart(t *testing.T) {
	for name, meanwhile := range map[string]func(s *shop, keep string, d *conversation.Conversation){
		"changed since": func(s *shop, keep string, _ *conversation.Conversation) {
			s.desk.Must(200, "PATCH", "/api/desk/contacts/"+keep, map[string]any{"note": "new words"})
		},
		"erased or went elsewhere": func(s *shop, _ string, d *conversation.Conversation) {
			if err := s.Delete(s.get(d.Id).Record); err != nil {
				s.t.Fatal(err)
			}
		},
		"new conversation came": func(s *shop, _ string, _ *conversation.Conversation) {
			s.receive(letter("two@mail.test", "b9", "something else"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			k, d := s.couple()
			undo := s.joins(k.Contact(), d.Contact())
			meanwhile(s, k.Contact(), d)
			before := s.rows()
			if a := s.desk.Must(400, "POST", "/api/desk/undo", map[string]any{"undo": undo}); !strings.Contains(string(a.Body), name) {
				t.Errorf("refused with %s", a.Body)
			}
			s.same(before)
		})
	}
}
