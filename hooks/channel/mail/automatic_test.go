package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

func (q *quiet) may(m *core.Record, address string) string {
	q.t.Helper()
	why, err := mail.MayAutoReply(q.App, m, address)
	if err != nil {
		q.t.Fatal(err)
	}
	return why
}

// acknowledge writes an automatic answer as the acknowledgement does.
func (q *quiet) acknowledge(m *core.Record, address string) {
	q.t.Helper()
	q.reply(m.GetString(schema.MsgConversation), "We have it.", func(d *conversation.Draft) {
		d.Automatic, d.AuthorKind, d.Recipient, d.Channel = true, schema.AuthorBot, address, schema.ChannelEmail
	})
}

func TestNothingAutomaticAnswersAMachine(t *testing.T) { // rules 33, 34 and 36
	q := newQuiet(t, configured)
	for name, l := range map[string]letter{
		"Auto-Submitted":           {extra: "Auto-Submitted: auto-generated\n"},
		"Precedence bulk":          {extra: "Precedence: bulk\n"},
		"a list":                   {extra: "List-Id: <x.test>\n"},
		"X-Auto-Response-Suppress": {extra: "X-Auto-Response-Suppress: All\n"},
		"X-Loop":                   {extra: "X-Loop: 1\n"},
		"no-reply":                 {from: "Shop <no-reply@other.test>"},
		"an empty Return-Path":     {extra: "Return-Path: <>\n"},
		"forged":                   {extra: fails},
		"spam":                     {extra: "X-Spam-Flag: YES\n"},
		"many hops":                {refs: strings.Repeat("<a@b.test> ", 0) + hops(31)},
		"a token, but another's":   {},
	} {
		l.from = strings.ReplaceAll(l.from, "rahim", name)
		if l.from == "" {
			l.from = "X <x" + fmt.Sprint(len(name)) + name[:1] + "@customer.test>"
		}
		m := q.take(l)
		if m == nil {
			t.Fatalf("%s: it became nothing", name)
		}
		why := q.may(m, m.GetString(schema.MsgFrom))
		if name == "a token, but another's" {
			if why != "" {
				t.Errorf("an ordinary mail: %s", why)
			}
			continue
		}
		if why == "" {
			t.Errorf("%s: it may be answered automatically", name)
		}
		// Rule 34: a wish for silence does not make a mail automatic.
		if name == "X-Auto-Response-Suppress" && (m.GetBool(schema.MsgAutomatic) || q.conv(m.GetString(schema.MsgConversation)).GetString(schema.ConvStatus) != schema.StatusOpen) {
			t.Error("mail of people through Exchange is no ordinary conversation")
		}
	}
	if why := q.may(q.take(letter{from: "A <a@customer.test>"}), "sales@shop.test"); why != mail.NoAutoOwn {
		t.Errorf("to ourselves: %q", why)
	}
}

func hops(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<hop%d@x.test> ", i)
	}
	return strings.TrimSpace(b.String())
}

func TestAutomaticMailIsLimited(t *testing.T) { // rules 37 and 38
	q := newQuiet(t)
	m := q.take(letter{})
	if why := q.may(m, "rahim@customer.test"); why != "" {
		t.Fatalf("the first: %s", why)
	}
	q.acknowledge(m, "rahim@customer.test")
	if why := q.may(m, "rahim@customer.test"); why != mail.NoAutoOnce {
		t.Errorf("in the same conversation: %q", why)
	}
	if why := q.may(q.take(letter{subject: "another", body: "quite another matter"}), "rahim@customer.test"); why != mail.NoAutoAddress {
		t.Errorf("to the same address on the same day: %q", why)
	}
	for i := range 70 { // 10 an hour to a domain, 60 in all
		domain := fmt.Sprintf("d%d.test", i/12)
		address := fmt.Sprintf("c%d@%s", i, domain)
		m := q.take(letter{from: address, body: fmt.Sprint("mail ", i)})
		why := q.may(m, address)
		want := ""
		switch {
		case i%12 >= 10:
			want = mail.NoAutoDomain
		case i >= 70:
			want = mail.NoAutoShop
		}
		if why != want && why != mail.NoAutoShop {
			t.Fatalf("mail %d: %q instead of %q", i, why, want)
		}
		if why == "" {
			q.acknowledge(m, address)
		}
	}
	if n := q.count("messages", "kind = 'outgoing' AND automatic = TRUE"); n != 60 {
		t.Errorf("%d automatic mails in an hour", n)
	}
}

