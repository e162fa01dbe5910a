package profile

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// Block is a part of the panel beside a conversation.
type Block interface {
	ID() string // the desk draws it by this name
	// Data is what it shows of a contact, as JSON; nil leaves it out.
	Data(app core.App, contact, lang string) (any, error)
}

// Files make links to attachments; the conversation room does.
type Files interface {
	FileViews(message, raw string) []conversation.FileView
}

// Deps are what the room is built with.
type Deps struct {
	Files Files
	// Code mails a code to an address of a customer, now or not at all.
	Code func(ctx context.Context, app core.App, to, lang, code string, life time.Duration) error
	// Tell says to the desks that a contact is another now.
	Tell func(app core.App, contact string)
}

// Room shows customers.
type Room struct {
	Deps
	blocks []Block
	now    func() time.Time
}

// Register binds the room and its own blocks.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, now: time.Now}
	for _, b := range []Block{customBlock{}, consentBlock{}, satisfactionBlock{}, filesBlock{d.Files}, likeBlock{}} {
		room.Add(b)
	}
	app.OnRecordValidate(schema.ContactFields).BindFunc(checkField)
	app.OnRecordValidate(schema.Contacts).BindFunc(checkValues)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/contacts/{id}").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("/blocks", room.show)
		desk.GET("/timeline", room.timeline)
		desk.PATCH("/custom", room.change)
		desk.POST("/consents", room.consent)
		desk.POST("/identities/{identity}/code", room.sendCode)
		desk.POST("/identities/{identity}/verify", room.verify)
		return e.Next()
	})
	return room
}

// Add puts a block behind those that are there. Only at registration.
func (room *Room) Add(b Block) { room.blocks = append(room.blocks, b) }
