package ack

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/conversation"
)

// Replier writes an answer; the conversation room does.
type Replier interface {
	Reply(app core.App, d conversation.Draft) (conversation.Sent, error)
}

// Deps are what the room is built with.
type Deps struct {
	Conversation Replier
	// May says why an automatic mail about a message may not go to an address,
	// "" when it may.
	May func(app core.App, incoming *core.Record, address string) (why string, err error)
	// Words are the owner's, or the built-in ones.
	Words func(app core.App, lang, kind string) (letter.Template, error)
	// Link is where the customer of an address sees the conversation; nil and
	// "" are none.
	Link func(app core.App, conv *conversation.Conversation, address string, at time.Time) (string, error)
}

// Room acknowledges.
type Room struct {
	Deps
	now func() time.Time
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, now: time.Now}
	if room.Link == nil {
		room.Link = func(core.App, *conversation.Conversation, string, time.Time) (string, error) { return "", nil }
	}
	conversation.OnReceive(app, room.received)
	return room
}
