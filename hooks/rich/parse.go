package rich

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxDepth = 24   // of lists and quotes in each other; deeper ones are flattened
	maxNodes = 2e5  // elements and texts that are looked at
	maxHref  = 2000 // bytes of a link
)

// Kind is what a Block is.
type Kind int

// The kinds of blocks.
const (
	Paragraph Kind = iota
	List
	Ordered
	Quote
	Code // lines that keep their spaces
)

// Block is a part of a document that begins a line.
type Block struct {
	Kind  Kind
	Spans []Span // of a paragraph or code
	Items []Doc  // of a list
	Inner Doc    // of a quote
}

// Span is a run of text in one manner, a picture, or the end of a line.
type Span struct {
	Text   string
	Bold   bool
	Italic bool
	Code   bool
	Href   string
	Image  string // Content-ID of the picture; Text is its name
	Break  bool
}

// Doc is a text with formatting.
type Doc []Block

// Parse reads HTML of any origin.
func Parse(source string) Doc {
	source = strings.ToValidUTF8(source, "\uFFFD")
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return nil
	}
	p := &parser{left: maxNodes}
	var b builder
	for _, n := range nodes {
		p.read(n, &b, Span{}, 0, false)
	}
	return b.done()
}

type parser struct{ left int }

// builder collects the blocks of one level.
type builder struct {
	blocks Doc
	line   []Span
}

// end closes the paragraph that is open.
func (b *builder) end() {
	if spans := trimmed(b.line); len(spans) > 0 {
		b.blocks = append(b.blocks, Block{Kind: Paragraph, Spans: spans})
	}
	b.line = nil
}

func (b *builder) done() Doc {
	b.end()
	return b.blocks
}

// Elements whose content is never text for people.
var silent = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Head: true, atom.Title: true, atom.Template: true, atom.Noscript: true, atom.Iframe: true, atom.Object: true,
	atom.Embed: true, atom.Svg: true, atom.Math: true, atom.Select: true, atom.Textarea: true, atom.Button: true, atom.Audio: true, atom.Video: true, atom.Canvas: true,
}

// Elements that begin a line of their own.
var blocky = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Table: true, atom.Tr: true,
	atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Main: true, atom.Aside: true, atom.Nav: true, atom.Figure: true,
	atom.Figcaption: true, atom.Address: true, atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Hr: true, atom.Form: true, atom.Center: true, atom.Details: true, atom.Summary: true, atom.Fieldset: true,
}

func (p *parser) children(n *html.Node, b *builder, style Span, depth int, keep bool) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.read(c, b, style, depth, keep)
	}
}

// read adds a node to the builder. keep says that spaces count.
func (p *parser) read(n *html.Node, b *builder, style Span, depth int, keep bool) {
	if p.left--; p.left < 0 || depth > 400 {
		return
	}
	if n.Type == html.TextNode {
		b.text(n.Data, style, keep)
		return
	}
	if n.Type != html.ElementNode || silent[n.DataAtom] {
		return
	}
	switch n.DataAtom {
	case atom.Br:
		b.line = append(b.line, Span{Break: true})
	case atom.Img:
		if cid, ok := strings.CutPrefix(attr(n, "src"), "cid:"); ok && ContentID(cid) {
			b.line = append(b.line, Span{Image: cid, Text: oneLine(attr(n, "alt"), 120)})
		}
	case atom.Strong, atom.B:
		style.Bold = style.Bold || !lightly(n)
		p.children(n, b, style, depth+1, keep)
	case atom.Em, atom.I:
		style.Italic = true
		p.children(n, b, style, depth+1, keep)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		style.Code = true
		p.children(n, b, style, depth+1, keep)
	case atom.Span, atom.Font:
		bold, italic := manner(attr(n, "style"))
		style.Bold, style.Italic = style.Bold || bold, style.Italic || italic
		p.children(n, b, style, depth+1, keep)
	case atom.A:
		if href := Link(attr(n, "href")); href != "" && style.Href == "" {
			style.Href = href
		}
		p.children(n, b, style, depth+1, keep)
	case atom.Ul, atom.Ol:
		p.list(n, b, depth)
	case atom.Li: // outside any list
		b.end()
		p.children(n, b, Span{}, depth+1, keep)
		b.end()
	case atom.Blockquote:
		b.end()
		inner := p.inside(n, depth, b)
		if len(inner) > 0 {
			b.blocks = append(b.blocks, Block{Kind: Quote, Inner: inner})
		}
	case atom.Pre:
		b.end()
		var code builder
		p.children(n, &code, Span{}, depth+1, true)
		if spans := lines(code.line); len(spans) > 0 && len(code.blocks) == 0 {
			b.blocks = append(b.blocks, Block{Kind: Code, Spans: spans})
		} else {
			b.blocks = append(b.blocks, code.done()...)
		}
	case atom.Td, atom.Th:
		p.children(n, b, style, depth+1, keep)
		b.text(" ", Span{}, false)
	default:
		if isHeading(n.DataAtom) {
			style.Bold = true
		}
		if blocky[n.DataAtom] {
			b.end()
			p.children(n, b, style, depth+1, keep)
			b.end()
			return
		}
		p.children(n, b, style, depth+1, keep)
	}
}

