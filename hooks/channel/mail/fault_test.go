package mail_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// Test list i, rules 61 to 63, P1 to P4: whatever the server does and wherever
// it does it, a mail is stored once; twice only when the line broke after all
// of it was handed over, and then it is the same mail.
func TestAMailIsStoredOnceWhateverTheServerDoes(t *testing.T) {
	type fault struct {
		step  string
		fault mailtest.Fault
		after string // state of the row after the first try
		tries int    // that count
		most  int    // mails in the end
	}
	var faults []fault
	for _, step := range []string{"mail", "rcpt rahim@customer.test", "data", "dot"} {
		for _, code := range []int{450, 451, 452} {
			faults = append(faults, fault{step, mailtest.Fault{Code: code, Times: 1}, schema.OutboxQueued, 1, 1})
		}
		faults = append(faults, fault{step, mailtest.Fault{Code: 421, Times: 1}, schema.OutboxQueued, 0, 1})
		faults = append(faults, fault{step, mailtest.Fault{Code: 451, Text: "4.7.1 slow down", Times: 1}, schema.OutboxQueued, 0, 1})
		faults = append(faults, fault{step, mailtest.Fault{Code: 451, Text: "4.7.1 Greylisted, come back", Times: 1}, schema.OutboxQueued, 1, 1})
		faults = append(faults, fault{step, mailtest.Fault{Code: 550, Text: "5.4.5 Daily user sending limit exceeded", Times: 1}, schema.OutboxQueued, 0, 1})
		faults = append(faults, fault{step, mailtest.Fault{Code: 554, Times: 1}, schema.OutboxFailed, 1, 0})
		if step == "data" { // the server may have got all of it before it fell silent: either is right
			faults = append(faults, fault{step, mailtest.Fault{Drop: true, Times: 1}, "", 1, 1})
			faults = append(faults, fault{step, mailtest.Fault{Hang: true, Times: 1}, "", 1, 1})
		} else if step != "dot" {
			faults = append(faults, fault{step, mailtest.Fault{Drop: true, Times: 1}, schema.OutboxQueued, 1, 1})
			faults = append(faults, fault{step, mailtest.Fault{Hang: true, Times: 1}, schema.OutboxQueued, 1, 1})
		}
	}
	faults = append(faults,
		fault{"auth", mailtest.Fault{Drop: true, Times: 1}, schema.OutboxQueued, 1, 1},
		fault{"auth", mailtest.Fault{Hang: true, Times: 1}, schema.OutboxQueued, 1, 1},
		fault{"auth", mailtest.Fault{Code: 454, Times: 1}, schema.OutboxQueued, 1, 1},
		fault{"auth", mailtest.Fault{Code: 535, Times: 1}, schema.OutboxQueued, 0, 1},
		fault{"dot", mailtest.Fault{Drop: true, Times: 1}, schema.OutboxUncertain, 1, 1},
		fault{"dot", mailtest.Fault{Hang: true, Times: 1}, schema.OutboxUncertain, 1, 1},
		fault{"dot", mailtest.Fault{Drop: true, Stored: true, Times: 1}, schema.OutboxUncertain, 1, 2},
		fault{"dot", mailtest.Fault{Hang: true, Stored: true, Times: 1}, schema.OutboxUncertain, 1, 2},
	)
	d, conv := begun(t)
	d.Rooms.Mail.Impatient(300 * time.Millisecond)
	if _, err := d.DB().NewQuery("UPDATE mailboxes SET rate_minute = 10000, rate_day = 10000").Execute(); err != nil {
		t.Fatal(err)
	}
	before := 0
	for i, f := range faults {
		name := fmt.Sprintf("%s %+v", f.step, f.fault)
		d.Rooms.Mail.HangUp()
		d.smtp.Fail(f.step, &f.fault)
		m := d.reply(conv, fmt.Sprint("answer ", i), func(dr *conversation.Draft) {
			dr.Files = []conversation.File{{Name: "a.bin", Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.Repeat("x", 200_000))), nil
			}}}
		})
		d.until(name+": the first try ends", func() bool { return d.row(m.Id).GetString(schema.OutboxLastError) != "" })
		row := d.row(m.Id)
		if state := row.GetString(schema.OutboxState); f.after != "" && state != f.after || row.GetInt(schema.OutboxAttempts) != f.tries {
			t.Errorf("%s: %s after %d tries, want %s after %d: %s", name, state, row.GetInt(schema.OutboxAttempts), f.after, f.tries, row.GetString(schema.OutboxLastError))
		}
		d.smtp.Fail(f.step, nil)
		if f.after != schema.OutboxFailed {
			if detail := d.message(m.Id).GetString(schema.MsgDeliveryDetail); !strings.Contains(detail, "Next try today at") && !strings.Contains(detail, "Next try tomorrow at") {
				t.Errorf("%s: the agent reads %q", name, detail)
			}
			d.Rooms.Mail.Rested()
			d.due()
			d.until(name+": it is sent", func() bool { return d.row(m.Id).GetString(schema.OutboxState) == schema.OutboxSent })
			if detail := d.message(m.Id).GetString(schema.MsgDeliveryDetail); detail != "" {
				t.Errorf("%s: sent, and the agent still reads %q", name, detail)
			}
		}
		mails := d.smtp.Mails()[before:]
		before += len(mails)
		if len(mails) != f.most {
			t.Errorf("%s: stored %d times, want %d", name, len(mails), f.most)
		}
		for _, mail := range mails {
			if mail.Raw != mails[0].Raw || header(mail.Raw, "Message-ID") != "<"+d.Rooms.Mail.MessageID(conv, m.Id, "rahim@customer.test")+">" {
				t.Errorf("%s: a mail under another id, or changed", name)
			}
		}
	}
}

