package trash_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type shop struct {
	*hookstest.App
	t    *testing.T
	base string
	rafi *hookstest.Client
	mina *hookstest.Client // an owner
}

func open(t *testing.T) *shop {
	app := hookstest.New(t)
	s := &shop{App: app, t: t, base: app.Serve()}
	s.rafi = &hookstest.Client{TB: t, Base: s.base, Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	s.mina = &hookstest.Client{TB: t, Base: s.base, Token: app.Token(app.Agent("mina", schema.RoleOwner))}
	return s
}

// chat is a visitor's message with a file.
func (s *shop) chat(visitor, id string) conversation.Received {
	s.t.Helper()
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + visitor, Keys: []string{id}, ClientID: id, Visitor: visitor, Text: "hello " + id,
		From:  []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
		Files: []conversation.File{{Name: "note.txt", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("the secret")), nil }}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// letter is a mail whose original is kept.
func (s *shop) letter(id string, thread string) (conversation.Received, string) {
	s.t.Helper()
	sum := sha256.Sum256([]byte(id))
	sha := hex.EncodeToString(sum[:])
	name, err := mail.KeptFile(s, sha)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(id), 0o600); err != nil {
		s.t.Fatal(err)
	}
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelEmail, Account: "box1", Keys: []string{"<" + id + ">"}, ChannelID: id, SenderAddress: "a@mail.test", Text: "mail " + id, RawSHA: sha,
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: "a@mail.test"}}, Thread: conversation.Thread{Conversation: thread, Address: "a@mail.test"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return got, name
}

func (s *shop) remove(id string) (undo string) {
	s.t.Helper()
	var a struct{ Undo string }
	s.rafi.Must(200, "DELETE", "/api/desk/conversations/"+id, nil).JSON(s.t, &a)
	return a.Undo
}

