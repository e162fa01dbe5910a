package bulk

import (
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
	// Teach tells the spam filter what an agent said of a conversation.
	Teach func(conversation string, spam bool)
}

type room struct{ Deps }

// Register binds the routes.
func Register(app core.App, d Deps) {
	r := &room{d}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.POST("/api/desk/bulk", r.change).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		return e.Next()
	})
}
