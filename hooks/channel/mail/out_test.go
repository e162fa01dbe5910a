package mail_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// begun is a desk with one conversation by mail.
func begun(t *testing.T) (d *desk, conv string) {
	t.Helper()
	d = newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test", subject: "Re: AW: Where is my parcel?", body: "Where is it?\r\n\r\nOn 1 Nov 2026 Shop <help@shop.test> wrote:\r\n> old"}.String())
	return d, d.incoming(1)[0].GetString(schema.MsgConversation)
}

func (d *desk) row(message string) *core.Record {
	d.t.Helper()
	r, err := d.FindFirstRecordByData(schema.Outbox, schema.OutboxMessage, message)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, field := range []string{schema.OutboxLastError, schema.OutboxReceipt} {
		r.Set(field, told(r.GetString(field)))
	}
	return r
}

// Rules 13, 14, 19, 20, 29, 66, 67.
func TestAReplyIsAProperMail(t *testing.T) {
	d, conv := begun(t)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	agent.Set(schema.AgentSignature, "Ayesha, Shohay Shop")
	if err := d.Save(agent); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Rooms.Conversation.Reply(d.App, conversation.Draft{Conversation: conv, Kind: schema.MessageNote, Agent: agent.Id, Text: "a secret note"}); err != nil {
		t.Fatal(err)
	}
	m := d.reply(conv, "আপনার পার্সেল পথে আছে।\nSee https://shop.test/o?id=1&x=2.\n\n<b>Thanks</b>", func(dr *conversation.Draft) {
		dr.Agent, dr.CC = agent.Id, []string{"friend@customer.test"}
		dr.Files = []conversation.File{{Name: "বিল.pdf", Type: "application/pdf", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("%PDF-1.4 bill")), nil
		}}}
	})
	sent := d.taken(1)[0]
	if sent.From != mailtest.Login || !slices.Equal(sent.To, []string{"rahim@customer.test", "friend@customer.test"}) {
		t.Errorf("envelope from %s to %v", sent.From, sent.To)
	}
	number := d.conv(conv).GetInt(schema.ConvNumber)
	id := d.Rooms.Mail.MessageID(conv, m.Id, "rahim@customer.test")
	got := mime.Parse([]byte(sent.Raw))
	for what, pair := range map[string][2]string{
		"subject":     {got.Subject, fmt.Sprintf("Re: Where is my parcel? [#%d]", number)},
		"from":        {got.From.Name + " " + got.From.Addr, "Shohay Shop " + mailtest.Login},
		"message id":  {got.MessageID, id},
		"in reply to": {strings.Join(got.InReplyTo, " "), "one@customer.test"},
		"references":  {strings.Join(got.References, " "), "one@customer.test " + id},
		"cc":          {header(sent.Raw, "Cc"), "<friend@customer.test>"},
		"reply to":    {got.ReplyTo[0].Addr, mailtest.Login},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	for _, field := range []string{"Auto-Submitted", "Precedence", "X-Mailer", "User-Agent", "X-Auto-Response-Suppress"} {
		if v := header(sent.Raw, field); v != "" {
			t.Errorf("a person's reply carries %s: %s", field, v)
		}
	}
	for _, want := range []string{"আপনার পার্সেল পথে আছে।", "Ayesha, Shohay Shop", "Rahim Uddin wrote:", "> Where is it?", fmt.Sprintf("Request #%d", number)} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("%q is missing in\n%s", want, got.Text)
		}
	}
	for _, never := range []string{"a secret note", "> old"} {
		if strings.Contains(got.Text+got.HTML, never) {
			t.Errorf("%q is told to the customer (rule 29)", never)
		}
	}
	for _, want := range []string{`<a href="https://shop.test/o?id=1&amp;x=2">`, "&lt;b&gt;Thanks", `<blockquote type="cite"`} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("%q is missing in\n%s", want, got.HTML)
		}
	}
	if len(got.Parts) != 1 || got.Parts[0].Name != "বিল.pdf" || string(got.Parts[0].Bytes()) != "%PDF-1.4 bill" {
		t.Errorf("attachments %+v", got.Parts)
	}
	for line := range strings.SplitSeq(sent.Raw, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	d.until("it counts as sent", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })
	d.until("the owner sees it", func() bool { return d.field(schema.MailboxLastSend) != "" })

	// The next one refers to the whole exchange.
	d.imap.Put(letter{id: "two@customer.test", refs: "<one@customer.test> <" + id + ">"}.String())
	d.incoming(2)
	next := d.reply(conv, "Anything else?")
	got = mime.Parse([]byte(d.taken(2)[1].Raw))
	want := []string{"one@customer.test", id, "two@customer.test", d.Rooms.Mail.MessageID(conv, next.Id, "rahim@customer.test")}
	if !slices.Equal(got.References, want) || got.InReplyTo[0] != "two@customer.test" {
		t.Errorf("references %v, in reply to %v", got.References, got.InReplyTo)
	}
}