func TestTheLoopBreakerStopsAMachineThatSaysNothingOfIt(t *testing.T) { // rule 38
	for name, body := range map[string]func(int) string{
		"often": func(i int) string { return strings.Repeat(fmt.Sprintf("word%d ", i), 20) },
		"alike": func(i int) string {
			return "We have received your message. Your ticket is " + fmt.Sprint(i) + ". " + strings.Repeat("Thank you very much for it. ", 9)
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQuiet(t)
			var last *core.Record
			for i := range map[string]int{"often": 6, "alike": 4}[name] {
				if last = q.take(letter{body: body(i)}); q.may(last, "x"+fmt.Sprint(i)+"@else.test") != "" != (i == map[string]int{"often": 5, "alike": 3}[name]) {
					t.Fatalf("mail %d: %q", i+1, q.may(last, "x@else.test"))
				}
			}
			if n := len(q.events(last.GetString(schema.MsgConversation), "silenced")); n != 1 {
				t.Errorf("%d events say so", n)
			}
			if why := q.may(q.take(letter{subject: "new", body: "something new entirely, by hand"}), "rahim@customer.test"); why == "" {
				t.Error("the next mail is answered")
			}
			id, err := q.FindFirstRecordByData(schema.Identities, schema.IdentityValue, "rahim@customer.test")
			if err != nil || id.GetDateTime(schema.IdentityQuietUntil).IsZero() || id.GetString(schema.IdentityQuietReason) == "" {
				t.Errorf("it does not outlive a restart: %v, %v", id, err)
			}
		})
	}
}

func TestAVacationNoticeIsNotedAndNotCounted(t *testing.T) { // rule 35
	q := newQuiet(t)
	conv, ours := q.begin()
	away := letter{refs: "<" + ours + ">", extra: "Auto-Submitted: auto-replied\n", subject: "Automatic reply: away"}
	m := q.take(away)
	if m.GetString(schema.MsgConversation) != conv || !m.GetBool(schema.MsgAutomatic) || q.conv(conv).GetString(schema.ConvStatus) != schema.StatusPending {
		t.Error("it is not noted in its conversation, or reopens it")
	}
	// Without a token it goes where nobody waits.
	m = q.take(letter{from: "B <b@else.test>", extra: "Auto-Submitted: auto-replied\n", subject: "Automatic reply: away"})
	c := q.conv(m.GetString(schema.MsgConversation))
	if c.GetString(schema.ConvStatus) != schema.StatusSolved || !c.GetBool(schema.ConvAutomatic) || c.GetString(schema.ConvWaitingSince) != "" {
		t.Errorf("%v", c.FieldsData())
	}
	var page struct{ Rows []struct{ ID string } }
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "GET", "/api/desk/conversations?view=automatic", nil).JSON(t, &page)
	if len(page.Rows) != 1 || page.Rows[0].ID != c.Id {
		t.Errorf("the view shows %v", page.Rows)
	}
	agent.Must(200, "GET", "/api/desk/conversations?view=solved", nil).JSON(t, &page)
	if len(page.Rows) != 0 {
		t.Errorf("solved shows %v", page.Rows)
	}
	// When a person writes there, it becomes a conversation like any other.
	q.take(letter{from: "B <b@else.test>", refs: "<" + m.GetString(schema.MsgChannelID) + ">", body: "I am back"})
	if c = q.conv(c.Id); c.GetBool(schema.ConvAutomatic) || c.GetString(schema.ConvStatus) != schema.StatusOpen {
		t.Errorf("%v", c.FieldsData())
	}
}

