package mail_test

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEUlEQVR4nGNgyPLDh0alsSEAaeNH4WLebMIAAAAASUVORK5CYII="

func picture(name, cid string) conversation.File {
	return conversation.File{Name: name, ContentID: cid, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(base64.NewDecoder(base64.StdEncoding, strings.NewReader(dot))), nil
	}}
}

// Rule 66: both forms of a formatted answer say the same, and its pictures
// travel with it.
func TestAFormattedReplyIsTextAndHTMLWithItsPictures(t *testing.T) {
	d, conv := begun(t)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	d.reply(conv, "", func(dr *conversation.Draft) {
		dr.Agent = agent.Id
		dr.Files = []conversation.File{picture("শার্ট.png", "p1.shirt"), picture("bill.png", "")}
		dr.Format(`<p>আপনার <b>লাল শার্ট</b>:</p><ul><li>দাম <i>৫০০</i></li></ul><p><img src="cid:p1.shirt" alt="শার্ট.png"></p><blockquote>কবে পাব?</blockquote><p><a href="https://shop.test/t?a=1&amp;b=2">এখানে দেখুন</a><script>alert(1)</script><img src="https://track.test/x.gif"></p>`)
	})
	got := mime.Parse([]byte(d.taken(1)[0].Raw))
	for _, want := range []string{"আপনার লাল শার্ট:", "- দাম ৫০০", "[শার্ট.png]", "> কবে পাব?", "এখানে দেখুন (https://shop.test/t?a=1&b=2)", "Ayesha"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("%q is missing in\n%s", want, got.Text)
		}
	}
	for _, want := range []string{"<strong>লাল শার্ট</strong>", "<em>৫০০</em>", `<img src="cid:p1.shirt" alt="শার্ট.png"`, `<a href="https://shop.test/t?a=1&amp;b=2">এখানে দেখুন</a>`} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("%q is missing in\n%s", want, got.HTML)
		}
	}
	for _, never := range []string{"alert(", "track.test"} {
		if strings.Contains(got.Text+got.HTML, never) {
			t.Errorf("%q went out", never)
		}
	}
	ids := map[string]string{}
	for _, p := range got.Parts {
		ids[p.Name] = p.ContentID
	}
	if len(ids) != 2 || ids["শার্ট.png"] != "p1.shirt" || ids["bill.png"] != "" {
		t.Errorf("parts: %v", ids)
	}
}

func TestSignaturesOfAgentAndMailboxGoTogetherAsTheOwnerChose(t *testing.T) {
	d, conv := begun(t)
	agent := d.Agent("Ayesha", schema.RoleAgent)
	agent.Set(schema.AgentSignature, "Ayesha\nSales")
	agent.Set(schema.AgentSignatureHTML, "<p><strong>Ayesha</strong><br>Sales</p>")
	if err := d.Save(agent); err != nil {
		t.Fatal(err)
	}
	n := 0
	sent := func(text string) *mime.Mail {
		t.Helper()
		n++
		d.reply(conv, text, func(dr *conversation.Draft) { dr.Agent = agent.Id })
		return mime.Parse([]byte(d.taken(n)[n-1].Raw))
	}
	use := func(how string) {
		t.Helper()
		boxes, err := d.FindAllRecords(schema.Mailboxes)
		if err != nil {
			t.Fatal(err)
		}
		for _, box := range boxes {
			box.Set(schema.MailboxSignature, "{agent} of {shop} · {address}")
			box.Set(schema.MailboxSignatureHTML, "<p><em>{agent}</em> of {shop} · {address}</p>")
			box.Set(schema.MailboxSignatureUse, how)
			if err := d.Save(box); err != nil {
				t.Fatal(err)
			}
		}
	}
	own := sent("It is here.")
	if !strings.Contains(own.Text, "It is here.\n\nAyesha\nSales") || !strings.Contains(own.HTML, "<strong>Ayesha</strong>") {
		t.Errorf("the agent's own:\n%s\n%s", own.Text, own.HTML)
	}
	use(schema.MailboxSignInstead)
	instead := sent("It is there.")
	if strings.Contains(instead.Text, "Sales") || !strings.Contains(instead.Text, "Ayesha of ") || !strings.Contains(instead.HTML, "<em>Ayesha</em> of ") || strings.Contains(instead.Text, "{") {
		t.Errorf("the mailbox's instead:\n%s\n%s", instead.Text, instead.HTML)
	}
	use(schema.MailboxSignBelow)
	below := sent("It is gone.")
	if !strings.Contains(below.Text, "Ayesha\nSales\n\nAyesha of ") || strings.Index(below.HTML, "<strong>Ayesha</strong>") > strings.Index(below.HTML, "<em>Ayesha</em>") {
		t.Errorf("both:\n%s\n%s", below.Text, below.HTML)
	}
	// Whoever signs by hand is not signed twice.
	twice := sent("It is back.\n\nAyesha\nSales")
	if strings.Count(twice.Text, "Sales") != 1 {
		t.Errorf("signed twice:\n%s", twice.Text)
	}
	// The agent's own has the same variables.
	agent.Set(schema.AgentSignature, "{agent}, {shop}")
	agent.Set(schema.AgentSignatureHTML, "<p><strong>{agent}</strong>, {shop}</p>")
	if err := d.Save(agent); err != nil {
		t.Fatal(err)
	}
	filled := sent("It is there again.")
	if !strings.Contains(filled.Text, "It is there again.\n\nAyesha, ") || !strings.Contains(filled.HTML, "<strong>Ayesha</strong>, ") || strings.Contains(filled.Text, "{") {
		t.Errorf("the agent's own with variables:\n%s\n%s", filled.Text, filled.HTML)
	}
}
