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
