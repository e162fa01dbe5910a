package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// What is folded of a mail is marked when it comes in, and again when it is
// read anew.
func TestHistoryAndSignatureAreMarkedToBeFolded(t *testing.T) { // rules 46 to 50, 56 and 58
	q := newQuiet(t)
	history := "\r\n\r\nOn Mon, 16 Nov 2026 at 9:00, Shop <help@shop.test> wrote:\r\n> Which colour?"
	own := func(m string) string {
		r := q.message(m)
		b := conversation.WrapMessage(r).Evidence().Body
		text := utf16.Encode([]rune(r.GetString(schema.MsgText)))
		if b == nil || b.End == 0 {
			return string(utf16.Decode(text))
		}
		return string(utf16.Decode(text[:b.Own])) + "|" + strings.TrimSpace(string(utf16.Decode(text[b.End:])))
	}
	m := q.take(letter{subject: "Re: colour", body: "নীল 🙂" + "\r\n\r\n-- \r\nRahim" + history, extra: "Content-Type: text/plain; charset=utf-8\n"})
	if got := own(m.Id); got != "নীল 🙂|" {
		t.Errorf("shown: %q", got)
	}
	agent := q.agent(schema.RoleAgent)
	agent.Must(204, "POST", "/api/desk/messages/"+m.Id+"/parse", nil)
	if got := own(m.Id); got != "নীল 🙂|" {
		t.Errorf("shown after it was read anew: %q", got)
	}
	// A forwarded mail is shown whole (rule 49), in text and in HTML.
	page := `<p>See this.</p><blockquote type="cite"><p>Which colour?</p></blockquote>`
	for subject, quoted := range map[string]bool{"Fwd: colour": false, "Re: colour": true} {
		m := q.take(letter{subject: subject, body: page, extra: "Content-Type: text/html; charset=utf-8\n"})
		var got struct{ HTML, Quoted string }
		agent.Must(200, "GET", "/api/desk/messages/"+m.Id+"/html?fold=1", nil).JSON(t, &got)
		if (got.Quoted != "") != quoted || !strings.Contains(got.HTML+got.Quoted, "Which colour?") || strings.Contains(own(m.Id), "|") != quoted {
			t.Errorf("%s: %q and %q, text %q", subject, got.HTML, got.Quoted, own(m.Id))
		}
	}
	// What we add to a text stands outside of the fold.
	m = q.take(letter{subject: "Re: fitting", extra: "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nYes." + strings.ReplaceAll(history, "\r\n", "\n") + "\n\n--x\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nSUMMARY:Fitting\nDTSTART:20261120T040000Z\nORGANIZER:mailto:a@customer.test\nEND:VEVENT\nEND:VCALENDAR\n--x--\n"})
	for range 2 {
		if got := own(m.Id); !strings.HasPrefix(got, "Yes.|") || !strings.Contains(got, "Fitting") {
			t.Errorf("shown: %q", got)
		}
		if b := conversation.WrapMessage(q.message(m.Id)).Evidence().Body; len(b.Labels) != 1 || b.Labels[0] != conversation.LabelInvitation {
			t.Errorf("labels %v", b.Labels)
		}
		agent.Must(204, "POST", "/api/desk/messages/"+m.Id+"/parse", nil)
	}
}

func TestNewslettersStandAside(t *testing.T) { // rules 33 and 35
	q := newQuiet(t)
	letters := q.take(letter{from: "news@client.test", subject: "This week", extra: "List-Id: <weekly.client.test>\n"})
	member := q.take(letter{from: "amina@client.test", subject: "Re: sizes", extra: "List-Id: <talk.client.test>\nList-Post: <mailto:talk@client.test>\n"})
	q.take(letter{from: "bad@spam.test", subject: "cheap", extra: "X-Spam-Flag: YES\n"})
	if c := q.conv(letters.GetString(schema.MsgConversation)); !c.GetBool(schema.ConvAutomatic) || c.GetString(schema.ConvStatus) != schema.StatusSolved {
		t.Error("a newsletter waits for an answer")
	}
	if c := q.conv(member.GetString(schema.MsgConversation)); c.GetBool(schema.ConvAutomatic) || c.GetString(schema.ConvStatus) != schema.StatusOpen {
		t.Error("a member's post is taken for a newsletter")
	}
	var boot struct {
		Counts struct{ Spam, Automatic, Open int }
	}
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
	if c := boot.Counts; c.Spam != 1 || c.Automatic != 1 || c.Open != 1 {
		t.Errorf("counts %+v", c)
	}
	agent.Must(204, "POST", "/api/desk/conversations/"+letters.GetString(schema.MsgConversation)+"/seen", map[string]any{"seq": letters.GetInt(schema.MsgSeq)})
	agent.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
	if boot.Counts.Automatic != 0 {
		t.Error("what was looked at still counts")
	}
}

