package letter

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/rich"
)

// A letter is a list of blocks; both of its forms are made from them.
type blockKind int

const (
	paragraph blockKind = iota
	item                // of a list
	code                // a few characters to be typed elsewhere
	said                // who and when, over what they said
	quiet               // small and grey
	quote               // text that somebody else wrote, its attribution in head
	whole               // a formatted text, both forms of it ready
	follow              // words that lead to an address, in head; small and grey
)

type block struct {
	kind   blockKind
	head   string
	spans  []span
	blocks []block // of a quote
	doc    rich.Doc
}

// span is a run of text; bold or not.
type span struct {
	text string
	bold bool
}

// literal makes blocks of text in which nothing is a mark: what a customer or
// an agent wrote.
func literal(text string) (all []block) {
	for part := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n\n") {
		if part = strings.Trim(part, "\n"); strings.TrimSpace(part) != "" {
			all = append(all, block{kind: paragraph, spans: []span{{text: part}}})
		}
	}
	return all
}

// formatted are the blocks of an agent's text, with its formatting if it has
// any.
func formatted(html, text string) []block {
	if doc := rich.Parse(html); len(doc) > 0 {
		return []block{{kind: whole, doc: doc}}
	}
	return literal(text)
}

// tagStyle is what stands in the tags of a formatted text.
func tagStyle(tag string) string {
	switch tag {
	case "p":
		return ` dir="auto" style="` + textStyle + `"`
	case "ul", "ol":
		return ` dir="auto" style="margin:0 0 16px 0;padding:0 0 0 22px"`
	case "li":
		return ` style="` + itemStyle + `"`
	case "blockquote":
		return ` class="rule" style="` + quoteStyle + `"`
	case "pre":
		return ` style="margin:0 0 16px 0;font-family:Consolas,Menlo,'Courier New',monospace;font-size:14px;white-space:pre-wrap"`
	case "img":
		return ` style="max-width:100%;height:auto"`
	}
	return ""
}

// Values fill the variables of a template. Text stands where its variable
// does; blocks replace a paragraph that is nothing but their variable.
type Values map[string]string

var variable = regexp.MustCompile(`\{([a-z_]{1,30})\}`)

// braced is wider: {{two braces}} make a variable in canned replies, not here.
var braced = regexp.MustCompile(`\{(\{[^{}\n]{0,80}\})\}|\{([a-z_]{1,30})\}`)

// Strangers are the variables in a text that are none of the known, as they
// stand between the braces.
func Strangers(text string, known []string) (odd []string) {
	for _, m := range braced.FindAllStringSubmatch(text, -1) {
		name := m[1] + m[2]
		if !slices.Contains(known, name) && !slices.Contains(odd, name) {
			odd = append(odd, name)
		}
	}
	return odd
}

// parse reads the owner's words: empty lines part paragraphs, **stars** make
// bold, "- " begins an item. Values are put in afterwards, so nothing in them
// is a mark.
func parse(body string, values Values, blocks map[string][]block) (all []block) {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	for part := range strings.SplitSeq(body, "\n\n") {
		part = strings.Trim(part, "\n")
		trimmed := strings.TrimSpace(part)
		if trimmed == "" {
			continue
		}
		if m := variable.FindStringSubmatch(trimmed); m != nil && m[0] == trimmed {
			if b, ok := blocks[m[1]]; ok {
				all = append(all, b...)
				continue
			}
			if v, ok := values[m[1]]; ok && strings.TrimSpace(v) == "" {
				continue // nothing to say: no empty paragraph either
			}
		}
		var lines []string
		flush := func() {
			if len(lines) > 0 {
				all = append(all, block{kind: paragraph, spans: spans(strings.Join(lines, "\n"), values)})
			}
			lines = nil
		}
		for line := range strings.SplitSeq(part, "\n") {
			if rest, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "- "); ok {
				flush()
				all = append(all, block{kind: item, spans: spans(rest, values)})
				continue
			}
			lines = append(lines, line)
		}
		flush()
	}
	return all
}

// spans reads **bold** and fills variables in.
func spans(text string, values Values) (all []span) {
	parts := strings.Split(text, "**")
	if len(parts)%2 == 0 { // a pair is open: it is meant literally
		last := len(parts) - 1
		parts = append(parts[:last-1], parts[last-1]+"**"+parts[last])
	}
	for i, p := range parts {
		if p = fill(p, values); p != "" {
			all = append(all, span{p, i%2 == 1})
		}
	}
	return all
}

// fill puts values in; a name nobody knows stays as it is, so that the owner
// sees the slip in the preview.
func fill(text string, values Values) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		if value, ok := values[v[1:len(v)-1]]; ok {
			return value
		}
		return v
	})
}

