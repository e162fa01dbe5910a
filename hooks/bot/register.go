package bot

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Desk writes what the bot says; the conversation room does.
type Desk interface {
	Reply(app core.App, d conversation.Draft) (conversation.Sent, error)
	OnShow(name string, part conversation.ShowPart)
	OnAttended(attended conversation.Attendant)
}

// Deps are what the room is built with.
type Deps struct {
	Group     *lifecycle.Group
	Keys      func() *settings.Keys
	Desk      Desk
	Knowledge *kb.Room
	// Keep puts what a customer said into one of the owner's contact fields.
	Keep func(tx core.App, contact, field, value string) (bool, error)
	// Fields are the keys of the owner's contact fields.
	Fields func(app core.App) ([]string, error)
}

// Room is the bot.
type Room struct {
	Deps
	app   core.App
	now   func() time.Time
	wake  chan struct{} // a task was committed
	again chan struct{} // an article was published
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, now: time.Now, wake: make(chan struct{}, 1), again: make(chan struct{}, 1)}
	conversation.OnReceive(app, room.received)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.messageCreated)
	app.OnRecordCreate(schema.BotFlows).BindFunc(room.checkFlow)
	app.OnRecordUpdate(schema.BotFlows).BindFunc(room.checkFlow)
	app.OnRecordUpdate(schema.Bot).BindFunc(checkNames)
	app.OnRecordCreate(schema.LanguageModel).BindFunc(room.sealKey)
	app.OnRecordUpdate(schema.LanguageModel).BindFunc(room.sealKey)
	app.OnRecordEnrich(schema.LanguageModel).BindFunc(conceal)
	app.OnRecordAfterCreateSuccess(schema.Articles).BindFunc(room.articleSaved)
	app.OnRecordAfterUpdateSuccess(schema.Articles).BindFunc(room.articleSaved)
	d.Desk.OnShow("suggestions", room.suggest)
	d.Desk.OnAttended(room.attends)
	d.Group.Go("bot answers", room.answer)
	d.Group.Go("bot questions", room.askAgain)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/bot").Bind(apis.RequireAuth(schema.Agents), apis.BodyLimit(1<<20), apis.SkipSuccessActivityLog())
		desk.GET("", room.overview)
		desk.POST("/preview", room.preview)
		desk.POST("/model/try", room.tryModel)
		desk.GET("/questions", room.questions)
		desk.POST("/questions/dismiss", room.dismiss)
		return e.Next()
	})
	return room
}

func (room *Room) messageCreated(e *core.RecordEvent) error {
	if e.Record.GetString(schema.MsgKind) == schema.MessageIncoming {
		signal(room.wake)
	}
	return e.Next()
}

func (room *Room) articleSaved(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ArticleStatus) == schema.StatusPublished && !e.Record.GetBool(schema.ArticleInternal) {
		signal(room.again)
	}
	return e.Next()
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pause waits for a signal, a while, or the end.
func pause(ctx context.Context, wake <-chan struct{}, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-time.After(most):
	}
}
