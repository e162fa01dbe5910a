package chat

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/settings"
)

func language(e *core.RequestEvent) string {
	shop := settings.Shop(e.App)
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		return l
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), shop.Languages(), shop.Language())
}

func say(e *core.RequestEvent, key string, values ...i18n.V) string {
	return i18n.T(language(e), key, values...)
}

// checkOrigin refuses pages of sites that are not on the shop's list. Tokens
// travel in a header, so this is not what keeps conversations apart; it keeps
// strangers from putting the shop's chat on their pages.
func (room *Room) checkOrigin(e *core.RequestEvent) error {
	if !originAllowed(e) {
		return e.ForbiddenError(say(e, "error.origin"), nil)
	}
	return e.Next()
}

// crossOrigin lets the widget on another site read how long to wait, and
// spares a phone the preflight request before each message.
func crossOrigin(e *core.RequestEvent) error {
	if p := e.Request.URL.Path; strings.HasPrefix(p, "/api/chat/") || p == "/api/stream" {
		e.Response.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		if e.Request.Method == http.MethodOptions {
			e.Response.Header().Set("Access-Control-Max-Age", "7200") // Chromium's own limit
		}
	}
	return e.Next()
}

func originAllowed(e *core.RequestEvent) bool {
	origin := e.Request.Header.Get("Origin")
	if origin == "" || settings.Shop(e.App).AllowsOrigin(origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Host, e.Request.Host) {
		return true // our own portal
	}
	own, err := url.Parse(e.App.Settings().Meta.AppURL)
	return err == nil && own.Host != "" && strings.EqualFold(u.Host, own.Host)
}

// visitor authorises a request by its token.
func (room *Room) visitor(e *core.RequestEvent) (Claims, error) {
	c, ok := read(room.keys(), bearer(e))
	if !ok {
		return Claims{}, e.UnauthorizedError(say(e, "error.chat_token"), nil)
	}
	return c, nil
}

// own is the visitor's newest conversation, or nil.
func (room *Room) own(app core.App, c Claims) (*conversation.Conversation, error) {
	return conversation.OfVisitor(app, c.Visitor)
}

// calm lets a request through unless the visitor or their address asks too
// often. Addresses are shared by many customers, as many as the shop says.
func (room *Room) calm(e *core.RequestEvent, own *limit.Limiter, visitor string) error {
	if own != nil {
		if wait, ok := own.Allow(visitor); !ok {
			return tooMany(e, wait)
		}
	}
	if wait, ok := room.perAddress.AllowTimes(e.RealIP(), settings.Shop(e.App).StreamsPerAddress()); !ok {
		return tooMany(e, wait)
	}
	return nil
}

func tooMany(e *core.RequestEvent, wait time.Duration) error {
	limit.RetryAfter(e.Response.Header(), wait)
	return e.TooManyRequestsError(say(e, "error.too_many"), nil)
}

// streamBusy answers a stream over a limit: the browser polls instead.
func (room *Room) streamBusy(e *core.RequestEvent) error {
	limit.RetryAfter(e.Response.Header(), 30*time.Second)
	return router.NewApiError(http.StatusServiceUnavailable, say(e, "error.busy"), nil)
}

// grant opens conversation/<id> to the visitor it belongs to. To everybody
// else it does not exist.
func (room *Room) grant(e *core.RequestEvent, id string) (live.Grant, error) {
	if !originAllowed(e) {
		return live.Grant{}, e.ForbiddenError(say(e, "error.origin"), nil)
	}
	c, err := room.visitor(e)
	if err != nil {
		return live.Grant{}, err
	}
	if err := room.calm(e, room.perVisitor, c.Visitor); err != nil {
		return live.Grant{}, err
	}
	mine := func(app core.App) bool {
		ok, err := conversation.VisitorOwns(app, c.Visitor, id)
		return err == nil && ok
	}
	if !mine(e.App) {
		return live.Grant{}, e.NotFoundError(say(e, "error.conversation_gone"), nil)
	}
	return room.conv.GrantPublic(c.Visitor, id, mine), nil
}