// The agent reads why an address is marked and can forget it; what is kept is
// told in the language of who reads.
func TestAMarkedAddressIsSeenAndForgotten(t *testing.T) { // rule 43
	q := newQuiet(t)
	conv, ours := q.begin()
	q.take(dsn("failed", "5.1.1", "550 5.1.1 no such user", "rahim@customer.test", ours))
	who := q.conv(conv).GetString(schema.ConvContact)
	var got struct {
		Contact struct{ Identities []contact.IdentityView }
	}
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "GET", "/api/desk/contacts/"+who, nil).JSON(t, &got)
	id := got.Contact.Identities[0]
	if id.Bounce != schema.BounceHard || id.BouncedAt == "" || !strings.Contains(told(id.BounceReason), "no such address") {
		t.Fatalf("%+v", id)
	}
	root := &hookstest.Client{TB: t, Base: q.url, Token: q.Token(q.Superuser("root@shop.test"))}
	for lang, want := range map[string]string{"en": "no such address", "bn": "ঠিকানা"} {
		q.Shop(map[string]any{schema.ShopLanguage: lang})
		if a := root.Must(200, "GET", "/api/collections/identities/records/"+id.ID, nil); !strings.Contains(string(a.Body), want) || strings.Contains(string(a.Body), "say") {
			t.Errorf("the admin UI reads %s", a.Body)
		}
	}
	agent.Must(404, "POST", "/api/desk/contacts/none00000000000/identities/"+id.ID+"/clear", nil)
	agent.Must(200, "POST", "/api/desk/contacts/"+who+"/identities/"+id.ID+"/clear", nil).JSON(t, &got)
	if id := got.Contact.Identities[0]; id.Bounce != "" || id.BouncedAt != "" || id.BounceReason != "" {
		t.Errorf("%+v", id)
	}
	// Copies that nobody saw are seen at the desk.
	m := q.reply(conv, "again", func(dr *conversation.Draft) { dr.BCC = []string{"boss@shop2.test"} })
	if a := agent.Must(200, "GET", "/api/desk/conversations/"+conv, nil); !strings.Contains(string(a.Body), `"bcc":["boss@shop2.test"]`) || m.Id == "" {
		t.Error("the blind copy is not shown")
	}
}

// A refusal that does not say why is believed of the address at the third time
// within a week.
func TestAnUnexplainedRefusalMarksAnAddressAtTheThirdTime(t *testing.T) { // rule 43
	q := newQuiet(t)
	conv, ours := q.begin()
	for n, want := range []string{schema.BounceSoft, schema.BounceSoft, schema.BounceHard} {
		if n > 0 {
			ours = q.Rooms.Mail.MessageID(conv, q.reply(conv, fmt.Sprint("once more ", n)).Id, "rahim@customer.test")
		}
		q.take(dsn("failed", "5.3.0", "550 5.3.0 we cannot help you", "rahim@customer.test", ours))
		id, err := q.FindFirstRecordByData(schema.Identities, schema.IdentityValue, "rahim@customer.test")
		if err != nil {
			t.Fatal(err)
		}
		if got := id.GetString(schema.IdentityBounceKind); got != want {
			t.Errorf("refusal %d makes it %q", n+1, got)
		}
	}
}

// An agent may answer to another address of the customer, and to nobody else's.
func TestAnAgentChoosesWhereTheAnswerGoes(t *testing.T) { // rules 27 and 28
	q := newQuiet(t)
	conv, ours := q.begin()
	wish := q.take(letter{refs: "<" + ours + ">", extra: "Reply-To: wish@elsewhere.test\n", body: "please answer there"})
	q.take(letter{from: "stranger@evil.test", refs: "<" + ours + ">", body: "and to me"})
	who := q.conv(conv).GetString(schema.ConvContact)
	agent := q.agent(schema.RoleAgent)
	agent.Must(200, "POST", "/api/desk/contacts/"+who+"/identities", map[string]any{"kind": "email", "value": "office@customer.test"})
	if conversation.WrapMessage(wish).Evidence().ReplyTo != "wish@elsewhere.test" {
		t.Fatal("the wish is not noted")
	}
	for i, c := range []struct {
		to   string
		want int
		sent string
	}{
		{"", 200, "rahim@customer.test"}, {"Office@Customer.TEST", 200, "office@customer.test"}, {"wish@elsewhere.test", 200, "wish@elsewhere.test"},
		{"stranger@evil.test", 400, ""}, {"nobody@customer.test", 400, ""}, {"nothing", 400, ""},
	} {
		a := agent.Must(c.want, "POST", "/api/desk/conversations/"+conv+"/reply", map[string]any{"client_id": fmt.Sprint("client-id-", i), "kind": "reply", "text": "hello", "to": c.to})
		var got struct{ Message struct{ To string } }
		if c.want == 200 {
			if a.JSON(t, &got); got.Message.To != c.sent {
				t.Errorf("%q: it goes to %q", c.to, got.Message.To)
			}
		}
	}
}
