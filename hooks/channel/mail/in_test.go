package mail_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	mailtest.ServeAlone()
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestANewMailOpensAConversation(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test", subject: "=?utf-8?B?4KaG4Kau4Ka+4KawIOCmquCmvuCmsOCnjeCmuOCnh+Cmsg==?=", extra: `Cc: friend@customer.test
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html; charset=utf-8

<p>আমার পার্সেল কোথায়? <img src="cid:p@q"><img src="https://track.test/x.png" width="40"></p>
--x
Content-Type: image/png; name=cup.png
Content-ID: <p@q>
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
--x--
`}.String())
	m := d.incoming(1)[0]
	for field, want := range map[string]string{
		schema.MsgSubject: "আমার পার্সেল", schema.MsgText: "আমার পার্সেল কোথায়?", schema.MsgFrom: "rahim@customer.test",
		schema.MsgTo: mailtest.Login, schema.MsgChannelID: "one@customer.test", schema.MsgChannel: schema.ChannelEmail, schema.MsgTrust: "",
	} {
		if got := m.GetString(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if cc := m.GetStringSlice(schema.MsgCC); len(cc) != 1 || cc[0] != "friend@customer.test" {
		t.Errorf("copies %v (rule 27)", cc)
	}
	conv := d.conv(m.GetString(schema.MsgConversation))
	if conv.GetString(schema.ConvStatus) != schema.StatusOpen || conv.GetString(schema.ConvMailbox) != d.box.Id || conv.GetString(schema.ConvLanguage) != "bn" {
		t.Errorf("conversation %v", conv.FieldsData())
	}
	who, err := d.FindRecordById(schema.Contacts, conv.GetString(schema.ConvContact))
	if err != nil || who.GetString(schema.ContactName) != "Rahim Uddin" {
		t.Errorf("contact %v, %v", who, err)
	}

	// Safe to look at, and the original to be had.
	agent := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("ayesha", schema.RoleAgent))}
	var page struct {
		HTML    string
		Blocked int
	}
	agent.Must(200, "GET", "/api/desk/messages/"+m.Id+"/html", nil).JSON(t, &page)
	if page.Blocked != 1 || strings.Contains(page.HTML, "track.test") || !strings.Contains(page.HTML, `src="/api/files/m/`+m.Id+"/") {
		t.Errorf("%d blocked in %s", page.Blocked, page.HTML)
	}
	agent.Must(200, "GET", "/api/desk/messages/"+m.Id+"/html?remote=1", nil).JSON(t, &page)
	if page.Blocked != 0 || !strings.Contains(page.HTML, "track.test") {
		t.Errorf("asked for, %d blocked in %s", page.Blocked, page.HTML)
	}
	raw := agent.Must(200, "GET", "/api/desk/messages/"+m.Id+"/raw", nil)
	if !strings.HasPrefix(string(raw.Body), "From: Rahim Uddin") || !strings.HasPrefix(raw.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("original %q %v", raw.Body[:40], raw.Header)
	}
	for _, who := range []string{"", "visitor-token"} {
		guest := &hookstest.Client{TB: t, Base: d.url, Token: who}
		for _, path := range []string{"/html", "/raw"} {
			if a := guest.Do("GET", "/api/desk/messages/"+m.Id+path, nil); a.Status < 401 || a.Status > 403 {
				t.Errorf("a guest gets %s: %d", path, a.Status)
			}
		}
	}
}

func TestTheFirstReadingStartsWithNewMail(t *testing.T) { // rule 11
	d := newDesk(t)
	d.imap.Put(letter{id: "old@customer.test"}.String())
	d.serve()
	d.imap.Put(letter{id: "new@customer.test"}.String())
	if m := d.incoming(1)[0]; m.GetString(schema.MsgChannelID) != "new@customer.test" {
		t.Errorf("took in %s", m.GetString(schema.MsgChannelID))
	}
}

func TestTheFirstReadingTakesThePastDaysThatTheOwnerChose(t *testing.T) { // rule 11
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxFetchDays, 2) })
	d.imap.Put(letter{id: "old@customer.test"}.String())
	d.serve()
	d.imap.Put(letter{id: "new@customer.test"}.String())
	d.incoming(2)
}