// dsn is a delivery report.
func dsn(action, status, diagnostic, final, id string) letter {
	return letter{from: "Mail Delivery System <MAILER-DAEMON@mx.test>", subject: "Undelivered Mail Returned to Sender", extra: `Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

I'm sorry to have to inform you.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; ` + final + `
Action: ` + action + `
Status: ` + status + `
Diagnostic-Code: smtp; ` + diagnostic + `
--x
Content-Type: text/rfc822-headers

Message-ID: <` + id + `>
--x--
`}
}

func TestReportsSayInWordsWhatHappened(t *testing.T) { // rules 41 to 44
	for _, c := range []struct {
		name, action, status, diagnostic string
		delivery, event, kind, words     string
		open                             bool
	}{
		{"no such address", "failed", "5.1.1", "550 5.1.1 no such user", schema.DeliveryFailed, "bounced", "hard", "no such address", true},
		{"the mailbox is full", "failed", "5.2.2", "552 5.2.2 mailbox full", schema.DeliveryFailed, "bounced", "full", "mailbox is full", true},
		{"refused by policy", "failed", "5.7.1", "550 5.7.1 blocked by spamhaus", schema.DeliveryFailed, "bounced", "blocked", "refuses it by its rules", true},
		{"delayed", "delayed", "4.4.1", "connection timed out", schema.DeliverySent, "delayed", "", "is delayed", false},
		{"delivered", "delivered", "2.0.0", "250 ok", schema.DeliveryDelivered, "", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQuiet(t)
			conv, _ := q.begin()
			m, err := q.FindFirstRecordByData(schema.Messages, schema.MsgKind, schema.MessageOutgoing)
			if err != nil {
				t.Fatal(err)
			}
			q.until("it is sent", func() bool { return q.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })
			report := dsn(c.action, c.status, c.diagnostic, "rahim@customer.test", q.Rooms.Mail.MessageID(conv, m.Id, "rahim@customer.test"))
			report.id = "report@mx.test"
			for range 2 { // the second time, say from another mailbox, changes nothing
				q.take(report)
			}
			m = q.message(m.Id)
			if got := m.GetString(schema.MsgDelivery); got != c.delivery || !strings.Contains(m.GetString(schema.MsgDeliveryDetail), c.words) {
				t.Errorf("delivery %s: %q", got, m.GetString(schema.MsgDeliveryDetail))
			}
			if c.event != "" {
				events := q.events(conv, c.event)
				if len(events) != 1 || !strings.Contains(events[0].GetString(schema.MsgText), "rahim@customer.test") {
					t.Errorf("events %v", events)
				}
			}
			if open := q.conv(conv).GetString(schema.ConvStatus) == schema.StatusOpen; open != c.open {
				t.Errorf("open: %v", open)
			}
			id, err := q.FindFirstRecordByData(schema.Identities, schema.IdentityValue, "rahim@customer.test")
			if err != nil || id.GetString(schema.IdentityBounceKind) != c.kind {
				t.Errorf("the address is marked %q, %v", id.GetString(schema.IdentityBounceKind), err)
			}
			if q.count("messages", "kind = 'incoming'") != 1 {
				t.Error("the report became a customer's message (rule 44)")
			}
			if c.delivery != schema.DeliveryFailed {
				return
			}
			// It can be sent again, and an answer clears the mark.
			sent := len(q.smtp.Mails())
			q.agent(schema.RoleAgent).Must(204, "POST", "/api/desk/messages/"+m.Id+"/retry", nil)
			q.taken(sent + 1)
			if c.kind == "hard" {
				q.take(letter{from: "rahim@customer.test", body: "here I am"})
				if id, err = q.FindFirstRecordByData(schema.Identities, schema.IdentityValue, "rahim@customer.test"); err != nil || id.GetString(schema.IdentityBounceKind) != "" {
					t.Error("the mark stays although the address writes")
				}
			}
		})
	}
}

