package page

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// template is the page of the help centre, which an owner may replace.
const template = "parts/help.html"

// view is a page being made.
type view struct {
	room    *Room
	e       *core.RequestEvent
	lang    string
	base    string // the shop's public address
	library *kb.Library
	values  site.Values
	frames  []string
}

func (room *Room) view(e *core.RequestEvent, lang string) (*view, error) {
	library, err := room.Knowledge.Library(e.App)
	if err != nil {
		return nil, err
	}
	return &view{room: room, e: e, lang: lang, base: site.Base(e), library: library, values: site.Values{"q": "", "help": true}}, nil
}

func (v *view) t(key string, values ...i18n.V) string {
	return v.room.Catalogue.T(v.lang, key, values...)
}

func (v *view) show(status int) error {
	if status == http.StatusOK && v.e.Response.Header().Get("Cache-Control") == "" {
		v.e.Response.Header().Set("Cache-Control", "public, max-age=0, must-revalidate")
	}
	for name, value := range site.ShopValues(settings.Shop(v.e.App), v.room.Catalogue, v.lang) {
		v.values[name] = value
	}
	return v.room.Site.Show(v.e, status, site.View{Page: template, Lang: v.lang, Values: v.values, Frames: v.frames})
}

// addresses are those of a page in every language that it exists in; the
// first is the one of this page.
func (v *view) addresses(canonical string, others map[string]string) {
	v.values["canonical"] = v.base + canonical
	var alternates, links []site.Values
	offered := v.room.languages(v.e.App)
	for _, lang := range offered {
		path, ok := others[lang]
		if !ok {
			continue
		}
		alternates = append(alternates, site.Values{"code": lang, "href": v.base + path})
		if lang != v.lang {
			links = append(links, site.Values{"code": lang, "name": v.room.Catalogue.T(lang, "portal.language_name"), "href": path})
		}
	}
	if len(alternates) > 1 {
		v.values["alternates"] = alternates
	}
	v.values["lang.other"] = links
}

// languages are the shop's that there are texts for.
func (room *Room) languages(app core.App) []string {
	return slices.DeleteFunc(slices.Clone(settings.Shop(app).Languages()), func(lang string) bool { return !room.Catalogue.Has(lang) })
}

func (room *Room) everywhere(app core.App, path func(lang string) string) map[string]string {
	all := map[string]string{}
	for _, lang := range room.languages(app) {
		all[lang] = path(lang)
	}
	return all
}

// serve finds out what an address below /help/ means.
func (room *Room) serve(e *core.RequestEvent) error {
	asked := e.Request.PathValue("path")
	first, rest, deeper := strings.Cut(asked, "/")
	if !slices.Contains(room.languages(e.App), first) {
		return room.short(e, asked)
	}
	v, err := room.view(e, first)
	if err != nil {
		return err
	}
	slug := strings.TrimSuffix(rest, "/")
	switch {
	case !deeper:
		return e.Redirect(http.StatusMovedPermanently, kb.Path(first, ""))
	case slug == "":
		return v.index()
	case slug == "feed.xml":
		return v.feed()
	case strings.Contains(slug, "/") || !utf8.ValidString(slug):
		return v.missing("")
	}
	slug = kb.Slug(slug)
	if c := v.library.CategoryAt(slug); c != nil {
		if !strings.HasSuffix(rest, "/") || rest != c.Slug+"/" {
			return e.Redirect(http.StatusMovedPermanently, kb.CategoryPath(v.lang, c.Slug))
		}
		return v.category(c)
	}
	if entry := v.library.At(v.lang, slug); entry != nil {
		switch {
		case entry.Language == v.lang && (rest != entry.Slug):
			return e.Redirect(http.StatusMovedPermanently, v.withQuery(entry.Path()))
		case entry.Language != v.lang && rest != entry.Slug:
			return e.Redirect(http.StatusFound, kb.Path(v.lang, entry.Slug))
		}
		return v.article(entry)
	}
	return v.moved(slug)
}