func TestTheSameMailIsOneMessage(t *testing.T) { // rules 1, 5, 6
	d := newDesk(t).serve()
	same := letter{id: "same@customer.test", body: "hello"}.String()
	d.imap.Put(same)
	d.imap.Put("Delivered-To: sales@shop.test\r\n" + same)
	d.imap.Put(letter{id: "same@customer.test", body: "something else"}.String()) // rule 5: an id used twice
	d.imap.Put(letter{body: "no id"}.String())
	d.imap.Put(letter{body: "no id"}.String())
	d.imap.Put(letter{body: "no id either"}.String())
	d.imap.Put(letter{id: "last@customer.test"}.String())
	d.incoming(5)
}

func TestNothingIsLostOverARestart(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "1@customer.test"}.String())
	d.incoming(1)
	dir := d.DataDir()
	d.Rooms.Stream.Hub.Close()
	d.Stop()
	for i := 2; i <= 30; i++ {
		d.imap.Put(letter{id: fmt.Sprintf("%d@customer.test", i), body: fmt.Sprint(i)}.String())
	}
	again := hookstest.Open(t, dir)
	again.Rooms.Mail.Quick()
	d.App = again
	again.Serve()
	for i, m := range d.incoming(30) {
		if got := m.GetString(schema.MsgChannelID); got != fmt.Sprintf("%d@customer.test", i+1) {
			t.Errorf("message %d is %s", i+1, got)
		}
	}
}

func TestAServerThatGoesAwayIsFoundAgain(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Stop()
	d.until("the owner is told", func() bool { return strings.Contains(d.field(schema.MailboxLastError), "no mail server listens there") })
	d.imap.Restart()
	d.imap.Put(letter{id: "after@customer.test"}.String())
	d.incoming(1)
	d.until("the error is gone", func() bool { return d.field(schema.MailboxLastError) == "" })
}

func TestNewNumbersBringNothingTwice(t *testing.T) { // rule 3, test list b
	d := newDesk(t).serve()
	var all []string
	for i := range 40 {
		all = append(all, letter{id: fmt.Sprintf("%d@customer.test", i), body: fmt.Sprint("mail ", i)}.String())
		d.imap.Put(all[i])
	}
	d.incoming(40)
	before := d.field(schema.MailboxUIDValidity)
	d.imap.Stop()
	d.imap.Renumber(append(all, letter{id: "unseen@customer.test"}.String())...)
	d.imap.Restart()
	d.incoming(41)
	d.until("the checkpoint moves to the new numbers", func() bool {
		return d.field(schema.MailboxUIDValidity) != before && d.field(schema.MailboxUID) == "41"
	})
}

func TestACrashAtAnyStepRepeatsWorkAndNothingElse(t *testing.T) { // rules 1 and 4, test list a
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	raw := letter{id: "one@customer.test", body: "hello"}.String()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"after the original was kept", func() error { return mail.Keep(d.App, []byte(raw)) }},
		{"after it was begun in the ledger", func() error { _, err := d.Rooms.Mail.Begin(d.box, 7); return err }},
		{"before the checkpoint moved", func() error { return d.Rooms.Mail.TakeIn(d.box, 7, raw) }},
		{"again before the checkpoint moved", func() error { return d.Rooms.Mail.TakeIn(d.box, 7, raw) }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	m := d.incoming(1)[0]
	if d.count("ledger", "uid = 7") != 1 || d.count("quarantine", "TRUE") != 0 {
		t.Error("the ledger has it more than once, or it was put aside")
	}
	name, err := mail.KeptFile(d.App, m.GetString(schema.MsgRaw))
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(name); err != nil || string(kept) != raw {
		t.Errorf("kept %q, %v", kept, err)
	}
	if rel, _ := filepath.Rel(d.DataDir(), name); !strings.HasPrefix(rel, filepath.Join("mail", m.GetString(schema.MsgRaw)[:2])) {
		t.Errorf("kept at %s", rel)
	}
}

