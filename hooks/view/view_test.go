package view_test

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
	"github.com/shohay/shohay/hooks/view"
)

type shop struct {
	*hookstest.App
	t          *testing.T
	rafi, mina *core.Record
	desk, boss *hookstest.Client
	tag        string
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	s := &shop{App: app, t: t, rafi: app.Agent("rafi", schema.RoleAgent), mina: app.Agent("mina", schema.RoleOwner)}
	base := app.Serve()
	s.desk = &hookstest.Client{TB: t, Base: base, Token: app.Token(s.rafi)}
	s.boss = &hookstest.Client{TB: t, Base: base, Token: app.Token(s.mina)}
	var made struct{ Tag struct{ ID string } }
	s.desk.Must(200, "POST", "/api/desk/tags", map[string]any{"name": "vip"}).JSON(t, &made)
	s.tag = made.Tag.ID
	return s
}

// say begins conversation i, then changes what of its record is given.
func (s *shop) say(i int, text string, change map[string]any) string {
	s.t.Helper()
	v := fmt.Sprint("v", i)
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + v, Keys: []string{"client-1"}, Visitor: v, Text: text, Language: "en",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: v, Verified: true}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	r := got.Conversation.Record
	r.Load(change)
	if err := s.SaveNoValidate(r); err != nil {
		s.t.Fatal(err)
	}
	return r.Id
}

type answer struct {
	View struct {
		ID     string
		Count  int
		Shared bool
	}
}

func (s *shop) save(by *hookstest.Client, body map[string]any) answer {
	s.t.Helper()
	var a answer
	by.Must(200, "POST", "/api/desk/views", body).JSON(s.t, &a)
	return a
}

