package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/bulk"
	"github.com/shohay/shohay/hooks/lookup"
	"github.com/shohay/shohay/hooks/merge"
	"github.com/shohay/shohay/hooks/tag"
	"github.com/shohay/shohay/hooks/team"
	"github.com/shohay/shohay/hooks/trash"
	"github.com/shohay/shohay/hooks/undo"
	"github.com/shohay/shohay/hooks/view"
)

// Desk are the rooms with which staff keep order among conversations.
type Desk struct {
	Undo  *undo.Keeper
	Trash *trash.Room
}

// registerDesk binds them; they stand on conversations and on mail.
func registerDesk(app core.App, r *Rooms) {
	r.Desk.Undo = undo.Register(app, r.Conversation)
	tag.Register(app, tag.Deps{Conversation: r.Conversation, Undo: r.Desk.Undo})
	team.Register(app, team.Deps{Conversation: r.Conversation, Undo: r.Desk.Undo, Hub: r.Stream.Hub})
	view.Register(app, view.Deps{Conversation: r.Conversation, Undo: r.Desk.Undo, Hub: r.Stream.Hub})
	merge.Register(app, merge.Deps{Conversation: r.Conversation, Undo: r.Desk.Undo})
	r.Desk.Trash = trash.Register(app, trash.Deps{Group: r.Group, Conversation: r.Conversation, Undo: r.Desk.Undo, ForgetOriginal: r.Mail.Forget, Purge: lookup.Purge})
	bulk.Register(app, bulk.Deps{Conversation: r.Conversation, Undo: r.Desk.Undo, Teach: r.Mail.Teach})
}
