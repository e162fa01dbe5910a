package importer

import (
	"context"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

// Post takes in mails of the past; the mail room does.
type Post interface {
	// TakePast takes mails of the past into a mailbox's conversations, in their
	// order, and tells of each what became of it.
	TakePast(ctx context.Context, mailbox string, mails []conversation.PastMail) ([]conversation.PastTaken, error)
}

// Room imports.
type Room struct {
	app  core.App
	post Post
	own  func(app core.App, lang string) ([]Own, error)
	bell chan struct{}
}

// Register binds the room. own are the owner's contact fields in their order,
// their labels in a language.
func Register(app core.App, group *lifecycle.Group, post Post, own func(app core.App, lang string) ([]Own, error)) *Room {
	room := &Room{app: app, post: post, own: own, bell: make(chan struct{}, 1)}
	group.Go("import", room.work)
	app.OnServe().BindFunc(room.serve)
	return room
}

func (room *Room) serve(e *core.ServeEvent) error {
	desk := e.Router.Group("/api/desk/imports").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog()).BindFunc(ownersOnly)
	desk.GET("", room.list)
	desk.POST("", room.upload).Bind(apis.BodyLimit(mostMbox + 1<<20))
	desk.GET("/{id}", room.show)
	desk.POST("/{id}/start", room.start)
	desk.POST("/{id}/undo", room.undoAll)
	desk.GET("/{id}/report", room.report)
	return e.Next()
}

func (room *Room) ring() {
	select {
	case room.bell <- struct{}{}:
	default:
	}
}
