package page

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Deps are what the room is built with.
type Deps struct {
	Site      *site.Site
	Catalogue *i18n.Catalogue
	Keys      func() *settings.Keys
	Knowledge *kb.Room
}

// Room serves the pages.
type Room struct {
	Deps
	now     func() time.Time
	search  *limit.Limiter
	resizes chan struct{} // pictures that are made smaller at the same time
}

// Register binds the room's routes.
func Register(app core.App, d Deps) *Room {
	// Typing asks often, and many may share an address.
	room := &Room{Deps: d, now: time.Now, search: limit.New(200*time.Millisecond, 60), resizes: make(chan struct{}, 1)}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		quiet := apis.SkipSuccessActivityLog()
		e.Router.GET("/help", func(e *core.RequestEvent) error {
			return e.Redirect(http.StatusMovedPermanently, (&view{e: e}).withQuery("/help/"))
		}).Bind(quiet)
		e.Router.GET("/help/{path...}", room.serve).Bind(quiet)
		e.Router.GET("/help/search", room.results).Bind(quiet)
		e.Router.GET("/help/files/{article}/{name}", room.file).Bind(quiet)
		e.Router.POST("/help/vote", room.vote)
		e.Router.GET("/sitemap.xml", room.sitemap).Bind(quiet)
		e.Router.GET("/robots.txt", room.robots).Bind(quiet)
		e.Router.GET("/api/help/search", room.suggest).Bind(quiet)
		return e.Next()
	})
	return room
}
