package target

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// tick is the safety net of the watch, which else sleeps until the next moment.
const tick = 30 * time.Second

// Types of the events that the watch writes.
const (
	EventWarning = "due_soon"
	EventOverdue = "overdue"
)

// what and happened are the words for them.
var (
	what = map[string]string{
		schema.DueFirst: "desk.due_first_reply", schema.DueNextReply: "desk.due_next_reply", schema.DueResolution: "desk.due_resolution",
	}
	happened = map[string]string{EventWarning: "desk.event_due_soon_alone", EventOverdue: "desk.event_overdue_alone"}
)

// watch tells of what becomes due.
func (room *Room) watch(ctx context.Context) {
	for {
		ids, err := dueNow(room.app, stamp(room.now()))
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("what is due cannot be read", "error", err)
		}
		for _, id := range ids {
			if err := room.tell(ctx, id); err != nil && ctx.Err() == nil {
				room.app.Logger().Error("what is due could not be told", "conversation", id, "error", err)
			}
		}
		wait := tick
		if next, err := nextDue(room.app); err == nil && !next.IsZero() {
			wait = min(max(next.Sub(room.now()), 100*time.Millisecond), tick)
		}
		select {
		case <-ctx.Done():
			return
		case <-room.wake:
		case <-time.After(wait):
		}
	}
}

// Notice is what desks are told.
type Notice struct {
	Conversation string `json:"conversation"`
	Number       int64  `json:"number"`
	Level        string `json:"level"` // EventWarning or EventOverdue
	Kind         string `json:"kind"`
	DueAt        string `json:"due_at"`
	Name         string `json:"name"` // of the customer
}

// tell says once that little time is left, or that it is over. That it was
// said is written with the event, so that neither a crash nor a second look
// says it again.
func (room *Room) tell(ctx context.Context, id string) error {
	var n Notice
	var conv *conversation.Conversation
	mail := false
	err := room.app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Conversations, id)
		if err != nil {
			return nil // deleted meanwhile
		}
		next, now := r.GetDateTime(schema.ConvDueNext), stamp(room.now())
		if next.IsZero() || next.After(now) {
			return nil
		}
		c := conversation.Wrap(r)
		n = Notice{Conversation: c.Id, Number: c.Number(), Level: EventWarning, Kind: r.GetString(schema.ConvDueKind), DueAt: r.GetDateTime(schema.ConvDueAt).Time().UTC().Format("2006-01-02T15:04:05.000Z")}
		r.Set(schema.ConvDueNext, r.GetDateTime(schema.ConvDueAt))
		if !r.GetDateTime(schema.ConvDueAt).After(now) {
			n.Level = EventOverdue
			r.Set(schema.ConvDueNext, types.DateTime{})
			for _, t := range room.active(tx) {
				mail = mail || t.ID == r.GetString(schema.ConvTarget) && t.Mail
			}
		}
		lang := settings.Shop(tx).Language()
		ev := conversation.Event{Type: n.Level, To: n.Kind, Text: i18n.T(lang, happened[n.Level], i18n.V{"what": i18n.T(lang, what[n.Kind])})}
		if err := conversation.NoteEvent(tx, c, "", ev); err != nil {
			return err
		}
		conv = c
		return tx.SaveNoValidate(r)
	})
	if err != nil || conv == nil {
		return err
	}
	if who, err := room.app.FindRecordById(schema.Contacts, conv.Contact()); err == nil {
		n.Name = who.GetString(schema.ContactName)
	}
	room.call(conv, n)
	if mail {
		return room.mail(ctx, n)
	}
	return nil
}

// call tells whoever takes care of the conversation, or everybody who is
// there.
func (room *Room) call(conv *conversation.Conversation, n Notice) {
	ev := live.ForStaff("due", 0, n)
	if a := conv.GetString(schema.ConvAssignee); a != "" {
		room.Hub.TellStaff(live.AgentTopic(a), ev)
		return
	}
	for _, a := range room.Desk.OnlineAgents() {
		room.Hub.TellStaff(live.AgentTopic(a.ID), ev)
	}
}

// mail writes to the owners.
func (room *Room) mail(ctx context.Context, n Notice) error {
	owners, err := room.app.FindAllRecords(schema.Agents)
	if err != nil {
		return fmt.Errorf("find the owners: %w", err)
	}
	for _, o := range owners {
		if o.GetString(schema.AgentRole) != schema.RoleOwner || o.Email() == "" {
			continue
		}
		lang := settings.Shop(room.app).Language()
		if l := o.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			lang = l[0]
		}
		v := i18n.V{"number": i18n.Current().Digits(lang, fmt.Sprint(n.Number)), "name": n.Name, "what": i18n.T(lang, what[n.Kind])}
		if n.Name == "" {
			v["name"] = i18n.T(lang, "desk.visitor")
		}
		err := room.Mail(ctx, room.app, o.Email(), lang, i18n.T(lang, "mail.overdue_subject", v), i18n.T(lang, "mail.overdue_body", v), fmt.Sprintf("/desk/#/all/%d", n.Number))
		if err != nil {
			room.app.Logger().Warn("an owner could not be mailed that something is overdue", "agent", o.Id, "conversation", n.Conversation, "error", err)
		}
	}
	return nil
}
