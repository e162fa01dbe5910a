package page

import (
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

const (
	maxQuestion   = 300 // bytes that are searched for
	mostResults   = 20
	mostNear      = 3 // of them when none answers
	mostSuggested = 6
)

func reader(e *core.RequestEvent) kb.Reader {
	return kb.Reader{Network: limit.Network(e.RealIP()), Browser: e.Request.UserAgent()}
}

func question(e *core.RequestEvent) string {
	q := strings.Join(strings.Fields(strings.ToValidUTF8(e.Request.URL.Query().Get("q"), " ")), " ")
	if len(q) > maxQuestion {
		q = strings.ToValidUTF8(q[:maxQuestion], "")
	}
	return q
}

// results is the page of what was found; it works without a script.
func (room *Room) results(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	v, err := room.view(e, lang)
	if err != nil {
		return err
	}
	q := question(e)
	v.values["results"] = true
	v.values["q"] = q
	v.values["title"] = v.t("portal.search_title")
	v.values["noindex"] = true
	v.addresses(searchHref(lang, q), room.everywhere(e.App, func(lang string) string { return searchHref(lang, q) }))
	v.values["popular"] = v.items(v.library.Popular(lang, 6))
	e.Response.Header().Set("Cache-Control", "private, no-cache")
	if q == "" {
		return v.show(http.StatusOK)
	}
	if wait, ok := room.search.Allow(limit.Network(e.RealIP())); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		v.values["busy"] = true
		return v.show(http.StatusTooManyRequests)
	}
	found, err := room.Knowledge.Search(e.Request.Context(), e.App, kb.Question{Text: q, Language: lang, Limit: mostResults})
	if err != nil {
		return err
	}
	if len(found) == 0 || !found[0].Likely {
		if err := kb.Missed(e.App, lang, q); err != nil {
			e.App.Logger().Warn("a search without a result could not be kept", "error", err)
		}
	}
	// Nothing that answers: the nearest few, said to be no more.
	near := len(found) > 0 && !found[0].Likely
	if near {
		found = found[:min(len(found), mostNear)]
	}
	var list []site.Values
	for _, f := range found {
		item := v.items([]*kb.Entry{f.Entry})[0]
		item["snippet"] = marked(f.Snippet)
		if c := v.library.Category(f.Entry.Category); c != nil {
			item["category"] = v.name(c)
		}
		list = append(list, item)
	}
	v.values["found"], v.values["found.any"] = list, len(list) > 0
	v.values["count"] = v.t("portal.search_count", i18n.V{"n": len(list)})
	if near {
		v.values["count"] = v.t("portal.search_near")
	}
	v.values["none"] = len(list) == 0
	return v.show(http.StatusOK)
}

func marked(pieces []search.Piece) []site.Values {
	var list []site.Values
	for _, p := range pieces {
		if p.Hit {
			list = append(list, site.Values{"mark": p.Text, "text": ""})
		} else {
			list = append(list, site.Values{"text": p.Text, "mark": ""})
		}
	}
	return list
}

// suggest answers while somebody types.
func (room *Room) suggest(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	h := e.Response.Header()
	h.Set("Cache-Control", "private, max-age=60")
	h.Add("Vary", "Accept-Language, Cookie")
	// the widget asks from the shop's own site
	if origin := e.Request.Header.Get("Origin"); origin != "" && settings.Shop(e.App).AllowsOrigin(origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
	}
	list := []map[string]any{}
	q := question(e)
	if q != "" {
		if wait, ok := room.search.Allow(limit.Network(e.RealIP())); !ok {
			limit.RetryAfter(h, wait)
			return e.TooManyRequestsError(room.Catalogue.T(lang, "error.too_many"), nil)
		}
		found, err := room.Knowledge.Search(e.Request.Context(), e.App, kb.Question{Text: q, Language: lang, Typing: e.Request.URL.Query().Get("typing") != "0", Limit: mostSuggested})
		if err != nil {
			return err
		}
		for _, f := range found {
			snippet := []map[string]any{}
			for _, p := range f.Snippet {
				snippet = append(snippet, map[string]any{"text": p.Text, "mark": p.Hit})
			}
			list = append(list, map[string]any{"id": f.Entry.ID, "title": f.Entry.Title, "url": kb.Path(lang, f.Entry.Slug), "language": f.Entry.Language, "snippet": snippet, "sure": f.Sure})
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"articles": list, "all": searchHref(lang, q)})
}
