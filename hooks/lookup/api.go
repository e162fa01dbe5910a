package lookup

import (
	"errors"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
)

func (room *Room) search(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	found, err := room.Find(e.Request.Context(), e.App, Request{
		Text: q.Get("q"), Agent: e.Auth.Id, Before: q.Get("before"), Best: q.Get("sort") == "best", Typing: q.Get("typing") != "",
	})
	if err != nil {
		return fail(e, err)
	}
	return e.JSON(http.StatusOK, found)
}

func fail(e *core.RequestEvent, err error) error {
	lang := i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
	if l := e.Auth.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
		lang = l[0]
	}
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		lang = l
	}
	var wrong Wrong
	switch {
	case errors.As(err, &wrong):
		return e.BadRequestError(i18n.T(lang, wrong.Key, i18n.V{"value": wrong.Value}), nil)
	case errors.Is(err, errCursor):
		return e.BadRequestError(i18n.T(lang, "error.list"), err)
	case errors.Is(err, search.ErrBusy):
		e.Response.Header().Set("Retry-After", "2")
		return e.Error(http.StatusServiceUnavailable, i18n.T(lang, "error.search_busy"), nil)
	}
	return e.InternalServerError(i18n.T(lang, "error.internal"), err)
}
