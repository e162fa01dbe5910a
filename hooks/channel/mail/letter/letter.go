// Package letter is what a mail of ours looks like: its subject, what it refers
// to, and its text in plain and in HTML, both from one source (rule 66).
package letter

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/i18n"
)

// Page is the text of a mail, from which both of its forms are made.
type Page struct {
	Lang, Shop   string
	Number       int64
	Text         string
	Signature    string
	Wrote, Quote string // what is answered, and the line that says whose it is
}

func (p Page) footer() string {
	return p.Shop + " · " + i18n.T(p.Lang, "mail.request", i18n.V{"number": i18n.Current().Digits(p.Lang, fmt.Sprint(p.Number))})
}

// Plain is the text/plain form.
func (p Page) Plain() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(p.Text) + "\n")
	if p.Signature != "" {
		b.WriteString("\n" + p.Signature + "\n")
	}
	b.WriteString("\n" + p.footer() + "\n")
	if p.Quote != "" {
		b.WriteString("\n" + p.Wrote + "\n")
		for line := range strings.SplitSeq(p.Quote, "\n") {
			b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
		}
	}
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

const (
	bodyStyle  = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans Bengali',sans-serif;font-size:15px;line-height:1.55;color:#1c1c1e;max-width:40em"
	quietStyle = "color:#6b6b70;font-size:13px"
	quoteStyle = "margin:0;padding:0 0 0 12px;border-left:3px solid #d8d8dc;color:#6b6b70"
)

// HTML is the text/html form.
func (p Page) HTML() string {
	lang := html.EscapeString(p.Lang)
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\r\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\r\n<body>\r\n<div lang=\"%s\" dir=\"auto\" style=\"%s\">\r\n", lang, lang, bodyStyle)
	b.WriteString(paragraphs(p.Text))
	if p.Signature != "" {
		b.WriteString(paragraphs(p.Signature))
	}
	fmt.Fprintf(&b, "<p style=\"%s\">%s</p>\r\n", quietStyle, html.EscapeString(p.footer()))
	if p.Quote != "" {
		fmt.Fprintf(&b, "<div class=\"shohay_quote\"><p style=\"%s\">%s</p>\r\n<blockquote type=\"cite\" style=\"%s\">\r\n%s</blockquote></div>\r\n",
			quietStyle, html.EscapeString(p.Wrote), quoteStyle, paragraphs(p.Quote))
	}
	b.WriteString("</div>\r\n</body></html>\r\n")
	return b.String()
}

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]'।]`)

// paragraphs writes text as HTML: empty lines part paragraphs, addresses
// become links.
func paragraphs(text string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if part = strings.Trim(part, "\n"); part == "" {
			continue
		}
		b.WriteString("<p>")
		at := 0
		for _, span := range linkForm.FindAllStringIndex(part, 200) {
			link := html.EscapeString(part[span[0]:span[1]])
			b.WriteString(escaped(part[at:span[0]]) + `<a href="` + link + `">` + link + `</a>`)
			at = span[1]
		}
		b.WriteString(escaped(part[at:]) + "</p>\r\n")
	}
	return b.String()
}

func escaped(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\r\n") }
