package trash

import (
	"database/sql"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// remove answers DELETE /api/desk/conversations/{id}.
func (room *Room) remove(e *core.RequestEvent) error {
	conv, err := conversation.Remove(e.App, e.Request.PathValue("id"), e.Auth.Id)
	if err != nil {
		return room.Conversation.Fail(e, err)
	}
	agent, id := e.Auth.Id, conv.Id
	undo := room.Undo.Keep(agent, func(app core.App) error {
		_, err := conversation.Restore(app, id, agent)
		return err
	})
	return e.JSON(http.StatusOK, map[string]string{"id": id, "undo": undo})
}

// restore answers POST /api/desk/conversations/{id}/restore. To those who may
// not, a deleted conversation does not exist.
func (room *Room) restore(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById(schema.Conversations, e.Request.PathValue("id"))
	if err != nil || !conversation.MayRestore(e.Auth, conversation.Wrap(r)) {
		return room.Conversation.Fail(e, sql.ErrNoRows)
	}
	conv, err := conversation.Restore(e.App, r.Id, e.Auth.Id)
	if err != nil {
		return room.Conversation.Fail(e, err)
	}
	row, err := room.Conversation.RowOf(e.App, conv.Id)
	if err != nil {
		return room.Conversation.Fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": row})
}
