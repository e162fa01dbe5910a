package callback

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Deps are what the room is built with.
type Deps struct {
	Group        *lifecycle.Group
	Hub          *live.Hub
	Conversation *conversation.Room
	Site         *site.Site
	Catalogue    *i18n.Catalogue
	Keys         func() *settings.Keys
	// Visitor reads the token of a chat.
	Visitor func(token string) (visitor string, signed, ok bool)
	// Bar are values of the bar on top of every page.
	Bar func(e *core.RequestEvent, lang string) site.Values
}

// Room calls customers back.
type Room struct {
	Deps
	app    core.App
	now    func() time.Time
	asking *limit.Limiter // wishes of one network
	phones *limit.Limiter // wishes for one number: nobody is to be rung up by strangers
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, now: time.Now, asking: limit.New(30*time.Second, 10), phones: limit.New(time.Hour, 3)}
	d.Conversation.AddCount("callbacks", room.count)
	d.Group.Go("callbacks", room.watch)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		quiet := apis.SkipSuccessActivityLog()
		e.Router.GET("/callback", room.page).Bind(quiet)
		e.Router.POST("/callback", room.post).Bind(quiet).Unbind(apis.DefaultBodyLimitMiddlewareId) // see form.Read
		e.Router.GET("/api/chat/callback", room.offer).Bind(quiet)
		e.Router.POST("/api/chat/callback", room.fromChat).Bind(quiet)
		desk := e.Router.Group("/api/desk/callbacks").Bind(apis.RequireAuth(schema.Agents), quiet)
		desk.GET("", room.list)
		desk.POST("/{id}/claim", room.claim)
		desk.POST("/{id}/release", room.release)
		desk.POST("/{id}/outcome", room.outcome)
		return e.Next()
	})
	return room
}

// count is how many calls are due now, the same for every agent.
func (room *Room) count(app core.App, _ string) (n int, err error) {
	// idx_callbacks_due
	err = app.DB().NewQuery(`SELECT COUNT(*) FROM callbacks WHERE state = 'waiting' AND due <= {:now}`).Bind(dbx.Params{"now": moment(room.now()).String()}).Row(&n)
	return n, err
}

// changed tells the desks, soon.
func (room *Room) changed() {
	room.Conversation.CountsChanged()
	room.Hub.TellStaff(live.Inbox, live.ForStaff("callbacks", 0, struct{}{}))
}