func isHeading(a atom.Atom) bool {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// inside reads the content of a quote or an item; too deep, it goes on in the
// level that is open.
func (p *parser) inside(n *html.Node, depth int, outer *builder) Doc {
	if depth/2 > maxDepth {
		p.children(n, outer, Span{}, depth+1, false)
		return nil
	}
	var b builder
	p.children(n, &b, Span{}, depth+2, false)
	return b.done()
}

func (p *parser) list(n *html.Node, b *builder, depth int) {
	b.end()
	block := Block{Kind: List}
	if n.DataAtom == atom.Ol {
		block.Kind = Ordered
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			var item builder
			p.read(c, &item, Span{}, depth+1, false)
			if doc := item.done(); len(doc) > 0 {
				block.Items = append(block.Items, doc)
			}
			continue
		}
		if nested := c.DataAtom == atom.Ul || c.DataAtom == atom.Ol; nested && len(block.Items) > 0 {
			// A list beside an item is one in it, as browsers show it.
			var sub builder
			p.list(c, &sub, depth+2)
			last := len(block.Items) - 1
			block.Items[last] = append(block.Items[last], sub.done()...)
			continue
		}
		if item := p.inside(c, depth, b); len(item) > 0 {
			block.Items = append(block.Items, item)
		}
	}
	b.end()
	if len(block.Items) > 0 {
		b.blocks = append(b.blocks, block)
	}
}

// text adds characters in a manner to the open line.
func (b *builder) text(s string, style Span, keep bool) {
	s = plainRunes(s)
	if keep {
		for i, part := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
			if i > 0 {
				b.line = append(b.line, Span{Break: true})
			}
			b.add(part, style)
		}
		return
	}
	b.add(squeeze(s), style)
}

func (b *builder) add(s string, style Span) {
	if s != "" {
		style.Text = s
		b.line = append(b.line, style)
	}
}

// joins tells whether text of the one span goes on in the manner of the other.
func (s Span) joins(o Span) bool {
	return !s.Break && !o.Break && s.Image == "" && o.Image == "" && s.Bold == o.Bold && s.Italic == o.Italic && s.Code == o.Code && s.Href == o.Href
}

// plainRunes takes out what no text needs: controls, and the marks that turn
// the direction of what follows.
func plainRunes(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return r
		case r < 0x20 || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == 0x200b:
			return -1
		}
		return r
	}, s)
}

// squeeze makes one space of each run of spaces; those that do not break stay
// as many as they are.
func squeeze(s string) string {
	var out strings.Builder
	space := false
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' {
			if !space {
				out.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		out.WriteRune(r)
	}
	return out.String()
}

// trimmed is a line as it is shown: one space between words, none beside the
// end of a line, and runs in one manner are one.
func trimmed(line []Span) []Span {
	var all []Span
	chop := func() { // the space before the end of a line
		for n := len(all); n > 0 && !all[n-1].Break && all[n-1].Image == ""; n = len(all) {
			if all[n-1].Text = strings.TrimRight(all[n-1].Text, " "); all[n-1].Text != "" {
				return
			}
			all = all[:n-1]
		}
	}
	space := true
	for _, s := range lines(line) {
		switch n := len(all); {
		case s.Break:
			chop()
			space = true
		case s.Image != "":
			space = false
		default:
			if space {
				s.Text = strings.TrimLeft(s.Text, " ")
			}
			if s.Text == "" {
				continue
			}
			space = strings.HasSuffix(s.Text, " ")
			if n > 0 && all[n-1].joins(s) {
				all[n-1].Text += s.Text
				continue
			}
		}
		all = append(all, s)
	}
	chop()
	return lines(all)
}

// lines takes empty lines off both ends.
func lines(line []Span) []Span {
	empty := func(s Span) bool {
		return s.Break || s.Image == "" && strings.Trim(s.Text, " \u00a0") == ""
	}
	for len(line) > 0 && empty(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && empty(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return line
}

var contentID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$`)

// ContentID tells whether a picture may be called so.
func ContentID(s string) bool { return contentID.MatchString(s) }

// Link is an address that may be followed, "" for anything else.
func Link(href string) string {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > maxHref || strings.ContainsFunc(href, func(r rune) bool { return r < 0x21 || r == 0x7f || r == '"' || r == '<' || r == '>' || r == '\\' }) {
		return ""
	}
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" || u.User != nil {
			return ""
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return href
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return plainRunes(a.Val)
		}
	}
	return ""
}

var weight = regexp.MustCompile(`(?i)font-weight\s*:\s*(bold|bolder|[6-9]00)`)
var slant = regexp.MustCompile(`(?i)font-style\s*:\s*(italic|oblique)`)
var light = regexp.MustCompile(`(?i)font-weight\s*:\s*(normal|lighter|[1-4]00)`)

// manner reads bold and italic from a style.
func manner(style string) (bold, italic bool) {
	return weight.MatchString(style), slant.MatchString(style)
}

// lightly tells that a <b> is none: Google Docs wraps all it copies in one.
func lightly(n *html.Node) bool { return light.MatchString(attr(n, "style")) }

func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
	}
	return s
}
