package mail_test

import (
	"net"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// owned is a desk whose mailbox exists switched off, and its owner.
func owned(t *testing.T) (*desk, *hookstest.Client) {
	t.Helper()
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	return d, &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("owner", schema.RoleOwner))}
}

const boxes = "/api/collections/mailboxes/records"

// form is what the admin UI sends for a new mailbox.
func (d *desk) form(change map[string]any) map[string]any {
	f := map[string]any{
		"address": "new@shop.test", "active": true, "login": mailtest.Login, "password": mailtest.Password,
		"imap_host": "127.0.0.1", "imap_port": d.imap.Port, "imap_security": "none",
		"smtp_host": "127.0.0.1", "smtp_port": d.smtp.Port, "smtp_security": "none",
	}
	for k, v := range change {
		f[k] = v
	}
	return f
}

func TestAMailboxThatCannotSignInIsRefusedWithTheServersWords(t *testing.T) {
	d, owner := owned(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	for _, tt := range []struct {
		name   string
		change map[string]any
		field  string
		words  string
	}{
		{"wrong password", map[string]any{"password": "wrong"}, "password", "login failed: the server said “"},
		{"nobody listens for IMAP", map[string]any{"imap_port": closed}, "imap_host", "no mail server listens there; check the port"},
		{"nobody listens for SMTP", map[string]any{"smtp_port": closed}, "smtp_host", "no mail server listens there; check the port"},
		{"no such folder", map[string]any{"folder": "Nowhere"}, "folder", "The folder “Nowhere” cannot be opened: the server said “"},
		{"TLS where there is none", map[string]any{"imap_security": "tls"}, "imap_host", "IMAP: 127.0.0.1 cannot be used: "},
		{"STARTTLS where there is none", map[string]any{"smtp_security": "starttls"}, "smtp_host", "SMTP: 127.0.0.1 cannot be used: "},
		{"no password", map[string]any{"password": ""}, "password", "Type the password of the mailbox."},
		{"no server", map[string]any{"imap_host": "", "smtp_host": ""}, "imap_host", "Name the server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var answer struct {
				Data map[string]struct{ Code, Message string }
			}
			owner.Must(400, "POST", boxes, d.form(tt.change)).JSON(t, &answer)
			if got := answer.Data[tt.field].Message; !strings.Contains(got, tt.words) {
				t.Errorf("%s says %q, want %q; all: %v", tt.field, got, tt.words, answer.Data)
			}
			// Switched off it is saved and not tried.
			tt.change["active"] = false
			owner.Must(200, "POST", boxes, d.form(tt.change))
			if _, err := d.DB().NewQuery("DELETE FROM mailboxes WHERE address = 'new@shop.test'").Execute(); err != nil {
				t.Fatal(err)
			}
		})
	}
	owner.Must(200, "POST", boxes, d.form(nil))
}

// Rule 72.
func TestThePasswordIsSealedAndNeverShown(t *testing.T) {
	d, owner := owned(t)
	root := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Superuser("root@shop.test"))}
	var made struct{ ID string }
	a := owner.Must(200, "POST", boxes, d.form(nil))
	a.JSON(t, &made)
	secret := func() string {
		r, err := d.FindRecordById(schema.Mailboxes, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.GetString(schema.MailboxPassword) != "" {
			t.Error("the password is stored as typed")
		}
		return r.GetString(schema.MailboxSecret)
	}
	before := secret()
	if raw, err := d.Rooms.Settings.Keys().Open(before); err != nil || string(raw) != mailtest.Password {
		t.Fatalf("sealed %q, %v", raw, err)
	}
	for who, c := range map[string]*hookstest.Client{"owner": owner, "superuser": root} {
		for _, answer := range []hookstest.Answer{a, c.Must(200, "GET", boxes+"/"+made.ID, nil), c.Must(200, "GET", boxes, nil),
			c.Must(200, "PATCH", boxes+"/"+made.ID, map[string]any{"name": "Help", "password": ""})} {
			if s := string(answer.Body); strings.Contains(s, mailtest.Password) || strings.Contains(s, before) {
				t.Errorf("%s is shown the secret: %s", who, s)
			}
		}
	}
	if secret() != before {
		t.Error("an empty password changed the stored one")
	}
	// A new one that does not work is refused and changes nothing.
	owner.Must(400, "PATCH", boxes+"/"+made.ID, map[string]any{"password": "wrong"})
	if secret() != before {
		t.Error("a refused password was stored")
	}
	owner.Must(200, "PATCH", boxes+"/"+made.ID, map[string]any{"password": "wrong", "active": false})
	if raw, err := d.Rooms.Settings.Keys().Open(secret()); err != nil || string(raw) != "wrong" {
		t.Errorf("sealed %q, %v", raw, err)
	}
}

func TestAFormDoesNotTurnBackTheCheckpoint(t *testing.T) {
	d := newDesk(t).serve()
	owner := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("owner", schema.RoleOwner))}
	for _, id := range []string{"1@x", "2@x", "3@x"} {
		d.imap.Put(letter{id: id, body: id}.String())
	}
	d.incoming(3)
	d.until("the checkpoint moves", func() bool { return d.field(schema.MailboxUID) == "3" })
	owner.Must(200, "PATCH", boxes+"/"+d.box.Id, map[string]any{"name": "Help", "uid": 0, "uidvalidity": 0, "last_error": "x"})
	if d.field(schema.MailboxUID) != "3" || d.field(schema.MailboxUIDValidity) == "0" || d.field(schema.MailboxLastError) != "" {
		t.Errorf("checkpoint %s/%s, error %q", d.field(schema.MailboxUIDValidity), d.field(schema.MailboxUID), d.field(schema.MailboxLastError))
	}
	d.imap.Put(letter{id: "4@x", body: "4"}.String())
	d.incoming(4)

	// On another server the numbers mean nothing: reading begins anew there,
	// and a mail with an old number is not taken for an old mail.
	other := mailtest.NewIMAP(t)
	other.Put(letter{id: "old@x"}.String())
	owner.Must(200, "PATCH", boxes+"/"+d.box.Id, map[string]any{"imap_host": "localhost", "imap_port": other.Port})
	d.until("the other server is read", func() bool { return d.field(schema.MailboxUID) == "1" })
	other.Put(letter{id: "5@x", body: "5"}.String())
	d.incoming(5)
}

// The rules of access of the room's collections.
func TestWhoMaySeeMailboxes(t *testing.T) {
	d, owner := owned(t)
	agent := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("agent", schema.RoleAgent))}
	guest := &hookstest.Client{TB: t, Base: d.url}
	for name, c := range map[string]*hookstest.Client{"agent": agent, "guest": guest} {
		if a := c.Do("GET", boxes, nil); a.Status == 200 && strings.Contains(string(a.Body), mailtest.Login) {
			t.Errorf("%s lists mailboxes", name)
		}
		for _, try := range []struct{ method, path string }{{"GET", boxes + "/" + d.box.Id}, {"PATCH", boxes + "/" + d.box.Id}, {"DELETE", boxes + "/" + d.box.Id}, {"POST", boxes}} {
			if a := c.Do(try.method, try.path, d.form(nil)); a.Status < 400 {
				t.Errorf("%s may %s: %d", name, try.method, a.Status)
			}
		}
	}
	owner.Must(200, "GET", boxes+"/"+d.box.Id, nil)
}
