package trash

import (
	"context"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/undo"
)

// Deps are what the room is built with.
type Deps struct {
	Group        *lifecycle.Group
	Conversation *conversation.Room
	Undo         *undo.Keeper
	// ForgetOriginal removes the kept original of a mail, by its name in
	// messages.raw, unless something else needs it.
	ForgetOriginal func(app core.App, raw string) error
	// Purge removes what is left of erased texts in the search; nil does nothing.
	Purge func(ctx context.Context, app core.App) error
}

// Room is the trash.
type Room struct {
	Deps
	app   core.App
	purge chan struct{} // something was erased
}

// Register binds the routes, the view of what is deleted, and the loop that
// takes what was erased out of the search.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, purge: make(chan struct{}, 1)}
	d.Conversation.AddView("deleted", seeDeleted)
	d.Group.Go("purge", room.purging)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.DELETE("/conversations/{id}", room.remove)
		desk.POST("/conversations/{id}/restore", room.restore)
		return e.Next()
	})
	return room
}

// seeDeleted is the view of what is deleted, for owners.
func seeDeleted(app core.App, agent, _ string) (conversation.Choice, error) {
	r, err := app.FindRecordById(schema.Agents, agent)
	if err != nil {
		return conversation.Choice{}, err
	}
	if r.GetString(schema.AgentRole) != schema.RoleOwner {
		return conversation.Choice{}, conversation.ErrChange("error.owners_only")
	}
	return conversation.Choice{Where: `cv.deleted_at != ''`, Params: dbx.Params{}, Index: "idx_conversations_deleted", Deleted: true}, nil
}
