package logbook_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/logbook"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestABookIsPutAsideWhenItHasGrownAndThinnedOut(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := &logbook.Book{Dir: filepath.Join(t.TempDir(), "logs"), Most: 100, Keep: 3, Age: 24 * time.Hour, Now: func() time.Time { return now }}
	files := func() []string {
		all, err := filepath.Glob(filepath.Join(b.Dir, "*.log"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for i := range 30 {
		now = now.Add(time.Second)
		if err := b.Write(fmt.Appendf(nil, "%040d\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(files()); n != 4 {
		t.Fatalf("%d files, want the newest and three: %v", n, files())
	}
	for _, f := range files() {
		raw, err := os.ReadFile(f)
		if err != nil || len(raw) > 100 || !bytes.HasSuffix(raw, []byte("\n")) {
			t.Errorf("%s has %d bytes (%v)", f, len(raw), err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(b.Dir, logbook.Name))
	if err != nil || !strings.Contains(string(raw), "0029\n") {
		t.Errorf("the newest has %q (%v)", raw, err)
	}
	info, err := os.Stat(filepath.Join(b.Dir, logbook.Name))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
	now = now.Add(48 * time.Hour)
	if err := b.Thin(); err != nil || len(files()) != 1 {
		t.Errorf("after two days: %v, %v", files(), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Write([]byte("again\n")); err != nil {
		t.Error("a closed book is not opened again: ", err)
	}
}

// Words that nothing but a person's own data holds.
var recognisable = []string{
	"Zubaidaxyz", "zubaidaxyz", "জুবাইদাক্ষজ", "01799887766", "1799887766", "peculiarsentence", "অদ্ভুতবাক্যটি", "203.0.113.77", "wrong-password-xyz",
}

// A whole story of a customer and staff, with failures, leaves nothing of
// them in the log: neither in PocketBase's table nor in the file.
func TestTheLogHoldsNothingOfPeople(t *testing.T) {
	app := hookstest.New(t)
	set := app.Settings()
	set.Logs.MinLevel = -8 // all there is
	set.Logs.LogIP, set.Logs.LogAuthId = true, true
	set.Logs.MaxDays = 5
	set.TrustedProxy.Headers = []string{"X-Forwarded-For"}
	if err := app.Save(set); err != nil {
		t.Fatal(err)
	}
	owner := app.Agent("asha", schema.RoleOwner)
	smtp := mailtest.NewSMTP(t)
	smtp.Fail("rcpt zubaidaxyz@example.com", &mailtest.Fault{Code: 550, Text: "5.1.1 <zubaidaxyz@example.com> no such user Zubaidaxyz"})
	imap := mailtest.NewIMAP(t)
	c, err := app.FindCollectionByNameOrId(schema.Mailboxes)
	if err != nil {
		t.Fatal(err)
	}
	box := core.NewRecord(c)
	box.Load(map[string]any{
		schema.MailboxAddress: mailtest.Login, schema.MailboxActive: true, schema.MailboxIMAPHost: "127.0.0.1", schema.MailboxIMAPPort: imap.Port, schema.MailboxIMAPSecurity: schema.SecurityNone,
		schema.MailboxSMTPHost: "127.0.0.1", schema.MailboxSMTPPort: smtp.Port, schema.MailboxSMTPSecurity: schema.SecurityNone, schema.MailboxFetchDays: 1,
		schema.MailboxLogin: mailtest.Login, schema.MailboxPassword: mailtest.Password, schema.MailboxRateMinute: 1000, schema.MailboxRateDay: 1000,
	})
	if err := app.Save(box); err != nil {
		t.Fatal(err)
	}
	base := app.Serve()
	head := http.Header{"X-Forwarded-For": {"203.0.113.77"}, "Referer": {base + "/?q=peculiarsentence"}, "User-Agent": {"Zubaidaxyz Browser"}}
	guest := &hookstest.Client{TB: t, Base: base, Head: head}
	var start struct{ Token string }
	guest.Do(http.MethodPost, "/api/chat/start", map[string]any{}).JSON(t, &start)
	visitor := &hookstest.Client{TB: t, Base: base, Token: start.Token, Head: head}
	visitor.Do(http.MethodPost, "/api/chat/messages", map[string]any{"client_id": "client-id-1", "text": "a peculiarsentence, অদ্ভুতবাক্যটি, call 01799887766"})
	visitor.Do(http.MethodPost, "/api/chat/messages", map[string]any{"client_id": "x", "text": "peculiarsentence"}) // refused
	visitor.Do(http.MethodPost, "/api/chat/email", map[string]any{"email": "zubaidaxyz@example.com", "name": "Zubaidaxyz জুবাইদাক্ষজ"})
	visitor.Do(http.MethodGet, "/api/chat/help?q=peculiarsentence", nil)
	imap.Put("From: Zubaidaxyz <zubaidaxyz@example.com>\r\nTo: help@shop.test\r\nSubject: peculiarsentence\r\nMessage-ID: <log1@example.com>\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\na peculiarsentence\r\n")
	imap.Put("From: Zubaidaxyz <zubaidaxyz@\r\nSubject: =?broken peculiarsentence\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n")
	hookstest.Until(t, "the mail", time.Minute, func() bool {
		var n int
		return app.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE channel = 'email'`).Row(&n) == nil && n > 0
	})
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(owner), Head: head}
	var conv string
	if err := app.DB().NewQuery(`SELECT conversation FROM messages WHERE channel = 'email' LIMIT 1`).Row(&conv); err != nil {
		t.Fatal(err)
	}
	desk.Do(http.MethodPost, "/api/desk/conversations/"+conv+"/reply", map[string]any{"text": "an answer with a peculiarsentence", "kind": "reply"})
	desk.Do(http.MethodGet, "/api/desk/search?q=Zubaidaxyz+peculiarsentence", nil)
	desk.Do(http.MethodGet, "/api/desk/contacts?q=zubaidaxyz@example.com", nil)
	desk.Do(http.MethodPost, "/api/desk/conversations", map[string]any{"email": "zubaidaxyz@example.com", "text": "peculiarsentence", "subject": "peculiarsentence"})
	desk.Do(http.MethodGet, "/api/collections/contacts/records?filter=(name='Zubaidaxyz')", nil)
	guest.Do(http.MethodPost, "/api/collections/agents/auth-with-password", map[string]any{"identity": "zubaidaxyz@example.com", "password": "wrong-password-xyz"})
	guest.Do(http.MethodGet, "/nothing/here?name=Zubaidaxyz&mail=zubaidaxyz%40example.com", nil)
	hookstest.Until(t, "the answer to fail", time.Minute, func() bool {
		var n int
		return app.DB().NewQuery(`SELECT COUNT(*) FROM outbox WHERE state = 'failed'`).Row(&n) == nil && n > 0
	})
	app.Logger().Error("a line that names somebody", "error", fmt.Errorf("mail to zubaidaxyz@example.com at +880 1799887766"), "name", "Zubaidaxyz")

	var lines []struct {
		Message string `db:"message"`
		Data    string `db:"data"`
	}
	hookstest.Until(t, "the log", time.Minute, func() bool {
		lines = nil
		if err := app.AuxDB().NewQuery(`SELECT message, data FROM _logs`).All(&lines); err != nil {
			t.Fatal(err)
		}
		return len(lines) > 8
	})
	dir := app.DataDir()
	app.Stop() // writes what waits
	raw, err := os.ReadFile(filepath.Join(dir, logbook.Folder, logbook.Name))
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte("\n")); n < len(lines) {
		t.Errorf("the file has %d lines, the table %d", n, len(lines))
	}
	for _, part := range []string{`"level":"ERROR"`, "a line that names somebody", "/api/collections/contacts/records?"} {
		if !bytes.Contains(raw, []byte(part)) {
			t.Errorf("the file lacks %s", part)
		}
	}
	for _, word := range recognisable {
		if i := bytes.Index(raw, []byte(word)); i >= 0 {
			t.Errorf("the file holds %q: …%s", word, raw[max(0, i-200):min(len(raw), i+100)])
		}
		for _, l := range lines {
			if strings.Contains(l.Message+l.Data, word) {
				t.Errorf("the table holds %q: %s %s", word, l.Message, l.Data)
			}
		}
	}
}