func TestADeletedMessageDoesNotComeBack(t *testing.T) {
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	raw := letter{id: "one@customer.test"}.String()
	if err := d.Rooms.Mail.TakeIn(d.box, 7, raw); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(d.conv(d.incoming(1)[0].GetString(schema.MsgConversation))); err != nil {
		t.Fatal(err)
	}
	for _, uid := range []uint32{7, 8} {
		if err := d.Rooms.Mail.TakeIn(d.box, uid, raw); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.count("messages", "TRUE"); n != 0 {
		t.Errorf("%d messages", n)
	}
}

func TestAPoisonousMailIsPutAsideAndTheNextIsRead(t *testing.T) { // rule 7
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	for range 6 { // it took the process with it every time
		if _, err := d.Rooms.Mail.Begin(d.box, 7); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Rooms.Mail.TakeIn(d.box, 7, letter{id: "poison@customer.test", subject: "poison"}.String()); err != nil {
		t.Fatal(err)
	}
	q, err := d.FindFirstRecordByFilter(schema.Quarantine, "subject = 'poison'")
	if err != nil || q.GetString(schema.QuarantineSender) != "rahim@customer.test" || !strings.Contains(told(q.GetString(schema.QuarantineReason)), "stopped 6 times") || q.GetString(schema.QuarantineRaw) == "" {
		t.Fatalf("quarantine %v, %v", q, err)
	}
	if err := d.Rooms.Mail.TakeIn(d.box, 7, letter{id: "poison@customer.test"}.String()); err != nil || d.count("quarantine", "TRUE") != 1 {
		t.Errorf("put aside again: %v", err)
	}
	if err := d.Rooms.Mail.TakeIn(d.box, 8, letter{id: "next@customer.test"}.String()); err != nil {
		t.Fatal(err)
	}
	d.incoming(1)
}

func TestAMailOfNobodyIsPutAside(t *testing.T) { // rule 21
	d := newDesk(t).serve()
	d.imap.Put(letter{from: "<victim@shop.test> <evil@evil.test>", subject: "trick"}.String())
	d.imap.Put(letter{from: "=?utf-8?q?victim?=@shop.test", subject: "trick"}.String())
	d.imap.Put(letter{id: "good@customer.test"}.String())
	d.incoming(1)
	d.until("both are put aside", func() bool { return d.count("quarantine", "subject = 'trick'") == 2 })
}

func TestAMailPutAsideCanBeReadAgain(t *testing.T) { // rule 7
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	agent := &hookstest.Client{TB: t, Base: d.url, Token: d.Token(d.Agent("ayesha", schema.RoleAgent))}
	for range 6 {
		if _, err := d.Rooms.Mail.Begin(d.box, 7); err != nil {
			t.Fatal(err)
		}
	}
	for uid, l := range map[uint32]letter{7: {id: "poison@customer.test", subject: "readable"}, 8: {from: "a@x.test, b@x.test", subject: "nobody's"}} {
		if err := d.Rooms.Mail.TakeIn(d.box, uid, l.String()); err != nil {
			t.Fatal(err)
		}
	}
	retry := func(subject string) hookstest.Answer {
		q, err := d.FindFirstRecordByData(schema.Quarantine, schema.QuarantineSubject, subject)
		if err != nil {
			t.Fatal(err)
		}
		guest := &hookstest.Client{TB: t, Base: d.url}
		guest.Must(401, "POST", "/api/desk/quarantine/"+q.Id+"/retry", nil)
		return agent.Do("POST", "/api/desk/quarantine/"+q.Id+"/retry", nil)
	}
	var answer struct{ Message, Conversation string }
	if a := retry("readable"); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	} else {
		a.JSON(t, &answer)
	}
	if m := d.incoming(1)[0]; answer.Message != m.Id || answer.Conversation != m.GetString(schema.MsgConversation) {
		t.Errorf("answered %+v", answer)
	}
	if a := retry("nobody's"); a.Status != 422 || !strings.Contains(string(a.Body), "cannot be told who sent") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if d.count("quarantine", "subject = 'nobody''s' AND retried = 1") != 1 || d.count("quarantine", "TRUE") != 1 {
		t.Error("the quarantine is not as it should be")
	}
}

func TestAContactFormOfTheShopSpeaksForTheCustomer(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{from: "Shop website <sales@shop.test>", extra: "Reply-To: Karim <karim@customer.test>\n"}.String())
	if m := d.incoming(1)[0]; m.GetString(schema.MsgFrom) != "karim@customer.test" {
		t.Errorf("from %s", m.GetString(schema.MsgFrom))
	}
}

func TestAnAwkwardAddressIsACustomerToo(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{from: "taro..x.@docomo.ne.jp", id: "a@docomo"}.String())
	d.imap.Put(letter{from: "taro..x.@docomo.ne.jp", id: "b@docomo", refs: "<a@docomo>"}.String())
	if m := d.incoming(2); m[0].GetString(schema.MsgConversation) != m[1].GetString(schema.MsgConversation) {
		t.Error("the second mail is not in the first one's conversation")
	}
}

