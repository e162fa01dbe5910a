package portal

import (
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Deps are what the room is built with.
type Deps struct {
	Site      *site.Site
	Catalogue *i18n.Catalogue
	Keys      func() *settings.Keys
	// Help gives what the page shows of the help centre; nil is nothing.
	Help func(e *core.RequestEvent, lang string) (site.Values, error)
}

// Room serves the page and takes its questions.
type Room struct {
	Deps
	now     func() time.Time
	receive func(app core.App, in conversation.Incoming) (conversation.Received, error)
	limiter *limit.Limiter
	worked  *limit.Limiter // for those beyond it whose browser has computed
	proofs  *limit.Limiter // what one page has computed counts a few times, whoever sends it
	heavy   chan struct{}  // questions with files that are stored at the same time
}

// Register binds the room's routes.
func Register(app core.App, d Deps) *Room {
	// Ten questions at once and two a minute: whole villages share an address
	// at some phone companies, so this is meant for machines.
	room := &Room{Deps: d, now: time.Now, receive: conversation.Receive, limiter: limit.New(30*time.Second, 10), worked: limit.New(15*time.Second, 20), proofs: limit.New(10*time.Minute, 3), heavy: make(chan struct{}, 2)}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.GET("/{$}", room.home).Bind(apis.SkipSuccessActivityLog())
		e.Router.GET("/index.html", room.home).Bind(apis.SkipSuccessActivityLog())
		e.Router.GET("/ask", room.asked).Bind(apis.SkipSuccessActivityLog())
		// the body is read part by part with limits of its own, see readForm
		e.Router.POST("/ask", room.ask).Unbind(apis.DefaultBodyLimitMiddlewareId)
		return e.Next()
	})
	return room
}
