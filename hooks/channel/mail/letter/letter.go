// Package letter is what a mail of ours looks like: its subject, what it refers
// to, and its text in plain and in HTML, both from one source (rule 66). The
// words are the catalogue's or the owner's; the design is one.
package letter

import (
	"fmt"
	"html"
	"strings"

	"github.com/shohay/shohay/hooks/i18n"
)

// Template is the words of one kind of mail, with {variables}.
type Template struct{ Subject, Body string }

// Kinds of mail, as in the collection of the owner's words.
const (
	KindAck        = "acknowledgement"
	KindReply      = "reply"
	KindTranscript = "transcript"
	KindCode       = "code"
)

// Builtin are the catalogue's words for a kind of mail. An answer has no
// subject of its own.
func Builtin(lang, kind string) Template {
	switch kind {
	case KindAck:
		return Template{i18n.T(lang, "mail.tpl_acknowledgement_subject"), i18n.T(lang, "mail.tpl_acknowledgement_body")}
	case KindReply:
		return Template{"", i18n.T(lang, "mail.tpl_reply_body")}
	case KindTranscript:
		return Template{i18n.T(lang, "mail.tpl_transcript_subject"), i18n.T(lang, "mail.tpl_transcript_body")}
	case KindCode:
		return Template{i18n.T(lang, "mail.tpl_code_subject"), i18n.T(lang, "mail.tpl_code_body")}
	}
	return Template{}
}

// Variables are the names that may stand in the words of a kind of mail.
func Variables(kind string) []string {
	switch kind {
	case KindAck:
		return []string{"shop", "number", "expected"}
	case KindReply:
		return []string{"text", "signature", "agent", "shop", "number"}
	case KindTranscript:
		return []string{"transcript", "shop", "number"}
	case KindCode:
		return []string{"code", "minutes", "shop"}
	}
	return nil
}

// Or fills what is empty from another.
func (t Template) Or(other Template) Template {
	if strings.TrimSpace(t.Subject) == "" {
		t.Subject = other.Subject
	}
	if strings.TrimSpace(t.Body) == "" {
		t.Body = other.Body
	}
	return t
}

// Shop is whose mail it is.
type Shop struct{ Name, Colour string }

// Letter is a mail's text before it becomes one of its forms.
type Letter struct {
	Lang    string
	Shop    Shop
	Subject string
	Banner  bool // the shop's name on top: a mail of the shop, not of a person
	Footer  string
	Link    string // where the customer sees their request; "" for none
	blocks  []block
}

// Quote is what is quoted under an answer: whose it is, and what it says.
type Quote struct{ Head, Text string }

// Reply is an agent's answer in its frame.
type Reply struct {
	Lang          string
	Shop          Shop
	Number        int64
	Text          string
	HTML          string // the same with formatting, in the subset of package rich; "" for none
	Signature     string
	SignatureHTML string // the same with formatting, "" for none
	Agent         string
	Quotes        []Quote // newest first
	Link          string  // where the customer sees the request; "" for none
}

func number(lang string, n int64) string { return i18n.Current().Digits(lang, fmt.Sprint(n)) }

// Letter puts the answer into the template's frame. An owner who forgot {text}
// still sends what the agent wrote.
func (r Reply) Letter(t Template) Letter {
	if !strings.Contains(t.Body, "{text}") {
		t.Body = "{text}\n\n" + t.Body
	}
	if !strings.Contains(t.Body, "{signature}") && r.Signature != "" {
		t.Body += "\n\n{signature}"
	}
	l := Letter{Lang: r.Lang, Shop: r.Shop}
	l.blocks = parse(t.Body, Values{"shop": r.Shop.Name, "number": number(r.Lang, r.Number), "agent": r.Agent, "text": "", "signature": ""},
		map[string][]block{"text": formatted(r.HTML, r.Text), "signature": formatted(r.SignatureHTML, r.Signature)})
	l.blocks = append(l.blocks, block{kind: quiet, spans: []span{{text: r.Shop.Name + " · " + i18n.T(r.Lang, "mail.request", i18n.V{"number": number(r.Lang, r.Number)})}}})
	if r.Link != "" {
		l.blocks = append(l.blocks, seeHere(r.Lang, r.Link))
	}
	for _, q := range r.Quotes {
		if inner := literal(q.Text); len(inner) > 0 {
			l.blocks = append(l.blocks, block{kind: quote, head: q.Head, blocks: inner})
		}
	}
	return l
}

