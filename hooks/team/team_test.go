package team_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/team"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestWhoANoteCalls(t *testing.T) {
	staff := []team.Person{{"1", "Rafi"}, {"2", "Rafi Ahmed"}, {"3", "মিনা খাতুন"}, {"4", "Jo"}, {"5", "Jo"}, {"6", "Tom B"}}
	for text, want := range map[string]string{
		"@Rafi Ahmed please":       "2:Rafi Ahmed",
		"@rafi ahmed, @RAFI":       "2:rafi ahmed 1:RAFI",
		"@Rafi and @Rafi":          "1:Rafi",
		"ask @মিনা, please":        "3:মিনা",
		"@মিনা খাতুন":              "3:মিনা খাতুন",
		"@মিনার":                   "",
		"@Rafia or rafi@Rafi.test": "",
		"(@Tom)":                   "6:Tom",
		"@Jo":                      "4:Jo 5:Jo",
		"@":                        "",
		"no one":                   "",
	} {
		var got []string
		for _, c := range team.Called(text, staff) {
			got = append(got, c.ID+":"+c.As)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q calls %v instead of %s", text, got, want)
		}
	}
}

type shop struct {
	*hookstest.App
	t          *testing.T
	rafi, mina *core.Record
	a, b       *hookstest.Client
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	s := &shop{App: app, t: t, rafi: app.Agent("rafi", schema.RoleAgent), mina: app.Agent("mina", schema.RoleAgent)}
	base := app.Serve()
	s.a = &hookstest.Client{TB: t, Base: base, Token: app.Token(s.rafi)}
	s.b = &hookstest.Client{TB: t, Base: base, Token: app.Token(s.mina)}
	return s
}

func (s *shop) customer(visitor, key string) string {
	s.t.Helper()
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{key}, Visitor: visitor, Text: key,
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got.Conversation.Id
}

func (s *shop) note(by *hookstest.Client, conv, text string) (id string) {
	s.t.Helper()
	var got struct{ Message struct{ ID string } }
	by.Must(200, "POST", "/api/desk/conversations/"+conv+"/reply", map[string]any{"kind": "note", "text": text}).JSON(s.t, &got)
	return got.Message.ID
}

// mentions is the view of an agent and how many of it are unseen.
func (s *shop) mentions(by *hookstest.Client) (ids []string, unseen int) {
	s.t.Helper()
	var page struct{ Rows []struct{ ID string } }
	by.Must(200, "GET", "/api/desk/conversations?view=mentions", nil).JSON(s.t, &page)
	for _, r := range page.Rows {
		ids = append(ids, r.ID)
	}
	var boot struct {
		Counts   struct{ More map[string]int }
		Mentions []string
	}
	by.Must(200, "GET", "/api/desk/boot", nil).JSON(s.t, &boot)
	if boot.Counts.More["mentions"] != len(boot.Mentions) {
		s.t.Errorf("counted %d of %v", boot.Counts.More["mentions"], boot.Mentions)
	}
	return ids, len(boot.Mentions)
}

