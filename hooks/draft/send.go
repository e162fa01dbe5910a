package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const slowTick = 30 * time.Second

// run sends what is due until the process stops. What came due while it did
// not run goes at its start.
func (room *Room) run(ctx context.Context) {
	for {
		ids, next, err := due(room.app, room.now())
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("drafts: what is due cannot be read", "error", err)
		}
		wait := slowTick
		for _, id := range ids {
			if err := room.send(id, false); err != nil && ctx.Err() == nil {
				room.app.Logger().Error("drafts: a message could not be sent and is tried again", "draft", id, "error", err)
				wait = 5 * time.Second
			}
		}
		if !next.IsZero() {
			wait = min(max(next.Sub(room.now()), 50*time.Millisecond), wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-room.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (room *Room) wakeUp() {
	select {
	case room.wake <- struct{}{}:
	default:
	}
}

// errGone says that a message is not waiting any more: it was sent, or taken
// back.
var errGone = errors.New("the message does not wait any more")

// send makes the message of a draft that waits and deletes the draft, in one
// transaction: it is either both or neither. anyway sends before its time, and
// what was stopped or had failed.
func (room *Room) send(id string, anyway bool) error {
	d, err := find(room.app, id)
	if errors.Is(err, sql.ErrNoRows) {
		return errGoneIf(anyway)
	}
	if err != nil {
		return err
	}
	files, err := d.contents(room.app) // before the database is locked
	if err != nil {
		return room.failed(d, err)
	}
	conv := d.Conversation()
	seen := d.GetString(schema.Updated)
	err = room.app.RunInTransaction(func(tx core.App) error {
		d, err := find(tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return errGone
		}
		if err != nil {
			return err
		}
		ready := d.waits() && !d.GetDateTime(schema.DraftDue).Time().After(room.now())
		if d.State() == schema.DraftWriting || !ready && !anyway || d.GetString(schema.Updated) != seen {
			return errGone // taken back or changed: what is due now is seen at the next look
		}
		if _, err := room.talks.Reply(tx, d.message(files)); err != nil {
			return err
		}
		return tx.Delete(d.ProxyRecord())
	})
	switch {
	case errors.Is(err, errGone):
		return errGoneIf(anyway)
	case err != nil:
		var change conversation.ErrChange
		if errors.As(err, &change) || errors.Is(err, sql.ErrNoRows) || errors.Is(err, conversation.ErrEmpty) {
			return room.failed(d, err)
		}
		return err
	}
	room.tell(room.app, conv)
	return nil
}

func errGoneIf(asked bool) error {
	if asked {
		return errGone
	}
	return nil
}

// failed keeps a message that cannot be sent, with the reason.
func (room *Room) failed(d *Draft, why error) error {
	room.app.Logger().Error("drafts: a message cannot be sent", "draft", d.Id, "error", why)
	err := room.app.RunInTransaction(func(tx core.App) error {
		d, err := find(tx, d.Id)
		if err != nil {
			return err
		}
		if !d.waits() && d.State() != schema.DraftStopped {
			return nil
		}
		d.Set(schema.DraftState, schema.DraftFailed)
		key := "error.internal"
		var change conversation.ErrChange
		switch {
		case errors.As(why, &change):
			key = string(change)
		case errors.Is(why, sql.ErrNoRows):
			key = "error.conversation_gone"
		case errors.Is(why, conversation.ErrEmpty):
			key = "error.empty_message"
		}
		d.Set(schema.DraftError, i18n.T(authorLanguage(tx, d), key))
		return tx.Save(d.ProxyRecord())
	})
	if err != nil {
		return fmt.Errorf("note that a message cannot be sent: %w", err)
	}
	room.tell(room.app, d.Conversation())
	return nil
}

func authorLanguage(app core.App, d *Draft) string {
	if r, err := app.FindRecordById(schema.Agents, d.Agent()); err == nil {
		if l := r.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			return l[0]
		}
	}
	return settings.Shop(app).Language()
}

// somebodyWrote stops what waits in the conversation, in the transaction that
// writes a customer's message or a colleague's answer: what is stopped is never
// sent by the clock.
func (room *Room) somebodyWrote(e *core.RecordEvent) error {
	if err := e.Next(); err != nil || e.Record.GetBool(schema.MsgAutomatic) {
		return err
	}
	conv, agent := e.Record.GetString(schema.MsgConversation), e.Record.GetString(schema.MsgAgent)
	var some bool
	var err error
	switch e.Record.GetString(schema.MsgKind) {
	case schema.MessageIncoming:
		some, err = stop(e.App, conv)
	case schema.MessageOutgoing:
		some, err = stopOthers(e.App, conv, agent)
	}
	if some {
		room.stopped.Store(conv, nil)
	}
	return err
}

func (room *Room) afterSomebodyWrote(e *core.RecordEvent) error {
	switch e.Record.GetString(schema.MsgKind) {
	case schema.MessageOutgoing, schema.MessageNote:
		room.overWhenSaid(e.Record)
	}
	switch e.Record.GetString(schema.MsgKind) {
	case schema.MessageIncoming, schema.MessageOutgoing:
		conv := e.Record.GetString(schema.MsgConversation)
		if _, some := room.stopped.LoadAndDelete(conv); some {
			room.tell(room.app, conv)
		}
	}
	return e.Next()
}

// overWhenSaid ends the draft of a message that was sent: its desk may not have
// been able to say so.
func (room *Room) overWhenSaid(m *core.Record) {
	agent, conv := m.GetString(schema.MsgAgent), m.GetString(schema.MsgConversation)
	if agent == "" || m.GetBool(schema.MsgAutomatic) {
		return
	}
	d, err := mine(room.app, conv, agent)
	if err == nil && d != nil && strings.TrimSpace(d.GetString(schema.DraftText)) == strings.TrimSpace(m.GetString(schema.MsgText)) {
		err = room.app.Delete(d.ProxyRecord())
		room.tellAuthor(agent, conv, nil, "")
	}
	if err != nil {
		room.app.Logger().Error("drafts: the draft of a sent message stays", "conversation", conv, "error", err)
	}
}

// tell says to all desks what waits in a conversation.
func (room *Room) tell(app core.App, conv string) {
	items, err := waiting(app, conv)
	if err != nil {
		app.Logger().Error("drafts: what waits cannot be told", "conversation", conv, "error", err)
		return
	}
	room.hub.TellStaff(live.Inbox, live.ForStaff("held", 0, struct {
		Conversation string `json:"conversation"`
		Items        []View `json:"items"`
	}{conv, items}))
}

// tellAuthor says to an agent's own devices that a draft of theirs changed.
func (room *Room) tellAuthor(agent, conv string, d *Draft, device string) {
	rev, on := 0, false
	if d != nil {
		rev, on = d.GetInt(schema.DraftRev), true
	}
	room.hub.TellStaff(live.AgentTopic(agent), live.ForStaff("draft", 0, struct {
		Conversation string `json:"conversation"`
		On           bool   `json:"on"`
		Rev          int    `json:"rev"`
		Device       string `json:"device"`
	}{conv, on, rev, device}))
}