func TestAMachinesReplySaysSo(t *testing.T) { // rule 36
	d, conv := begun(t)
	d.reply(conv, "We got it.", func(dr *conversation.Draft) { dr.Automatic, dr.AuthorKind = true, schema.AuthorBot })
	raw := d.taken(1)[0].Raw
	if header(raw, "Auto-Submitted") != "auto-replied" || header(raw, "X-Auto-Response-Suppress") != "All" {
		t.Errorf("head %s", raw[:400])
	}
}

func TestATemporaryNoIsTriedAgain(t *testing.T) { // P1, rule 63
	for _, step := range []string{"mail", "rcpt rahim@customer.test", "data", "dot"} {
		t.Run(step, func(t *testing.T) {
			d, conv := begun(t)
			d.smtp.Fail(step, &mailtest.Fault{Code: 451, Text: "greylisted, come back", Times: 1})
			m := d.reply(conv, "hello")
			d.until("it waits", func() bool { return d.row(m.Id).GetInt(schema.OutboxAttempts) == 1 })
			if s := d.row(m.Id); s.GetString(schema.OutboxState) != schema.OutboxQueued || !strings.Contains(s.GetString(schema.OutboxLastError), "451 greylisted, come back") {
				t.Errorf("row %v", s.FieldsData())
			}
			d.due()
			d.until("it is sent", func() bool { return d.row(m.Id).GetString(schema.OutboxState) == schema.OutboxSent })
			if n := len(d.smtp.Mails()); n != 1 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func TestAFinalNoIsShown(t *testing.T) { // P1
	for _, step := range []string{"mail", "rcpt rahim@customer.test", "dot"} {
		t.Run(step, func(t *testing.T) {
			d, conv := begun(t)
			d.smtp.Fail(step, &mailtest.Fault{Code: 550, Text: "no such user here"})
			m := d.reply(conv, "hello")
			d.until("it has failed", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliveryFailed })
			if detail := d.message(m.Id).GetString(schema.MsgDeliveryDetail); !strings.Contains(detail, "550 no such user here") {
				t.Errorf("detail %q", detail)
			}
			if d.row(m.Id).GetInt(schema.OutboxAttempts) != 1 || len(d.smtp.Mails()) != 0 {
				t.Error("it was tried again")
			}
		})
	}
}

// P4, rules 61 and 62, test list i: the one case in which a mail may come
// twice, and then it is the same one.
func TestACutAfterTheLastDotIsADoubt(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("dot", &mailtest.Fault{Drop: true, Stored: true, Times: 1})
	m := d.reply(conv, "hello", func(dr *conversation.Draft) {
		dr.Files = []conversation.File{{Name: "a.bin", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(strings.Repeat("x", 300_000))), nil
		}}}
	})
	d.until("there is a doubt", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliveryUncertain })
	time.Sleep(5 * time.Millisecond) // another Date would show
	d.due()
	mails := d.taken(2)
	if mails[0].Raw != mails[1].Raw || header(mails[0].Raw, "Message-ID") == "" {
		t.Error("the repeated mail is another one")
	}
	d.until("it is sent", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })
}

func TestACutBeforeTheLastDotIsNoDoubt(t *testing.T) {
	for _, step := range []string{"mail", "rcpt rahim@customer.test"} {
		t.Run(step, func(t *testing.T) {
			d, conv := begun(t)
			d.smtp.Fail(step, &mailtest.Fault{Drop: true, Times: 1})
			m := d.reply(conv, "hello")
			d.until("it waits", func() bool { return d.row(m.Id).GetInt(schema.OutboxAttempts) == 1 })
			if s := d.row(m.Id).GetString(schema.OutboxState); s != schema.OutboxQueued {
				t.Errorf("it is %s", s)
			}
			d.due()
			d.taken(1)
		})
	}
}

// Rules 63 and 65: what is wrong with the account burns no attempts.
func TestARefusedSignInKeepsTheMailWaiting(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("auth", &mailtest.Fault{Code: 535, Text: "Username and Password not accepted"})
	m := d.reply(conv, "hello")
	d.until("the owner is told", func() bool {
		return strings.Contains(d.field(schema.MailboxLastError), "SMTP login failed: the server said “535 Username and Password not accepted”")
	})
	d.until("it waits", func() bool {
		return strings.Contains(d.row(m.Id).GetString(schema.OutboxLastError), "SMTP login failed")
	})
	if r := d.row(m.Id); r.GetInt(schema.OutboxAttempts) != 0 || r.GetString(schema.OutboxState) != schema.OutboxQueued {
		t.Errorf("row %v", r.FieldsData())
	}
	// Saving the mailbox, put right, sends what waits.
	d.smtp.Fail("auth", nil)
	box, err := d.FindRecordById(schema.Mailboxes, d.box.Id)
	if err != nil {
		t.Fatal(err)
	}
	box.Set(schema.MailboxPassword, mailtest.Password)
	if err := d.Save(box); err != nil {
		t.Fatal(err)
	}
	d.until("what waits is due", func() bool { d.Rooms.Outbox.Wake(); return len(d.smtp.Mails()) == 1 })
	d.until("the error is gone", func() bool { return d.field(schema.MailboxLastError) == "" })
}

