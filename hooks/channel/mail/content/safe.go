package content

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxHTML  = 3 << 20 // bytes; beyond it the rest is not shown
	maxDepth = 200     // open elements; browsers stop at 512
)

// policy is the allow-list. It says nothing of where pictures may come from:
// finish decides that for each.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "small", "big",
		"sub", "sup", "center", "blockquote", "pre", "code", "tt", "kbd", "samp", "h1", "h2", "h3", "h4", "h5", "h6",
		"ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "font", "address", "q", "mark")

	length := regexp.MustCompile(`^[0-9]{1,4}%?$`)
	word := regexp.MustCompile(`^[a-zA-Z]{1,20}$`)
	colour := regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30})$`)
	p.AllowAttrs("align", "valign").Matching(word).OnElements("p", "div", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "img")
	p.AllowAttrs("width", "height").Matching(length).OnElements("table", "td", "th", "img", "hr")
	p.AllowAttrs("cellpadding", "cellspacing", "border").Matching(length).OnElements("table")
	p.AllowAttrs("colspan", "rowspan", "start").Matching(length).OnElements("td", "th", "ol")
	p.AllowAttrs("bgcolor").Matching(colour).OnElements("table", "tr", "td", "th")
	p.AllowAttrs("color").Matching(colour).OnElements("font")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[a-zA-Z-]{2,20}$`)).Globally()
	p.AllowStyles("color", "background-color").Matching(regexp.MustCompile(`^(#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}|rgba?\([0-9., %]{1,40}\))$`)).Globally()
	p.AllowStyles("font-weight", "font-style", "text-align", "text-decoration", "white-space").Matching(regexp.MustCompile(`^[a-zA-Z0-9-]{1,20}$`)).Globally()

	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	return p
})

// SafeHTML makes HTML of a mail safe to show (rules 51-53). resolve returns
// the address of the attachment with a Content-ID, "" if there is none; remote
// lets pictures load from elsewhere, which tells their sender that the mail
// was read. blocked is how many such pictures were left out.
//
// The result is balanced and holds no script, style sheet, form, frame or
// relative address.
func SafeHTML(page string, resolve func(cid string) string, remote bool) (safe string, blocked int) {
	page = strings.ToValidUTF8(page, "\uFFFD")
	if len(page) > maxHTML {
		page = strings.ToValidUTF8(page[:maxHTML], "")
	}
	f := finisher{resolve: resolve, remote: remote, open: map[string]int{}}
	f.run(policy().Sanitize(page))
	return f.out.String(), f.blocked
}

// finisher passes once over sanitised HTML: it balances the elements, decides
// on each picture and names the real host of links that claim another.
type finisher struct {
	out     strings.Builder
	resolve func(string) string
	remote  bool
	blocked int

	stack   []string
	open    map[string]int // how often each element is on the stack
	skipped map[string]int // elements beyond maxDepth, opened but not written

	link     *url.URL // of the <a> that is open
	linkText strings.Builder
}

var void = map[string]bool{"br": true, "hr": true, "img": true}

func (f *finisher) run(page string) {
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			for len(f.stack) > 0 {
				f.pop()
			}
			return
		case html.TextToken:
			t := z.Token()
			if f.link != nil && f.linkText.Len() < 500 {
				f.linkText.WriteString(t.Data)
			}
			f.out.WriteString(t.String())
		case html.StartTagToken, html.SelfClosingTagToken:
			f.start(z.Token())
		case html.EndTagToken:
			f.end(z.Token().Data)
		}
	}
}

func (f *finisher) start(t html.Token) {
	if t.DataAtom == atom.Img {
		f.image(t)
		return
	}
	t.Type = html.StartTagToken
	if void[t.Data] {
		f.out.WriteString(t.String())
		return
	}
	if len(f.stack) >= maxDepth {
		if f.skipped == nil {
			f.skipped = map[string]int{}
		}
		f.skipped[t.Data]++
		return
	}
	if t.DataAtom == atom.A {
		if f.open["a"] > 0 {
			f.end("a") // links do not nest
		}
		f.anchor(&t)
	}
	f.stack = append(f.stack, t.Data)
	f.open[t.Data]++
	f.out.WriteString(t.String())
}

