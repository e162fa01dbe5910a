package mail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/mails"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// by is a client of an agent of that role.
func (d *desk) by(role string) *hookstest.Client {
	d.t.Helper()
	return &hookstest.Client{TB: d.t, Base: d.url, Token: d.Token(d.Agent(role, role))}
}

// words saves the owner's own words.
func (d *desk) words(kind, lang, subject, body string) {
	d.t.Helper()
	c, err := d.FindCollectionByNameOrId(schema.MailTemplates)
	if err != nil {
		d.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{schema.TemplateKey: kind, schema.TemplateLanguage: lang, schema.TemplateSubject: subject, schema.TemplateBody: body})
	if err := d.Save(r); err != nil {
		d.t.Fatal(err)
	}
}

// Every kind of mail can be looked at in every language, by owners. With
// SHOHAY_PREVIEWS a folder gets them for a look in a browser.
func TestTemplatesCanBeLookedAt(t *testing.T) {
	d := newDesk(t).serve()
	owner := d.by(schema.RoleOwner)
	for _, kind := range []string{schema.TemplateAck, schema.TemplateReply, schema.TemplateTranscript, schema.TemplateCode} {
		for _, lang := range []string{"en", "bn"} {
			var got struct {
				Subject, HTML, Text string
				Variables           []string
			}
			owner.Must(200, "GET", "/api/desk/mail/preview?template="+kind+"&lang="+lang, nil).JSON(t, &got)
			if got.Subject == "" || !strings.Contains(got.HTML, "Shohay Shop") || got.Text == "" || len(got.Variables) == 0 || strings.Contains(got.Text, "mail.") && kind != schema.TemplateAck && lang == "bn" {
				t.Errorf("%s in %s: %q %q", kind, lang, got.Subject, got.Text)
			}
			if dir := os.Getenv("SHOHAY_PREVIEWS"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, kind+"."+lang+".html"), []byte(got.HTML), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	owner.Must(404, "GET", "/api/desk/mail/preview?template=other", nil)
	d.by(schema.RoleAgent).Must(403, "GET", "/api/desk/mail/preview?template=code", nil)
	// Words that are not saved yet.
	if a := owner.Must(200, "GET", "/api/desk/mail/preview?template=code&lang=en&body=Type+{code}+**now**+{oops}", nil); !strings.Contains(string(a.Body), "Type 482915 now {oops}") {
		t.Errorf("%s", a.Body)
	}
}

func TestTheOwnersWordsAreUsed(t *testing.T) {
	d := newDesk(t).serve()
	a := d.by(schema.RoleOwner).Must(400, "POST", "/api/collections/mail_templates/records", map[string]any{"key": schema.TemplateReply, "language": "en", "body": "{text} {signture}"})
	if !strings.Contains(string(a.Body), "{signture}") || !strings.Contains(string(a.Body), "{signature}, ") {
		t.Errorf("a variable that this mail does not know: %s", a.Body)
	}
	box, err := d.FindFirstRecordByFilter(schema.Mailboxes, "")
	if err != nil {
		t.Fatal(err)
	}
	box.Set(schema.MailboxSignature, "{agnet}, {shop}")
	if err := d.Validate(box); err == nil || !strings.Contains(err.Error(), "{agnet}") {
		t.Errorf("a signature with such a one: %v", err)
	}
	signs := d.Agent("Rina", schema.RoleAgent)
	for text, odd := range map[string]string{"{agnet}": "{agnet}", "{{shop}}": "{{shop}}", "Rina, {{ agent.name }}": "{{ agent.name }}", "{agent}, {shop} #{number}": ""} {
		signs.Set(schema.AgentSignature, text)
		if err := d.Validate(signs); (err == nil) != (odd == "") || err != nil && !strings.Contains(err.Error(), odd) {
			t.Errorf("an agent's own signature %s: %v", text, err)
		}
	}
	d.words(schema.TemplateReply, "en", "", "Dear customer,\n\n{text}\n\n**{agent}** of {shop}\n{signature}")
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	d.reply(conv, "It is **on its way** {shop}.", func(dr *conversation.Draft) { dr.Agent = agent.Id })
	got := mime.Parse([]byte(d.taken(1)[0].Raw))
	if !strings.Contains(got.Text, "Dear customer,\n\nIt is **on its way** {shop}.\n\nAyesha of Shohay Shop") || !strings.Contains(got.HTML, "<strong>Ayesha</strong>") {
		t.Errorf("%s", got.Text)
	}
}

// Rule 29: what is quoted is what the shop likes, and never a note, an
// automatic mail, somebody else's mail or what was told to another address.
func TestWhatIsQuoted(t *testing.T) {
	d, conv := begun(t)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	say := func(dr *conversation.Draft) { dr.Agent = agent.Id }
	d.reply(conv, "first answer", say)
	d.reply(conv, "told to another", func(dr *conversation.Draft) { say(dr); dr.Recipient = "supplier@other.test" })
	d.reply(conv, "by the machine", func(dr *conversation.Draft) { dr.Automatic, dr.AuthorKind = true, schema.AuthorBot })
	if _, err := d.Rooms.Conversation.Reply(d.App, conversation.Draft{Conversation: conv, Kind: schema.MessageNote, Agent: agent.Id, Text: "a secret note"}); err != nil {
		t.Fatal(err)
	}
	first := d.taken(3)
	d.imap.Put(letter{id: "two@customer.test", refs: header(first[0].Raw, "Message-ID"), body: "second question"}.String())
	d.imap.Put(letter{id: "spouse@other.test", from: "Spouse <spouse@other.test>", refs: header(first[0].Raw, "Message-ID"), body: "from the spouse"}.String())
	d.incoming(3)
	for mode, want := range map[string]struct{ has, hasNot string }{
		schema.QuoteNone: {"", "> "},
		schema.QuoteLast: {"> second question", "> Where is it?"},
		schema.QuoteAll:  {"> first answer", "a secret note"},
	} {
		d.Shop(map[string]any{schema.ShopMailQuote: mode})
		before := len(d.smtp.Mails())
		d.reply(conv, "answer with "+mode, say)
		got := mime.Parse([]byte(d.taken(before + 1)[before].Raw))
		if !strings.Contains(got.Text, want.has) || strings.Contains(got.Text, want.hasNot) {
			t.Errorf("%s:\n%s", mode, got.Text)
		}
		for _, never := range []string{"told to another", "by the machine", "a secret note", "from the spouse"} {
			if strings.Contains(got.Text+got.HTML, never) {
				t.Errorf("%s: the customer reads %q", mode, never)
			}
		}
		if mode == schema.QuoteAll && !strings.Contains(got.Text, "> Where is it?") {
			t.Errorf("not everything is quoted:\n%s", got.Text)
		}
	}
}

func TestATranscriptIsSent(t *testing.T) {
	d, conv := begun(t)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	d.reply(conv, "It is on its way.", func(dr *conversation.Draft) { dr.Agent = agent.Id })
	d.taken(1)
	if _, err := d.Rooms.Conversation.Reply(d.App, conversation.Draft{Conversation: conv, Kind: schema.MessageNote, Agent: agent.Id, Text: "a secret note"}); err != nil {
		t.Fatal(err)
	}
	c := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(agent)}
	var answer struct{ Message, Address string }
	c.Must(200, "POST", "/api/desk/conversations/"+conv+"/transcript", nil).JSON(t, &answer)
	if answer.Address != "rahim@customer.test" {
		t.Errorf("sent to %s", answer.Address)
	}
	sent := d.taken(2)[1]
	got := mime.Parse([]byte(sent.Raw))
	if !strings.Contains(got.Subject, "Your conversation with Shohay Shop") || !strings.Contains(got.Text, "Where is it?") || !strings.Contains(got.Text, "It is on its way.") ||
		strings.Index(got.Text, "Where is it?") > strings.Index(got.Text, "on its way") || strings.Contains(got.Text+got.HTML, "secret") || strings.Contains(got.Text, "> old") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	if header(sent.Raw, "Auto-Submitted") != "auto-generated" {
		t.Error("it does not say that it was made (rule 36)")
	}
	d.until("its line says so", func() bool { return d.message(answer.Message).GetString(schema.MsgDelivery) == schema.DeliverySent })
	(&hookstest.Client{TB: t, Base: d.url}).Must(401, "POST", "/api/desk/conversations/"+conv+"/transcript", nil)
	c.Must(404, "POST", "/api/desk/conversations/nothing/transcript", nil)
}

// Rule 70: the copy is filed once, as read, and does not touch the send.
func TestASentMailIsFiled(t *testing.T) {
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxFileSent, true) }).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	m := d.reply(conv, "without a folder")
	d.until("it is given up", func() bool { return d.row(m.Id).GetString(schema.OutboxFiled) == schema.FiledLost })
	if d.row(m.Id).GetString(schema.OutboxState) != schema.OutboxSent || len(d.smtp.Mails()) != 1 {
		t.Error("the send suffered")
	}
	d.imap.Create("Sent Items")
	m = d.reply(conv, "hello")
	d.until("it is filed", func() bool { return d.row(m.Id).GetString(schema.OutboxFiled) == schema.FiledDone })
	if filed := d.imap.Mails("Sent Items"); len(filed) != 1 || filed[0].Raw != d.smtp.Mails()[1].Raw || !filed[0].Seen {
		t.Errorf("filed %d", len(filed))
	}
	// Asked for again, as after a crash before it was noted: it is there already.
	if _, err := d.DB().NewQuery("UPDATE outbox SET filed = 'due' WHERE message = '" + m.Id + "'").Execute(); err != nil {
		t.Fatal(err)
	}
	d.until("it is looked for", func() bool { return d.row(m.Id).GetString(schema.OutboxFiled) == schema.FiledDone })
	if n := len(d.imap.Mails("Sent Items")); n != 1 {
		t.Errorf("filed %d times", n)
	}
	if n := len(d.smtp.Mails()); n != 2 {
		t.Errorf("sent %d mails", n)
	}
}

