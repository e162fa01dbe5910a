package disk

import (
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// RetryAfter is when to try again, in seconds, as a header says it.
const RetryAfter = "60"

func (g *Guard) serve(e *core.ServeEvent) error {
	e.Router.BindFunc(g.watch)
	return e.Next()
}

// watch refuses files while there is no room, before they are read, and says
// in words when a request failed for want of it.
func (g *Guard) watch(e *core.RequestEvent) error {
	if uploads(e.Request) && Check(e.App) != nil {
		return Refuse(e)
	}
	err := e.Next()
	if err == nil || !IsFull(err) || e.Written() {
		return err
	}
	e.App.Logger().Warn("a request was refused: the disk is full", "path", e.Request.URL.Path)
	return Refuse(e)
}

// uploads tells whether a request of the API carries files. Forms of pages
// answer with the page.
func uploads(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/") && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// Refuse answers that there is no room at the moment.
func Refuse(e *core.RequestEvent) error {
	shop := settings.Shop(e.App)
	lang := e.Request.URL.Query().Get("lang")
	if !i18n.Current().Has(lang) {
		lang = i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), shop.Language())
	}
	e.Response.Header().Set("Retry-After", RetryAfter)
	return e.Error(http.StatusInsufficientStorage, i18n.T(lang, "error.disk_full"), nil)
}

// Form tells a page how to answer when what was typed could not be saved: with
// which status and with the words of which key.
func Form(h http.Header, err error, otherwise string) (status int, key string) {
	h.Set("Retry-After", RetryAfter)
	if IsFull(err) {
		return http.StatusInsufficientStorage, "portal.error_full"
	}
	return http.StatusServiceUnavailable, otherwise
}
