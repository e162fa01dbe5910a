package site

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Theme is what makes the public pages a shop's own, beside its name and logo.
type Theme struct {
	Colour string            `json:"colour"`
	CSS    string            `json:"css"`
	Links  []Link            `json:"links"`
	Footer map[string]string `json:"footer"`
}

// Link is a link of the bar, named in each language.
type Link struct {
	Label map[string]string `json:"label"`
	URL   string            `json:"url"`
}

// maxLinks fit into the bar.
const maxLinks = 6

// ThemeOf reads the theme of a shop record.
func ThemeOf(shop *core.Record) Theme {
	t := Theme{Colour: shop.GetString(schema.ShopColour), CSS: shop.GetString(schema.ShopCSS)}
	_ = shop.UnmarshalJSONField(schema.ShopLinks, &t.Links) // what is no list is none
	_ = shop.UnmarshalJSONField(schema.ShopFooter, &t.Footer)
	return t
}

// Check says what is wrong with a theme, by field.
func (t Theme) Check(lang string) error {
	faults := validation.Errors{}
	var css *CSSError
	if err := CheckCSS(t.CSS); errors.As(err, &css) {
		faults[schema.ShopCSS] = validation.NewError("css", i18n.T(lang, css.Key, i18n.V{"line": css.Line, "what": css.What, "n": MaxCSS}))
	}
	if len(t.Links) > maxLinks {
		faults[schema.ShopLinks] = validation.NewError("links", i18n.T(lang, "error.links_many", i18n.V{"n": maxLinks}))
	}
	for _, l := range t.Links {
		if !webLink(l.URL) {
			faults[schema.ShopLinks] = validation.NewError("links", i18n.T(lang, "error.links_url", i18n.V{"url": l.URL}))
		}
	}
	if _, ok := parseColour(t.Colour); t.Colour != "" && !ok {
		faults[schema.ShopColour] = validation.NewError("colour", i18n.T(lang, "error.colour"))
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// webLink is a page of the web or of this site.
func webLink(raw string) bool {
	if strings.HasPrefix(raw, "/") {
		return !strings.HasPrefix(raw, "//") && !strings.HasPrefix(raw, `/\`)
	}
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// checkShop refuses a theme that cannot be shown.
func checkShop(e *core.RecordEvent) error {
	if err := ThemeOf(e.Record).Check(settings.Shop(e.App).Language()); err != nil {
		return err
	}
	return e.Next()
}

// Previews are themes that are looked at before they are saved.
const (
	previewFor   = 15 * time.Minute
	mostPreviews = 20
)

type preview struct {
	theme Theme
	until time.Time
}

// Preview keeps a theme for a while and returns the address of the page that
// shows it.
func (s *Site) Preview(t Theme) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for token, p := range s.previews {
		if now.After(p.until) || len(s.previews) >= mostPreviews {
			delete(s.previews, token)
		}
	}
	if s.previews == nil {
		s.previews = map[string]preview{}
	}
	token := strings.ToLower(rand.Text())
	s.previews[token] = preview{t, now.Add(previewFor)}
	return "/?theme=" + token
}

// previewTheme keeps an owner's theme for a while, so that the page can be
// looked at with it.
func (s *Site) previewTheme(e *core.RequestEvent) error {
	lang := i18n.Match(e.Request.Header.Get("Accept-Language"), s.Catalogue.Languages(), settings.Shop(e.App).Language())
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(i18n.T(lang, "error.owners_only"), nil)
	}
	var t Theme
	if err := e.BindBody(&t); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), nil)
	}
	if err := t.Check(lang); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.save"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"url": s.Preview(t)})
}

// theme is the shop's, or the one that is looked at.
func (s *Site) theme(e *core.RequestEvent, shop *settings.ShopRecord) (t Theme, token string) {
	if token = e.Request.URL.Query().Get("theme"); token != "" {
		s.mu.Lock()
		p, ok := s.previews[token]
		s.mu.Unlock()
		if ok && time.Now().Before(p.until) {
			return p.theme, token
		}
	}
	return ThemeOf(shop.ProxyRecord()), ""
}

// themed are the values of a theme.
func themed(shop *settings.ShopRecord, t Theme, token, lang string) Values {
	v := Values{"shop.css": "", "shop.cover": "", "shop.footer": pick(t.Footer, lang, shop.Language())}
	if strings.TrimSpace(t.CSS) != "" {
		v["shop.css"] = "/theme.css?v=" + hash([]byte(t.CSS))
		if token != "" {
			v["shop.css"] = "/theme.css?theme=" + token
		}
	}
	var links []Values
	for _, l := range t.Links {
		if label := pick(l.Label, lang, shop.Language()); label != "" && webLink(l.URL) {
			links = append(links, Values{"label": label, "href": l.URL})
		}
	}
	v["shop.links"] = links
	if name := shop.GetString(schema.ShopCover); name != "" {
		v["shop.cover"] = "/api/files/" + schema.Shop + "/" + shop.Id + "/" + url.PathEscape(name)
	}
	return v
}

func pick(words map[string]string, languages ...string) string {
	for _, lang := range languages {
		if words[lang] != "" {
			return words[lang]
		}
	}
	for _, text := range words {
		return text
	}
	return ""
}

// themeCSS is the shop's own CSS. It is checked once more, because a database
// can be changed past every hook.
func (s *Site) themeCSS(e *core.RequestEvent) error {
	t, token := s.theme(e, settings.Shop(e.App))
	css := t.CSS
	if CheckCSS(css) != nil {
		css = ""
	}
	h := e.Response.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", fileAge)
	if token != "" {
		h.Set("Cache-Control", "no-store")
	} else if e.Request.URL.Query().Get("v") == hash([]byte(css)) {
		h.Set("Cache-Control", forEver)
	}
	h.Set("ETag", `"`+hash([]byte(css))+`"`)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, strings.NewReader(css))
	return nil
}