func (v *view) withQuery(path string) string {
	if q := v.e.Request.URL.RawQuery; q != "" {
		return path + "?" + q
	}
	return path
}

// moved leads from an old address to the new one, if the article is public.
func (v *view) moved(slug string) error {
	for _, lang := range append([]string{v.lang}, v.room.languages(v.e.App)...) {
		id, err := kb.Redirected(v.e.App, lang, slug)
		if err != nil {
			return err
		}
		if entry := v.library.Entry(id); entry != nil {
			return v.e.Redirect(http.StatusMovedPermanently, v.library.In(v.lang, entry.Group).Path())
		}
	}
	return v.missing(strings.ReplaceAll(slug, "-", " "))
}

// short goes from an address without a language to one with the visitor's.
func (room *Room) short(e *core.RequestEvent, asked string) error {
	lang := room.Site.Language(e)
	e.Response.Header().Add("Vary", "Accept-Language, Cookie")
	v, err := room.view(e, lang)
	if err != nil {
		return err
	}
	slug := strings.TrimSuffix(asked, "/")
	switch {
	case slug == "" || slug == "index.html":
		return e.Redirect(http.StatusFound, kb.Path(lang, ""))
	case strings.Contains(slug, "/") || !utf8.ValidString(slug):
		return v.missing("")
	}
	slug = kb.Slug(slug)
	if c := v.library.CategoryAt(slug); c != nil {
		return e.Redirect(http.StatusFound, kb.CategoryPath(lang, c.Slug))
	}
	if entry := v.library.At(lang, slug); entry != nil {
		return e.Redirect(http.StatusFound, entry.Path())
	}
	return v.moved(slug)
}

// missing is the page for what does not exist, or not for this visitor: the
// same words for both. A search is offered with what the address said.
func (v *view) missing(words string) error {
	v.values["missing"] = true
	v.values["q"] = words
	v.values["title"] = v.t("portal.missing_title")
	v.values["noindex"] = true
	v.addresses(kb.Path(v.lang, ""), v.room.everywhere(v.e.App, func(lang string) string { return kb.Path(lang, "") }))
	v.values["popular"] = v.items(v.library.Popular(v.lang, 6))
	return v.show(http.StatusNotFound)
}

// index lists everything.
func (v *view) index() error {
	v.values["index"] = true
	v.values["title"] = v.t("portal.help_title")
	v.values["description"] = v.t("portal.help_description", i18n.V{"shop": settings.Shop(v.e.App).Name()})
	v.addresses(kb.Path(v.lang, ""), v.room.everywhere(v.e.App, func(lang string) string { return kb.Path(lang, "") }))
	v.values["categories"] = v.categories(0)
	v.values["popular"] = v.items(v.library.Popular(v.lang, 5))
	v.values["empty"] = v.library.Empty()
	v.jsonld(v.crumbs())
	return v.show(http.StatusOK)
}

// categories are those with articles, each with at most so many (0 is all).
func (v *view) categories(most int) []site.Values {
	var list []site.Values
	for _, c := range v.library.Categories {
		all := v.library.Of(v.lang, c.ID)
		if len(all) == 0 {
			continue
		}
		shown := all
		if most > 0 && len(shown) > most {
			shown = shown[:most]
		}
		list = append(list, site.Values{
			"title": v.name(c), "summary": c.Summaries[v.lang], "icon.drawn": icon(c.Icon), "href": kb.CategoryPath(v.lang, c.Slug),
			"n.shown": v.n(len(all)), "articles": v.items(shown), "more": len(all) > len(shown),
		})
	}
	if rest := v.library.Of(v.lang, ""); len(rest) > 0 {
		shown := rest
		if most > 0 && len(shown) > most {
			shown = shown[:most]
		}
		list = append(list, site.Values{
			"title": v.t("portal.help_other"), "summary": "", "icon.drawn": icon(""), "href": kb.Path(v.lang, "") + "#other", "anchor": "other",
			"n.shown": v.n(len(rest)), "articles": v.items(shown), "more": len(rest) > len(shown),
		})
	}
	return list
}

