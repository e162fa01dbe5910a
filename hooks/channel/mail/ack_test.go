package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// acking is a desk that acknowledges.
func acking(t *testing.T, set ...func(*core.Record)) *desk {
	t.Helper()
	d := newDesk(t, set...)
	d.Shop(map[string]any{schema.ShopAckEnabled: true})
	return d.serve()
}

func (d *desk) acks() int { return d.count("messages", "kind = 'outgoing' AND automatic = TRUE") }

// Rules 36 and 37.
func TestACustomerIsToldThatTheirMailArrived(t *testing.T) {
	d := acking(t)
	d.imap.Put(letter{id: "one@customer.test", subject: "BUY CHEAP PILLS http://evil.test", body: "visit http://evil.test now"}.String())
	conv := d.conv(d.incoming(1)[0].GetString(schema.MsgConversation))
	sent := d.taken(1)[0]
	got := mime.Parse([]byte(sent.Raw))
	number := fmt.Sprint(conv.GetInt(schema.ConvNumber))
	if got.Subject != "We have your message [#"+number+"]" || !strings.Contains(got.Text, "#"+number) || !strings.Contains(got.Text, "We usually answer within 30 minutes.") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	if header(sent.Raw, "Auto-Submitted") != "auto-replied" || header(sent.Raw, "X-Auto-Response-Suppress") != "All" || header(sent.Raw, "Precedence") != "" {
		t.Error("it does not say that a machine wrote it (rule 36)")
	}
	if sent.From != "" || strings.Join(sent.To, " ") != "rahim@customer.test" {
		t.Errorf("envelope from %q to %v", sent.From, sent.To)
	}
	for _, theirs := range []string{"PILLS", "evil.test", "Rahim"} {
		if strings.Contains(got.Subject+got.Text+got.HTML, theirs) {
			t.Errorf("it carries the sender's own %q (rule 37)", theirs)
		}
	}
	if strings.Join(got.InReplyTo, "") != "one@customer.test" {
		t.Errorf("in reply to %v", got.InReplyTo)
	}
	// The desk's list shows what the customer said, and that they wait.
	conv = d.conv(conv.Id)
	if conv.GetString(schema.ConvPreviewKind) != "incoming" || conv.GetString(schema.ConvStatus) != schema.StatusOpen || conv.GetDateTime(schema.ConvWaitingSince).IsZero() || !conv.GetDateTime(schema.ConvFirstReplyAt).IsZero() {
		t.Errorf("conversation %v", conv.FieldsData())
	}
	// Their answer to it joins, and is not acknowledged again.
	d.imap.Put(letter{id: "two@customer.test", refs: "<" + got.MessageID + ">", body: "one more thing"}.String())
	if again := d.incoming(2)[1]; again.GetString(schema.MsgConversation) != conv.Id {
		t.Error("an answer to the acknowledgement opened another conversation")
	}
	if d.acks() != 1 {
		t.Errorf("%d acknowledgements", d.acks())
	}
}

func TestWhoIsNotAcknowledged(t *testing.T) { // rules 33, 34, 37
	d := acking(t)
	mails := map[string]letter{
		"vacation":      {extra: "Auto-Submitted: auto-replied\n"},
		"newsletter":    {extra: "List-Id: <news.customer.test>\n"},
		"bulk":          {extra: "Precedence: bulk\n"},
		"suppressed":    {extra: "X-Auto-Response-Suppress: All\n"},
		"null sender":   {extra: "Return-Path: <>\n"},
		"no reply":      {from: "Shop <no-reply@customer.test>"},
		"ourselves":     {from: "sales@shop.test"},
		"mailer daemon": {from: "MAILER-DAEMON@customer.test"},
	}
	n := 0
	for name, l := range mails {
		n++
		l.id = fmt.Sprintf("m%d@customer.test", n)
		l.subject = name
		if l.from == "" {
			l.from = fmt.Sprintf("c%d@customer.test", n)
		}
		d.imap.Put(l.String())
	}
	d.imap.Put(letter{id: "last@customer.test", from: "human@person.test"}.String())
	d.until("the human is answered", func() bool { return len(d.smtp.Mails()) > 0 })
	d.until("all are read", func() bool { return d.count("ledger", "uid > 0 AND (message != '' OR quarantine != '')") == n+1 })
	for _, m := range d.smtp.Mails() {
		if m.To[0] != "human@person.test" {
			t.Errorf("%s was answered", m.To[0])
		}
	}
}

func TestAcknowledgementsAreFew(t *testing.T) { // rule 37
	d := acking(t)
	if _, err := d.DB().NewQuery("UPDATE mailboxes SET rate_minute = 1000").Execute(); err != nil {
		t.Fatal(err)
	}
	// One to an address in a day, its tags and Gmail's dots included.
	for i, from := range []string{"a.b@gmail.com", "a.b@gmail.com", "ab@gmail.com", "ab+shop@gmail.com"} {
		d.imap.Put(letter{id: fmt.Sprintf("g%d@gmail.com", i), from: from, subject: fmt.Sprint("question ", i)}.String())
	}
	d.incoming(4)
	if d.acks() != 1 {
		t.Errorf("%d to one person", d.acks())
	}
	// Ten an hour to a domain.
	for i := range 15 {
		d.imap.Put(letter{id: fmt.Sprintf("d%d@domain.test", i), from: fmt.Sprintf("c%d@domain.test", i), subject: fmt.Sprint("question ", i)}.String())
	}
	d.incoming(19)
	if n := d.acks(); n != 11 {
		t.Errorf("%d to a domain", n-1)
	}
	// Sixty an hour in all.
	for i := range 60 {
		d.imap.Put(letter{id: fmt.Sprintf("e%d@x.test", i), from: fmt.Sprintf("c@d%d.test", i), subject: fmt.Sprint("question ", i)}.String())
	}
	d.incoming(79)
	if n := d.acks(); n != 60 {
		t.Errorf("%d in all", n)
	}
}