// Rule 68: a mailbox with a server of its own signs; DNS is shown and checked.
func TestAMailboxOfItsOwnSigns(t *testing.T) {
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxOwnServer, true) }).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "আপনার পার্সেল পথে আছে।")
	raw := d.taken(1)[0].Raw

	var says struct {
		On, Good bool
		Says     string
		Record   struct{ Name, Host, Value string }
	}
	owner, path := d.by(schema.RoleOwner), "/api/desk/mailboxes/"+d.box.Id+"/dkim"
	d.Rooms.Mail.Lookup(func(context.Context, string) ([]string, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	})
	owner.Must(200, "GET", path, nil).JSON(t, &says)
	if !says.On || says.Good || says.Record.Name != "shohay._domainkey.shop.test" || !strings.Contains(says.Says, "no such DNS record") {
		t.Errorf("%+v", says)
	}
	published := says.Record.Value
	verified, err := dkim.VerifyWithOptions(bytes.NewReader([]byte(raw)), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != says.Record.Name {
			return nil, errors.New("asked for " + name)
		}
		return []string{published}, nil
	}})
	if err != nil || len(verified) != 1 || verified[0].Err != nil || verified[0].Domain != "shop.test" {
		t.Errorf("signatures %+v, %v", verified, err)
	}
	d.Rooms.Mail.Lookup(func(context.Context, string) ([]string, error) { return []string{published}, nil })
	owner.Must(200, "GET", path, nil).JSON(t, &says)
	if !says.Good {
		t.Errorf("%+v", says)
	}
	d.by(schema.RoleAgent).Must(403, "GET", path, nil)
	// No form and no answer of the server touches or shows the key.
	sealed := d.field(schema.MailboxDKIMSecret)
	if sealed == "" || strings.Contains(sealed, "PRIVATE") {
		t.Errorf("stored as %.20q", sealed)
	}
	a := owner.Must(200, "PATCH", boxes+"/"+d.box.Id, map[string]any{"name": "Shop", "dkim_secret": "x", "password": mailtest.Password})
	if d.field(schema.MailboxDKIMSecret) != sealed || strings.Contains(string(a.Body), sealed) || strings.Contains(string(a.Body), "dkim_secret") {
		t.Errorf("%s", a.Body)
	}
}

