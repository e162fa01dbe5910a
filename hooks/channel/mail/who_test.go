package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// quiet is a desk whose mailbox is not read by a loop: the test hands mails
// over itself, one after the other.
type quiet struct {
	*desk
	uid uint32
}

func newQuiet(t *testing.T, set ...func(*core.Record)) *quiet {
	d := newDesk(t, append(set, func(r *core.Record) { r.Set(schema.MailboxIMAPHost, "") })...).serve2()
	return &quiet{desk: d}
}

// serve2 serves without waiting for the first contact.
func (d *desk) serve2() *desk {
	d.url = d.Serve()
	return d
}

// take hands a mail over and returns the message it became, nil if none.
func (q *quiet) take(l letter) *core.Record {
	q.t.Helper()
	q.uid++
	if l.id == "" {
		l.id = fmt.Sprintf("m%d@sender.test", q.uid)
	}
	if l.body == "" {
		l.body = "text " + l.id
	}
	if err := q.Rooms.Mail.TakeIn(q.box, q.uid, l.String()); err != nil {
		q.t.Fatal(err)
	}
	r, err := q.FindFirstRecordByData(schema.Messages, schema.MsgChannelID, l.id)
	if err != nil {
		return nil
	}
	return r
}

// begin opens a conversation of Rahim's that was answered, and returns it with
// our answer's Message-ID.
func (q *quiet) begin() (conv, ours string) {
	q.t.Helper()
	first := q.take(letter{id: "first@customer.test"})
	conv = first.GetString(schema.MsgConversation)
	m := q.reply(conv, "It is on its way.")
	return conv, q.Rooms.Mail.MessageID(conv, m.Id, "rahim@customer.test")
}

func (q *quiet) events(conv, kind string) (list []*core.Record) {
	q.t.Helper()
	all, err := q.FindRecordsByFilter(schema.Messages, "conversation = '"+conv+"' && kind = 'event'", "seq", 0, 0)
	if err != nil {
		q.t.Fatal(err)
	}
	for _, r := range all {
		var ev conversation.Event
		if err := r.UnmarshalJSONField(schema.MsgEvent, &ev); err != nil {
			q.t.Fatal(err)
		}
		if ev.Type == kind {
			list = append(list, r)
		}
	}
	return list
}

func (q *quiet) agent(role string) *hookstest.Client {
	return &hookstest.Client{TB: q.t, Base: q.url, Token: q.Token(q.Agent(role, role))}
}

const (
	passes = "Authentication-Results: mx.shop.test; dmarc=pass header.from=customer.test\n"
	fails  = "Authentication-Results: mx.shop.test; dmarc=fail header.from=customer.test\n"
	forged = "X-Received: x\nReceived: from a by mx.shop.test; Sun, 22 Nov 2026 10:00:00 +0600\nAuthentication-Results: evil.test; dmarc=pass header.from=customer.test\n"
)

func configured(r *core.Record) { r.Set(schema.MailboxAuthServ, "mx.shop.test") }