// Ack is the answer of the machine that a message arrived. It holds nothing
// that its sender wrote, else we would carry their words to anybody whose
// address they forge (rule 37).
func Ack(lang string, shop Shop, n int64, expected string, t Template) Letter {
	values := Values{"shop": shop.Name, "number": number(lang, n), "expected": expected}
	plain := Values{"shop": shop.Name, "number": fmt.Sprint(n), "expected": expected}
	return Letter{Lang: lang, Shop: shop, Banner: true, Subject: oneLine(fill(t.Subject, plain)), blocks: parse(t.Body, values, nil),
		Footer: i18n.T(lang, "mail.automatic")}
}

// Turn is something that was said, for a transcript.
type Turn struct{ Who, When, Text string }

// Transcript is a conversation to keep.
func Transcript(lang string, shop Shop, n int64, turns []Turn, t Template) Letter {
	var talk []block
	for _, turn := range turns {
		talk = append(talk, block{kind: said, spans: []span{{turn.Who, true}, {" · " + turn.When, false}}})
		talk = append(talk, literal(turn.Text)...)
	}
	if !strings.Contains(t.Body, "{transcript}") {
		t.Body += "\n\n{transcript}"
	}
	values := Values{"shop": shop.Name, "number": number(lang, n)}
	return Letter{Lang: lang, Shop: shop, Banner: true, Subject: oneLine(fill(t.Subject, Values{"shop": shop.Name, "number": fmt.Sprint(n)})),
		blocks: parse(t.Body, values, map[string][]block{"transcript": talk}),
		Footer: shop.Name + " · " + i18n.T(lang, "mail.request", i18n.V{"number": number(lang, n)})}
}

// Code is the mail with a code to sign in with. The digits stay as they have
// to be typed.
func Code(lang string, shop Shop, digits, minutes string, t Template) Letter {
	if !strings.Contains(t.Body, "{code}") {
		t.Body = "{code}\n\n" + t.Body
	}
	values := Values{"shop": shop.Name, "code": digits, "minutes": minutes}
	return Letter{Lang: lang, Shop: shop, Banner: true, Subject: oneLine(fill(t.Subject, values)),
		blocks: parse(t.Body, values, map[string][]block{"code": {{kind: code, spans: []span{{text: digits}}}}}),
		Footer: i18n.T(lang, "mail.automatic")}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// all are the blocks with the footer.
func (l Letter) all() []block {
	all := l.blocks[:len(l.blocks):len(l.blocks)]
	if l.Link != "" {
		all = append(all, seeHere(l.Lang, l.Link))
	}
	if l.Footer != "" {
		all = append(all, block{kind: quiet, spans: []span{{text: l.Footer}}})
	}
	return all
}

// seeHere leads to the page of the one request.
func seeHere(lang, link string) block {
	return block{kind: follow, head: link, spans: []span{{text: i18n.T(lang, "mail.see_request")}}}
}

// AddNote adds a quiet line to both forms of a mail.
func AddNote(plain, page, note string) (string, string) {
	var b strings.Builder
	block{kind: quiet, spans: []span{{text: note}}}.html(&b)
	return plain + "\r\n" + note + "\r\n", strings.Replace(page, "</div>\r\n</body>", b.String()+"</div>\r\n</body>", 1)
}

// Plain is the text/plain form.
func (l Letter) Plain() string { return plainOf(l.all()) }

// dark lifts the greys where the surroundings are dark. Programs that drop
// style sheets show the same mail with greys that are readable on both.
const dark = `:root{color-scheme:light dark;supported-color-schemes:light dark}@media (prefers-color-scheme:dark){.quiet{color:#a5a5ac!important}.rule{border-color:#5a5a60!important}}`

// HTML is the text/html form: no tables, no pictures, one column.
func (l Letter) HTML() string {
	lang := html.EscapeString(l.Lang)
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\r\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\r\n", lang)
	fmt.Fprintf(&b, "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\r\n<style>%s</style>\r\n", dark)
	if l.Subject != "" {
		fmt.Fprintf(&b, "<title>%s</title>\r\n", html.EscapeString(l.Subject))
	}
	fmt.Fprintf(&b, "</head>\r\n<body>\r\n<div lang=\"%s\" dir=\"auto\" style=\"%s\">\r\n", lang, bodyStyle)
	if l.Banner {
		fmt.Fprintf(&b, "<p dir=\"auto\" style=\"margin:0 0 22px 0;padding:2px 0 2px 12px;border-left:5px solid %s;font-size:18px;line-height:26px;font-weight:bold\">%s</p>\r\n",
			html.EscapeString(l.Shop.Colour), html.EscapeString(l.Shop.Name))
	}
	b.WriteString(htmlOf(l.all()))
	b.WriteString("</div>\r\n</body></html>\r\n")
	return b.String()
}