// The code of a customer who signs in goes out in the shop's words, by the
// shop's mailbox.
func TestASignInCodeIsTheShopsMail(t *testing.T) {
	d := newDesk(t).serve()
	who, err := contact.FindOrCreate(d.App, []contact.Identity{{Kind: schema.KindEmail, Value: "rahim@customer.test"}}, contact.Defaults{Name: "Rahim", Language: "bn"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := d.FindRecordById(schema.Contacts, who.Id)
	if err != nil {
		t.Fatal(err)
	}
	r.SetEmail("rahim@customer.test")
	if err := mails.SendRecordOTP(d.App, r, "otp000000000001", "482915"); err != nil {
		t.Fatal(err)
	}
	sent := d.taken(1)[0]
	got := mime.Parse([]byte(sent.Raw))
	if !strings.Contains(got.Subject, "482915") || !strings.Contains(got.Text, "482915") || !strings.Contains(got.Text, "সাইন ইন") || header(sent.Raw, "Auto-Submitted") != "auto-generated" || sent.To[0] != "rahim@customer.test" {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
}

// Rule P6: a mail that no server would take is refused before it is written.
func TestAttachmentsHaveALimit(t *testing.T) {
	d, conv := begun(t)
	big := []conversation.File{{Name: "a.bin", Size: conversation.MaxMailFiles + 1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("much")), nil
	}}}
	_, err := d.Rooms.Conversation.Reply(d.App, conversation.Draft{Conversation: conv, Kind: schema.MessageOutgoing, Text: "x", Files: big})
	var refused conversation.ErrChange
	if !errors.As(err, &refused) || refused != "error.mail_files" {
		t.Errorf("%v", err)
	}
	if d.count("messages", "kind = 'outgoing'") != 0 {
		t.Error("it was written")
	}
	for _, cc := range [][]string{{"not an address"}, make([]string, 21)} {
		for i := range cc {
			if cc[i] == "" {
				cc[i] = strings.Repeat("x", i+1) + "@x.test"
			}
		}
		if _, err := d.Rooms.Conversation.Reply(d.App, conversation.Draft{Conversation: conv, Kind: schema.MessageOutgoing, Text: "x", CC: cc}); !errors.As(err, &refused) {
			t.Errorf("copies to %d addresses: %v", len(cc), err)
		}
	}
}

// Rule 63: who waits for half an hour is told of it, once.
func TestALongWaitIsShown(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("mail", &mailtest.Fault{Code: 451, Text: "not now"})
	m := d.reply(conv, "hello")
	d.until("it waits", func() bool { return d.row(m.Id).GetInt(schema.OutboxAttempts) == 1 })
	then := time.Now().Add(-40 * time.Minute).UTC().Format("2006-01-02 15:04:05.000Z")
	for _, table := range []string{"messages", "outbox"} {
		if _, err := d.DB().NewQuery("UPDATE " + table + " SET created = '" + then + "' WHERE created > '" + then + "'").Execute(); err != nil {
			t.Fatal(err)
		}
	}
	d.due()
	d.until("the agent reads how long", func() bool {
		return strings.HasPrefix(d.message(m.Id).GetString(schema.MsgDeliveryDetail), "Not sent for 40 minutes: The mail server asks to try again later: 451 not now. Next try ")
	})
}
