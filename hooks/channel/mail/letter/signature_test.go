package letter

import (
	"strings"
	"testing"
)

func TestSignaturesInBothForms(t *testing.T) {
	const formatted = `<p><strong>{agent}</strong><br>{shop}</p><p><a href="https://shop.test/?a=1&amp;b=2">our shop</a></p>`
	text := ReadSignature("", formatted) // says something else than no text
	if text.Text != "" || text.HTML != "" {
		t.Errorf("a form that says something else counts: %+v", text)
	}
	own := "{agent}\n{shop}\n\nour shop (https://shop.test/?a=1&b=2)"
	s := ReadSignature(own, formatted)
	if s.HTML == "" {
		t.Fatalf("the form does not count: %+v", s)
	}
	filled := s.Fill(Values{"agent": "Rafi <b>", "shop": "A & B", "number": "12"})
	if !strings.HasPrefix(filled.Text, "Rafi <b>\nA & B\n") || !strings.Contains(filled.HTML, "<strong>Rafi &lt;b&gt;</strong>") || !strings.Contains(filled.HTML, "A &amp; B") {
		t.Errorf("filled: %+v", filled)
	}
	if got := ReadSignature("Rafi", `<p>Rafi</p><img src="cid:x"><script>alert(1)</script>`); got.HTML != "" || got.Text != "Rafi" {
		t.Errorf("no formatting: %+v", got)
	}
	plain := Signature{Text: "Rafi"}
	if got := plain.Above(Signature{Text: "Deshi"}); got.Text != "Rafi\nDeshi" || got.HTML != "" {
		t.Errorf("two plain ones: %+v", got)
	}
	if got := plain.Above(s); got.HTML != "<p>Rafi</p>"+s.HTML || !strings.HasPrefix(got.Text, "Rafi\n\n{agent}") {
		t.Errorf("one of each: %+v", got)
	}
	if got := plain.Above(Signature{}); got != plain {
		t.Errorf("nothing below: %+v", got)
	}
	l := Reply{Lang: "en", Shop: Shop{Name: "Deshi"}, Number: 7, Text: "It is here.", Signature: filled.Text, SignatureHTML: filled.HTML}.Letter(Template{Body: "{text}\n\n{signature}"})
	if !strings.Contains(l.Plain(), "It is here.\r\n\r\nRafi <b>\r\nA & B") || !strings.Contains(l.HTML(), "<strong>Rafi &lt;b&gt;</strong>") || strings.Contains(l.HTML(), "<b>") {
		t.Errorf("the letter:\n%s\n%s", l.Plain(), l.HTML())
	}
}
