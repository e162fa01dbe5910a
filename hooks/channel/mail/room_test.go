package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// desk is an app with a mailbox on test servers.
type desk struct {
	*hookstest.App
	t    testing.TB
	imap *mailtest.IMAP
	smtp *mailtest.SMTP
	box  *core.Record
	url  string
}

// newDesk starts everything. set may change the mailbox before it is saved.
func newDesk(t testing.TB, set ...func(*core.Record)) *desk {
	t.Helper()
	return newDeskOn(t, hookstest.New(t), set...)
}

func newDeskOn(t testing.TB, app *hookstest.App, set ...func(*core.Record)) *desk {
	t.Helper()
	d := &desk{App: app, t: t, imap: mailtest.NewIMAP(t), smtp: mailtest.NewSMTP(t)}
	d.Rooms.Mail.Quick()
	d.Shop(map[string]any{schema.ShopLanguage: "en", schema.ShopName: "Shohay Shop", schema.ShopAckEnabled: false})
	d.box = d.mailbox()
	for _, f := range set {
		f(d.box)
	}
	if err := d.Save(d.box); err != nil {
		t.Fatal(err)
	}
	return d
}

// serve starts the loops and waits until the mailbox is being read.
func (d *desk) serve() *desk {
	d.t.Helper()
	d.url = d.Serve()
	if d.box.GetBool(schema.MailboxActive) {
		hookstest.Until(d.t, "the first contact", 10*time.Second, func() bool { return d.field(schema.MailboxUIDValidity) != "0" })
	}
	return d
}

func (d *desk) mailbox() *core.Record {
	c, err := d.FindCollectionByNameOrId(schema.Mailboxes)
	if err != nil {
		d.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{
		schema.MailboxAddress: mailtest.Login, schema.MailboxAliases: []string{"sales@shop.test"}, schema.MailboxActive: true,
		schema.MailboxIMAPHost: "127.0.0.1", schema.MailboxIMAPPort: d.imap.Port, schema.MailboxIMAPSecurity: schema.SecurityNone,
		schema.MailboxSMTPHost: "127.0.0.1", schema.MailboxSMTPPort: d.smtp.Port, schema.MailboxSMTPSecurity: schema.SecurityNone,
		schema.MailboxRateMinute: 10000, schema.MailboxRateDay: 100000, // their test sets its own
		schema.MailboxLogin: mailtest.Login, schema.MailboxPassword: mailtest.Password,
	})
	return r
}

// field reads a column of the mailbox as it is now.
func (d *desk) field(name string) string {
	var v string
	if err := d.DB().NewQuery("SELECT " + name + " FROM mailboxes WHERE id = {:id}").Bind(dbx.Params{"id": d.box.Id}).Row(&v); err != nil {
		d.t.Fatal(err)
	}
	return told(v)
}

// told is a kept sentence in English.
func told(text string) string { return i18n.Current().Told("en", text, time.UTC) }

func (d *desk) count(table, where string) int {
	var n int
	if err := d.DB().NewQuery("SELECT COUNT(*) FROM " + table + " WHERE " + where).Row(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	hookstest.Until(d.t, what, 15*time.Second, ok)
}

// incoming waits for n customer messages and returns them in order.
func (d *desk) incoming(n int) []*core.Record {
	d.t.Helper()
	d.until(fmt.Sprintf("%d messages", n), func() bool { return d.count("messages", "kind='incoming'") >= n })
	records, err := d.FindRecordsByFilter(schema.Messages, "kind = 'incoming'", "seq", 0, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(records) != n {
		d.t.Fatalf("%d messages instead of %d", len(records), n)
	}
	return records
}

func (d *desk) conv(id string) *core.Record {
	d.t.Helper()
	r, err := d.FindRecordById(schema.Conversations, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) message(id string) *core.Record {
	d.t.Helper()
	r, err := d.FindRecordById(schema.Messages, id)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Set(schema.MsgDeliveryDetail, told(r.GetString(schema.MsgDeliveryDetail)))
	return r
}

// reply answers a conversation as an agent and returns the message.
func (d *desk) reply(conv, text string, change ...func(*conversation.Draft)) *core.Record {
	d.t.Helper()
	draft := conversation.Draft{Conversation: conv, Kind: schema.MessageOutgoing, Text: text}
	for _, f := range change {
		f(&draft)
	}
	sent, err := d.Rooms.Conversation.Reply(d.App, draft)
	if err != nil {
		d.t.Fatal(err)
	}
	return sent.Message.Record
}

// taken waits until the submission server has n mails.
func (d *desk) taken(n int) []mailtest.Mail {
	d.t.Helper()
	d.until(fmt.Sprintf("%d mails sent", n), func() bool { return len(d.smtp.Mails()) >= n })
	return d.smtp.Mails()
}

// due makes what waits in the outbox due now.
func (d *desk) due() {
	d.t.Helper()
	if _, err := d.DB().NewQuery("UPDATE outbox SET due = '2000-01-01 00:00:00.000Z' WHERE state IN ('queued','uncertain')").Execute(); err != nil {
		d.t.Fatal(err)
	}
	d.Rooms.Outbox.Wake()
}

// letter is a mail to the shop.
type letter struct {
	from, subject, id, refs, extra, body string
}

func (l letter) String() string {
	if l.from == "" {
		l.from = "Rahim Uddin <rahim@customer.test>"
	}
	if l.subject == "" {
		l.subject = "Where is my parcel?"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: Shop <%s>\r\nSubject: %s\r\nDate: Sun, 22 Nov 2026 10:00:00 +0600\r\n", l.from, mailtest.Login, l.subject)
	if l.id != "" {
		fmt.Fprintf(&b, "Message-ID: <%s>\r\n", l.id)
	}
	if l.refs != "" {
		fmt.Fprintf(&b, "References: %s\r\n", l.refs)
	}
	b.WriteString(strings.ReplaceAll(l.extra, "\n", "\r\n"))
	if !strings.Contains(l.extra, "\n\n") {
		b.WriteString("\r\n" + l.body + "\r\n")
	}
	return b.String()
}

// header reads a field of a raw mail, unfolded.
func header(raw, name string) string {
	head, _, _ := strings.Cut(strings.ReplaceAll(raw, "\r\n", "\n"), "\n\n")
	head = strings.ReplaceAll(strings.ReplaceAll(head, "\n ", " "), "\n\t", " ")
	for line := range strings.SplitSeq(head, "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