// The spoof matrix: rules 17 and 21 to 25.
func TestWhoJoinsAConversation(t *testing.T) {
	stranger, rahim, wife := "Evil <evil@evil.test>", "Rahim Uddin <rahim@customer.test>", "Wife <wife@home.test>"
	for _, c := range []struct {
		name, from   string
		token, hint  bool
		number       bool
		auth         string
		joins        bool
		trust        string
		may          bool // a new conversation that may belong to the old one
		verdict      string
		tokenElsewhe string // where the token stands instead of References
	}{
		{"23: token, sender, proven", rahim, true, false, false, passes, true, "", false, "pass", ""},
		{"23: token, sender, nobody checked", rahim, true, false, false, "", true, "", false, "", ""},
		{"23: token, sender, forged", rahim, true, false, false, fails, true, schema.TrustUnverified, false, "fail", ""},
		{"22: a strange server's word counts for nothing", rahim, false, true, false, forged, true, schema.TrustUnverified, false, "", ""},
		{"24: hint, participant, proven", rahim, false, true, false, passes, true, "", false, "pass", ""},
		{"24: hint, participant, nobody checked", rahim, false, true, false, "", true, schema.TrustUnverified, false, "", ""},
		{"24: hint, participant, forged", rahim, false, true, false, fails, false, "", true, "fail", ""},
		{"24: hint, stranger", stranger, false, true, false, "", false, "", true, "", ""},
		{"17: number, participant, proven", rahim, false, false, true, passes, true, "", false, "pass", ""},
		{"17: number, participant, nobody checked", rahim, false, false, true, "", true, schema.TrustUnverified, false, "", ""},
		{"17: number, participant, forged", rahim, false, false, true, fails, false, "", true, "fail", ""},
		{"17: number, stranger", stranger, false, false, true, "", false, "", true, "", ""},
		{"25: token, another sender", wife, true, false, false, "", true, schema.TrustOther, false, "", ""},
		{"25: token, another sender, proven", wife, true, false, false, passes, true, schema.TrustOther, false, "", ""},
		{"17: token in the quoted text", rahim, true, false, false, "", true, "", false, "", "body"},
		{"15: token in the address", rahim, true, false, false, "", true, "", false, "", "plus"},
		{"15: token in the address, delivered elsewhere", rahim, true, false, false, "", true, "", false, "", "delivered"},
		{"15: token in the address, another sender", wife, true, false, false, "", true, schema.TrustOther, false, "", "plus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQuiet(t, configured)
			conv, ours := q.begin()
			number := q.conv(conv).GetInt(schema.ConvNumber)
			l := letter{from: c.from, subject: "Hello", extra: c.auth, id: "case@x.test"}
			plus := q.Rooms.Mail.Plus(conv, "rahim@customer.test")
			switch {
			case c.token && c.tokenElsewhe == "body":
				l.body = "Yes!\r\n\r\n> Message-ID: <" + ours + ">"
			case c.token && c.tokenElsewhe == "plus":
				l.extra += "Cc: " + plus + "\n"
			case c.token && c.tokenElsewhe == "delivered":
				l.extra += "Delivered-To: " + plus + "\n"
			case c.token:
				l.refs = "<first@customer.test> <" + ours + ">"
			case c.hint:
				l.refs = "<first@customer.test>"
			}
			if c.number {
				l.subject = fmt.Sprintf("Re: Where [#%d]", number)
			}
			m := q.take(l)
			if m == nil {
				t.Fatal("it became nothing")
			}
			got := m.GetString(schema.MsgConversation)
			if joined := got == conv; joined != c.joins || m.GetString(schema.MsgTrust) != c.trust {
				t.Errorf("joined %v with trust %q", joined, m.GetString(schema.MsgTrust))
			}
			if may := len(q.events(got, "possibly")) == 1; may != c.may {
				t.Errorf("may belong to the other: %v", may)
			}
			ev := conversation.WrapMessage(m).Evidence()
			if ev.Auth != c.verdict {
				t.Errorf("evidence %+v", ev)
			}
			if c.trust != "" && ev.Auth == "fail" && len(ev.Warnings) == 0 {
				t.Error("nobody is warned")
			}
			if cc := m.GetStringSlice(schema.MsgCC); len(cc) > 0 {
				t.Errorf("our own address among the copies %v (rule 27)", cc)
			}
		})
	}
}