// n is a number in the digits of the page.
func (v *view) n(n int) string { return v.room.Catalogue.Number(v.lang, int64(n)) }

func (v *view) name(c *kb.Category) string {
	return kb.Pick(c.Titles, v.lang, settings.Shop(v.e.App).Language())
}

// items are articles as lists show them.
func (v *view) items(entries []*kb.Entry) []site.Values {
	list := make([]site.Values, 0, len(entries))
	for _, e := range entries {
		item := site.Values{"title": e.Title, "summary": e.Summary, "href": v.href(e), "foreign": "", "film": e.Video != "" || e.VideoFile != ""}
		if e.Language != v.lang {
			item["foreign"] = e.Language
		}
		list = append(list, item)
	}
	return list
}

// href keeps the reader in their language even where the article is not.
func (v *view) href(e *kb.Entry) string { return kb.Path(v.lang, e.Slug) }

func (v *view) category(c *kb.Category) error {
	all := v.library.Of(v.lang, c.ID)
	title := v.name(c)
	v.values["category"] = true
	v.values["heading"], v.values["title"] = title, title
	v.values["summary"] = c.Summaries[v.lang]
	v.values["description"] = v.values["summary"]
	if v.values["summary"] == "" {
		var names []string
		for _, e := range all {
			names = append(names, e.Title)
		}
		v.values["description"] = kb.Beginning(strings.Join(names, " "), 155)
	}
	v.values["icon.drawn"] = icon(c.Icon)
	v.values["articles"] = v.items(all)
	v.values["noindex"] = len(all) == 0
	var others []site.Values
	for _, o := range v.library.Categories {
		if n := len(v.library.Of(v.lang, o.ID)); n > 0 {
			others = append(others, site.Values{"title": v.name(o), "href": kb.CategoryPath(v.lang, o.Slug), "n.shown": v.n(n), "here": o.ID == c.ID})
		}
	}
	v.values["others"] = others
	path := func(lang string) string { return kb.CategoryPath(lang, c.Slug) }
	v.addresses(path(v.lang), v.room.everywhere(v.e.App, path))
	v.values["crumbs"] = []site.Values{{"title": v.t("portal.help_title"), "href": kb.Path(v.lang, "")}}
	v.jsonld(v.crumbs(crumb{title, path(v.lang)}), v.list(title, all))
	return v.show(http.StatusOK)
}