func (s *shop) followers(conv string) []string {
	s.t.Helper()
	list, err := team.Followers(s, conv)
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func TestAMentionIsToldListedAndSeen(t *testing.T) {
	s := open(t)
	first, second, third := s.customer("v1", "one"), s.customer("v2", "two"), s.customer("v3", "three")
	stream := s.b.Listen("topic=inbox&after=0")
	s.note(s.a, first, "@mina can you look?")
	stream.Await("mention", first)
	stream.Await("followers", s.mina.Id)
	s.note(s.a, second, "@mina and @rafi")
	s.note(s.a, third, "nobody")

	ids, unseen := s.mentions(s.b)
	if !slices.Equal(ids, []string{second, first}) || unseen != 2 {
		t.Errorf("mina is called in %v, %d unseen", ids, unseen)
	}
	if ids, unseen := s.mentions(s.a); len(ids)+unseen != 0 {
		t.Errorf("rafi called himself: %v", ids)
	}
	// What was seen stands behind what was not.
	s.b.Must(204, "POST", "/api/desk/conversations/"+second+"/mentions/seen", nil)
	stream.Await("mention", `"unseen":false`)
	if ids, unseen = s.mentions(s.b); !slices.Equal(ids, []string{first, second}) || unseen != 1 {
		t.Errorf("after looking: %v, %d unseen", ids, unseen)
	}
	if got := s.followers(first); !slices.Equal(got, []string{s.mina.Id}) {
		t.Errorf("%v follow", got)
	}
	// The note says whom it calls, to staff alone.
	desk := string(s.a.Must(200, "GET", "/api/desk/conversations/"+first, nil).Body)
	if !strings.Contains(desk, `"mentions":[{"id":"`+s.mina.Id+`","as":"mina"}]`) || !strings.Contains(desk, `"followers":["`+s.mina.Id+`"]`) {
		t.Errorf("the desk is shown %s", desk)
	}
}

func TestMentionsAndFollowersSurviveMergingAndSplitting(t *testing.T) {
	s := open(t)
	keep, gone := s.customer("v1", "one"), s.customer("v2", "two")
	note := s.note(s.a, gone, "@mina look")
	s.a.Must(200, "POST", "/api/desk/conversations/"+gone+"/follow", map[string]any{"on": true})
	var merged struct{ Undo string }
	s.a.Must(200, "POST", "/api/desk/conversations/"+keep+"/merge", map[string]any{"others": []string{gone}, "across": true}).JSON(t, &merged)
	if ids, unseen := s.mentions(s.b); !slices.Equal(ids, []string{keep}) || unseen != 1 {
		t.Errorf("merged: %v, %d", ids, unseen)
	}
	if got := s.followers(keep); len(got) != 2 {
		t.Errorf("of the merged one follow %v", got)
	}
	s.a.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": merged.Undo})
	if ids, _ := s.mentions(s.b); !slices.Equal(ids, []string{gone}) {
		t.Errorf("unmerged: %v", ids)
	}
	var split struct{ Out struct{ ID string } }
	answer := s.a.Must(200, "POST", "/api/desk/messages/"+note+"/split", map[string]any{})
	answer.JSON(t, &split)
	ids, _ := s.mentions(s.b)
	if len(ids) != 1 || ids[0] == gone || len(s.followers(ids[0])) != 2 {
		t.Errorf("split: %v %s", ids, answer.Body)
	}
}

func TestAHandOverIsOneActWithOneUndo(t *testing.T) {
	s := open(t)
	conv := s.customer("v1", "one")
	path := "/api/desk/conversations/" + conv
	for _, body := range []map[string]any{{"assignee": s.mina.Id, "text": " "}, {"assignee": "none00000000000", "text": "x"}, {"assignee": "", "text": "x"}} {
		s.a.Must(400, "POST", path+"/handover", body)
	}
	if n, _ := s.CountRecords(schema.Messages); n != 1 {
		t.Fatalf("%d messages after what was refused", n)
	}
	body := map[string]any{"assignee": s.mina.Id, "text": "he wants a **refund**, @mina", "client_id": "h1"}
	stream := s.b.Listen("topic=inbox&after=0")
	var done, again struct {
		Undo         string
		Message      struct{ ID, Kind string }
		Conversation struct{ Assignee string }
	}
	s.a.Must(200, "POST", path+"/handover", body).JSON(t, &done)
	if done.Conversation.Assignee != s.mina.Id || done.Message.Kind != "note" {
		t.Errorf("handed over: %+v", done)
	}
	stream.Await("message", `"note":"`+done.Message.ID+`"`) // the event names the note
	s.a.Must(200, "POST", path+"/handover", body).JSON(t, &again)
	if again.Message.ID != done.Message.ID || again.Undo != "" {
		t.Errorf("repeated: %+v", again)
	}
	s.b.Must(404, "POST", "/api/desk/undo", map[string]any{"undo": done.Undo})
	s.a.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": done.Undo})
	stream.Await("gone", done.Message.ID)
	c, err := s.FindRecordById(schema.Conversations, conv)
	if err != nil || c.GetString(schema.ConvAssignee) != "" || c.GetString(schema.ConvPreview) != "one" {
		t.Errorf("after undo: %v %v", c, err)
	}
	if _, err := s.FindRecordById(schema.Messages, done.Message.ID); err == nil {
		t.Error("the note is still there")
	}
	if ids, unseen := s.mentions(s.b); len(ids)+unseen != 0 {
		t.Errorf("mina is still called: %v", ids)
	}
}
