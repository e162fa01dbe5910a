package view

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/undo"
)

// Deps are what the room is built with.
type Deps struct {
	Conversation *conversation.Room
	Undo         *undo.Keeper
	Hub          *live.Hub
}

type room struct {
	Deps
	mu      sync.Mutex
	counted map[string]counted // by agent and view
}

// counted is how many a view held a moment ago.
type counted struct {
	n     int
	at    time.Time
	lasts time.Duration
}

// Register binds the hooks, the routes and the family of views.
func Register(app core.App, d Deps) {
	r := &room{Deps: d, counted: map[string]counted{}}
	d.Conversation.AddView("saved", r.look)
	app.OnRecordCreate(schema.Views).BindFunc(check)
	app.OnRecordUpdate(schema.Views).BindFunc(check)
	app.OnRecordAfterCreateSuccess(schema.Views).BindFunc(r.told)
	app.OnRecordAfterUpdateSuccess(schema.Views).BindFunc(r.told)
	app.OnRecordAfterDeleteSuccess(schema.Views).BindFunc(r.told)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/views").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("", r.list)
		desk.POST("", r.create)
		desk.POST("/order", r.order)
		desk.PATCH("/{id}", r.change)
		desk.DELETE("/{id}", r.remove)
		return e.Next()
	})
}

// told tells every desk that the views for everybody are others now.
func (r *room) told(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ViewOwner) == "" || !e.Record.IsNew() && e.Record.Original().GetString(schema.ViewOwner) == "" {
		r.Hub.TellStaff(live.Inbox, live.ForStaff("views", 0, struct{}{}))
	}
	return e.Next()
}

// check refuses a filter that nobody could read, wherever it was written.
func check(e *core.RecordEvent) error {
	if _, err := Read([]byte(e.Record.GetString(schema.ViewFilter))); err != nil {
		return apis.NewBadRequestError(i18n.T(settings.Shop(e.App).Language(), "error.view_filter"), err)
	}
	return e.Next()
}