func TestTheShopMaySwitchAcknowledgementsOff(t *testing.T) {
	d := acking(t)
	d.Shop(map[string]any{schema.ShopAckEnabled: false})
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.incoming(1)
	if d.acks() != 0 {
		t.Error("acknowledged all the same")
	}
	d.Shop(map[string]any{schema.ShopAckEnabled: true, schema.ShopAckHours: 48})
	d.imap.Put(letter{id: "two@customer.test", subject: "another"}.String())
	d.incoming(2)
	if d.acks() != 1 {
		t.Fatal("not acknowledged")
	}
	// The window is the shop's: what was yesterday is within 48 hours.
	then := time.Now().Add(-30 * time.Hour).UTC().Format("2006-01-02 15:04:05.000Z")
	if _, err := d.DB().NewQuery("UPDATE messages SET created = '" + then + "' WHERE automatic = TRUE").Execute(); err != nil {
		t.Fatal(err)
	}
	d.imap.Put(letter{id: "three@customer.test", subject: "a third", body: "Do you also sell the large one in blue?"}.String())
	d.incoming(3)
	if d.acks() != 1 {
		t.Error("acknowledged twice within 48 hours")
	}
	d.Shop(map[string]any{schema.ShopAckHours: 24})
	d.imap.Put(letter{id: "four@customer.test", subject: "a fourth", body: "The invoice of last week shows the wrong name; could you send another one?"}.String())
	d.incoming(4)
	if d.acks() != 2 {
		t.Error("not acknowledged after 30 hours")
	}
}

// Some servers refuse the null sender; the mail goes out all the same. A plus
// address takes its place where there is one (rule 36).
func TestTheSenderOfAnAcknowledgement(t *testing.T) {
	d := acking(t)
	d.smtp.Fail("mail <>", &mailtest.Fault{Code: 501, Text: "no null sender"})
	d.imap.Put(letter{id: "one@customer.test"}.String())
	if from := d.taken(1)[0].From; from != mailtest.Login {
		t.Errorf("from %q", from)
	}
	plus := acking(t, func(r *core.Record) { r.Set(schema.MailboxPlusAddress, true) })
	plus.imap.Put(letter{id: "one@customer.test"}.String())
	sent := plus.taken(1)[0]
	if !strings.HasPrefix(sent.From, "help+b.") || !strings.HasSuffix(sent.From, "@shop.test") {
		t.Errorf("from %q", sent.From)
	}
	// Rule 15: answers go to an address that names the conversation.
	if reply := header(sent.Raw, "Reply-To"); !strings.Contains(reply, "<help+c.") {
		t.Errorf("reply to %s", reply)
	}
}

// Test list f: two shops that mail each other stop after at most two mails.
func TestTwoShopsDoNotTalkToEachOtherForEver(t *testing.T) {
	a := acking(t, func(r *core.Record) { r.Set(schema.MailboxAddress, "help@a.test"); r.Set(schema.MailboxAliases, nil) })
	b := acking(t, func(r *core.Record) { r.Set(schema.MailboxAddress, "help@b.test"); r.Set(schema.MailboxAliases, nil) })
	// What one sends the other gets; headers that mark machines are lost on
	// the way in the second round, the worst that relays do.
	for _, strip := range []bool{false, true} {
		began := len(a.smtp.Mails()) + len(b.smtp.Mails())
		passedA, passedB := len(a.smtp.Mails()), len(b.smtp.Mails())
		to := contact.Identity{Kind: schema.KindEmail, Value: "help@b.test"}
		if _, err := a.Rooms.Conversation.NewOutgoing(a.App, to, "B", fmt.Sprint("round ", strip), conversation.Draft{Text: "hello b"}); err != nil {
			t.Fatal(err)
		}
		quiet := time.Now()
		for time.Since(quiet) < 2*time.Second {
			for ; passedA < len(a.smtp.Mails()); passedA++ {
				b.imap.Put(relayed(a.smtp.Mails()[passedA].Raw, strip))
				quiet = time.Now()
			}
			for ; passedB < len(b.smtp.Mails()); passedB++ {
				a.imap.Put(relayed(b.smtp.Mails()[passedB].Raw, strip))
				quiet = time.Now()
			}
			time.Sleep(10 * time.Millisecond)
		}
		machines := len(a.smtp.Mails()) + len(b.smtp.Mails()) - began - 1
		if machines > 2 {
			t.Errorf("headers lost: %t, %d automatic mails", strip, machines)
		}
	}
	if a.acks()+b.acks() == 0 {
		t.Error("nobody acknowledged anything: the test shows nothing")
	}
}

// relayed is a mail as it arrives; strip takes away what marks machines.
func relayed(raw string, strip bool) string {
	if !strip {
		return raw
	}
	var keep []string
	for line := range strings.SplitSeq(raw, "\r\n") {
		if !strings.HasPrefix(line, "Auto-Submitted:") && !strings.HasPrefix(line, "X-Auto-Response-Suppress:") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "\r\n")
}
