package content

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// TextOf turns HTML into text that reads well: paragraphs and list items on
// lines of their own, quotes marked by ">", the address of a link behind its
// words. Hidden text (the preview line of newsletters) is left out.
func TextOf(page string) string {
	if len(page) > maxHTML {
		page = page[:maxHTML]
	}
	w := textWriter{}
	w.run(html.NewTokenizer(strings.NewReader(page)))
	text := strings.TrimSpace(w.out.String())
	if text == "" && w.hidden {
		// All of it was hidden, or an element that hides was never closed.
		w = textWriter{showAll: true}
		w.run(html.NewTokenizer(strings.NewReader(page)))
		text = strings.TrimSpace(w.out.String())
	}
	return text
}

type textWriter struct {
	out    strings.Builder
	quote  int    // open blockquotes
	last   int    // quote depth of the line written last
	pre    int    // open <pre>
	kept   string // the element whose style keeps line breaks, "" outside
	keptN  int    // open elements of that name
	tight  bool   // in a paragraph without space round it
	skip   string // the element whose content is left out, "" outside
	depth  int    // open elements of that name
	breaks int    // line breaks owed before the next text
	blank  bool   // a blank owed before the next word
	begun  bool
	link   string
	words  strings.Builder // of the open link
	lists  []int           // open lists; next number, -1 for bullets

	hidden  bool // something was left out
	showAll bool // nothing is left out but what no reader sees
}

var paragraphs = map[atom.Atom]int{
	atom.P: 2, atom.Blockquote: 2, atom.H1: 2, atom.H2: 2, atom.H3: 2, atom.H4: 2, atom.H5: 2, atom.H6: 2,
	atom.Ul: 2, atom.Ol: 2, atom.Table: 2, atom.Pre: 2, atom.Dl: 2, atom.Hr: 2,
	atom.Div: 1, atom.Tr: 1, atom.Li: 1, atom.Dt: 1, atom.Dd: 1, atom.Section: 1, atom.Article: 1, atom.Header: 1,
	atom.Footer: 1, atom.Address: 1, atom.Center: 1, atom.Figure: 1, atom.Caption: 1,
}

var unread = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true, atom.Noscript: true,
	atom.Svg: true, atom.Math: true, atom.Object: true, atom.Iframe: true, atom.Select: true, atom.Textarea: true,
}

