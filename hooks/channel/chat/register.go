package chat

import (
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Room is the chat channel.
type Room struct {
	conv *conversation.Room
	keys func() *settings.Keys
	hub  *live.Hub

	fields   func(app core.App, user string, values map[string]string) error
	greeting func(app core.App, lang, page string, open, known bool) any
	help     func() Help

	perVisitor *limit.Limiter // messages and other writing
	perTyping  *limit.Limiter
	perAddress *limit.Limiter // everything, times the shop's setting
	newcomers  *limit.Limiter // conversations begun from one address
	perSearch  *limit.Limiter // what is asked of the help centre, by network
}

// Deps are what the room is built with.
type Deps struct {
	Conversation *conversation.Room
	Stream       *live.Server
	Outbox       *outbox.Worker
	Keys         func() *settings.Keys
	// Fields keeps what the shop's own site says of a customer it signed; nil
	// keeps nothing.
	Fields func(app core.App, user string, values map[string]string) error
	// Greeting is what the bot says to somebody who opens the widget on a page;
	// nil, or a nil answer, is nothing.
	Greeting func(app core.App, lang, page string, open, known bool) any
	// Help is what there is to read.
	Help func() Help
}

// Register binds the channel's routes and its sender.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		conv: d.Conversation, keys: d.Keys, hub: d.Stream.Hub,
		perVisitor: limit.New(time.Second, 20),
		perTyping:  limit.New(500*time.Millisecond, 10),
		perAddress: limit.New(time.Second, 10),
		newcomers:  limit.New(time.Minute, 2),
		perSearch:  limit.New(200*time.Millisecond, 60), // typing asks often
		help:       d.Help,
	}
	if room.fields = d.Fields; room.fields == nil {
		room.fields = func(core.App, string, map[string]string) error { return nil }
	}
	if room.greeting = d.Greeting; room.greeting == nil {
		room.greeting = func(core.App, string, string, bool, bool) any { return nil }
	}
	channel.Bind(d.Outbox, room)
	d.Stream.Authorise("conversation", room.grant)
	d.Stream.PerAddress = func(app core.App) int { return settings.Shop(app).StreamsPerAddress() }
	d.Stream.Busy = room.streamBusy

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayChatCORS", Func: crossOrigin, Priority: -1100}) // around PocketBase's CORS
		chat := e.Router.Group("/api/chat").BindFunc(room.checkOrigin).Bind(apis.BodyLimit(maxBody), apis.SkipSuccessActivityLog())
		chat.GET("/config", room.config)
		chat.POST("/start", room.start)
		chat.POST("/messages", room.send)
		chat.GET("/messages", room.history)
		chat.POST("/typing", room.typing)
		chat.POST("/read", room.markRead)
		chat.POST("/rating", room.rate)
		chat.POST("/email", room.leaveEmail)
		chat.GET("/conversations", room.earlier)
		chat.GET("/conversations/{id}", room.reread)
		chat.GET("/help", room.search)
		chat.GET("/help/{slug}", room.article)
		e.Router.GET("/api/desk/embed", room.embed).Bind(apis.RequireAuth(schema.Agents, core.CollectionNameSuperusers), apis.SkipSuccessActivityLog())
		return e.Next()
	})
	return room
}