// A server that takes every mail and never says so gets none for ever: after
// three times somebody has to look.
func TestDoubtEnds(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("dot", &mailtest.Fault{Drop: true, Stored: true})
	m := d.reply(conv, "hello")
	d.until("the first doubt", func() bool { return d.row(m.Id).GetInt(schema.OutboxDoubts) == 1 })
	d.due()
	d.until("the second", func() bool { return d.row(m.Id).GetInt(schema.OutboxDoubts) == 2 })
	d.due()
	d.until("the last", func() bool { return d.row(m.Id).GetString(schema.OutboxState) == schema.OutboxFailed })
	if n := len(d.smtp.Mails()); n != 3 {
		t.Errorf("%d copies", n)
	}
	got := d.message(m.Id)
	if got.GetString(schema.MsgDelivery) != schema.DeliveryUncertain || !strings.Contains(got.GetString(schema.MsgDeliveryDetail), "handed over several times") {
		t.Errorf("the agent reads %s: %q", got.GetString(schema.MsgDelivery), got.GetString(schema.MsgDeliveryDetail))
	}
	if d.count("messages", "kind = 'event' AND event LIKE '%\"uncertain\"%'") != 1 {
		t.Error("the conversation does not tell")
	}
}

// Rule 63: a server that refuses connections costs tries by the table, is
// looked after meanwhile, and all that waits goes out when it is back.
func TestAServerThatComesBackGetsWhatWaited(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Stop()
	var all []string
	for i := range 3 {
		all = append(all, d.reply(conv, fmt.Sprint("answer ", i)).Id)
	}
	d.until("the owner is told", func() bool { return strings.Contains(d.field(schema.MailboxLastError), "no mail server listens there") })
	d.until("the first waits", func() bool { return d.row(all[0]).GetInt(schema.OutboxAttempts) == 1 })
	if r := d.row(all[0]); !strings.Contains(d.message(all[0]).GetString(schema.MsgDeliveryDetail), "Waiting: ") || time.Until(r.GetDateTime(schema.OutboxDue).Time()) < 50*time.Second {
		t.Errorf("row %v", r.FieldsData())
	}
	d.smtp.Restart()
	d.until("everything is sent", func() bool { return d.count("outbox", "state = 'sent'") == 3 })
	if d.field(schema.MailboxLastError) != "" {
		t.Errorf("the owner still reads %q", d.field(schema.MailboxLastError))
	}
}