func TestAServerThatWantsRestGetsIt(t *testing.T) { // rule 63
	d, conv := begun(t)
	d.smtp.Fail("mail", &mailtest.Fault{Code: 421, Text: "too many connections", Times: 1})
	m := d.reply(conv, "hello")
	d.until("it waits", func() bool { return strings.Contains(d.row(m.Id).GetString(schema.OutboxLastError), "421 too many") })
	if n := d.row(m.Id).GetInt(schema.OutboxAttempts); n != 0 {
		t.Errorf("%d attempts", n)
	}
}

func TestARefusedCopyDoesNotKeepTheCustomerFromTheirMail(t *testing.T) { // P2
	d, conv := begun(t)
	d.smtp.Fail("rcpt friend@customer.test", &mailtest.Fault{Code: 550, Text: "unknown"})
	m := d.reply(conv, "hello", func(dr *conversation.Draft) { dr.CC = []string{"friend@customer.test", "other@customer.test"} })
	if to := d.taken(1)[0].To; !slices.Equal(to, []string{"rahim@customer.test", "other@customer.test"}) {
		t.Errorf("sent to %v", to)
	}
	d.until("the receipt names it", func() bool {
		return strings.Contains(d.row(m.Id).GetString(schema.OutboxReceipt), "friend@customer.test: 550 unknown")
	})
}

func TestAShopWithoutAMailboxKeepsItsAnswers(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("mail", &mailtest.Fault{Code: 451, Times: 1})
	m := d.reply(conv, "hello")
	d.until("it waits", func() bool { return d.row(m.Id).GetInt(schema.OutboxAttempts) == 1 })
	box, err := d.FindRecordById(schema.Mailboxes, d.box.Id)
	if err != nil {
		t.Fatal(err)
	}
	box.Set(schema.MailboxActive, false)
	if err := d.Save(box); err != nil {
		t.Fatal(err)
	}
	d.until("the reason is shown", func() bool {
		d.due()
		return strings.Contains(d.row(m.Id).GetString(schema.OutboxLastError), "no mailbox in use")
	})
}

func TestOrderInAConversationIsKept(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("mail", &mailtest.Fault{Code: 451, Times: 1})
	for i := range 5 {
		d.reply(conv, fmt.Sprint("answer ", i))
	}
	d.until("they go out", func() bool { d.due(); return d.count("outbox", "state = 'sent'") == 5 })
	for i, m := range d.smtp.Mails() {
		if !strings.Contains(m.Raw, fmt.Sprint("answer ", i)) {
			t.Errorf("mail %d is not answer %d", i, i)
		}
	}
}

func TestTheSpoolIsSwept(t *testing.T) {
	d, conv := begun(t)
	m := d.reply(conv, "hello")
	d.taken(1)
	d.until("it is sent", func() bool { return d.row(m.Id).GetString(schema.OutboxState) == schema.OutboxSent })
	name := filepath.Join(d.DataDir(), "mail", "out", d.row(m.Id).Id+".eml")
	mail.SweepSpool(d.App)
	if _, err := os.Stat(name); err != nil {
		t.Errorf("swept at once: %v", err)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
	mail.SweepSpool(d.App)
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("not swept: %v", err)
	}
}

// P7: SMTPUTF8 is said only for an address that needs it.
func TestAnAddressWithLettersOfItsOwn(t *testing.T) {
	d, conv := begun(t)
	d.reply(conv, "to a plain address")
	if d.taken(1)[0].UTF8 {
		t.Error("SMTPUTF8 is asked for a plain address")
	}
	to := contact.Identity{Kind: schema.KindEmail, Value: "রহিম@customer.test"}
	sent, err := d.Rooms.Conversation.NewOutgoing(d.App, to, "রহিম", "hello", conversation.Draft{Text: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	mail := d.taken(2)[1]
	if !mail.UTF8 || mail.To[0] != "রহিম@customer.test" || !strings.Contains(header(mail.Raw, "To"), "<রহিম@customer.test>") {
		t.Errorf("utf8 %v, to %q: %s", mail.UTF8, mail.To, header(mail.Raw, "To"))
	}
	// A server without it: a no for good that says what is the matter, and
	// nobody else of the mail suffers.
	d.smtp.ASCII(true)
	m := d.reply(conv, "a copy", func(dr *conversation.Draft) { dr.CC = []string{"রহিম@customer.test"} })
	d.until("the receipt names it", func() bool { return strings.Contains(d.row(m.Id).GetString(schema.OutboxReceipt), "SMTPUTF8") })
	if to := d.taken(3)[2].To; !slices.Equal(to, []string{"rahim@customer.test"}) {
		t.Errorf("sent to %v", to)
	}
	m = d.reply(sent.Conversation.Id, "again")
	d.until("it is given up", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliveryFailed })
	if said := d.message(m.Id).GetString(schema.MsgDeliveryDetail); !strings.Contains(said, "SMTPUTF8") || len(d.smtp.Mails()) != 3 {
		t.Errorf("%q after %d mails", said, len(d.smtp.Mails()))
	}
}