// Rules 13, 14, 17, 18, 23 to 25: who joins a conversation.
func TestThreading(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	first := d.incoming(1)[0]
	conv := first.GetString(schema.MsgConversation)
	d.reply(conv, "It is on its way.")
	sent := d.taken(1)[0]
	ours := strings.Trim(header(sent.Raw, "Message-ID"), "<>")
	number := d.conv(conv).GetInt(schema.ConvNumber)
	d.until("our message is sent", func() bool { return d.count("outbox", "state='sent'") == 1 })

	for i, tt := range []struct {
		name   string
		letter letter
		joins  bool
		trust  string
	}{
		{"answer with In-Reply-To", letter{extra: "In-Reply-To: <" + ours + ">\n", subject: "Re: other"}, true, ""},
		{"a relay replaced our id but kept References (rule 14)", letter{refs: "<x@ses.test> <" + ours + "> <replaced@ses.test>"}, true, ""},
		{"a stranger who got our mail forwarded (rule 25)", letter{from: "spouse@other.test", refs: "<" + ours + ">"}, true, schema.TrustOther},
		{"the customer refers to their own mail (rule 17)", letter{refs: "<one@customer.test>"}, true, schema.TrustUnverified},
		{"a stranger refers to the customer's mail (rule 24)", letter{from: "evil@evil.test", refs: "<one@customer.test>"}, false, ""},
		{"a stranger knows the number (rule 17)", letter{from: "evil2@evil.test", subject: fmt.Sprintf("Re: [#%d]", number)}, false, ""},
		{"a stranger guesses a token (rule 13)", letter{from: "evil3@evil.test", refs: "<" + strings.Replace(ours, ours[len(ours)-26:len(ours)-10], "aaaaaaaaaaaaaaaa", 1) + ">"}, false, ""},
		{"a token of another conversation's shape", letter{from: "evil4@evil.test", refs: "<t.x.y.aaaaaaaaaaaaaaaa@shop.test>"}, false, ""},
	} {
		tt.letter.id = fmt.Sprintf("case%d@x.test", i)
		tt.letter.body = tt.name
		d.imap.Put(tt.letter.String())
		m := d.incoming(i + 2)[i+1]
		if joined := m.GetString(schema.MsgConversation) == conv; joined != tt.joins || m.GetString(schema.MsgTrust) != tt.trust {
			t.Errorf("%s: joined %v with trust %q", tt.name, joined, m.GetString(schema.MsgTrust))
		}
	}
}

func TestOurOwnMailIsNotTakenIn(t *testing.T) { // rule 12
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "hello")
	d.imap.Put(d.taken(1)[0].Raw)
	d.imap.Put(letter{id: "two@customer.test"}.String())
	d.incoming(2)
}

// Rules 40 to 44.
func TestADeliveryReportMarksTheMailItIsAbout(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	m := d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "hello")
	ours := header(d.taken(1)[0].Raw, "Message-ID")
	d.until("it is sent", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliverySent })

	report := func(action, status, id string) string {
		return letter{from: "Mail Delivery System <MAILER-DAEMON@mx.test>", subject: "Undelivered", extra: `Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

It did not work.
--x
Content-Type: message/delivery-status

Final-Recipient: rfc822; rahim@customer.test
Action: ` + action + `
Status: ` + status + `
Diagnostic-Code: smtp; 550 5.1.1 no such
 user here
--x
Content-Type: text/rfc822-headers

Message-ID: ` + id + `
--x--
`}.String()
	}
	d.imap.Put(report("delayed", "4.4.1", ours))
	d.until("the delay is shown", func() bool { return strings.Contains(d.message(m.Id).GetString(schema.MsgDeliveryDetail), "delayed") })
	if got := d.message(m.Id).GetString(schema.MsgDelivery); got != schema.DeliverySent {
		t.Errorf("a delay makes it %s (rule 43)", got)
	}
	d.imap.Put(report("failed", "5.1.1", ours))
	d.until("the failure is shown", func() bool { return d.message(m.Id).GetString(schema.MsgDelivery) == schema.DeliveryFailed })
	if detail := d.message(m.Id).GetString(schema.MsgDeliveryDetail); !strings.Contains(detail, "550 5.1.1 no such user here") || !strings.Contains(detail, "rahim@customer.test") {
		t.Errorf("detail %q", detail)
	}
	// A report on nothing of ours changes nothing and is put aside (rule 44).
	d.imap.Put(report("failed", "5.1.1", "<t.x.y.aaaaaaaaaaaaaaaa@shop.test>"))
	d.until("it is put aside", func() bool { return d.count("quarantine", "subject = 'Undelivered'") == 1 })
	d.incoming(1)
}