// Rule 63: 421 and 4.7.x rest the whole mailbox.
func TestRestIsTheWholeMailboxs(t *testing.T) {
	d, conv := begun(t)
	d.imap.Put(letter{id: "other@customer.test", from: "Karim <karim@customer.test>", subject: "something else"}.String())
	other := d.incoming(2)[1].GetString(schema.MsgConversation)
	d.smtp.Fail("mail", &mailtest.Fault{Code: 421, Text: "4.7.0 too many connections", Times: 1})
	first := d.reply(conv, "hello")
	d.until("it rests", func() bool { return d.row(first.Id).GetString(schema.OutboxLastError) != "" })
	conns := d.smtp.Connections()
	second := d.reply(other, "hello")
	d.until("the other waits too", func() bool {
		return strings.Contains(d.row(second.Id).GetString(schema.OutboxLastError), "too many connections")
	})
	if d.smtp.Connections() != conns || len(d.smtp.Mails()) != 0 || d.row(second.Id).GetInt(schema.OutboxAttempts) != 0 {
		t.Error("the server was not left in peace, or the other mail paid for it")
	}
	d.Rooms.Mail.Rested()
	d.due()
	d.taken(2)
}

// One mail that the server answers with "rest" for ever must not rest all.
func TestAMailThatAlwaysBringsRestAboutAnswersForItself(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("rcpt rahim@customer.test", &mailtest.Fault{Code: 451, Text: "4.7.0 not you"})
	m := d.reply(conv, "hello")
	d.until("its tries count", func() bool {
		d.Rooms.Mail.Rested()
		d.due()
		return d.row(m.Id).GetInt(schema.OutboxAttempts) >= 1
	})
}

// Rule 64: connections are used again, and the pace is kept.
func TestConnectionsAreUsedAgain(t *testing.T) {
	d, conv := begun(t)
	for i := range 20 {
		d.reply(conv, fmt.Sprint("answer ", i))
	}
	d.taken(20)
	if n := d.smtp.Connections(); n > 2 {
		t.Errorf("%d connections for 20 mails", n)
	}
	// One that the server closed meanwhile is noticed before the next mail.
	d.smtp.Restart()
	m := d.reply(conv, "once more")
	d.until("it is sent", func() bool { return d.row(m.Id).GetString(schema.OutboxState) == schema.OutboxSent })
	if d.row(m.Id).GetInt(schema.OutboxAttempts) != 1 {
		t.Error("a connection that was gone cost a try")
	}
}

func TestAMailboxKeepsItsPace(t *testing.T) { // rule 64
	for _, tt := range []struct {
		field, says string
		wait        time.Duration
	}{
		{schema.MailboxRateMinute, "at most 3 mails a minute", time.Minute},
		{schema.MailboxRateDay, "at most 3 mails in 24 hours", 24 * time.Hour},
	} {
		t.Run(tt.field, func(t *testing.T) {
			d := newDesk(t, func(r *core.Record) { r.Set(tt.field, 3) }).serve()
			d.imap.Put(letter{id: "one@customer.test"}.String())
			conv := d.incoming(1)[0].GetString(schema.MsgConversation)
			var last string
			for i := range 5 {
				last = d.reply(conv, fmt.Sprint("answer ", i)).Id
			}
			d.taken(3)
			d.until("the rest waits", func() bool {
				return d.count("outbox", "state = 'queued' AND last_error LIKE '%mail."+tt.field+"%'") == 1
			})
			if says := i18n.T("en", "mail."+tt.field, i18n.V{"n": 3}); !strings.Contains(says, tt.says) {
				t.Errorf("it says %q", says)
			}
			if wait := time.Until(d.row(last).GetDateTime(schema.OutboxDue).Time()); wait < tt.wait-10*time.Second || wait > tt.wait+2*time.Second {
				t.Errorf("the last one waits %v", wait)
			}
			if n := d.count("outbox", "attempts > 0"); n != 3 {
				t.Errorf("%d rows have tries", n)
			}
			// When the time has passed the next ones go.
			if _, err := d.DB().NewQuery("UPDATE outbox SET handed = '2000-01-01 00:00:00.000Z' WHERE handed != ''").Execute(); err != nil {
				t.Fatal(err)
			}
			d.due()
			d.taken(5)
		})
	}
}