func TestAForgedReportChangesNothing(t *testing.T) { // rules 41 and 44
	q := newQuiet(t)
	conv, ours := q.begin()
	bad := strings.Replace(ours, ours[len(ours)-26:len(ours)-10], "aaaaaaaaaaaaaaaa", 1)
	q.take(dsn("failed", "5.1.1", "550 no such user", "rahim@customer.test", bad))
	if len(q.events(conv, "bounced")) != 0 || q.count("quarantine", "TRUE") != 1 || q.count("identities", "bounce_kind != ''") != 0 || q.count("messages", "kind='incoming'") != 1 {
		t.Error("it changed something, or is not put aside")
	}
}

func TestComplaintsAndReceiptsAreNoted(t *testing.T) { // rule 45
	q := newQuiet(t)
	conv, ours := q.begin()
	q.take(letter{from: "fbl@provider.test", subject: "complaint", id: "arf@x.test", extra: "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nThis is a report.\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <" + ours + ">\nSubject: hello\n\ntext\n--x--\n"})
	q.take(letter{from: "rahim@customer.test", subject: "Read: hello", id: "mdn@x.test", extra: "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nIt was displayed.\n--x\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <" + ours + ">\nDisposition: manual-action/MDN-sent-manually; displayed\n--x--\n"})
	if len(q.events(conv, "complaint")) != 1 || len(q.events(conv, "read")) != 1 {
		t.Errorf("%d complaints, %d receipts", len(q.events(conv, "complaint")), len(q.events(conv, "read")))
	}
	if q.count("messages", "kind='incoming'") != 1 || q.count("identities", "bounce_kind = 'complaint'") != 1 {
		t.Error("they became messages, or the address is not marked")
	}
	if sent := q.reply(conv, "and this"); sent.GetString(schema.MsgTo) != "rahim@customer.test" {
		t.Error("answers do not go there any more")
	}
}

func TestSpamIsPutAsideAndLearned(t *testing.T) {
	q := newQuiet(t)
	agent := q.agent(schema.RoleAgent)
	agent.Must(400, "POST", "/api/collections/blocked_senders/records", map[string]any{"value": "com.bd"})
	agent.Must(200, "POST", "/api/collections/blocked_senders/records", map[string]any{"value": "@Bad.test"})
	agent.Must(200, "POST", "/api/collections/blocked_senders/records", map[string]any{"value": "one@fair.test"})
	for from, reason := range map[string]string{"a@mail.bad.test": "blocked_domain", "one@fair.test": "blocked_address", "two@fair.test": ""} {
		m := q.take(letter{from: from})
		c := q.conv(m.GetString(schema.MsgConversation))
		if got := conversation.WrapMessage(m).Evidence().SpamReason; got != reason || c.GetBool(schema.ConvSpam) != (reason != "") || (c.GetString(schema.ConvStatus) == schema.StatusSolved) != (reason != "") {
			t.Errorf("%s: %q, %v", from, got, c.FieldsData())
		}
	}
	offer := func(i int) letter {
		return letter{from: fmt.Sprintf("s%d@offer%d.test", i, i), subject: "Cheap watches for you", body: fmt.Sprintf("Dear winner, buy replica watches now at a discount of %d percent, casino lottery bitcoin profit guaranteed", i)}
	}
	good := func(i int) letter {
		return letter{from: fmt.Sprintf("c%d@people%d.test", i, i), subject: "My order", body: fmt.Sprintf("Hello, where is my order number %d? I paid by bKash and wait for the courier to bring the saree.", i)}
	}
	for i := range 30 {
		c := q.take(offer(i)).GetString(schema.MsgConversation)
		agent.Must(200, "POST", "/api/desk/conversations/"+c+"/spam", map[string]any{"on": true})
		if i == 0 {
			agent.Must(200, "POST", "/api/desk/conversations/"+c+"/spam", map[string]any{"on": false})
			if r := q.conv(c); r.GetBool(schema.ConvSpam) || r.GetString(schema.ConvStatus) != schema.StatusOpen {
				t.Error("it does not come back")
			}
			agent.Must(200, "POST", "/api/desk/conversations/"+c+"/spam", map[string]any{"on": true})
		}
		c = q.take(good(i)).GetString(schema.MsgConversation)
		agent.Must(200, "POST", "/api/desk/conversations/"+c+"/spam", map[string]any{"on": false})
	}
	n := 100
	q.until("the filter has learned", func() bool {
		n++
		return q.conv(q.take(offer(n)).GetString(schema.MsgConversation)).GetBool(schema.ConvSpam)
	})
	if q.conv(q.take(good(99)).GetString(schema.MsgConversation)).GetBool(schema.ConvSpam) {
		t.Error("a customer is spam")
	}
	if q.count("messages", "kind='incoming'") < 60 {
		t.Error("something was thrown away")
	}
	(&quiet{desk: q.desk}).agentless("/api/desk/conversations/x/spam")
}