func (b block) plain(out *strings.Builder, mark string) {
	var text strings.Builder
	for _, s := range b.spans {
		text.WriteString(s.text)
	}
	write := func(lines string) {
		for line := range strings.SplitSeq(lines, "\n") {
			out.WriteString(strings.TrimRight(mark+line, " ") + "\n")
		}
	}
	switch b.kind {
	case whole:
		write(b.doc.Text())
	case follow:
		write(text.String() + "\n" + b.head)
	case item:
		write("- " + text.String())
	case quote:
		if b.head != "" {
			write(b.head)
		}
		for i, inner := range b.blocks {
			if i > 0 {
				out.WriteString(strings.TrimRight(mark+"> ", " ") + "\n")
			}
			inner.plain(out, mark+"> ")
		}
	default:
		write(text.String())
	}
}

// plainOf writes blocks as text, an empty line between them.
func plainOf(blocks []block) string {
	var out strings.Builder
	for i, b := range blocks {
		if i > 0 && !(b.kind == item && blocks[i-1].kind == item) && blocks[i-1].kind != said {
			out.WriteString("\n")
		}
		b.plain(&out, "")
	}
	return strings.ReplaceAll(out.String(), "\n", "\r\n")
}

// Inline styles only: they are what every mail program honours. Nothing sets a
// background or the colour of running text, so dark surroundings stay
// readable; the greys have contrast on black and on white.
const (
	bodyStyle  = "font-family:'Segoe UI',Roboto,'Helvetica Neue',Arial,'Nirmala UI','Noto Sans Bengali',sans-serif;font-size:16px;line-height:1.55;mso-line-height-rule:exactly;max-width:600px;overflow-wrap:anywhere"
	textStyle  = "margin:0 0 16px 0"
	itemStyle  = "margin:0 0 6px 0"
	quietStyle = "margin:0 0 16px 0;font-size:13px;line-height:20px;color:#737378"
	saidStyle  = "margin:20px 0 2px 0;font-size:13px;line-height:20px;color:#737378"
	codeStyle  = "margin:4px 0 20px 0;font-family:Consolas,Menlo,'Courier New',monospace;font-size:32px;line-height:44px;font-weight:bold;letter-spacing:6px"
	quoteStyle = "margin:0 0 16px 0;padding:0 0 0 14px;border-left:3px solid #b9b9c0;font-size:14px;line-height:22px"
)

func (b block) html(out *strings.Builder) {
	switch b.kind {
	case whole:
		out.WriteString(strings.ReplaceAll(b.doc.HTML(tagStyle), "\n", "\r\n") + "\r\n")
	case item:
		out.WriteString(`<li dir="auto" style="` + itemStyle + `">` + spansHTML(b.spans) + "</li>\r\n")
	case code:
		out.WriteString(`<p dir="ltr" style="` + codeStyle + `">` + spansHTML(b.spans) + "</p>\r\n")
	case said:
		out.WriteString(`<p class="quiet" dir="auto" style="` + saidStyle + `">` + spansHTML(b.spans) + "</p>\r\n")
	case follow:
		out.WriteString(`<p class="quiet" dir="auto" style="` + quietStyle + `"><a href="` + html.EscapeString(b.head) + `">` + spansHTML(b.spans) + "</a></p>\r\n")
	case quiet:
		out.WriteString(`<p class="quiet" dir="auto" style="` + quietStyle + `">` + spansHTML(b.spans) + "</p>\r\n")
	case quote:
		out.WriteString(`<div class="shohay_quote">`)
		if b.head != "" {
			out.WriteString(`<p class="quiet" dir="auto" style="` + quietStyle + `">` + escaped(b.head) + "</p>\r\n")
		}
		out.WriteString(`<blockquote type="cite" class="rule" style="` + quoteStyle + `">` + "\r\n" + htmlOf(b.blocks) + "</blockquote></div>\r\n")
	default:
		out.WriteString(`<p dir="auto" style="` + textStyle + `">` + spansHTML(b.spans) + "</p>\r\n")
	}
}

// htmlOf writes blocks as HTML; items in a row are one list.
func htmlOf(blocks []block) string {
	var out strings.Builder
	for i, b := range blocks {
		if b.kind == item && (i == 0 || blocks[i-1].kind != item) {
			out.WriteString(`<ul style="margin:0 0 16px 0;padding:0 0 0 22px">` + "\r\n")
		}
		b.html(&out)
		if b.kind == item && (i == len(blocks)-1 || blocks[i+1].kind != item) {
			out.WriteString("</ul>\r\n")
		}
	}
	return out.String()
}

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]'।]`)

func spansHTML(all []span) string {
	var b strings.Builder
	for _, s := range all {
		if s.bold {
			b.WriteString("<strong>" + linked(s.text) + "</strong>")
		} else {
			b.WriteString(linked(s.text))
		}
	}
	return b.String()
}

// linked escapes text; addresses in it become links.
func linked(text string) string {
	var b strings.Builder
	at := 0
	for _, part := range linkForm.FindAllStringIndex(text, 200) {
		link := html.EscapeString(text[part[0]:part[1]])
		b.WriteString(escaped(text[at:part[0]]) + `<a href="` + link + `">` + link + `</a>`)
		at = part[1]
	}
	return b.String() + escaped(text[at:])
}

func escaped(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\r\n") }