func (f *finisher) end(name string) {
	if f.skipped[name] > 0 {
		f.skipped[name]--
		return
	}
	if f.open[name] == 0 {
		return
	}
	for {
		last := f.stack[len(f.stack)-1]
		f.pop()
		if last == name {
			return
		}
	}
}

func (f *finisher) pop() {
	name := f.stack[len(f.stack)-1]
	f.stack = f.stack[:len(f.stack)-1]
	f.open[name]--
	f.out.WriteString("</" + name + ">")
	if name == "a" && f.link != nil {
		f.realHost()
		f.link = nil
	}
}

// anchor prepares a link: a new window that knows nothing of ours.
func (f *finisher) anchor(t *html.Token) {
	href := attr(*t, "href")
	t.Attr = nil
	u, err := url.Parse(href)
	if href == "" || err != nil {
		return
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return
		}
		f.link = u
		f.linkText.Reset()
	case "mailto", "tel":
	default:
		return
	}
	t.Attr = []html.Attribute{
		{Key: "href", Val: href},
		{Key: "title", Val: href},
		{Key: "target", Val: "_blank"},
		{Key: "rel", Val: "noopener noreferrer nofollow"},
	}
}

var looksLikeHost = regexp.MustCompile(`(?i)(?:^|[\s/@(<"'])((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:$|[\s/:?#)>"'.,])`)

// realHost writes the host behind a link whose text names another one.
func (f *finisher) realHost() {
	found := looksLikeHost.FindStringSubmatch(f.linkText.String())
	host := strings.ToLower(f.link.Hostname())
	if found == nil || sameSite(strings.ToLower(found[1]), host) {
		return
	}
	f.out.WriteString(` <small class="real-host">[` + html.EscapeString(host) + `]</small>`)
}

// sameSite is true when one host is the other or lies under it.
func sameSite(a, b string) bool {
	return a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a)
}

// image decides on one picture.
func (f *finisher) image(t html.Token) {
	src, alt := strings.TrimSpace(attr(t, "src")), attr(t, "alt")
	if tiny(attr(t, "width")) || tiny(attr(t, "height")) {
		return // a tracking pixel or a spacer
	}
	scheme, rest, _ := strings.Cut(src, ":")
	target := ""
	switch strings.ToLower(scheme) {
	case "cid":
		id := rest
		if plain, err := url.PathUnescape(rest); err == nil {
			id = plain
		}
		id = strings.Trim(id, "<>")
		if f.resolve != nil {
			if target = f.resolve(id); target == "" && id != rest {
				target = f.resolve(rest)
			}
		}
	case "http", "https":
		if f.remote {
			target = src
		} else {
			f.blocked++
		}
	}
	if target == "" {
		f.out.WriteString(`<span class="no-image">[` + html.EscapeString(clip(alt, 100)) + `]</span>`)
		return
	}
	img := html.Token{Type: html.StartTagToken, DataAtom: atom.Img, Data: "img", Attr: []html.Attribute{
		{Key: "src", Val: target}, {Key: "alt", Val: clip(alt, 300)}, {Key: "loading", Val: "lazy"}, {Key: "referrerpolicy", Val: "no-referrer"},
	}}
	for _, key := range []string{"width", "height"} {
		if v := attr(t, key); v != "" {
			img.Attr = append(img.Attr, html.Attribute{Key: key, Val: v})
		}
	}
	f.out.WriteString(img.String())
}

func tiny(size string) bool { return size == "0" || size == "1" || size == "2" }

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// ContentIDs returns the Content-IDs that the pictures of a page refer to.
func ContentIDs(page string) map[string]bool {
	used := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return used
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.DataAtom != atom.Img {
				continue
			}
			src := strings.TrimSpace(attr(t, "src"))
			if len(src) < 5 || !strings.EqualFold(src[:4], "cid:") || len(used) > 1000 {
				continue
			}
			id := strings.Trim(src[4:], "<>")
			used[id] = true
			if plain, err := url.PathUnescape(id); err == nil {
				used[plain] = true
			}
		}
	}
}