func (s *shop) listed(by *hookstest.Client, id string) (ids []string) {
	s.t.Helper()
	var page struct{ Rows []struct{ ID string } }
	by.Must(200, "GET", "/api/desk/conversations?view=saved:"+id, nil).JSON(s.t, &page)
	for _, r := range page.Rows {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestWhatAFilterShows(t *testing.T) {
	s := open(t)
	old := time.Now().Add(-50 * time.Hour)
	ids := map[string]string{
		"plain":  s.say(1, "where is my parcel", nil),
		"mine":   s.say(2, "hello", map[string]any{schema.ConvAssignee: s.rafi.Id, schema.ConvPriority: 2}),
		"hers":   s.say(3, "100% cotton_a", map[string]any{schema.ConvAssignee: s.mina.Id, schema.ConvTags: []string{s.tag}}),
		"old":    s.say(4, "parcel again", map[string]any{schema.ConvLastActivity: old, schema.ConvLanguage: "bn"}),
		"solved": s.say(5, "thanks", map[string]any{schema.ConvStatus: schema.StatusSolved}),
		"spam":   s.say(6, "parcel spam", map[string]any{schema.ConvSpam: true}),
		"gone":   s.say(7, "parcel gone", map[string]any{schema.ConvDeletedAt: time.Now()}),
		"mail":   s.say(8, "by mail", map[string]any{schema.ConvChannel: schema.ChannelEmail}),
	}
	for name, c := range map[string]struct {
		filter map[string]any
		want   string
	}{
		"nothing said": {map[string]any{}, "plain mine hers old solved mail"},
		"solved":       {map[string]any{"status": []string{"solved", "snoozed"}}, "solved"},
		"mine":         {map[string]any{"assignee": "me"}, "mine"},
		"hers":         {map[string]any{"assignee": s.mina.Id}, "hers"},
		"nobody's":     {map[string]any{"assignee": "nobody", "status": []string{"open"}, "channels": []string{"chat"}}, "plain old"},
		"channel":      {map[string]any{"channels": []string{"email", "portal"}}, "mail"},
		"tag":          {map[string]any{"tags": []string{"nothing00000000", s.tag}}, "hers"},
		"language":     {map[string]any{"language": "bn"}, "old"},
		"priority":     {map[string]any{"priority": []int{1, 2}}, "mine"},
		"older":        {map[string]any{"older": 48}, "old"},
		"newer":        {map[string]any{"newer": 48, "text": "PARCEL"}, "plain"},
		"by letter":    {map[string]any{"text": "0% cotton_"}, "hers"},
		"no wildcard":  {map[string]any{"text": "h%o"}, ""},
		"no SQL":       {map[string]any{"text": "' OR 1=1 --"}, ""},
	} {
		a := s.save(s.desk, map[string]any{"name": name, "filter": c.filter})
		got := s.listed(s.desk, a.View.ID)
		var names []string
		for n, id := range ids {
			if slices.Contains(got, id) {
				names = append(names, n)
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) || a.View.Count != len(want) {
			t.Errorf("%s shows %v, counted %d, instead of %v", name, names, a.View.Count, want)
		}
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	s := open(t)
	for _, raw := range []string{`[]`, `7`, `{"status": ["gone"]}`, `{"unknown": 1}`, `{"older": -1}`, `{"priority": [3]}`, `{"text": "` + strings.Repeat("ক", 101) + `"}`, `{"channels": "chat"}`, `{`} {
		if _, err := view.Read([]byte(raw)); err == nil {
			t.Errorf("%s is taken for a filter", raw)
		}
	}
	if _, err := view.Read([]byte(" null ")); err != nil {
		t.Errorf("no filter is one that shows everything: %v", err)
	}
	s.desk.Must(400, "POST", "/api/desk/views", map[string]any{"name": "x", "filter": map[string]any{"status": []string{"gone"}}})
	s.desk.Must(400, "POST", "/api/desk/views", map[string]any{"name": "  "})
	s.desk.Must(400, "POST", "/api/desk/views", map[string]any{"name": "x", "sort": "sideways"})
	// The database's own API checks the same.
	s.boss.Must(400, "POST", "/api/collections/views/records", map[string]any{"name": "x", "filter": map[string]any{"older": -1}})
}

func TestMineAreMineAndEverybodysAreTheOwners(t *testing.T) {
	s := open(t)
	s.say(1, "hello", map[string]any{schema.ConvAssignee: s.mina.Id})
	private := s.save(s.desk, map[string]any{"name": "private", "filter": map[string]any{"assignee": "me"}})
	s.desk.Must(403, "POST", "/api/desk/views", map[string]any{"name": "for all", "shared": true})
	ears := s.desk.Listen("topic=inbox")
	shared := s.save(s.boss, map[string]any{"name": "for all", "shared": true, "filter": map[string]any{"assignee": "me"}})
	ears.Await("views", "{}")
	if got := s.listed(s.boss, shared.View.ID); len(got) != 1 {
		t.Errorf("mine is not whoever looks: %v", got)
	}
	if got := s.listed(s.desk, shared.View.ID); len(got) != 0 {
		t.Errorf("another's are taken for mine: %v", got)
	}
	for path, method := range map[string]string{"/api/desk/views/" + private.View.ID: "PATCH", "/api/desk/conversations?view=saved:" + private.View.ID: "GET"} {
		if a := s.boss.Do(method, path, map[string]any{"name": "x"}); a.Status != 404 && a.Status != 400 {
			t.Errorf("the owner came to a private view by %s %s: %d", method, path, a.Status)
		}
	}
	s.desk.Must(404, "DELETE", "/api/desk/views/"+shared.View.ID, nil)
	var list struct{ Views []struct{ ID, Name string } }
	s.desk.Must(200, "GET", "/api/desk/views", nil).JSON(t, &list)
	if len(list.Views) != 2 || list.Views[0].ID != shared.View.ID {
		t.Errorf("listed: %v", list.Views)
	}
	s.boss.Must(200, "GET", "/api/desk/views", nil).JSON(t, &list)
	if len(list.Views) != 1 {
		t.Errorf("the owner is shown private views: %v", list.Views)
	}
}

func TestOrderDeletingAndBack(t *testing.T) {
	s := open(t)
	a, b := s.save(s.desk, map[string]any{"name": "a", "sort": "priority"}).View.ID, s.save(s.desk, map[string]any{"name": "b"}).View.ID
	order := func() (ids []string) {
		var list struct{ Views []struct{ ID string } }
		s.desk.Must(200, "GET", "/api/desk/views", nil).JSON(t, &list)
		for _, v := range list.Views {
			ids = append(ids, v.ID)
		}
		return ids
	}
	s.desk.Must(204, "POST", "/api/desk/views/order", map[string]any{"ids": []string{b, a, "nothing00000000"}})
	if got := order(); !slices.Equal(got, []string{b, a}) {
		t.Errorf("order: %v", got)
	}
	var gone struct{ Undo string }
	s.desk.Must(200, "DELETE", "/api/desk/views/"+b, nil).JSON(t, &gone)
	if got := order(); !slices.Equal(got, []string{a}) {
		t.Errorf("deleted: %v", got)
	}
	s.desk.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": gone.Undo})
	if got := order(); !slices.Equal(got, []string{b, a}) {
		t.Errorf("after undo: %v", got)
	}
}