func (v *view) article(entry *kb.Entry) error {
	body, text, err := kb.Body(v.e.App, entry.ID)
	if errors.Is(err, sql.ErrNoRows) { // hidden since the library was read
		return v.missing("")
	}
	if err != nil {
		return err
	}
	html, contents := kb.Page(body, nil)
	q := v.e.Request.URL.Query()
	voted := q.Get("voted")
	foreign := entry.Language != v.lang
	v.values["article"] = true
	v.values["id"] = entry.ID
	v.values["heading"], v.values["title"] = entry.Title, entry.Title
	v.values["description"] = kb.Beginning(entry.Summary, 155)
	v.values["body"] = site.HTML(html)
	v.values["body.lang"] = entry.Language
	v.values["foreign"] = foreign
	if foreign {
		v.values["foreign_note"] = v.t("portal.help_foreign", i18n.V{"language": v.room.Catalogue.T(entry.Language, "portal.language_name")})
	}
	when := entry.Updated
	v.values["updated"] = v.room.Catalogue.Date(v.lang, when.In(settings.Shop(v.e.App).Location()))
	v.values["updated.iso"] = when.Format(time.DateOnly)
	v.values["minutes"] = v.t("portal.help_minutes", i18n.V{"n": minutes(text)})
	v.values["contents"] = headings(contents)
	v.values["contents.fold"] = len(contents) > 2
	if entry.Cover != "" {
		v.values["cover"] = fileAddress(entry.ID, entry.Cover) + "?w=960"
		v.values["og.image"] = v.base + fileAddress(entry.ID, entry.Cover)
	}
	v.film(entry)
	related := v.items(v.library.Near(entry, v.lang, 5))
	v.values["related"], v.values["related.any"] = related, len(related) > 0
	v.values["vote.asked"] = voted == ""
	v.values["vote.why"] = voted == "no"
	v.values["vote.done"] = voted == "yes" || voted == "done"
	v.values["vote.many"] = voted == "many"
	v.values["noindex"] = voted != ""
	var trail []crumb
	crumbs := []site.Values{{"title": v.t("portal.help_title"), "href": kb.Path(v.lang, "")}}
	if c := v.library.Category(entry.Category); c != nil {
		trail = append(trail, crumb{v.name(c), kb.CategoryPath(v.lang, c.Slug)})
		crumbs = append(crumbs, site.Values{"title": v.name(c), "href": kb.CategoryPath(v.lang, c.Slug)})
	}
	v.values["crumbs"] = crumbs
	all := map[string]string{}
	for _, t := range v.library.Translations(entry.Group) {
		all[t.Language] = t.Path()
	}
	v.addresses(entry.Path(), all)
	if foreign { // the switch stays, to the same article
		v.values["lang.other"] = []site.Values{{"code": entry.Language, "name": v.room.Catalogue.T(entry.Language, "portal.language_name"), "href": entry.Path()}}
	}
	v.values["og.type"] = "article"
	v.jsonld(append([]map[string]any{v.crumbs(append(trail, crumb{entry.Title, entry.Path()})...)}, v.writing(entry, text)...)...)
	if v.e.Request.Method == http.MethodGet && voted == "" {
		v.room.Knowledge.Viewed(entry.ID, v.e.Request.UserAgent())
	}
	return v.show(http.StatusOK)
}

// film shows a film of the shop's own, or offers one of another site.
func (v *view) film(entry *kb.Entry) {
	if entry.VideoFile != "" {
		v.values["film.file"] = fileAddress(entry.ID, entry.VideoFile)
		if entry.Cover != "" {
			v.values["film.poster"] = v.values["cover"]
			v.values["cover"] = nil
		}
		return
	}
	if film, ok := kb.ParseVideo(entry.Video); ok {
		v.values["film"] = site.Values{"embed": film.Embed, "link": film.Link, "site": film.Site, "note": v.t("portal.help_video_note", i18n.V{"site": film.Site}), "poster": v.values["cover"]}
		v.values["cover"] = nil
		v.frames = []string{film.Frame}
	}
}

func headings(contents []kb.Heading) []site.Values {
	var list []site.Values
	for _, h := range contents {
		list = append(list, site.Values{"id": h.ID, "text": h.Text, "sub": h.Level > 2})
	}
	return list
}

// minutes is how long reading takes, at 180 words a minute.
func minutes(text string) int { return max(1, (len(strings.Fields(text))+90)/180) }

func fileAddress(article, name string) string {
	return kb.FilesPath + article + "/" + url.PathEscape(name)
}

// Home are the values of the help centre on the shop's first page; none if
// there is nothing to read.
func (room *Room) Home(e *core.RequestEvent, lang string) (site.Values, error) {
	v, err := room.view(e, lang)
	if err != nil || v.library.Empty() {
		return nil, err
	}
	popular := v.library.Popular(lang, 6)
	fresh := v.library.New(lang, 6, popular)
	values := site.Values{
		"help": true, "q": "", "help.href": kb.Path(lang, ""), "categories": v.categories(3),
		"hints": v.items(v.library.Popular(lang, 4)), "popular": v.items(popular), "recent": v.items(fresh), "recent.any": len(fresh) > 0,
		"canonical": v.base + "/?lang=" + lang,
	}
	return values, nil
}

// Bar are the values of the bar on top of pages of other rooms.
func (room *Room) Bar(e *core.RequestEvent, lang string) site.Values {
	v, err := room.view(e, lang)
	if err != nil {
		e.App.Logger().Error("the help centre cannot be shown", "error", err)
		return nil
	}
	return site.Values{"help": !v.library.Empty()}
}
