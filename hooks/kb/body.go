package kb

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FilesPath is where pictures and files of articles are served from.
const FilesPath = "/help/files/"

var (
	markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify), goldmark.WithRendererOptions(html.WithUnsafe()))
	policy   = sync.OnceValue(newPolicy)
	// ours is a picture or file of an article, in any of the forms that an
	// editor writes: with a host, a key or a token.
	ours = regexp.MustCompile(`(?:^|/)(?:api/files/(?:articles|shohay_articles)|help/files)/([a-z0-9]{15})/([A-Za-z0-9_.\-]+)(?:\?.*)?$`)
)

// newPolicy allows the formatting an article needs, and pictures of our own
// only: a page of ours fetches nothing from elsewhere.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "b", "em", "i", "u", "s", "del", "mark", "small", "sub", "sup",
		"blockquote", "pre", "code", "kbd", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "details", "summary", "dl", "dt", "dd")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("th", "td")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(row|col)$`)).OnElements("th")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/help/files/[a-z0-9]{15}/[A-Za-z0-9_.\-]+$`)).OnElements("img")
	p.AllowAttrs("alt", "title").OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[1-9][0-9]{0,4}$`)).OnElements("img")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	return p
}

// FromMarkdown makes a body of Markdown.
func FromMarkdown(source string) (string, error) {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return Clean(b.String()), nil
}

// Clean makes HTML of any origin a body: only known formatting, headings that
// begin under the title's, pictures of our own.
func Clean(source string) string {
	root := parse(strings.ToValidUTF8(source, "\uFFFD"))
	walk(root, func(n *nethtml.Node) {
		switch n.DataAtom {
		case atom.H1:
			n.DataAtom, n.Data = atom.H2, "h2"
		case atom.H5, atom.H6:
			n.DataAtom, n.Data = atom.H4, "h4"
		case atom.Div, atom.Section, atom.Article:
			if !hasBlocks(n) {
				n.DataAtom, n.Data = atom.P, "p"
			}
		case atom.Img:
			setAttr(n, "src", ownFile(attr(n, "src")))
		case atom.A:
			setAttr(n, "href", link(attr(n, "href")))
		}
	})
	return strings.TrimSpace(policy().Sanitize(write(root)))
}

// ownFile is the lasting address of a file of an article, "" for any other.
func ownFile(src string) string {
	if m := ours.FindStringSubmatch(src); m != nil {
		return FilesPath + m[1] + "/" + m[2]
	}
	return ""
}

// link keeps web addresses, pages of ours, mail and telephone.
func link(href string) string {
	href = strings.TrimSpace(href)
	if file := ownFile(href); file != "" {
		return file
	}
	u, err := url.Parse(href)
	switch {
	case err != nil, u.Scheme == "" && u.Host != "": // //elsewhere
		return ""
	case u.Scheme == "" && !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#"):
		return ""
	}
	return href
}

func hasBlocks(n *nethtml.Node) bool {
	found := false
	walk(n, func(c *nethtml.Node) {
		switch c.DataAtom {
		case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote, atom.Pre, atom.Section, atom.Figure:
			found = found || c != n
		}
	})
	return found
}

// Heading is a line of an article's contents.
type Heading struct {
	ID, Text string
	Level    int
}

// Page makes a body ready to be shown: headings that can be linked to, tables
// that scroll on a phone, pictures that wait until they are near. key, if
// there is one, opens the files of what is not public.
func Page(body string, key func(src string) string) (string, []Heading) {
	root := parse(body)
	var contents []Heading
	taken := map[string]bool{}
	var tables []*nethtml.Node
	walk(root, func(n *nethtml.Node) {
		switch n.DataAtom {
		case atom.H2, atom.H3:
			text := strings.Join(strings.Fields(plain(n)), " ")
			if text == "" {
				return
			}
			id := Slug(text)
			if id == "" {
				id = "part"
			}
			for i := 2; taken[id]; i++ {
				id = strings.TrimRight(id, "-0123456789") + "-" + strconv.Itoa(i)
			}
			taken[id] = true
			setAttr(n, "id", id)
			contents = append(contents, Heading{id, text, int(n.Data[1] - '0')})
		case atom.Img:
			setAttr(n, "loading", "lazy")
			setAttr(n, "decoding", "async")
			if key != nil {
				setAttr(n, "src", key(attr(n, "src")))
			}
		case atom.A:
			if href := attr(n, "href"); strings.HasPrefix(href, "http") {
				setAttr(n, "rel", "noopener")
			} else if key != nil && strings.HasPrefix(href, FilesPath) {
				setAttr(n, "href", key(href))
			}
		case atom.Table:
			tables = append(tables, n)
		}
	})
	for _, t := range tables {
		box := &nethtml.Node{Type: nethtml.ElementNode, DataAtom: atom.Div, Data: "div", Attr: []nethtml.Attribute{{Key: "class", Val: "wide"}, {Key: "tabindex", Val: "0"}}}
		t.Parent.InsertBefore(box, t)
		t.Parent.RemoveChild(t)
		box.AppendChild(t)
	}
	return write(root), contents
}

// Keyed is a body whose pictures and files can be opened although the article
// is not public.
func Keyed(body string, key func(src string) string) string {
	root := parse(body)
	walk(root, func(n *nethtml.Node) {
		if src := attr(n, "src"); strings.HasPrefix(src, FilesPath) {
			setAttr(n, "src", key(src))
		}
	})
	return write(root)
}

// PlainText is what a body says, a line for each block.
func PlainText(body string) string {
	root := parse(body)
	var b strings.Builder
	var read func(n *nethtml.Node)
	read = func(n *nethtml.Node) {
		if n.Type == nethtml.TextNode {
			b.WriteString(strings.Map(func(r rune) rune {
				if r == '\n' {
					return ' '
				}
				return r
			}, n.Data))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			read(c)
		}
		switch n.DataAtom {
		case atom.P, atom.Br, atom.H2, atom.H3, atom.H4, atom.Li, atom.Tr, atom.Blockquote, atom.Pre, atom.Figcaption, atom.Summary, atom.Dt, atom.Dd:
			b.WriteByte('\n')
		case atom.Td, atom.Th:
			b.WriteByte(' ')
		}
	}
	read(root)
	var lines []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Beginning is the start of a text, cut where a sentence or at least a word
// ends.
func Beginning(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	cut := string(runes[:most-1])
	if i := strings.LastIndexAny(cut, "।.?!"); i > len(cut)/2 {
		_, size := firstRune(cut[i:])
		return cut[:i+size]
	}
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, unicode.IsPunct) + "…"
}

func firstRune(s string) (rune, int) {
	for _, r := range s {
		return r, len(string(r))
	}
	return 0, 0
}

func parse(source string) *nethtml.Node {
	root := &nethtml.Node{Type: nethtml.ElementNode, DataAtom: atom.Div, Data: "div"}
	nodes, err := nethtml.ParseFragment(strings.NewReader(source), root)
	if err != nil { // a reader of a string does not fail
		return root
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}

// write is the inside of root.
func write(root *nethtml.Node) string {
	var b strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		_ = nethtml.Render(&b, n) // a builder does not fail
	}
	return b.String()
}

func walk(n *nethtml.Node, visit func(*nethtml.Node)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == nethtml.ElementNode {
			visit(c)
		}
		walk(c, visit)
	}
}

func plain(n *nethtml.Node) string {
	var b strings.Builder
	var read func(*nethtml.Node)
	read = func(n *nethtml.Node) {
		if n.Type == nethtml.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			read(c)
		}
	}
	read(n)
	return b.String()
}

func attr(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// setAttr sets an attribute, or removes it for "".
func setAttr(n *nethtml.Node, name, value string) {
	for i, a := range n.Attr {
		if a.Key == name {
			if value == "" {
				n.Attr = append(n.Attr[:i], n.Attr[i+1:]...)
			} else {
				n.Attr[i].Val = value
			}
			return
		}
	}
	if value != "" {
		n.Attr = append(n.Attr, nethtml.Attribute{Key: name, Val: value})
	}
}
