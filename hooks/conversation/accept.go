package conversation

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Accept makes a message whose sender was in doubt an ordinary one, because an
// agent says so (mail rule 25): the address becomes the customer's, unless it
// is known as somebody else who has conversations of their own, and what it
// wrote here becomes visible to the customer.
func Accept(app core.App, message, agent string) (*Conversation, error) {
	var conv *Conversation
	err := app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Messages, message)
		if err != nil {
			return err
		}
		m := WrapMessage(r)
		if m.GetString(schema.MsgKind) != schema.MessageIncoming || m.GetString(schema.MsgTrust) == "" {
			return ErrChange("error.nothing_to_accept")
		}
		if conv, err = findLive(tx, m.Conversation()); err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		address := contact.Normalise(schema.KindEmail, m.GetString(schema.MsgFrom))
		if err := adopt(tx, conv, m.GetString(schema.MsgContact), address); err != nil {
			return err
		}
		records, err := tx.FindRecordsByFilter(schema.Messages, "conversation = {:conv} && sender = {:from} && trust != ''", "seq", 0, 0,
			dbx.Params{"conv": m.Conversation(), "from": m.GetString(schema.MsgFrom)})
		if err != nil {
			return err
		}
		for _, r := range records {
			r.Set(schema.MsgTrust, "")
			if err := tx.Save(r); err != nil {
				return fmt.Errorf("save message: %w", err)
			}
		}
		if err := addEvent(tx, conv, agent, Event{
			Type: "accepted", To: m.GetString(schema.MsgFrom), Text: i18n.T(settings.Shop(tx).Language(), "mail.event_accepted", i18n.V{"address": m.GetString(schema.MsgFrom)}),
		}); err != nil {
			return err
		}
		return tx.Save(conv.Record)
	})
	if err != nil {
		return nil, fmt.Errorf("accept a sender: %w", err)
	}
	return conv, nil
}

// adopt gives the address to the conversation's customer. Somebody known by it
// alone, who has no conversation, becomes one with them.
func adopt(tx core.App, conv *Conversation, writer, address string) error {
	if address == "" {
		return nil
	}
	if writer != "" && writer != conv.Contact() {
		var own bool
		// idx_conversations_contact
		err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE contact = {:id})`).Bind(dbx.Params{"id": writer}).Row(&own)
		if err != nil {
			return err
		}
		if own {
			return nil
		}
		_, err = tx.FindRecordById(schema.Contacts, writer)
		if err == nil {
			return contact.Merge(tx, conv.Contact(), writer)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	_, err := contact.AddIdentity(tx, conv.Contact(), contact.Identity{Kind: schema.KindEmail, Value: address})
	return err
}

// SetSpam puts a conversation aside as spam, or brings it back.
func SetSpam(app core.App, id, agent string, on bool) (*Conversation, error) {
	return edit(app, id, func(tx core.App, conv *Conversation) error {
		if conv.GetBool(schema.ConvSpam) == on {
			return nil
		}
		conv.Set(schema.ConvSpam, on)
		kind, status := "not_spam", schema.StatusOpen
		if on {
			kind, status = "spam", schema.StatusSolved
		}
		conv.Set(schema.ConvStatus, status)
		conv.Set(schema.ConvSnoozedUntil, "")
		conv.Set(schema.ConvWaitingSince, "")
		conv.Set(schema.ConvSolvedAt, "")
		if on {
			conv.Set(schema.ConvSolvedAt, now())
		} else {
			conv.Set(schema.ConvWaitingSince, now())
			conv.Set(schema.ConvLastActivity, now())
		}
		return addEvent(tx, conv, agent, Event{Type: kind, Text: i18n.T(settings.Shop(tx).Language(), eventWords[kind])})
	})
}

// AddNotice writes an event into a conversation, for rooms that learn
// something about one of its messages.
func AddNotice(tx core.App, id string, ev Event) error {
	_, err := edit(tx, id, func(tx core.App, conv *Conversation) error { return addEvent(tx, conv, "", ev) })
	return err
}

// accept answers POST /api/desk/messages/{id}/accept.
func (room *Room) accept(e *core.RequestEvent) error {
	conv, err := Accept(e.App, e.Request.PathValue("id"), e.Auth.Id)
	if err != nil {
		return room.fail(e, err)
	}
	return room.answerRow(e, conv.Id)
}

func (room *Room) answerRow(e *core.RequestEvent, id string) error {
	row, err := room.row(e.App, id)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": row})
}

// RowOf is a conversation as the desk lists it.
func (room *Room) RowOf(app core.App, id string) (Row, error) { return room.row(app, id) }
