package page

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// crumb is a step on the way to a page.
type crumb struct{ name, path string }

// jsonld describes the page to search engines (schema.org).
func (v *view) jsonld(things ...map[string]any) {
	data, err := json.Marshal(map[string]any{"@context": "https://schema.org", "@graph": things}, jsontext.EscapeForHTML(true), json.Deterministic(true))
	if err != nil {
		v.e.App.Logger().Error("a page cannot be described", "error", err)
		return
	}
	v.values["jsonld"] = site.HTML(data)
}

func (v *view) crumbs(trail ...crumb) map[string]any {
	trail = append([]crumb{{settings.Shop(v.e.App).Name(), "/?lang=" + v.lang}, {v.t("portal.help_title"), kb.Path(v.lang, "")}}, trail...)
	var list []any
	for i, c := range trail {
		list = append(list, map[string]any{"@type": "ListItem", "position": i + 1, "name": c.name, "item": v.base + c.path})
	}
	return map[string]any{"@type": "BreadcrumbList", "itemListElement": list}
}

func (v *view) list(name string, entries []*kb.Entry) map[string]any {
	var list []any
	for i, e := range entries {
		list = append(list, map[string]any{"@type": "ListItem", "position": i + 1, "name": e.Title, "url": v.base + e.Path()})
	}
	return map[string]any{"@type": "CollectionPage", "name": name, "inLanguage": v.lang, "mainEntity": map[string]any{"@type": "ItemList", "itemListElement": list}}
}

// writing is an article, and its question with the answer if it is one.
func (v *view) writing(e *kb.Entry, text string) []map[string]any {
	publisher := map[string]any{"@type": "Organization", "name": settings.Shop(v.e.App).Name(), "url": v.base + "/"}
	article := map[string]any{
		"@type": "Article", "headline": e.Title, "description": e.Summary, "inLanguage": e.Language, "mainEntityOfPage": v.base + e.Path(),
		"datePublished": e.Published.Format(time.RFC3339), "dateModified": e.Updated.Format(time.RFC3339), "publisher": publisher, "author": publisher,
	}
	if e.Cover != "" {
		article["image"] = v.base + fileAddress(e.ID, e.Cover)
	}
	things := []map[string]any{article}
	if strings.HasSuffix(e.Title, "?") {
		things = append(things, map[string]any{"@type": "FAQPage", "inLanguage": e.Language, "mainEntity": []any{map[string]any{
			"@type": "Question", "name": e.Title, "acceptedAnswer": map[string]any{"@type": "Answer", "text": text},
		}}})
	}
	return things
}

type sitemapURL struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// sitemap names every public page.
func (room *Room) sitemap(e *core.RequestEvent) error {
	library, err := room.Knowledge.Library(e.App)
	if err != nil {
		return err
	}
	base, languages := site.Base(e), room.languages(e.App)
	var list []sitemapURL
	add := func(changed time.Time, paths map[string]string) {
		var links []sitemapLink
		for _, lang := range languages {
			if path := paths[lang]; path != "" && len(paths) > 1 {
				links = append(links, sitemapLink{"alternate", lang, base + path})
			}
		}
		for _, lang := range languages {
			if path := paths[lang]; path != "" {
				u := sitemapURL{Loc: base + path, Links: links}
				if !changed.IsZero() {
					u.LastMod = changed.UTC().Format(time.DateOnly)
				}
				list = append(list, u)
			}
		}
	}
	add(library.Changed, room.everywhere(e.App, func(lang string) string { return "/?lang=" + lang }))
	if !library.Empty() {
		add(library.Changed, room.everywhere(e.App, func(lang string) string { return kb.Path(lang, "") }))
	}
	for _, c := range library.Categories {
		if len(library.Of(languages[0], c.ID)) > 0 {
			add(time.Time{}, room.everywhere(e.App, func(lang string) string { return kb.CategoryPath(lang, c.Slug) }))
		}
	}
	for _, entry := range library.List(languages[0]) {
		paths, changed := map[string]string{}, entry.Updated
		for _, t := range library.Translations(entry.Group) {
			paths[t.Language] = t.Path()
			if t.Updated.After(changed) {
				changed = t.Updated
			}
		}
		add(changed, paths)
	}
	return sendXML(e, "application/xml; charset=utf-8", struct {
		XMLName xml.Name     `xml:"urlset"`
		NS      string       `xml:"xmlns,attr"`
		XHTML   string       `xml:"xmlns:xhtml,attr"`
		URL     []sitemapURL `xml:"url"`
	}{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml", URL: list})
}

type feedItem struct {
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	Description string   `xml:"description"`
	Category    string   `xml:"category,omitempty"`
	GUID        feedGUID `xml:"guid"`
	Date        string   `xml:"pubDate"`
}

type feedGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// feed has the newest articles of a language (RSS 2.0).
func (v *view) feed() error {
	shop := settings.Shop(v.e.App)
	var items []feedItem
	for _, e := range v.library.Recent(v.lang, len(v.library.List(v.lang))) {
		if e.Language != v.lang || len(items) == 30 {
			continue
		}
		item := feedItem{e.Title, v.base + e.Path(), e.Summary, "", feedGUID{false, e.ID}, e.Published.Format(time.RFC1123Z)}
		if c := v.library.Category(e.Category); c != nil {
			item.Category = v.name(c)
		}
		items = append(items, item)
	}
	type channel struct {
		Title       string     `xml:"title"`
		Link        string     `xml:"link"`
		Description string     `xml:"description"`
		Language    string     `xml:"language"`
		Item        []feedItem `xml:"item"`
	}
	return sendXML(v.e, "application/rss+xml; charset=utf-8", struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Channel: channel{shop.Name() + ": " + v.t("portal.help_title"), v.base + kb.Path(v.lang, ""), shop.GetString(schema.ShopTagline), v.lang, items}})
}

func sendXML(e *core.RequestEvent, kind string, value any) error {
	body, err := xml.Marshal(value)
	if err != nil {
		return err
	}
	h := e.Response.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=300")
	return e.Blob(http.StatusOK, kind, append([]byte(xml.Header), body...))
}

// robots lets everything public be found; an owner's own file wins.
func (room *Room) robots(e *core.RequestEvent) error {
	if room.Site.Has("robots.txt") {
		return room.Site.File(e, "robots.txt")
	}
	e.Response.Header().Set("Cache-Control", "public, max-age=300")
	return e.String(http.StatusOK, "User-agent: *\nDisallow: /api/\nDisallow: /desk/\nDisallow: /_/\nDisallow: /help/search\n\nSitemap: "+site.Base(e)+"/sitemap.xml\n")
}

// searchHref is the page of results for a text.
func searchHref(lang, text string) string {
	return "/help/search?" + url.Values{"lang": {lang}, "q": {text}}.Encode()
}
