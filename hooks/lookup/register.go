package lookup

import (
	"context"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

// The indexes. Their tables are made by a migration.
var (
	messages = search.NewNumbered("messages", search.Column{Name: "subject", Weight: 2, KeyWeight: 1}, search.Column{Name: "text", Weight: 1, KeyWeight: 0.5})
	contacts = search.NewIndex("contacts", search.Column{Name: "name", Weight: 2, KeyWeight: 1}, search.Column{Name: "address", Weight: 2, KeyWeight: 0.1})
)

// Indexes are those of this room.
func Indexes() []search.Index { return []search.Index{messages, contacts} }

// Purge takes what is left of removed messages and customers out of both.
func Purge(ctx context.Context, app core.App) error {
	for _, ix := range Indexes() {
		if err := ix.Purge(ctx, writing{app}); err != nil {
			return err
		}
	}
	return nil
}

// writing is the one connection that writes, so that what it says of itself is
// said of its own writes.
type writing struct{ app core.App }

// DB is that connection.
func (w writing) DB() dbx.Builder { return w.app.NonconcurrentDB() }

// Rows reads conversations as the desk lists them.
type Rows interface {
	Rows(app core.App, ids ...string) ([]conversation.Row, error)
}

// Room is the desk's search.
type Room struct {
	app  core.App
	rows Rows
}

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	Rows  Rows
}

// Register binds the room's hooks, loop and route.
func Register(app core.App, d Deps) *Room {
	room := &Room{app: app, rows: d.Rows}

	app.OnRecordCreateExecute(schema.Messages).BindFunc(putMessage)
	app.OnRecordUpdateExecute(schema.Messages).BindFunc(changeMessage)
	app.OnRecordDeleteExecute(schema.Messages).BindFunc(removeMessage)
	app.OnRecordCreateExecute(schema.Contacts).BindFunc(putContact)
	app.OnRecordUpdateExecute(schema.Contacts).BindFunc(changeContact)
	app.OnRecordDeleteExecute(schema.Contacts).BindFunc(removeContact)
	app.OnRecordCreateExecute(schema.Identities).BindFunc(identityChanged)
	app.OnRecordUpdateExecute(schema.Identities).BindFunc(identityChanged)
	app.OnRecordDeleteExecute(schema.Identities).BindFunc(identityChanged)

	conversation.OnMove(app, movedMessages)
	contact.OnMany(app, manyContacts)

	d.Group.Go("search fill", room.fill)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.GET("/api/desk/search", room.search).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		return e.Next()
	})
	return room
}