func TestAVacationNoticeDoesNotReopen(t *testing.T) { // rule 35
	d := newDesk(t).serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	conv := d.incoming(1)[0].GetString(schema.MsgConversation)
	d.reply(conv, "hello")
	ours := header(d.taken(1)[0].Raw, "Message-ID")
	d.imap.Put(letter{id: "away@customer.test", refs: ours, extra: "Auto-Submitted: auto-replied\n", body: "I am away"}.String())
	m := d.incoming(2)[1]
	if m.GetString(schema.MsgConversation) != conv || !m.GetBool(schema.MsgAutomatic) {
		t.Errorf("conversation %s, automatic %v", m.GetString(schema.MsgConversation), m.GetBool(schema.MsgAutomatic))
	}
	if s := d.conv(conv).GetString(schema.ConvStatus); s != schema.StatusPending {
		t.Errorf("the conversation is %s", s)
	}
}

func TestAMailThatCouldNotBeReadWholeSaysSo(t *testing.T) {
	d := newDesk(t).serve()
	d.imap.Put("Content-Type: multipart/mixed; boundary=x\r\n" + letter{id: "many@customer.test", body: "--x\r\n\r\nhello\r\n" + strings.Repeat("--x\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n", 200)}.String())
	m := d.incoming(1)[0]
	if text := m.GetString(schema.MsgText); !strings.HasPrefix(text, "hello") || !strings.Contains(text, "could not be read") {
		t.Errorf("text %q", text)
	}
}

func TestMailboxesComeAndGoWithTheirRecords(t *testing.T) {
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	time.Sleep(100 * time.Millisecond)
	if n := d.imap.Connections(); n != 0 {
		t.Fatalf("%d connections of a mailbox that is switched off", n)
	}
	d.box.Set(schema.MailboxActive, true)
	if err := d.Save(d.box); err != nil {
		t.Fatal(err)
	}
	d.until("it is read", func() bool { return d.field(schema.MailboxUIDValidity) != "0" })
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.incoming(1)
	if err := d.Delete(d.box); err != nil {
		t.Fatal(err)
	}
	d.until("the loop ends", func() bool { return d.Rooms.Mail.Loops() == 0 })
	d.imap.Put(letter{id: "two@customer.test"}.String())
	time.Sleep(200 * time.Millisecond)
	d.incoming(1)
}

// The line breaks again and again while mails arrive, and answers go out while
// the submission server fails now and then.
func TestNothingIsLostOrDoubledWhileLinesBreak(t *testing.T) { // test list i
	d := newDesk(t).serve()
	const n = 80
	d.smtp.Fail("mail", &mailtest.Fault{Code: 451, Times: 5})
	d.smtp.Fail("dot", &mailtest.Fault{Drop: true, Times: 2}) // not stored
	answered := map[string]bool{}
	for i := range n {
		d.imap.Put(letter{id: fmt.Sprintf("%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i), body: fmt.Sprint("mail ", i)}.String())
		if i%10 == 9 {
			d.imap.Restart()
		}
	}
	messages := d.incoming(n)
	for i, m := range messages {
		if m.GetString(schema.MsgChannelID) != fmt.Sprintf("%d@customer.test", i) {
			t.Errorf("message %d is %s", i, m.GetString(schema.MsgChannelID))
		}
		if i%4 == 0 {
			answered[d.reply(m.GetString(schema.MsgConversation), fmt.Sprint("answer ", i)).Id] = true
		}
	}
	d.until("every answer is sent", func() bool { d.due(); return d.count("outbox", "state = 'sent'") == len(answered) })
	seen := map[string]int{}
	for _, m := range d.smtp.Mails() {
		seen[header(m.Raw, "Message-ID")]++
	}
	if len(seen) != len(answered) {
		t.Errorf("%d different mails for %d answers", len(seen), len(answered))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s went out %d times", id, times)
		}
	}
	if q := d.count("quarantine", "TRUE"); q != 0 {
		t.Errorf("%d mails put aside", q)
	}
}
