package conversation

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
)

// longWait is how long an answer may wait before its line says how long it
// has (mail rule 63).
const longWait = 30 * time.Minute

// Words is the line under a message that is on its way, kept for readers of
// any language ([i18n.Stored]); it implements [outbox.Herald].
func (room *Room) Words(_ core.App, s outbox.Situation) string {
	c, lang, now := i18n.Current(), i18n.Stored, time.Now()
	said := strings.TrimRight(strings.TrimSpace(s.Error), ".।")
	waited := now.Sub(s.Since)
	v := i18n.V{"said": said, "when": s.Next, "time": waited}
	switch {
	case s.Final && s.State == schema.OutboxUncertain:
		return c.T(lang, "mail.doubt_final")
	case s.Final:
		return s.Error
	case waited >= longWait && said == "":
		return c.T(lang, "mail.waiting_silent", v)
	case waited >= longWait:
		return c.T(lang, "mail.waiting_long", v)
	case said == "":
		return ""
	case s.State == schema.OutboxUncertain:
		return c.T(lang, "mail.uncertain_next", v)
	}
	return c.T(lang, "mail.waiting", v)
}

// Undelivered notes down in its conversation that an answer was given up, and
// opens the conversation: the customer still waits. It implements
// [outbox.Herald].
func (room *Room) Undelivered(tx core.App, it outbox.Item, reason string, doubt bool) error {
	r, err := tx.FindRecordById(schema.Messages, it.Message)
	if err != nil {
		return fmt.Errorf("find the message that was given up: %w", err)
	}
	m := WrapMessage(r)
	if m.GetBool(schema.MsgAutomatic) {
		return nil // its own line says it; nobody waits for what a machine said
	}
	kind := "undelivered"
	if doubt {
		kind, reason = "uncertain", room.say(i18n.Stored, "mail.doubt_final")
	}
	return Undelivered(tx, m, kind, it.Recipient, reason, !it.Blind)
}

// Undelivered is the event that a message of ours did not reach an address;
// kind is "undelivered", or "uncertain". reopen opens the conversation.
func Undelivered(tx core.App, m *Message, kind, address, reason string, reopen bool) error {
	conv, err := findLive(tx, m.Conversation())
	if err != nil || conv == nil {
		return err
	}
	err = addEvent(tx, conv, "", Event{Type: kind, To: m.Id, Names: map[string]string{"address": address, "reason": clip(reason, 990)}})
	if err != nil {
		return err
	}
	if status := conv.Status(); reopen && (status == schema.StatusPending || status == schema.StatusSolved) {
		if err := setStatus(tx, conv, "", schema.StatusOpen, types.DateTime{}); err != nil {
			return err
		}
		if conv.GetDateTime(schema.ConvWaitingSince).IsZero() {
			conv.Set(schema.ConvWaitingSince, now())
		}
	}
	if err := tx.Save(conv.Record); err != nil {
		return fmt.Errorf("save conversation: %w", err)
	}
	return nil
}

// Carry writes an event that carries a mail out: recipient gets it through the
// lane of a mailbox. The event's line says what becomes of it.
func Carry(app core.App, id, agent, recipient, lane string, ev Event) (*Message, error) {
	var m *Message
	err := app.RunInTransaction(func(tx core.App) error {
		conv, err := findLive(tx, id)
		if err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		author := schema.AuthorSystem
		if agent != "" {
			author = schema.AuthorAgent
		}
		if m, err = newMessage(tx, conv, schema.MessageEvent, author); err != nil {
			return err
		}
		m.Set(schema.MsgAgent, agent)
		m.Set(schema.MsgEvent, ev)
		m.Set(schema.MsgChannel, schema.ChannelEmail)
		m.Set(schema.MsgTo, recipient)
		m.Set(schema.MsgDelivery, schema.DeliveryQueued)
		if err := tx.Save(m.Record); err != nil {
			return fmt.Errorf("save event: %w", err)
		}
		if err := outbox.Enqueue(tx, outbox.Row{Message: m.Id, Channel: schema.ChannelEmail, Recipient: recipient, Lane: lane}); err != nil {
			return err
		}
		conv.Set(schema.ConvLastSeq, m.Seq())
		return tx.Save(conv.Record)
	})
	if err != nil {
		return nil, fmt.Errorf("carry a mail out: %w", err)
	}
	return m, nil
}
