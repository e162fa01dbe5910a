package mail

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// sendTranscript answers POST /api/desk/conversations/{id}/transcript: the
// customer gets by mail what was said between them and the shop. It is made
// when it is sent, and an event of the conversation says that it was.
func (room *Room) sendTranscript(e *core.RequestEvent) error {
	lang := language(e)
	r, err := e.App.FindRecordById(schema.Conversations, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(lang, "error.conversation_gone"), nil)
	}
	conv := conversation.Wrap(r)
	if conv.Deleted() {
		return e.NotFoundError(i18n.T(lang, "error.conversation_gone"), nil)
	}
	address, err := channel.MailAddress(e.App, conv)
	if err != nil {
		return err
	}
	if address == "" {
		return e.BadRequestError(i18n.T(lang, "error.no_address"), nil)
	}
	box, err := channel.Mailbox(e.App, conv)
	if err != nil {
		return err
	}
	if box == "" {
		return e.BadRequestError(i18n.T(lang, "error.no_mailbox"), nil)
	}
	told, err := turns(e.App, conv, 1<<53, "", 1)
	if err != nil {
		return err
	}
	if len(told) == 0 {
		return e.BadRequestError(i18n.T(lang, "error.no_transcript"), nil)
	}
	m, err := conversation.Carry(e.App, conv.Id, e.Auth.Id, address, box, conversation.Event{
		Type: eventTranscript, To: address, Names: map[string]string{"address": address},
	})
	if err != nil {
		return e.InternalServerError(i18n.T(lang, "error.internal"), err)
	}
	room.outbox.Wake()
	return e.JSON(http.StatusOK, map[string]any{"message": m.Id, "address": address})
}
