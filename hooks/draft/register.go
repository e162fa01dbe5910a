package draft

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// maxBody is how large a request with attachments may be.
const maxBody = 64 << 20

// Room holds what the package's hooks and routes need.
type Room struct {
	app   core.App
	hub   *live.Hub
	talks *conversation.Room
	wake  chan struct{}
	now   func() time.Time

	stopped sync.Map // conversations in which something was stopped, until the desks are told
}

// Deps are what the room is built with.
type Deps struct {
	Group        *lifecycle.Group
	Stream       *live.Server
	Conversation *conversation.Room
}

// Register binds the room's hooks, loop and routes.
func Register(app core.App, d Deps) *Room {
	room := &Room{app: app, hub: d.Stream.Hub, talks: d.Conversation, wake: make(chan struct{}, 1), now: time.Now}

	app.OnRecordCreate(schema.Messages).BindFunc(room.somebodyWrote)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.afterSomebodyWrote)
	app.Cron().MustAdd("shohay_old_drafts", "40 3 * * *", room.forgetOld)
	d.Group.Go("draft sender", room.run)
	d.Conversation.OnBoot("drafts", room.bootPart)
	d.Conversation.OnShow("draft", room.draftPart)
	d.Conversation.OnShow("held", room.heldPart)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.BodyLimit(maxBody), apis.SkipSuccessActivityLog())
		desk.GET("/conversations/{id}/draft", room.show)
		desk.PUT("/conversations/{id}/draft", room.save)
		desk.DELETE("/conversations/{id}/draft", room.drop)
		desk.POST("/conversations/{id}/hold", room.hold)
		desk.GET("/held", room.list)
		desk.POST("/held", room.open)
		desk.PATCH("/held/{id}", room.change)
		desk.DELETE("/held/{id}", room.discard)
		desk.POST("/held/{id}/back", room.back)
		desk.POST("/held/{id}/now", room.sendNow)
		desk.GET("/drafts/{id}/files/{name}", room.file)
		return e.Next()
	})
	return room
}

// forgetOld deletes drafts that nobody touched for two months.
func (room *Room) forgetOld() {
	if err := forget(room.app, room.now().AddDate(0, -2, 0)); err != nil {
		room.app.Logger().Error("old drafts could not be deleted", "error", err)
	}
}
