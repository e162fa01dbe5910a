package tag

import (
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/undo"
)

// Deps are what the room is built with.
type Deps struct {
	Conversation *conversation.Room
	Undo         *undo.Keeper
}

type room struct{ Deps }

// Register binds the hooks and routes.
func Register(app core.App, d Deps) {
	r := &room{d}
	app.OnRecordCreate(schema.Tags).BindFunc(tidyTag)
	app.OnRecordUpdate(schema.Tags).BindFunc(tidyTag)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/tags").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("", r.list)
		desk.POST("", r.create)
		desk.PATCH("/{id}", r.change)
		desk.DELETE("/{id}", r.remove)
		desk.POST("/{id}/merge", r.merge)
		return e.Next()
	})
}

// tidyTag brings a tag into the form it is shown in, wherever it was written.
func tidyTag(e *core.RecordEvent) error {
	e.Record.Set(schema.TagName, strings.Join(strings.Fields(e.Record.GetString(schema.TagName)), " "))
	e.Record.Set(schema.TagColour, strings.ToLower(e.Record.GetString(schema.TagColour)))
	return e.Next()
}