func TestAnAcceptedSenderBelongsToTheCustomer(t *testing.T) { // rule 25
	q := newQuiet(t)
	conv, ours := q.begin()
	m := q.take(letter{from: "Wife <wife@home.test>", refs: "<" + ours + ">"})
	if q.conv(conv).GetString(schema.ConvStatus) != schema.StatusOpen || len(q.events(conv, "sender")) != 1 {
		t.Error("staff are not asked")
	}
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "POST", "/api/desk/messages/"+m.Id+"/accept", nil)
	if got := q.message(m.Id).GetString(schema.MsgTrust); got != "" {
		t.Errorf("accepted, it is %q", got)
	}
	id, err := q.FindFirstRecordByData(schema.Identities, schema.IdentityValue, "wife@home.test")
	if err != nil || id.GetString(schema.IdentityContact) != q.conv(conv).GetString(schema.ConvContact) {
		t.Errorf("the address belongs to %v, %v", id, err)
	}
	if next := q.take(letter{from: "Wife <wife@home.test>", refs: "<" + ours + ">"}); next.GetString(schema.MsgTrust) != "" || next.GetString(schema.MsgConversation) != conv {
		t.Error("her next mail is a stranger's again")
	}
	agent.Must(400, "POST", "/api/desk/messages/"+m.Id+"/accept", nil)
	(&hookstest.Client{TB: t, Base: q.url}).Must(401, "POST", "/api/desk/messages/"+m.Id+"/accept", nil)
}

func TestWhatWasSolvedLongAgoGoesOnInANewOne(t *testing.T) { // rule 18
	q := newQuiet(t)
	conv, ours := q.begin()
	if _, err := q.DB().NewQuery("UPDATE conversations SET status='solved', solved_at='2026-09-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	m := q.take(letter{refs: "<" + ours + ">"})
	fresh := m.GetString(schema.MsgConversation)
	if fresh == conv || len(q.events(fresh, "continues")) != 1 || len(q.events(conv, "continued")) != 1 {
		t.Errorf("conversation %s of %s; %d, %d events", fresh, conv, len(q.events(fresh, "continues")), len(q.events(conv, "continued")))
	}
}

func TestTheNewestOfSeveralConversationsWins(t *testing.T) { // rule 18
	q := newQuiet(t)
	first, a := q.begin()
	m := q.take(letter{id: "other@customer.test", subject: "Another matter"})
	second := m.GetString(schema.MsgConversation)
	b := q.Rooms.Mail.MessageID(second, q.reply(second, "and this").Id, "rahim@customer.test")
	got := q.take(letter{refs: "<" + a + "> <" + b + ">"})
	if got.GetString(schema.MsgConversation) != second || len(q.events(second, "mentioned")) != 1 || first == second {
		t.Errorf("it is in %s, not in %s; %d mentioned", got.GetString(schema.MsgConversation), second, len(q.events(second, "mentioned")))
	}
}

func TestMailOfStaffIsMailOfACustomer(t *testing.T) { // rule 26
	q := newQuiet(t, configured)
	staff := q.Agent("karim", schema.RoleAgent)
	conv, ours := q.begin()
	m := q.take(letter{from: "Karim <" + staff.GetString(schema.AgentEmail) + ">", refs: "<" + ours + ">", body: "#close\r\nassign: me", extra: passes})
	if m.GetString(schema.MsgKind) != schema.MessageIncoming || m.GetString(schema.MsgTrust) != schema.TrustOther || q.conv(conv).GetString(schema.ConvStatus) != schema.StatusOpen || q.conv(conv).GetString(schema.ConvAssignee) != "" {
		t.Errorf("it acted: %v", m.FieldsData())
	}
}

func TestReplyToIsBelievedOnlyWhenProven(t *testing.T) { // rules 27 and 28
	for _, c := range []struct{ name, from, replyTo, auth, answers, shown string }{
		{"same organisation, proven", "Rahim <rahim@customer.test>", "desk@office.customer.test", passes, "desk@office.customer.test", ""},
		{"same organisation, nobody checked", "Rahim <rahim@customer.test>", "desk@office.customer.test", "", "rahim@customer.test", "desk@office.customer.test"},
		{"elsewhere, proven", "Rahim <rahim@customer.test>", "x@evil.test", passes, "rahim@customer.test", "x@evil.test"},
		{"our own address", "Rahim <rahim@customer.test>", "sales@shop.test", passes, "rahim@customer.test", ""},
		{"a contact form of the owner's", "Forms <forms@site.test>", "Karim <karim@customer.test>", "", "karim@customer.test", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQuiet(t, configured)
			q.Shop(map[string]any{schema.ShopFormSenders: []string{"forms@site.test"}})
			m := q.take(letter{from: c.from, extra: c.auth + "Reply-To: " + c.replyTo + "\nCc: friend@x.test, sales@shop.test\n"})
			sent := q.reply(m.GetString(schema.MsgConversation), "hello")
			if got := sent.GetString(schema.MsgTo); got != c.answers {
				t.Errorf("answers go to %s", got)
			}
			if got := conversation.WrapMessage(m).Evidence().ReplyTo; got != c.shown {
				t.Errorf("staff are shown %q", got)
			}
			if cc := m.GetStringSlice(schema.MsgCC); len(cc) != 1 || cc[0] != "friend@x.test" {
				t.Errorf("copies %v", cc)
			}
			if cc := sent.GetStringSlice(schema.MsgCC); len(cc) != 0 {
				t.Errorf("the answer is copied to %v by itself", cc)
			}
		})
	}
}