// agentless makes sure that nobody but staff gets in.
func (q *quiet) agentless(path string) {
	q.t.Helper()
	if a := q.guest().Do("POST", path, nil); a.Status != 401 {
		q.t.Errorf("a guest gets %d from %s", a.Status, path)
	}
}

// A report without a word of ours is attached by the address it came to.
func TestABareReportIsAttachedByItsEnvelope(t *testing.T) { // rule 41
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxPlusAddress, true) }).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	first, second := d.reply(conv, "hello"), d.reply(conv, "and this")
	sent := d.taken(2)
	if sent[0].From == sent[1].From || !strings.HasPrefix(sent[0].From, "help+b.") {
		t.Fatalf("sent from %q and %q", sent[0].From, sent[1].From)
	}
	bare := func(id, to string) string {
		return "From: MAILER-DAEMON@mx.test\r\nTo: <" + to + ">\r\nSubject: failure notice\r\nMessage-ID: <" + id + ">\r\n\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
	}
	forged := strings.Replace(sent[1].From, sent[1].From[len(sent[1].From)-20:len(sent[1].From)-10], "aaaaaaaaaa", 1)
	d.imap.Put(bare("forged@mx.test", forged))
	d.imap.Put(bare("real@mx.test", sent[1].From))
	d.until("it is attached", func() bool { return d.message(second.Id).GetString(schema.MsgDelivery) == schema.DeliveryFailed })
	if got := d.message(first.Id).GetString(schema.MsgDelivery); got != schema.DeliverySent {
		t.Errorf("the other answer is %s", got)
	}
	if d.count("quarantine", "TRUE") != 1 || d.count("identities", "bounce_kind = 'hard'") != 1 || d.count("messages", "kind = 'incoming'") != 1 {
		t.Error("the forged one is not put aside, or the address is not marked")
	}
	// A person's program that answers the envelope finds the conversation.
	d.imap.Put(strings.Replace(letter{id: "two@customer.test", subject: "away", extra: "Auto-Submitted: auto-replied\n"}.String(), "Shop <"+mailtest.Login+">", sent[0].From, 1))
	if m := d.incoming(2)[1]; m.GetString(schema.MsgConversation) != conv {
		t.Error("the vacation notice is elsewhere")
	}
}

