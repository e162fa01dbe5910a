package letter

import (
	"html"
	"strings"

	"github.com/shohay/shohay/hooks/rich"
)

// Signature is what stands under an answer, in both of its forms. HTML is ""
// for one without formatting.
type Signature struct{ Text, HTML string }

// SignatureVariables are the names that may stand in a signature, a mailbox's
// and an agent's.
func SignatureVariables() []string { return []string{"agent", "shop", "number", "address"} }

// ReadSignature takes the formatted form only while it says what the text
// says: an owner may have changed the text alone. Pictures are left out.
func ReadSignature(text, formatted string) Signature {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	doc := rich.Parse(formatted).WithImages(func(string) bool { return false })
	if len(doc) == 0 || doc.Plain() || strings.TrimSpace(doc.Text()) != text {
		return Signature{Text: text}
	}
	return Signature{Text: text, HTML: doc.HTML(nil)}
}

// Fill puts values in for variables; in HTML they are text.
func (s Signature) Fill(values Values) Signature {
	marked := make(Values, len(values))
	for name, value := range values {
		marked[name] = html.EscapeString(value)
	}
	return Signature{Text: fill(s.Text, values), HTML: fill(s.HTML, marked)}
}

// Above joins a signature with the one that stands below it.
func (s Signature) Above(other Signature) Signature {
	switch {
	case s.Text == "":
		return other
	case other.Text == "":
		return s
	case s.HTML == "" && other.HTML == "":
		return Signature{Text: s.Text + "\n" + other.Text}
	}
	return Signature{Text: s.Text + "\n\n" + other.Text, HTML: s.form() + other.form()}
}

// form is the signature as HTML, whether it has formatting or not.
func (s Signature) form() string {
	if s.HTML != "" {
		return s.HTML
	}
	return "<p>" + strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br>") + "</p>"
}
