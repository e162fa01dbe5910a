package mail_test

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/dovecottest"
	"github.com/shohay/shohay/hooks/channel/mail/eximtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// A folder by the name that the owner chose is read, and what is sent is filed
// in the folder that Dovecot marks for it, whatever its name (RFC 6154).
func TestFoldersOfDovecot(t *testing.T) { // rule 70
	server := dovecottest.Start(t)
	c, err := imapclient.DialInsecure(net.JoinHostPort("127.0.0.1", strconv.Itoa(server.IMAP)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(dovecottest.Login, dovecottest.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	const folder = "Kunden.আদেশ"
	if err := c.Create(folder, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	put := func(l letter) {
		t.Helper()
		raw := l.String()
		cmd := c.Append(folder, int64(len(raw)), nil)
		if _, err := cmd.Write([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	d := newDesk(t, func(r *core.Record) {
		r.Set(schema.MailboxIMAPPort, server.IMAP)
		r.Set(schema.MailboxFolder, folder)
		r.Set(schema.MailboxFileSent, true)
	}).serve()
	server.Put(letter{id: "inbox@customer.test"}.String()) // not the folder that is read
	put(letter{id: "folder@customer.test", body: "Where is it?"})
	m := d.incoming(1)[0]
	if m.GetString(schema.MsgChannelID) != "folder@customer.test" {
		t.Errorf("read %s", m.GetString(schema.MsgChannelID))
	}

	// The owner is shown what there is to choose from.
	owner := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("owner", schema.RoleOwner))}
	var list struct {
		Folders []struct{ Name, Use string }
		Folder  string
	}
	owner.Must(200, "GET", "/api/desk/mailboxes/"+d.box.Id+"/folders", nil).JSON(t, &list)
	uses := map[string]string{}
	for _, f := range list.Folders {
		uses[f.Name] = f.Use
	}
	for name, use := range map[string]string{"INBOX": "inbox", "Verschickt": "sent", "Werbung": "junk", folder: ""} {
		if got, there := uses[name]; !there || got != use {
			t.Errorf("folder %s is %q (there: %v), want %q", name, got, there, use)
		}
	}
	if list.Folder != folder {
		t.Errorf("the folder that is read: %q", list.Folder)
	}

	// An answer is filed once, as read.
	d.reply(m.GetString(schema.MsgConversation), "Under way.")
	sent := d.taken(1)[0]
	d.until("the copy is filed", func() bool { mails, _ := server.Filed("Verschickt"); return len(mails) > 0 })
	mails, seen := server.Filed("Verschickt")
	if len(mails) != 1 || seen != 1 || header(mails[0], "Message-ID") != header(sent.Raw, "Message-ID") {
		t.Errorf("%d copies, %d of them read", len(mails), seen)
	}
}

// Rule 64: a connection ends after a hundred mails, and when it had nothing to
// do for a minute.
func TestAConnectionEndsAfterAHundredMailsAndAMinute(t *testing.T) {
	d, conv := begun(t)
	for i := range 105 {
		d.reply(conv, fmt.Sprint("answer ", i))
	}
	hookstest.Until(t, "all are settled", time.Minute, func() bool { return d.count("outbox", "state = 'sent'") == 105 })
	before := d.smtp.Connections()
	if before < 2 || before > 4 {
		t.Errorf("%d connections for 105 mails", before)
	}
	d.reply(conv, "at once")
	d.taken(106)
	d.until("it is settled", func() bool { return d.count("outbox", "state = 'sent'") == 106 })
	if n := d.smtp.Connections(); n != before {
		t.Errorf("%d connections, the one that waited was not used", n)
	}
	d.Rooms.Mail.Aged()
	d.reply(conv, "a minute later")
	d.taken(107)
	if n := d.smtp.Connections(); n == before {
		t.Error("a connection that waited for a minute was used")
	}
}

// Answers go out over lines that are secured in both ways, to a server whose
// certificate is checked, and over no other.
func TestAnswersGoOutSecured(t *testing.T) {
	dovecot := dovecottest.Start(t)
	exim := eximtest.Start(t, dovecot.LMTP)
	for security, port := range map[string]int{schema.SecurityTLS: exim.Ports, schema.SecurityStartTLS: exim.Port} {
		secured := func(host string) func(*core.Record) {
			return func(r *core.Record) {
				r.Set(schema.MailboxSMTPHost, host)
				r.Set(schema.MailboxSMTPPort, port)
				r.Set(schema.MailboxSMTPSecurity, security)
			}
		}
		answer := func(d *desk, text string) string {
			d.imap.Put(letter{id: "q@customer.test"}.String())
			return d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), text).Id
		}
		delivered := func(text string) bool {
			return slices.ContainsFunc(dovecot.Delivered(), func(raw string) bool { return strings.Contains(raw, text) })
		}

		trust := newDeskOn(t, hookstest.New(t, func(deps *hooks.Deps) { deps.MailTLS = exim.TLS }), secured("localhost")).serve()
		text := "It goes by " + security + "."
		answer(trust, text)
		trust.until("it lies in the customer's mailbox", func() bool { return delivered(text) })

		strange := newDesk(t, secured("localhost")).serve()
		text = "It must not go by " + security + "."
		id := answer(strange, text)
		strange.until("the owner is told of the certificate", func() bool {
			return strings.Contains(strange.field(schema.MailboxLastError), "certificate") && strange.row(id).GetString(schema.OutboxState) == schema.OutboxQueued
		})
		if delivered(text) {
			t.Errorf("%s: an answer went to a server that nobody trusts", security)
		}
		if line := exim.Log(); security == schema.SecurityTLS && !strings.Contains(line, "X=TLS1") {
			t.Errorf("Exim knows of no TLS:\n%s", line)
		}
	}

	// A server that offers no STARTTLS gets neither password nor mail.
	plain := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxSMTPSecurity, schema.SecurityStartTLS) }).serve()
	plain.imap.Put(letter{id: "q@customer.test"}.String())
	m := plain.reply(plain.incoming(1)[0].GetString(schema.MsgConversation), "Not in the clear.")
	plain.until("it was tried", func() bool {
		return plain.row(m.Id).GetInt(schema.OutboxAttempts) > 0 || plain.field(schema.MailboxLastError) != ""
	})
	if n := len(plain.smtp.Mails()); n != 0 || plain.smtp.SignedIn() != "" {
		t.Errorf("%d mails in the clear, signed in by %q", n, plain.smtp.SignedIn())
	}
}