// Rule 62 and P2: blind copies travel alone, nobody learns of them, and a copy
// that has to wait does not come to the others again.
func TestBlindCopiesTravelAlone(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("rcpt boss@shop.test", &mailtest.Fault{Code: 550, Text: "no"})
	m := d.reply(conv, "hello", func(dr *conversation.Draft) {
		dr.CC, dr.BCC = []string{"Friend@Customer.test", mailtest.Login}, []string{"audit@shop.test", "boss@shop.test", "rahim@customer.test"}
	})
	mails := d.taken(2)
	d.until("the refused one has failed", func() bool { return d.count("outbox", "state = 'failed' AND recipient = 'boss@shop.test'") == 1 })
	seen := map[string]bool{}
	for _, mail := range mails {
		seen[strings.Join(mail.To, " ")] = true
		if strings.Contains(mail.Raw, "audit@") || strings.Contains(mail.Raw, "boss@") || header(mail.Raw, "Bcc") != "" {
			t.Error("a blind copy shows")
		}
		if mail.Raw != mails[0].Raw {
			t.Error("the copy is another mail")
		}
	}
	if len(mails) != 2 || !seen["rahim@customer.test friend@customer.test"] || !seen["audit@shop.test"] {
		t.Errorf("sent to %v", seen)
	}
	if s := d.message(m.Id).GetString(schema.MsgDelivery); s != schema.DeliverySent {
		t.Errorf("the customer's mail is %s", s)
	}
}

func TestACopyThatHasToWaitGoesAlone(t *testing.T) { // P2
	d, conv := begun(t)
	d.smtp.Fail("rcpt friend@customer.test", &mailtest.Fault{Code: 450, Text: "later", Times: 1})
	m := d.reply(conv, "hello", func(dr *conversation.Draft) { dr.CC = []string{"friend@customer.test"} })
	d.taken(1)
	d.until("the customer has it", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })
	next := d.reply(conv, "and another thing") // is not held back by the copy
	d.until("the next is sent", func() bool { return d.message(next.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })
	d.due()
	mails := d.taken(3)
	if strings.Join(mails[2].To, " ") != "friend@customer.test" || mails[2].Raw != mails[0].Raw {
		t.Errorf("the copy went to %v", mails[2].To)
	}
}

// Rule 63: a final no opens the conversation and says why in it.
func TestAFinalNoOpensTheConversation(t *testing.T) {
	d, conv := begun(t)
	d.smtp.Fail("rcpt rahim@customer.test", &mailtest.Fault{Code: 550, Text: "5.1.1 no such user"})
	m := d.reply(conv, "hello", func(dr *conversation.Draft) { dr.Then = schema.StatusSolved })
	d.until("it is open again", func() bool { return d.conv(conv).GetString(schema.ConvStatus) == schema.StatusOpen })
	r, err := d.FindFirstRecordByFilter(schema.Messages, "kind = 'event' && event ~ 'undelivered'")
	if err != nil {
		t.Fatal(err)
	}
	if ev := r.GetString(schema.MsgEvent); !strings.Contains(ev, m.Id) || !strings.Contains(ev, "no such user") || !strings.Contains(ev, "rahim@customer.test") {
		t.Errorf("event %s", ev)
	}
}

func TestTheProvidersID(t *testing.T) { // rule 16
	for _, tt := range []struct{ host, said, want string }{
		{"email-smtp.eu-west-1.amazonaws.com", "250 Ok 0102018f2c3d4e5f-6a7b8c9d-0e1f-2a3b-4c5d-6e7f8a9b0c1d-000000", "0102018f2c3d4e5f-6a7b8c9d-0e1f-2a3b-4c5d-6e7f8a9b0c1d-000000@eu-west-1.amazonses.com"},
		{"email-smtp.us-east-1.amazonaws.com", "Ok 0100018f2c3d4e5f-6a7b8c9d-0e1f-2a3b-4c5d-6e7f8a9b0c1d-000000", "0100018f2c3d4e5f-6a7b8c9d-0e1f-2a3b-4c5d-6e7f8a9b0c1d-000000@email.amazonses.com"},
		{"email-smtp.eu-west-1.amazonaws.com", "250 Ok", ""},
		{"smtp.office365.com", "2.0.0 OK <AS8PR01MB1234@AS8PR01MB1234.eurprd01.prod.exchangelabs.com> [Hostname=AS8PR01MB1234]", "AS8PR01MB1234@AS8PR01MB1234.eurprd01.prod.exchangelabs.com"},
		{"smtp.gmail.com", "2.0.0 OK  1700000000 a1-20020a05600c224100b003f6.123 - gsmtp", ""},
		{"mail.shop.test", "queued as <not an id>", ""},
	} {
		if got := mail.ProviderID(tt.host, tt.said); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.said, got, tt.want)
		}
	}
}