var (
	hiddenStyle = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:^|[;\s])max-height\s*:\s*0(?:px)?\s*(?:!important\s*)?(?:;|$)|(?:^|[;\s])opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)`)
	keepStyle   = regexp.MustCompile(`(?i)white-space\s*:\s*(?:pre|break-spaces)`)
	tightStyle  = regexp.MustCompile(`(?i)(?:^|[;\s])margin\s*:\s*0(?:in|cm|px|pt|em)?(?:\s+0(?:in|cm|px|pt|em)?){0,3}\s*(?:;|$)|margin-bottom\s*:\s*(?:0(?:px|pt|in|cm)?|\.0001pt)\s*(?:;|$)`)
	tightClass  = regexp.MustCompile(`(?:^|\s)(?:x_)*(?:MsoNormal|MsoPlainText|MsoListParagraph\w*|MsoNoSpacing|p1|p2)(?:\s|$)`)
	voidInText  = map[atom.Atom]bool{atom.Br: true, atom.Hr: true, atom.Img: true, atom.Input: true, atom.Meta: true,
		atom.Link: true, atom.Col: true, atom.Area: true, atom.Base: true, atom.Wbr: true, atom.Embed: true, atom.Source: true}
)

func (w *textWriter) run(z *html.Tokenizer) {
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			w.endLink()
			return
		case html.TextToken:
			if w.skip == "" {
				w.text(z.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token(), kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.end(z.Token())
		}
	}
}

func (w *textWriter) start(t html.Token, selfClosing bool) {
	if w.skip == "p" && paragraphs[t.DataAtom] > 0 {
		w.skip = "" // a paragraph ends where the next block starts
	}
	if w.skip != "" {
		if t.Data == w.skip && !selfClosing {
			w.depth++
		}
		return
	}
	style := short(attr(t, "style"))
	if w.leftOut(t, style) {
		if !selfClosing {
			w.skip, w.depth, w.hidden = t.Data, 1, true
		}
		return
	}
	if w.kept != "" {
		if t.Data == w.kept && !selfClosing {
			w.keptN++
		}
	} else if style != "" && !selfClosing && !voidInText[t.DataAtom] && keepStyle.MatchString(style) {
		w.kept, w.keptN = t.Data, 1
		w.pre++
	}
	if t.DataAtom == atom.P {
		w.tight = tightClass.MatchString(short(attr(t, "class"))) || style != "" && tightStyle.MatchString(style)
	}
	w.owe(w.space(t.DataAtom))
	switch t.DataAtom {
	case atom.Br:
		w.newline()
	case atom.Td, atom.Th:
		w.blank = true
	case atom.Blockquote:
		w.quote++
	case atom.Pre:
		w.pre++
	case atom.Ul:
		w.lists = append(w.lists, -1)
	case atom.Ol:
		w.lists = append(w.lists, 1)
	case atom.Li:
		mark := "- "
		if n := len(w.lists); n > 0 && w.lists[n-1] > 0 {
			mark = strconv.Itoa(w.lists[n-1]) + ". "
			w.lists[n-1]++
		}
		w.raw(mark)
	case atom.Hr:
		w.raw("---")
		w.owe(2)
	case atom.A:
		w.endLink()
		w.link = strings.TrimSpace(attr(t, "href"))
		w.words.Reset()
	case atom.Img:
		alt := strings.TrimSpace(attr(t, "alt"))
		switch {
		case alt == "" || tiny(attr(t, "width")):
		case strings.IndexFunc(alt, func(r rune) bool { return r < 0x2000 }) < 0 && len(alt) <= 16:
			w.text(alt) // an emoji as a picture
		default:
			w.text("[" + clip(alt, 100) + "]")
		}
	}
}

// short cuts an attribute to what is worth looking at.
func short(s string) string { return s[:min(len(s), 4000)] }

// leftOut says whether an element holds nothing for a reader.
func (w *textWriter) leftOut(t html.Token, style string) bool {
	if w.showAll {
		return t.DataAtom == atom.Script || t.DataAtom == atom.Style
	}
	if unread[t.DataAtom] {
		return true
	}
	if voidInText[t.DataAtom] || t.DataAtom == atom.Body || t.DataAtom == atom.Html {
		return false
	}
	if style != "" && hiddenStyle.MatchString(style) {
		return true
	}
	for _, a := range t.Attr {
		if a.Key == "hidden" {
			return true
		}
	}
	return false
}

// space is how many breaks an element owes.
func (w *textWriter) space(a atom.Atom) int {
	if a == atom.P && w.tight {
		return 1
	}
	return paragraphs[a]
}

func (w *textWriter) end(t html.Token) {
	if w.skip != "" {
		if t.Data == w.skip {
			if w.depth--; w.depth == 0 {
				w.skip = ""
			}
		}
		return
	}
	if t.Data == w.kept {
		if w.keptN--; w.keptN == 0 {
			w.kept = ""
			w.pre = max(0, w.pre-1)
		}
	}
	switch t.DataAtom {
	case atom.A:
		w.endLink()
	case atom.Blockquote:
		w.owe(2)
		w.quote = max(0, w.quote-1)
	case atom.Pre:
		w.pre = max(0, w.pre-1)
	case atom.Ul, atom.Ol:
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
	}
	w.owe(w.space(t.DataAtom))
}

// owe asks for n line breaks before the next text. Inside a list item or a
// nested list one is enough.
func (w *textWriter) owe(n int) {
	if n == 2 && len(w.lists) > 1 {
		n = 1
	}
	w.breaks = max(w.breaks, n)
}

func (w *textWriter) newline() {
	if w.breaks < 2 {
		w.breaks++
	}
}

// settle writes the breaks and the blank that are owed.
func (w *textWriter) settle() {
	if w.breaks > 0 || !w.begun {
		for i := range w.breaks {
			if !w.begun {
				break
			}
			w.out.WriteByte('\n')
			if i < w.breaks-1 {
				// An empty line belongs to the quote only with its neighbours.
				w.out.WriteString(marks(min(w.quote, w.last)))
			}
		}
		if w.quote > 0 {
			w.out.WriteString(marks(w.quote) + " ")
		}
		w.last = w.quote
		w.breaks, w.blank, w.begun = 0, false, true
		return
	}
	if w.blank {
		w.out.WriteByte(' ')
		w.blank = false
	}
}

func marks(depth int) string { return strings.Repeat(">", min(depth, 20)) }

func (w *textWriter) raw(s string) {
	w.settle()
	w.out.WriteString(s)
	w.blank = false
}

func (w *textWriter) text(s string) {
	if w.pre > 0 {
		if w.kept == "" {
			s = strings.Trim(s, "\r\n")
		} else if !w.begun {
			s = strings.TrimLeft(s, "\r\n")
		}
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.newline()
			}
			if line = strings.ReplaceAll(strings.TrimRight(line, "\r"), "\u00a0", " "); line != "" && (w.breaks == 0 || strings.TrimSpace(line) != "") {
				w.raw(line)
				if w.link != "" && w.words.Len() < 2000 {
					w.words.WriteString(line)
				}
			}
		}
		return
	}
	hard := strings.Contains(s, "\u00a0")
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\t', '\n', '\r', '\f':
			return ' '
		case '\u200b', '\ufeff', '\u00ad', '\u034f', '\u2060':
			return -1
		case '\uf0b7', '\uf0a7', '\uf0a8':
			return '•' // Word's bullets, in a font of their own
		}
		return r
	}, s)
	if s == "" {
		return
	}
	lead, trail := s[0] == ' ', s[len(s)-1] == ' '
	words := strings.Fields(s)
	if strings.ContainsAny(s, "\u200c\u200d\u200e\u200f\u2007") {
		// Joiners belong into words; alone they only push a preview line away.
		words = slices.DeleteFunc(words, func(word string) bool { return strings.Trim(word, "\u200c\u200d\u200e\u200f\u2007") == "" })
	}
	if lead {
		w.blank = true
	}
	if len(words) == 0 {
		if w.tight && w.begun && hard && w.breaks > 0 {
			w.breaks = max(w.breaks, 2) // an empty paragraph is an empty line
		}
		return
	}
	joined := strings.Join(words, " ")
	w.settle()
	w.out.WriteString(joined)
	w.blank = trail
	if w.link != "" && w.words.Len() < 2000 {
		w.words.WriteString(joined)
	}
}

// endLink writes the address of a link unless its words are the address.
func (w *textWriter) endLink() {
	href := w.link
	w.link = ""
	if strings.Contains(href, ".safelinks.protection.outlook.com/") {
		// Outlook's detour; the address behind it is what was meant.
		if u, err := url.Parse(href); err == nil {
			if real := u.Query().Get("url"); strings.HasPrefix(real, "http") {
				href = real
			}
		}
	}
	if href == "" || len(href) > 300 {
		return
	}
	words := strings.TrimSpace(w.words.String())
	plain := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(href, "https://"), "http://"), "/")
	switch {
	case strings.HasPrefix(href, "http://"), strings.HasPrefix(href, "https://"):
		if words == "" || strings.EqualFold(strings.TrimSuffix(words, "/"), plain) || strings.HasPrefix(words, "http") {
			return
		}
		blank := w.blank
		w.out.WriteString(" <" + href + ">")
		w.blank = blank
	case strings.HasPrefix(href, "mailto:"):
		address, _, _ := strings.Cut(strings.TrimPrefix(href, "mailto:"), "?")
		if words == "" || strings.Contains(words, "@") || address == "" {
			return
		}
		w.out.WriteString(" <" + address + ">")
	}
}