// A report that quotes nothing of the mail names it by what it was given with.
func TestAReportIsAttachedByItsEnvelopeID(t *testing.T) { // rules 41 and 42
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	d.reply(conv, "to a server that knows nothing of it")
	if m := d.taken(1)[0]; m.ID != "" || m.Return != "" {
		t.Errorf("given %q and %q", m.ID, m.Return)
	}
	d.smtp.DSN(true)
	answer := d.reply(conv, "hello")
	sent := d.taken(2)[1]
	if mime.Parse([]byte(sent.Raw)).MessageID != sent.ID || sent.ID == "" || sent.Return != "HDRS" {
		t.Fatalf("given %q and %q", sent.ID, sent.Return)
	}
	report := func(id, envid string) string {
		return "From: Mail Delivery System <daemon@mx.test>\r\nTo: <" + mailtest.Login + ">\r\nSubject: Undeliverable\r\nMessage-ID: <" + id + ">\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
			"Reporting-MTA: dns; mx.test\r\nOriginal-Envelope-Id: " + envid + "\r\n\r\nFinal-Recipient: rfc822; rahim@customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
	}
	at := strings.LastIndexByte(sent.ID, '@')
	d.imap.Put(report("forged@mx.test", sent.ID[:at-5]+"aaaaa"+sent.ID[at:]))
	d.imap.Put(report("real@mx.test", strings.ReplaceAll(sent.ID, "@", "+40")))
	d.until("it is attached", func() bool { return d.message(answer.Id).GetString(schema.MsgDelivery) == schema.DeliveryFailed })
	if d.count("quarantine", "TRUE") != 1 || d.count("messages", "delivery = 'failed'") != 1 || d.count("messages", "kind = 'incoming'") != 1 {
		t.Error("the forged one is not put aside, or another message is called failed")
	}
	// A server that offers it and refuses it gets the mail without.
	d.smtp.Fail("mail", &mailtest.Fault{Code: 555, Text: "5.5.4 unsupported option", Times: 1})
	d.reply(conv, "once more")
	if m := d.taken(3)[2]; m.ID != "" || m.Return != "" {
		t.Errorf("given %q and %q", m.ID, m.Return)
	}
}

func TestAServerThatMindsTheEnvelopeGetsAPlainOne(t *testing.T) { // rule 41
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxPlusAddress, true) }).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	d.smtp.Fail("dot", &mailtest.Fault{Code: 554, Text: "5.2.252 SendAsDenied; not allowed to send as", Times: 1})
	d.reply(conv, "hello")
	if from := d.taken(1)[0].From; from != mailtest.Login {
		t.Errorf("sent from %q", from)
	}
}

func TestTheOwnerIsToldOfRefusalsAndComplaints(t *testing.T) { // rules 42, 43 and 45
	q := newQuiet(t)
	conv, ours := q.begin()
	for i := range 2 {
		report := dsn("failed", "5.7.1", "550 5.7.1 blocked, see spamhaus", "rahim@customer.test", ours)
		report.id = fmt.Sprint("report", i, "@mx.test")
		q.take(report)
	}
	q.take(letter{from: "fbl@provider.test", subject: "complaint", id: "arf@x.test", extra: "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nThis is a report.\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <" + ours + ">\nSubject: hello\n\ntext\n--x--\n"})
	var health struct {
		Mailboxes []struct {
			Owner *struct {
				Alerts []struct {
					What, Why, Do, Said string
					Number              int64
					Count               int
				}
			}
		}
	}
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
	if health.Mailboxes[0].Owner != nil {
		t.Error("an agent reads what only the owner can mend")
	}
	owner := q.agent(schema.RoleOwner)
	owner.Must(200, "GET", "/api/desk/mailboxes?lang=en", nil).JSON(t, &health)
	got := health.Mailboxes[0].Owner.Alerts
	if len(got) != 2 || !strings.Contains(got[0].What, "spam") || got[1].Count != 2 || !strings.Contains(got[1].What, "customer.test refused 2 mails") ||
		!strings.Contains(got[1].Why, "by its rules") || !strings.Contains(got[1].Do, "block list") || got[1].Number != int64(q.conv(conv).GetInt(schema.ConvNumber)) {
		t.Errorf("%+v", got)
	}
	if q.count("identities", "bounce_kind = 'hard'") != 0 {
		t.Error("the address is blamed")
	}
	agent.Must(403, "DELETE", "/api/desk/mailboxes/"+q.box.Id+"/alerts", nil)
	owner.Must(204, "DELETE", "/api/desk/mailboxes/"+q.box.Id+"/alerts", nil)
	owner.Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
	if n := len(health.Mailboxes[0].Owner.Alerts); n != 0 {
		t.Errorf("%d alerts are left", n)
	}
}
