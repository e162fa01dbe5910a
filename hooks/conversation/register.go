package conversation

import (
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Room holds what the package's hooks and routes need.
type Room struct {
	app     core.App
	hub     *live.Hub
	keys    func() *settings.Keys
	router  Router
	agents  *roster
	viewers viewers
	touches touches
	outbox  Outbox
	views   map[string]ViewFunc
	counts  map[string]CountFunc
	tagged  tagCounts

	wake      chan struct{} // a message was committed
	changed   chan string   // ids of conversations changed without one
	recount   chan struct{}
	snoozed   chan struct{}
	published int64 // highest seq published; only the tail's
	staffed   atomic.Bool
	arrivals  []func()
	bootParts map[string]BootPart
	attended  Attendant
	showParts map[string]ShowPart
}

// Deps are what the room is built with.
type Deps struct {
	Group  *lifecycle.Group
	Stream *live.Server
	Keys   func() *settings.Keys
	Router Router
	Outbox Outbox
}

// Outbox is what carries answers out.
type Outbox interface {
	Wake()
	Tell(outbox.Herald)
}

// Register binds the room's hooks, loops and routes.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		app: app, hub: d.Stream.Hub, keys: d.Keys, router: d.Router, outbox: d.Outbox,
		views: map[string]ViewFunc{}, counts: map[string]CountFunc{},
		wake: make(chan struct{}, 1), changed: make(chan string, 256), recount: make(chan struct{}, 1), snoozed: make(chan struct{}, 1),
		bootParts: map[string]BootPart{}, showParts: map[string]ShowPart{},
	}
	room.agents = &roster{app: app, seen: func(id string) bool { return room.hub.Online(AgentListener(id)) }, idle: func(a AgentView) bool { return room.touches.idle(a.ID, a.patience, time.Now()) }}

	d.Outbox.Tell(room)
	app.OnRecordCreate(schema.Messages).BindFunc(orderMessage)
	app.OnRecordCreateExecute(schema.Conversations, schema.Messages).BindFunc(wasSaved)
	app.OnRecordUpdateExecute(schema.Conversations, schema.Messages).BindFunc(saveChanged)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.messageCreated)
	app.OnRecordAfterUpdateSuccess(schema.Messages).BindFunc(room.messageChanged)
	app.OnRecordAfterUpdateSuccess(schema.Conversations).BindFunc(room.conversationChanged)
	app.OnRecordAfterUpdateSuccess(schema.Conversations).BindFunc(room.snoozeChanged)
	app.OnRecordAfterDeleteSuccess(schema.Conversations).BindFunc(room.conversationDeleted)
	app.OnRecordAfterCreateSuccess(schema.Tags).BindFunc(room.tagsChanged)
	app.OnRecordAfterUpdateSuccess(schema.Tags).BindFunc(room.tagsChanged)
	app.OnRecordAfterDeleteSuccess(schema.Tags).BindFunc(room.tagsChanged)
	app.OnRecordAfterCreateSuccess(schema.Agents).BindFunc(room.staffChanged)
	app.OnRecordAfterUpdateSuccess(schema.Agents).BindFunc(room.staffChanged)
	app.OnRecordAfterDeleteSuccess(schema.Agents).BindFunc(room.staffDeleted)

	d.Group.Go("conversation tail", room.tail)
	d.Group.Go("conversation herald", room.herald)
	d.Group.Go("conversation snooze", room.wakeSnoozed)
	d.Group.Go("conversation idle", room.watchIdle)
	room.hub.Watch(room.presenceChanged)
	d.Stream.Authorise("inbox", room.grantInbox)
	d.Stream.Newest = newestSeq

	app.OnServe().BindFunc(room.startTail)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.GET("/api/files/m/{message}/{name}", room.serveFile).Bind(apis.SkipSuccessActivityLog())
		desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.BodyLimit(maxReplyBody), apis.SkipSuccessActivityLog())
		desk.GET("/boot", room.boot)
		desk.GET("/conversations", room.listPage)
		desk.POST("/conversations", room.create)
		desk.GET("/conversations/{id}", room.show)
		desk.PATCH("/conversations/{id}", room.change)
		desk.GET("/conversations/{id}/messages", room.messages)
		desk.POST("/conversations/{id}/reply", room.reply)
		desk.POST("/conversations/{id}/seen", room.seen)
		desk.POST("/conversations/{id}/unseen", room.unseen)
		desk.POST("/conversations/{id}/typing", room.typing)
		desk.POST("/conversations/{id}/viewing", room.viewing)
		desk.POST("/messages/{id}/retry", room.retry)
		desk.POST("/messages/{id}/accept", room.accept)
		desk.PATCH("/me", room.changeMe)
		return e.Next()
	})
	return room
}

// savedKey marks a record that was saved since it was read: what PocketBase
// calls its original is older than the row.
const savedKey = "@saved"

// saveChanged writes only the fields that are not as they were read: SQLite
// rewrites the indexes of every column that an UPDATE names, and a
// conversation has many. The second save of one record writes all, for what
// was changed and changed back in between.
func saveChanged(e *core.RecordEvent) error {
	e.Record.IgnoreUnchangedFields(!e.Record.GetBool(savedKey))
	return wasSaved(e)
}

func wasSaved(e *core.RecordEvent) error {
	err := e.Next()
	if err == nil {
		e.Record.SetRaw(savedKey, true)
	}
	return err
}

// say is a sentence of the catalogue.
func (room *Room) say(lang, key string, values ...i18n.V) string { return i18n.T(lang, key, values...) }

func (room *Room) snoozeChanged(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ConvStatus) == schema.StatusSnoozed {
		select {
		case room.snoozed <- struct{}{}:
		default:
		}
	}
	return e.Next()
}

func (room *Room) conversationDeleted(e *core.RecordEvent) error {
	room.countsChanged()
	return e.Next()
}

func (room *Room) staffChanged(e *core.RecordEvent) error {
	room.agents.forget()
	room.presenceChanged(AgentListener(e.Record.Id), room.hub.Online(AgentListener(e.Record.Id)))
	return e.Next()
}

// staffDeleted ends the streams of somebody who no longer works here.
func (room *Room) staffDeleted(e *core.RecordEvent) error {
	room.agents.forget()
	room.hub.End(AgentListener(e.Record.Id))
	return e.Next()
}