func TestTheSameMailInTwoMailboxesIsOneMessage(t *testing.T) { // rule 5
	q := newQuiet(t)
	second := q.mailbox()
	second.Set(schema.MailboxAddress, "other@shop.test")
	second.Set(schema.MailboxIMAPHost, "")
	second.Set(schema.MailboxAliases, []string{})
	if err := q.Save(second); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"both@customer.test", ""} {
		l := letter{id: id, subject: "both " + id, body: "to both"}
		for i, box := range []*core.Record{q.box, second, second} {
			if err := q.Rooms.Mail.TakeIn(box, uint32(100+10*len(id)+i), "Delivered-To: "+box.GetString(schema.MailboxAddress)+"\r\n"+l.String()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range q.incoming(2) {
		if also := conversation.WrapMessage(m).Evidence().Mailboxes; len(also) != 1 || also[0] != second.Id {
			t.Errorf("also in %v", also)
		}
	}
}

func TestTooManyMailsOfOneSenderAreMarked(t *testing.T) { // rule 32
	q := newQuiet(t)
	for i := range 21 {
		m := q.take(letter{subject: fmt.Sprint("new ", i), body: strings.Repeat(fmt.Sprint(i, " "), 30)})
		if got := conversation.WrapMessage(m).Evidence().Bulk; got != (i >= 20) {
			t.Fatalf("mail %d: bulk %v", i+1, got)
		}
	}
}

func TestAWaveOfSendersIsMarked(t *testing.T) { // rule 32
	for name, wave := range map[string]struct {
		from  func(i int) string
		marks int
	}{
		"one domain":               {func(i int) string { return fmt.Sprintf("P%d <a%d@wave.test>", i, i) }, 60},
		"one domain and its hosts": {func(i int) string { return fmt.Sprintf("P%d <a%d@h%d.wave.test>", i, i, i) }, 60},
		"one name":                 {func(i int) string { return fmt.Sprintf("Best Bank <a%d@wave%d.test>", i, i) }, 20},
		"one box with many tags":   {func(i int) string { return fmt.Sprintf("x.%d.y+%d@gmail.com", i%3, i) }, 60}, // three boxes
		"a provider of everybody":  {func(i int) string { return fmt.Sprintf("P%d <person%d@gmail.com>", i, i) }, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQuiet(t)
			for i := range 62 {
				m := q.take(letter{from: wave.from(i), subject: fmt.Sprint("new ", i), body: strings.Repeat(fmt.Sprint(i, " "), 30)})
				if got := conversation.WrapMessage(m).Evidence(); got.Bulk != (i >= wave.marks) || got.Bulk && !got.NoAutomatic {
					t.Fatalf("mail %d: bulk %v", i+1, got.Bulk)
				}
			}
		})
	}
}

func TestAddressesAreComparedAsWritten(t *testing.T) { // rule 30
	q := newQuiet(t)
	a := q.take(letter{from: "A <r.ahim+x@CUSTOMER.test>"})
	b := q.take(letter{from: "A <R.Ahim+X@customer.TEST>"})
	c := q.take(letter{from: "A <rahim@customer.test>"})
	if a.GetString(schema.MsgContact) != b.GetString(schema.MsgContact) || a.GetString(schema.MsgContact) == c.GetString(schema.MsgContact) {
		t.Error("upper case makes two people, or a plus makes one")
	}
}

func TestAConversationIsReopenedTenTimesADayAtMost(t *testing.T) { // rule 39
	q := newQuiet(t)
	conv, ours := q.begin()
	solved := schema.StatusSolved
	for i := range 12 {
		if _, err := conversation.Apply(q.App, conv, "", conversation.Change{Status: &solved}); err != nil {
			t.Fatal(err)
		}
		q.take(letter{refs: "<" + ours + ">", body: strings.Repeat(fmt.Sprint("again ", i), 9)})
		want := schema.StatusOpen
		if i >= 10 {
			want = schema.StatusSolved
		}
		if got := q.conv(conv).GetString(schema.ConvStatus); got != want {
			t.Fatalf("after mail %d it is %s", i+1, got)
		}
	}
}

func TestAnIdThatTheProviderGaveIsAHint(t *testing.T) { // rule 16
	q := newQuiet(t, configured)
	conv, _ := q.begin()
	if _, err := q.DB().NewQuery("UPDATE messages SET provider_id = '0100@eu-west-1.amazonses.com' WHERE kind = 'outgoing'").Execute(); err != nil {
		t.Fatal(err)
	}
	if m := q.take(letter{refs: "<0100@eu-west-1.amazonses.com>", extra: passes}); m.GetString(schema.MsgConversation) != conv || m.GetString(schema.MsgTrust) != "" {
		t.Error("the customer's answer is not in its conversation")
	}
	if m := q.take(letter{from: "evil@evil.test", refs: "<0100@eu-west-1.amazonses.com>"}); m.GetString(schema.MsgConversation) == conv {
		t.Error("a stranger who knows the id joins")
	}
}

func TestWhatStaffForwardIsTheCustomers(t *testing.T) { // rule 57
	q := newQuiet(t, configured)
	staff := q.Agent("karim", schema.RoleAgent).GetString(schema.AgentEmail)
	forwarded := func(from, auth string) letter {
		return letter{from: "Karim <" + from + ">", subject: "Fwd: My saree", extra: auth, body: "Please look.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Rina Das <rina@customer.test>\r\nDate: Sun, Nov 22, 2026 at 10:00 AM\r\nSubject: My saree\r\nTo: <karim@x.test>\r\n\r\nThe saree is torn.\r\n"}
	}
	proven := strings.ReplaceAll(passes, "customer.test", staff[strings.IndexByte(staff, '@')+1:])
	m := q.take(forwarded(staff, proven))
	if m.GetString(schema.MsgFrom) != "rina@customer.test" || m.GetString(schema.MsgSubject) != "My saree" || !strings.HasPrefix(m.GetString(schema.MsgText), "The saree is torn.") || !strings.Contains(m.GetString(schema.MsgText), "Please look.") {
		t.Errorf("%s: %q %q", m.GetString(schema.MsgFrom), m.GetString(schema.MsgSubject), m.GetString(schema.MsgText))
	}
	if sent := q.reply(m.GetString(schema.MsgConversation), "We send another."); sent.GetString(schema.MsgTo) != "rina@customer.test" {
		t.Errorf("the answer goes to %s", sent.GetString(schema.MsgTo))
	}
	// Nobody else can speak for a customer so, nor somebody who only claims to be staff.
	for name, l := range map[string]letter{"a customer": forwarded("somebody@customer.test", passes), "claimed": forwarded(staff, "")} {
		if m := q.take(l); m.GetString(schema.MsgFrom) == "rina@customer.test" {
			t.Errorf("%s speaks for her", name)
		}
	}
}
