package conversation

import (
	"database/sql"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// Withdraw takes a note out of its conversation as if it had not been written.
// Only notes: what a customer may have read stays.
func Withdraw(tx core.App, note string) (*Conversation, error) {
	r, err := tx.FindRecordById(schema.Messages, note)
	if err != nil {
		return nil, err
	}
	if r.GetString(schema.MsgKind) != schema.MessageNote {
		return nil, ErrChange("error.undo_late")
	}
	conv, err := findLive(tx, r.GetString(schema.MsgConversation))
	if err != nil {
		return nil, err
	}
	if conv == nil {
		return nil, sql.ErrNoRows
	}
	if err := tx.Delete(r); err != nil {
		return nil, fmt.Errorf("withdraw a note: %w", err)
	}
	if err := retell(tx, conv); err != nil {
		return nil, err
	}
	if err := tx.SaveNoValidate(conv.Record); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	return conv, nil
}

// TellGone says to the desks that a message is no more.
func (room *Room) TellGone(conv, message string) {
	room.hub.TellStaff(live.Inbox, live.ForStaff("gone", 0, struct {
		ID           string `json:"id"`
		Conversation string `json:"conversation"`
	}{message, conv}))
	room.publishRows(conv)
}

// Views are the message and the conversation of what was sent, for the desk.
func (room *Room) Views(app core.App, sent Sent) (StaffMessage, Row, error) {
	row, err := room.row(app, sent.Conversation.Id)
	return room.staff(rowOf(sent.Message, "")), row, err
}