func (s *shop) listed(by *hookstest.Client, view string) (ids []string) {
	s.t.Helper()
	var page struct{ Rows []struct{ ID string } }
	by.Must(200, "GET", "/api/desk/conversations?view="+view, nil).JSON(s.t, &page)
	for _, r := range page.Rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// backdate lets a deletion have happened days ago.
func (s *shop) backdate(id string, days int) {
	s.t.Helper()
	r, err := s.FindRecordById(schema.Conversations, id)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Set(schema.ConvDeletedAt, time.Now().AddDate(0, 0, -days))
	if err := s.Save(r); err != nil {
		s.t.Fatal(err)
	}
}

func TestWhatIsDeletedIsOutOfEveryListAndComesBackAsItWas(t *testing.T) {
	s := open(t)
	got := s.chat("v1", "client-1")
	id := got.Conversation.Id
	undo := s.remove(id)
	for _, view := range []string{"all", "open", "unassigned", "solved", "channel:chat"} {
		if got := s.listed(s.mina, view); len(got) != 0 {
			t.Errorf("%s still lists %v", view, got)
		}
	}
	if got := s.listed(s.mina, "deleted"); !slices.Equal(got, []string{id}) {
		t.Errorf("the deleted: %v", got)
	}
	if a := s.rafi.Do("GET", "/api/desk/conversations?view=deleted", nil); a.Status != 400 {
		t.Errorf("an agent sees what is deleted: %d", a.Status)
	}
	var boot struct {
		Counts struct{ Open, Unassigned int }
	}
	s.mina.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
	if boot.Counts.Open+boot.Counts.Unassigned != 0 {
		t.Errorf("it is still counted: %+v", boot.Counts)
	}
	s.rafi.Must(404, "POST", "/api/desk/conversations/"+id+"/reply", map[string]any{"client_id": "c", "kind": "note", "text": "x"})
	s.rafi.Must(404, "POST", "/api/desk/conversations/"+id+"/transcript", nil)
	s.rafi.Must(404, "POST", "/api/desk/messages/"+got.Message.Id+"/retry", nil)
	s.rafi.Must(404, "PATCH", "/api/desk/conversations/"+id, map[string]any{"priority": 1})
	s.rafi.Must(204, "POST", "/api/desk/undo", map[string]any{"undo": undo})
	if got := s.listed(s.rafi, "unassigned"); !slices.Equal(got, []string{id}) {
		t.Errorf("back: %v", got)
	}
	r, err := s.FindRecordById(schema.Conversations, id)
	if err != nil || r.GetString(schema.ConvWaitingSince) == "" || r.GetString(schema.ConvDeletedBy) != "" {
		t.Errorf("it came back without its clock: %v", err)
	}
}

func TestWhoMayBringItBack(t *testing.T) {
	s := open(t)
	id := s.chat("v1", "client-1").Conversation.Id
	s.remove(id)
	other := &hookstest.Client{TB: t, Base: s.base, Token: s.Token(s.Agent("karim", schema.RoleAgent))}
	other.Must(404, "GET", "/api/desk/conversations/"+id, nil)
	other.Must(404, "POST", "/api/desk/conversations/"+id+"/restore", nil)
	other.Must(404, "GET", "/api/collections/conversations/records/"+id, nil)
	s.rafi.Must(200, "GET", "/api/desk/conversations/"+id, nil)
	s.backdate(id, 1)
	s.rafi.Must(404, "POST", "/api/desk/conversations/"+id+"/restore", nil)
	s.mina.Must(200, "POST", "/api/desk/conversations/"+id+"/restore", nil)
	if got := s.listed(other, "unassigned"); len(got) != 1 {
		t.Errorf("back: %v", got)
	}
}

func TestTheCustomerBeginsAnew(t *testing.T) {
	s := open(t)
	first := s.chat("v1", "client-1")
	s.remove(first.Conversation.Id)
	if conv, err := conversation.OfVisitor(s, "v1"); err != nil || conv != nil {
		t.Errorf("the browser still opens it: %v", err)
	}
	if got := s.chat("v1", "client-2"); got.Conversation.Id == first.Conversation.Id {
		t.Error("the next message went where nobody looks")
	}
	letter, _ := s.letter("m1@mail.test", "")
	s.remove(letter.Conversation.Id)
	if got, _ := s.letter("m2@mail.test", letter.Conversation.Id); got.Conversation.Id == letter.Conversation.Id {
		t.Error("an answer by mail went where nobody looks")
	}
}

func TestErasingLeavesNothingButTheLedger(t *testing.T) {
	s := open(t)
	s.Shop(map[string]any{schema.ShopDeletedDays: 30})
	old, name := s.letter("m1@mail.test", "")
	child, childName := s.letter("m2@mail.test", "")
	kept, keptName := s.letter("m3@mail.test", "")
	fresh := s.chat("v2", "client-1").Conversation
	doomed := s.chat("v1", "client-1")
	if _, err := conversation.Merge(s, old.Conversation.Id, child.Conversation.Id, ""); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{old.Conversation.Id, fresh.Id, doomed.Conversation.Id} {
		s.remove(id)
	}
	s.backdate(old.Conversation.Id, 31)
	s.backdate(doomed.Conversation.Id, 31)
	s.backdate(fresh.Id, 29)
	folder := filepath.Join(s.DataDir(), "storage", doomed.Message.Collection().Id, doomed.Message.Id)
	if _, err := os.Stat(folder); err != nil {
		t.Fatal(err)
	}

	if gone, err := s.Rooms.Retention.Run(t.Context(), time.Now()); err != nil || gone["deleted"] != 2 {
		t.Fatalf("%v erased, %v", gone, err)
	}
	for _, r := range []*core.Record{old.Conversation.Record, child.Conversation.Record, doomed.Conversation.Record, old.Message.Record, child.Message.Record, doomed.Message.Record} {
		if _, err := s.FindRecordById(r.Collection(), r.Id); err == nil {
			t.Errorf("%s %s is still there", r.Collection().Name, r.Id)
		}
	}
	for _, file := range []string{name, childName, folder} {
		hookstest.Until(t, file+" is gone", 5*time.Second, func() bool { _, err := os.Stat(file); return err != nil })
	}
	if _, err := os.Stat(keptName); err != nil {
		t.Error("the original of another mail is gone too")
	}
	for _, id := range []string{kept.Conversation.Id, fresh.Id} {
		if _, err := s.FindRecordById(schema.Conversations, id); err != nil {
			t.Errorf("%s was erased too", id)
		}
	}
	// Fetched once more, it is known.
	if again, _ := s.letter("m1@mail.test", ""); again.New || again.Message != nil {
		t.Error("an erased mail came back")
	}
	var left int
	if err := s.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE conversation NOT IN (SELECT id FROM conversations)`).Row(&left); err != nil || left != 0 {
		t.Errorf("%d messages of nothing are left: %v", left, err)
	}
}

func TestAnOriginalThatSomethingElseNeedsStays(t *testing.T) {
	s := open(t)
	first, name := s.letter("same@mail.test", "")
	// The same bytes in the quarantine of another mailbox.
	c, err := s.FindCollectionByNameOrId(schema.Quarantine)
	if err != nil {
		t.Fatal(err)
	}
	q := core.NewRecord(c)
	q.Set(schema.QuarantineRaw, first.Message.GetString(schema.MsgRaw))
	if err := s.Save(q); err != nil {
		t.Fatal(err)
	}
	s.remove(first.Conversation.Id)
	s.backdate(first.Conversation.Id, 4000)
	if gone, err := s.Rooms.Retention.Run(t.Context(), time.Now()); err != nil || gone["deleted"] != 1 {
		t.Fatalf("%v erased, %v", gone, err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Error("what is in the quarantine lost its original")
	}
	for _, sha := range []string{"", "../../etc/passwd", strings.Repeat("a", 64)} {
		if err := s.Rooms.Mail.Forget(s, sha); err != nil && !os.IsNotExist(err) && err != fs.ErrNotExist {
			t.Errorf("%q: %v", sha, err)
		}
	}
}
