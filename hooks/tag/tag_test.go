package tag_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type shop struct {
	*hookstest.App
	t     *testing.T
	owner *hookstest.Client
	rafi  *hookstest.Client
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	base := app.Serve()
	return &shop{App: app, t: t, owner: &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("mina", schema.RoleOwner))},
		rafi: &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("rafi", schema.RoleAgent))}}
}

func (s *shop) make(name, colour string) string {
	s.t.Helper()
	var a struct {
		Tag struct{ ID, Name, Colour string }
	}
	s.rafi.Must(200, "POST", "/api/desk/tags", map[string]any{"name": name, "colour": colour}).JSON(s.t, &a)
	return a.Tag.ID
}

func (s *shop) conversation(i int, tags ...string) string {
	s.t.Helper()
	v := fmt.Sprint("v", i)
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + v, Keys: []string{"client-1"}, Visitor: v, Text: "hello",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: v, Verified: true}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := conversation.Apply(s, got.Conversation.Id, "", conversation.Change{Tags: &tags}); err != nil {
		s.t.Fatal(err)
	}
	return got.Conversation.Id
}

func (s *shop) tags(collection, id string) string {
	s.t.Helper()
	r, err := s.FindRecordById(collection, id)
	if err != nil {
		s.t.Fatal(err)
	}
	list := slices.Clone(r.GetStringSlice("tags"))
	slices.Sort(list)
	return strings.Join(list, " ")
}

func sorted(ids ...string) string {
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

type usage struct {
	Tags []struct {
		ID, Name, Colour        string
		Conversations, Contacts int
	}
}

func TestNamesAndColours(t *testing.T) {
	s := open(t)
	id := s.make("  VIP   গ্রাহক ", "#2F6FDE")
	var list usage
	s.rafi.Must(200, "GET", "/api/desk/tags", nil).JSON(t, &list)
	if len(list.Tags) != 1 || list.Tags[0].Name != "VIP গ্রাহক" || list.Tags[0].Colour != "#2f6fde" {
		t.Fatalf("tags: %+v", list)
	}
	for name, body := range map[string]map[string]any{
		"same name": {"name": "vip গ্রাহক"}, "no name": {"name": "   "}, "long": {"name": strings.Repeat("ক", 41)}, "colour": {"name": "x", "colour": "red"},
		"script": {"name": "x", "colour": "#fff;}"},
	} {
		if a := s.rafi.Do("POST", "/api/desk/tags", body); a.Status != 400 || strings.Contains(string(a.Body), "error.") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	s.rafi.Must(200, "PATCH", "/api/desk/tags/"+id, map[string]any{"colour": ""})
	s.rafi.Must(200, "PATCH", "/api/desk/tags/"+id, map[string]any{"name": "Vip গ্রাহক"})
}

func TestDeletingATagAndBack(t *testing.T) {
	s := open(t)
	a, b := s.make("a", "#112233"), s.make("b", "")
	one, two, three := s.conversation(1, a, b), s.conversation(2, a), s.conversation(3, b)
	r, err := s.FindRecordById(schema.Conversations, one)
	if err != nil {
		t.Fatal(err)
	}
	contact := r.GetString(schema.ConvContact)
	s.rafi.Must(200, "PATCH", "/api/desk/contacts/"+contact, map[string]any{"tags": []string{a}})
	s.rafi.Must(403, "DELETE", "/api/desk/tags/"+a, nil)

	inbox := s.rafi.Listen("topic=inbox")
	inbox.Await("hello", "")
	var gone struct {
		Conversations int
		Undo          string
	}
	s.owner.Must(200, "DELETE", "/api/desk/tags/"+a, nil).JSON(t, &gone)
	inbox.Await("tags", `"name":"b"`)
	if got := s.tags(schema.Conversations, one) + "|" + s.tags(schema.Conversations, two) + "|" + s.tags(schema.Contacts, contact); got != b+"||" || gone.Conversations != 2 {
		t.Errorf("after deleting: %s, said %d", got, gone.Conversations)
	}
	s.owner.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": gone.Undo})
	if got := s.tags(schema.Conversations, one) + "|" + s.tags(schema.Conversations, two) + "|" + s.tags(schema.Contacts, contact) + "|" + s.tags(schema.Conversations, three); got != sorted(a, b)+"|"+a+"|"+a+"|"+b {
		t.Errorf("after undo: %s", got)
	}
	tag, err := s.FindRecordById(schema.Tags, a)
	if err != nil || tag.GetString(schema.TagColour) != "#112233" {
		t.Errorf("it came back otherwise: %v", err)
	}
}

func TestMergingTagsAndBack(t *testing.T) {
	s := open(t)
	a, b := s.make("delivery", ""), s.make("deliveries", "")
	both, only, other := s.conversation(1, a, b), s.conversation(2, b), s.conversation(3, a)
	var gone struct{ Undo string }
	s.owner.Must(400, "POST", "/api/desk/tags/"+b+"/merge", map[string]any{"into": b})
	s.owner.Must(200, "POST", "/api/desk/tags/"+b+"/merge", map[string]any{"into": a}).JSON(t, &gone)
	for _, id := range []string{both, only, other} {
		if got := s.tags(schema.Conversations, id); got != a {
			t.Errorf("merged: %s", got)
		}
	}
	var page struct{ Rows []struct{ ID string } }
	s.rafi.Must(200, "GET", "/api/desk/conversations?view=tag:"+a, nil).JSON(t, &page)
	if len(page.Rows) != 3 {
		t.Errorf("the tag's view lists %d", len(page.Rows))
	}
	s.owner.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": gone.Undo})
	if got := s.tags(schema.Conversations, both) + "|" + s.tags(schema.Conversations, only) + "|" + s.tags(schema.Conversations, other); got != sorted(a, b)+"|"+b+"|"+a {
		t.Errorf("after undo: %s", got)
	}
	var list usage
	s.rafi.Must(200, "GET", "/api/desk/tags", nil).JSON(t, &list)
	if len(list.Tags) != 2 || list.Tags[0].Conversations != 2 || list.Tags[1].Conversations != 2 {
		t.Errorf("counted: %+v", list)
	}
}

func TestATagIsCountedWhereItIsOpen(t *testing.T) {
	s := open(t)
	a := s.make("a", "")
	s.conversation(1, a)
	solved := s.conversation(2, a)
	st := schema.StatusSolved
	if _, err := conversation.Apply(s, solved, "", conversation.Change{Status: &st}); err != nil {
		t.Fatal(err)
	}
	// Tags are counted every few seconds at most.
	hookstest.Until(t, "one open conversation has the tag", 15*time.Second, func() bool {
		var boot struct{ Counts struct{ Tags map[string]int } }
		s.rafi.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
		return boot.Counts.Tags[a] == 1
	})
}
