package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Language chooses the language of an answer: ?lang=, else what was chosen in
// this browser, else the browser's wish, else the shop's own; only languages
// that the shop offers.
func (s *Site) Language(e *core.RequestEvent) string {
	offered := s.offered(settings.Shop(e.App))
	if lang := chose(e); e.Request.URL.Query().Get("lang") == "" && slices.Contains(offered, lang) {
		return lang
	}
	return s.language(e, offered)
}

func (s *Site) language(e *core.RequestEvent, offered []string) string {
	if asked := e.Request.URL.Query().Get("lang"); slices.Contains(offered, asked) {
		return asked
	}
	own := settings.Shop(e.App).Language()
	if !slices.Contains(offered, own) {
		own = offered[0]
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), offered, own)
}

// offered are the shop's languages that there are texts for, never none.
func (s *Site) offered(shop *settings.ShopRecord) []string {
	var offered []string
	for _, lang := range shop.Languages() {
		if s.Catalogue.Has(lang) {
			offered = append(offered, lang)
		}
	}
	if len(offered) == 0 {
		return []string{i18n.Fallback}
	}
	return offered
}

// Render fills a page of pb_public and sends it. The values of every page
// (see the package comment) are there already; values may replace them.
func (s *Site) Render(e *core.RequestEvent, status int, page string, values Values) error {
	return s.Show(e, status, View{Page: page, Values: values})
}

// View is a page that a room renders itself.
type View struct {
	Page   string
	Values Values
	// Lang is the page's language if its address says it; else it is chosen
	// for the visitor.
	Lang string
	// Frames are origins that the page may frame.
	Frames []string
}

// Show is Render for pages with an address or a policy of their own.
func (s *Site) Show(e *core.RequestEvent, status int, v View) error {
	body, styles, err := s.fill(e, v)
	if err != nil {
		return err
	}
	return s.send(e, status, body, styles, v.Frames)
}

// Base is the shop's public address without a slash at the end: the one set
// in the admin UI, else the one that was asked.
func Base(e *core.RequestEvent) string {
	base := strings.TrimRight(e.App.Settings().Meta.AppURL, "/")
	if u, err := url.Parse(base); err == nil && u.Host != "" && u.Hostname() != "localhost" {
		return base
	}
	scheme := "http"
	if e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + e.Request.Host
}

