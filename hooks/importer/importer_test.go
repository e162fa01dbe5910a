package importer_test

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type shop struct {
	*hookstest.App
	t     testing.TB
	owner *hookstest.Client
}

type job struct {
	ID, State, Error                   string
	Dry                                bool
	Total, Done, Made, Joined, Refused int
	Mapping                            []string
}

func open(t testing.TB) *shop {
	t.Helper()
	s := &shop{App: hookstest.New(t), t: t}
	s.owner = &hookstest.Client{TB: t, Token: s.Token(s.Agent("mina", schema.RoleOwner)), Head: http.Header{"Accept-Language": {"en"}}}
	s.owner.Base = s.Serve()
	return s
}

func form(t testing.TB, kind, mailbox, name, content string) hookstest.Form {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range map[string]string{"kind": kind, "mailbox": mailbox} {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return hookstest.Form{Body: &b, Type: w.FormDataContentType()}
}

func (s *shop) upload(kind, mailbox, content string) job {
	s.t.Helper()
	var got struct{ Import job }
	s.owner.Must(200, "POST", "/api/desk/imports", form(s.t, kind, mailbox, "customers.csv", content)).JSON(s.t, &got)
	return got.Import
}

// ends waits until an import is no longer at work.
func (s *shop) ends(id string) job {
	s.t.Helper()
	var got struct{ Import job }
	hookstest.Until(s.t, "the import", 5*time.Minute, func() bool {
		s.owner.Must(200, "GET", "/api/desk/imports/"+id, nil).JSON(s.t, &got)
		return got.Import.State != "running" && got.Import.State != "undoing"
	})
	return got.Import
}

func (s *shop) run(id string, body map[string]any) job {
	s.t.Helper()
	s.owner.Must(200, "POST", "/api/desk/imports/"+id+"/start", body)
	return s.ends(id)
}

func (s *shop) contacts() int64 {
	s.t.Helper()
	n, err := s.CountRecords(schema.Contacts)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *shop) by(kind, value string) *contact.Contact {
	s.t.Helper()
	c, err := contact.FindByIdentity(s.App, kind, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

const customers = "Name,E-mail,Mobile,Notes,Tags\n" +
	"Rahim,rahim@mail.test,1711234567,likes blue,vip\n" +
	"Karim,KARIM@mail.test,01811234567,,\n" +
	"Nobody,,,,\n" +
	"Broken,not an address,,,\n" +
	"Rahim again,,+8801711234567,second note,\n" +
	"Known,known@mail.test,01911234567,a note,\n"

func TestCustomersAreTakenInAndBack(t *testing.T) {
	s := open(t)
	known, err := contact.FindOrCreate(s.App, []contact.Identity{{Kind: schema.KindEmail, Value: "known@mail.test"}}, contact.Defaults{Name: "Keeps this name"})
	if err != nil {
		t.Fatal(err)
	}
	before := s.contacts()
	j := s.upload("contacts", "", customers)
	if j.Total != 6 || strings.Join(j.Mapping, " ") != "name email phone note tags" {
		t.Fatalf("uploaded %+v", j)
	}

	// A check writes nothing and says what would be.
	j = s.run(j.ID, map[string]any{"dry": true})
	if j.State != "new" || j.Made != 2 || j.Joined != 2 || j.Refused != 2 || j.Done != 6 || s.contacts() != before {
		t.Fatalf("checked %+v, %d contacts", j, s.contacts())
	}
	report := string(s.owner.Must(200, "GET", "/api/desk/imports/"+j.ID+"/report", nil).Body)
	if !strings.HasPrefix(report, "\ufeffRow,") || !strings.Contains(report, "\n4,There is neither") || !strings.Contains(report, "\n5,The e-mail address is not one.,Broken,not an address") || strings.Count(report, "\n") != 3 {
		t.Errorf("the report says %s", report)
	}

	j = s.run(j.ID, map[string]any{"dry": false})
	if j.State != "finished" || j.Made != 2 || j.Joined != 2 || j.Refused != 2 || s.contacts() != before+2 {
		t.Fatalf("imported %+v, %d contacts", j, s.contacts())
	}
	rahim := s.by(schema.KindPhone, "+8801711234567")
	if rahim == nil || rahim.Name() != "Rahim" || rahim.GetString(schema.ContactNote) != "likes blue\nsecond note" || len(rahim.GetStringSlice(schema.ContactTags)) != 1 || !strings.HasPrefix(rahim.GetString(schema.ContactCustomerNo), "C-") {
		t.Errorf("Rahim is %v", rahim)
	}
	if c := s.by(schema.KindPhone, "+8801911234567"); c == nil || c.Id != known.Id || c.Name() != "Keeps this name" || c.GetString(schema.ContactNote) != "a note" {
		t.Errorf("who was known is %v", c)
	}
	// Nothing of it is proven.
	if n, err := s.CountRecords(schema.Identities); err != nil || n != 6 {
		t.Errorf("%d identities, %v", n, err)
	}
	// The same file again changes nothing.
	again := s.upload("contacts", "", customers)
	if again = s.run(again.ID, nil); again.Made != 0 || again.Joined != 4 || s.contacts() != before+2 {
		t.Errorf("again %+v", again)
	}

	// Taken back: who has written since stays.
	_, err = conversation.Receive(s.App, conversation.Incoming{Channel: schema.ChannelEmail, Account: "box", Keys: []string{"k"}, Text: "Hello", From: []conversation.Identity{{Kind: schema.KindEmail, Value: "karim@mail.test"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.owner.Must(200, "POST", "/api/desk/imports/"+j.ID+"/undo", nil)
	if j = s.ends(j.ID); j.State != "undone" {
		t.Errorf("taken back %+v", j)
	}
	if s.by(schema.KindPhone, "+8801711234567") != nil || s.by(schema.KindEmail, "karim@mail.test") == nil || s.contacts() != before+1 {
		t.Errorf("%d contacts are left", s.contacts())
	}
	if c := s.by(schema.KindEmail, "known@mail.test"); c == nil || c.GetString(schema.ContactNote) != "" || s.by(schema.KindPhone, "+8801911234567") != nil {
		t.Errorf("who was known is left with %v", c)
	}
	s.owner.Must(400, "POST", "/api/desk/imports/"+j.ID+"/undo", nil)
}

func TestColumnsGoIntoTheOwnersFieldsAndBack(t *testing.T) {
	s := open(t)
	for _, f := range []map[string]any{
		{"key": "birthday", "label_en": "Birthday", "label_bn": "জন্মদিন", "kind": schema.CustomDate, "sort": 1},
		{"key": "level", "label_en": "Level", "label_bn": "স্তর", "kind": schema.CustomChoice, "choices": []string{"gold", "silver"}, "sort": 2},
		{"key": "shoes", "label_en": "Size of shoes", "label_bn": "জুতার মাপ", "kind": schema.CustomNumber, "sort": 3},
	} {
		s.owner.Must(200, "POST", "/api/collections/contact_fields/records", f)
	}
	known, err := contact.FindOrCreate(s.App, []contact.Identity{{Kind: schema.KindEmail, Value: "known@mail.test"}}, contact.Defaults{Name: "Known"})
	if err != nil {
		t.Fatal(err)
	}
	s.owner.Must(200, "PATCH", "/api/desk/contacts/"+known.Id+"/custom", map[string]string{"level": "gold"})
	const table = "E-mail,জন্মদিন,level,Size of Shoes\n" +
		"new@mail.test,২০০০-০১-৩১,silver,\"1,042\"\n" +
		"date@mail.test,31/01/2000,gold,42\n" +
		"level@mail.test,,tin,\n" +
		"known@mail.test,1999-01-01,silver,40\n" +
		"NEW@mail.test,2001-01-01,,\n" +
		"plain@mail.test,,,\n"
	var up struct {
		Import  job
		Preview struct {
			Own []struct{ Field, Label string }
		}
	}
	s.owner.Must(200, "POST", "/api/desk/imports", form(t, "contacts", "", "own.csv", table)).JSON(t, &up)
	if got := fmt.Sprint(up.Import.Mapping, up.Preview.Own); got != "[email own:birthday own:level own:shoes] [{own:birthday Birthday} {own:level Level} {own:shoes Size of shoes}]" {
		t.Fatalf("uploaded %s", got)
	}
	path := "/api/desk/imports/" + up.Import.ID
	s.owner.Must(400, "POST", path+"/start", map[string]any{"mapping": []string{"email", "own:password"}})
	s.owner.Must(400, "POST", path+"/start", map[string]any{"mapping": []string{"email", "birthday"}})
	for _, dry := range []bool{true, false} {
		j := s.run(up.Import.ID, map[string]any{"dry": dry})
		if j.Made != 2 || j.Joined != 2 || j.Refused != 2 || j.Error != "" {
			t.Fatalf("dry %v: %+v", dry, j)
		}
		report := string(s.owner.Must(200, "GET", path+"/report", nil).Body)
		for _, want := range []string{"\n3,“Birthday” is not a date. Write it as 2026-03-26.,date@mail.test", "\n4,\"“Level” is none of its choices: gold, silver.\",level@mail.test"} {
			if !strings.Contains(report, want) {
				t.Errorf("dry %v: the report says %s", dry, report)
			}
		}
	}
	bn := *s.owner
	bn.Head = http.Header{"Accept-Language": {"bn"}}
	if report := string(bn.Must(200, "GET", path+"/report", nil).Body); !strings.Contains(report, "\n3,“জন্মদিন” ঘরের") {
		t.Errorf("the report in Bangla says %s", report)
	}
	custom := func(email string) string {
		t.Helper()
		r := s.by(schema.KindEmail, email)
		if r == nil {
			return "nobody"
		}
		values := map[string]string{}
		if err := r.UnmarshalJSONField(schema.ContactCustom, &values); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(values)
	}
	for email, want := range map[string]string{
		"new@mail.test": "map[birthday:2000-01-31 level:silver shoes:1042]", "known@mail.test": "map[birthday:1999-01-01 level:gold shoes:40]",
		"plain@mail.test": "map[]", "date@mail.test": "nobody", "level@mail.test": "nobody",
	} {
		if got := custom(email); got != want {
			t.Errorf("%s has %s instead of %s", email, got, want)
		}
	}
	// Taken back, but not what somebody changed since.
	s.owner.Must(200, "PATCH", "/api/desk/contacts/"+known.Id+"/custom", map[string]string{"shoes": "41"})
	s.owner.Must(200, "POST", path+"/undo", nil)
	if j := s.ends(up.Import.ID); j.State != "undone" || custom("new@mail.test") != "nobody" || custom("known@mail.test") != "map[level:gold shoes:41]" {
		t.Errorf("taken back %+v, %s", j, custom("known@mail.test"))
	}
}

func TestWhatIsNoTableIsRefused(t *testing.T) {
	s := open(t)
	for kind, content := range map[string]string{"contacts": "PK\x03\x04\x00\x00", "mail": customers, "orders": customers} {
		if a := s.owner.Do("POST", "/api/desk/imports", form(t, kind, "", "x", content)); a.Status != 400 || !bytes.Contains(a.Body, []byte(`"message":"`)) {
			t.Errorf("%s: %d %s", kind, a.Status, a.Body)
		}
	}
	j := s.upload("contacts", "", customers)
	s.owner.Must(400, "POST", "/api/desk/imports/"+j.ID+"/start", map[string]any{"mapping": []string{"name", "", "", "", ""}})
	s.owner.Must(400, "POST", "/api/desk/imports/"+j.ID+"/start", map[string]any{"mapping": []string{"password"}})
}

func TestAnImportGoesOnWhereARestartLeftIt(t *testing.T) {
	s := open(t)
	var b strings.Builder
	b.WriteString("Name,E-mail\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "Customer %d,c%d@mail.test\n", i, i)
	}
	j := s.upload("contacts", "", b.String())
	s.owner.Must(200, "POST", "/api/desk/imports/"+j.ID+"/start", nil)
	hookstest.Until(t, "a part of it", time.Minute, func() bool { return s.contacts() >= 100 })
	dir := s.DataDir()
	s.Stop()
	app := hookstest.Open(t, dir)
	s2 := &shop{App: app, t: t, owner: &hookstest.Client{TB: t}}
	owner, err := app.FindAuthRecordByEmail(schema.Agents, "mina@shop.test")
	if err != nil {
		t.Fatal(err)
	}
	s2.owner.Base, s2.owner.Token = app.Serve(), app.Token(owner)
	if j = s2.ends(j.ID); j.State != "finished" || j.Made != 1500 || j.Joined != 0 || s2.contacts() != 1500 {
		t.Errorf("went on to %+v, %d contacts", j, s2.contacts())
	}
}

const archive = "From nusrat@mail.test Tue Nov 10 09:00:00 2026\n" +
	"From: Nusrat <nusrat@mail.test>\nTo: help@shop.test\nSubject: Blue saree\nDate: Tue, 10 Nov 2026 09:00:00 +0600\nMessage-ID: <one@mail.test>\n\nIs it there?\n>From Dhaka\n\n" +
	"From help@shop.test Tue Nov 10 10:00:00 2026\n" +
	"From: Shop <help@shop.test>\nTo: Nusrat <nusrat@mail.test>\nSubject: Re: Blue saree\nDate: Tue, 10 Nov 2026 10:00:00 +0600\nMessage-ID: <two@shop.test>\nIn-Reply-To: <one@mail.test>\nReferences: <one@mail.test>\n\nYes, it is.\n\n" +
	"From nusrat@mail.test Tue Nov 10 11:00:00 2026\n" +
	"From: Nusrat <nusrat@mail.test>\nTo: help@shop.test\nSubject: Re: Blue saree\nDate: Tue, 10 Nov 2026 11:00:00 +0600\nMessage-ID: <three@mail.test>\nIn-Reply-To: <two@shop.test>\nReferences: <one@mail.test> <two@shop.test>\n\nI take it.\n\n" +
	"From help@shop.test Wed Nov 11 10:00:00 2026\n" +
	"From: Shop <help@shop.test>\nTo: Karim <karim@mail.test>\nSubject: Your order\nDate: Wed, 11 Nov 2026 10:00:00 +0600\nMessage-ID: <four@shop.test>\n\nIt is on its way.\n"

func TestConversationsOfAnArchiveKeepTheirDatesAndSetNothingInMotion(t *testing.T) {
	s := open(t)
	var box struct{ ID string }
	s.owner.Must(200, "POST", "/api/collections/mailboxes/records", map[string]any{"address": "help@shop.test", "active": false}).JSON(t, &box)
	j := s.upload("mail", box.ID, archive)
	if j.Total != 4 {
		t.Fatalf("uploaded %+v", j)
	}
	if j = s.run(j.ID, nil); j.State != "finished" || j.Made != 4 || j.Refused != 0 || j.Joined != 0 {
		t.Fatalf("imported %+v", j)
	}
	nusrat := s.by(schema.KindEmail, "nusrat@mail.test")
	if nusrat == nil || s.by(schema.KindEmail, "help@shop.test") != nil {
		t.Fatal("the contacts are not right")
	}
	convs, err := s.FindRecordsByFilter(schema.Conversations, "id != ''", "number", 0, 0)
	if err != nil || len(convs) != 2 {
		t.Fatalf("%d conversations, %v", len(convs), err)
	}
	talk := convs[0]
	if talk.GetString(schema.ConvContact) != nusrat.Id || talk.GetString(schema.ConvStatus) != schema.StatusSolved || talk.GetDateTime(schema.ConvLastActivity).Time().Format(time.DateOnly) != "2026-11-10" {
		t.Errorf("the conversation is %v", talk.PublicExport())
	}
	messages, err := s.FindRecordsByFilter(schema.Messages, "conversation = '"+talk.Id+"' && kind != 'event'", "seq", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range messages {
		said = append(said, m.GetString(schema.MsgKind)+" "+m.GetDateTime(schema.MsgSentAt).Time().Format("15:04")+" "+strings.TrimSpace(m.GetString(schema.MsgText)))
	}
	if got := strings.Join(said, "|"); got != "incoming 03:00 Is it there?\nFrom Dhaka|outgoing 04:00 Yes, it is.|incoming 05:00 I take it." {
		t.Errorf("it says %q", got)
	}
	var shown struct {
		Messages []struct{ Kind, Created string }
	}
	s.owner.Must(200, "GET", "/api/desk/conversations/"+talk.Id, nil).JSON(t, &shown)
	for _, m := range shown.Messages {
		if m.Kind != "event" && !strings.HasPrefix(m.Created, "2026-11-10T0") {
			t.Errorf("the desk says that it was written at %s", m.Created)
		}
	}
	for table, what := range map[string]string{schema.Outbox: "sends", schema.Reminders: "reminds of", schema.Quarantine: "puts aside"} {
		if n, err := s.CountRecords(table); err != nil || n != 0 {
			t.Errorf("it %s %d, %v", what, n, err)
		}
	}
	// The same archive again is harmless.
	again := s.upload("mail", box.ID, archive)
	if again = s.run(again.ID, nil); again.Made != 0 || again.Joined != 4 {
		t.Errorf("again %+v", again)
	}
	if n, err := s.CountRecords(schema.Messages, nil); err != nil || n < 4 {
		t.Errorf("%d messages, %v", n, err)
	}
	raw, err := json.Marshal(again)
	if err != nil || bytes.Contains(raw, []byte("four@")) {
		t.Errorf("%s, %v", raw, err)
	}
}