// fill returns the page and the sources of its inline style.
func (s *Site) fill(e *core.RequestEvent, v View) (body []byte, style string, err error) {
	t, err := s.template(e.App, v.Page)
	if err != nil {
		return nil, "", fmt.Errorf("page %s: %w", v.Page, err)
	}
	shop := settings.Shop(e.App)
	offered := s.offered(shop)
	lang := ""
	switch {
	case s.Catalogue.Has(v.Lang):
		lang = v.Lang
	case kindOf(v.Page) == deskPage:
		offered = s.Catalogue.Languages() // staff may know more than the shop offers
		lang = s.language(e, offered)
	default:
		lang = s.Language(e)
	}
	theme, token := s.theme(e, shop)
	colour := shop.Colour()
	if theme.Colour != "" {
		colour = theme.Colour
	}
	css := accentStyle(colour)
	all := Values{
		"lang":         lang,
		"lang.other":   s.switches(e, lang, offered),
		"path":         e.Request.URL.Path,
		"shop":         shop.Name(),
		"shop.name":    shop.Name(),
		"shop.initial": initial(shop.Name()),
		"shop.tagline": shop.GetString(schema.ShopTagline),
		"shop.colour":  colour,
		"shop.logo":    logo(shop),
		"shop.style":   HTML("<style>" + css + "</style>"),
	}
	maps.Copy(all, themed(shop, theme, token, lang))
	maps.Copy(all, v.Values)
	all["lang.other"] = choosable(all["lang.other"])
	fill := &filler{catalogue: s.Catalogue, lang: lang, asset: s.asset, style: s.style, scopes: []i18n.V{i18n.V(all)}, part: func(name string) *template {
		part, err := s.template(e.App, name)
		if err != nil {
			e.App.Logger().Error("a part of a page is missing", "page", v.Page, "part", name, "error", err)
			return &template{}
		}
		return part
	}}
	fill.fill(t.nodes)
	for _, text := range append(fill.styles, css) {
		sum := sha256.Sum256([]byte(text))
		style += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return []byte(fill.out.String()), style[1:], nil
}

// switches are the links to the same page in the shop's other languages.
func (s *Site) switches(e *core.RequestEvent, lang string, offered []string) []Values {
	var links []Values
	for _, other := range offered {
		if other == lang {
			continue
		}
		q := url.Values{}
		if e.Request.Method == http.MethodGet || e.Request.Method == http.MethodHead {
			q = e.Request.URL.Query()
		}
		q.Set("lang", other)
		links = append(links, Values{"code": other, "name": s.Catalogue.T(other, "portal.language_name"), "href": "?" + q.Encode()})
	}
	return links
}

func logo(shop *settings.ShopRecord) string {
	if name := shop.GetString(schema.ShopLogo); name != "" {
		return "/api/files/" + schema.Shop + "/" + shop.Id + "/" + url.PathEscape(name) + "?thumb=96x96"
	}
	return ""
}

// initial is the first letter of a name with the vowel signs that belong to
// it: "রূপালী" begins with "রূ".
func initial(name string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(name) {
		if b.Len() > 0 && !unicode.IsMark(r) {
			break
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// asset returns the address of a file with its version.
func (s *Site) asset(name string) string {
	f, err := s.find(strings.TrimPrefix(name, "/"))
	if err != nil {
		return name
	}
	return name + "?v=" + f.etag
}

// vary names what an answer depends on. Pages of the help centre have their
// language in the address, so that a cache may give one to everybody.
func vary(e *core.RequestEvent) string {
	if strings.HasPrefix(e.Request.URL.Path, "/help/") {
		return "Accept-Encoding, Accept-Language"
	}
	return "Accept-Encoding, Accept-Language, Cookie"
}

// send writes a page with its headers, compressed if that is wanted.
func (s *Site) send(e *core.RequestEvent, status int, body []byte, style string, frames []string) error {
	h := e.Response.Header()
	kind := kindOf(strings.TrimPrefix(e.Request.URL.Path, "/"))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(kind, style, frames))
	h.Set("Referrer-Policy", referrer(kind))
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", vary(e))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	if status != http.StatusOK || e.Request.Method == http.MethodPost {
		h.Set("Cache-Control", "no-store")
	}
	tag := hash(body)
	if acceptsGzip(e.Request) {
		if zipped := compress(body, gzip.DefaultCompression); zipped != nil {
			h.Set("Content-Encoding", "gzip")
			body, tag = zipped, tag+"-gz"
		}
	}
	if status == http.StatusOK && e.Request.Method != http.MethodPost {
		h.Set("ETag", `"`+tag+`"`)
		if h.Get("Content-Encoding") != "" && e.Request.Header.Get("Range") == "" {
			h.Set("Content-Length", strconv.Itoa(len(body)))
		}
		http.ServeContent(e.Response, e.Request, "", time.Time{}, bytes.NewReader(body))
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	e.Response.WriteHeader(status)
	if e.Request.Method == http.MethodHead {
		return nil
	}
	_, err := e.Response.Write(body)
	return err
}

// icon is the shop's sign for the browser's tab: the logo, else its letter.
func (s *Site) icon(e *core.RequestEvent) error {
	shop := settings.Shop(e.App)
	if src := logo(shop); src != "" {
		e.Response.Header().Set("Cache-Control", "no-cache")
		return e.Redirect(http.StatusFound, src)
	}
	a := accentOf(shop.Colour())
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="%s"/>`+
		`<text x="32" y="44" font-family="system-ui,'Noto Sans Bengali','Nirmala UI',sans-serif" font-size="36" font-weight="700" text-anchor="middle" fill="%s">%s</text></svg>`,
		a.fill, a.fillInk, html.EscapeString(initial(shop.Name())))
	h := e.Response.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hash([]byte(svg))+`"`)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, strings.NewReader(svg))
	return nil
}

// style is the text of style sheets to be written into a page: one answer is
// all that a phone on a slow line needs before it can show something.
func (s *Site) style(names []string) string {
	var b strings.Builder
	for _, name := range names {
		if f, err := s.find(strings.TrimPrefix(name, "/")); err == nil && f.data != nil {
			b.WriteString(f.tight())
		}
	}
	return b.String()
}
