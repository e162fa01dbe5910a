package conversation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	tailBatch  = 200
	tailTick   = 15 * time.Second // safety net; hooks wake it at once
	countsEach = time.Second
)

// startTail remembers, before the first request is taken, from where on
// messages are new. Read any later, the number could be that of a message that
// a stream of this run has not been given.
func (room *Room) startTail(e *core.ServeEvent) (err error) {
	if room.published, err = newestSeq(e.App); err != nil {
		return fmt.Errorf("read the number of the newest message: %w", err)
	}
	return e.Next()
}

// tail publishes committed messages in the order of seq, each once. Success
// hooks of parallel savers may run in any order; they only wake the tail, and
// the database says what is next.
func (room *Room) tail(ctx context.Context) {
	last := room.published
	read := readMessagesAfter(room.app, tailBatch)
	for {
		rows, err := read(last)
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("new messages cannot be read for publishing", "error", err)
		}
		// Both are read before either is told, so that a message and the state it
		// brought about go over the line together.
		changed := room.changedBy(rows)
		for _, r := range rows {
			room.publish(r)
			last = r.Seq
		}
		room.published = last
		room.tellRows(changed)
		if len(rows) == tailBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-room.wake:
		case <-time.After(tailTick):
		}
	}
}

// publish gives one message to its customer and to the desks.
func (room *Room) publish(r messageRow) {
	staff := room.staff(r)
	staff.Attended = r.Kind == schema.MessageIncoming && room.Attended(room.app, r.Channel, r.Conversation, r.Seq)
	room.hub.TellStaff(live.Inbox, live.ForStaff("message", r.Seq, staff))
	topic := live.ConversationTopic(r.Conversation)
	if !room.hub.Listens(topic) {
		return
	}
	if m, ok := room.public(r); ok {
		room.hub.Tell(topic, live.ForPublic("message", r.Seq, m))
	}
}

// changedBy reads the new state of the conversations that messages came into.
func (room *Room) changedBy(rows []messageRow) []Row {
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.Conversation)
	}
	slices.Sort(ids)
	return room.rowsToTell(slices.Compact(ids)...)
}

func (room *Room) rowsToTell(ids ...string) []Row {
	rows, err := room.rows(room.app, ids...)
	if err != nil {
		room.app.Logger().Error("changed conversations cannot be read for publishing", "error", err)
	}
	return rows
}

// publishRows tells the state of conversations.
func (room *Room) publishRows(ids ...string) { room.tellRows(room.rowsToTell(ids...)) }

// tellRows gives the state of conversations to the desks and to the customers
// who listen.
func (room *Room) tellRows(rows []Row) {
	if len(rows) == 0 {
		return
	}
	for i := range rows {
		r := &rows[i]
		room.hub.TellStaff(live.Inbox, live.ForStaff("conversation", 0, r))
		if topic := live.ConversationTopic(r.ID); room.hub.Listens(topic) {
			room.hub.Tell(topic, live.ForPublic("conversation", 0, publicRow(r)))
		}
	}
	room.countsChanged()
}

func publicRow(r *Row) PublicConversation {
	return PublicConversation{
		ID: r.ID, Number: r.Number, Status: r.Status, LastSeq: r.LastSeq, StaffSeenSeq: r.StaffSeenSeq,
		ContactSeenSeq: r.ContactSeenSeq, Rating: r.Rating, Email: r.Email,
	}
}

// messageChanged publishes what changed of an older message: its delivery.
func (room *Room) messageChanged(e *core.RecordEvent) error {
	room.hub.TellStaff(live.Inbox, live.ForStaff("update", 0, struct {
		ID             string `json:"id"`
		Seq            int64  `json:"seq"`
		Conversation   string `json:"conversation"`
		Delivery       string `json:"delivery"`
		DeliveryDetail string `json:"delivery_detail"`
	}{
		e.Record.Id, int64(e.Record.GetInt(schema.MsgSeq)), e.Record.GetString(schema.MsgConversation),
		e.Record.GetString(schema.MsgDelivery), e.Record.GetString(schema.MsgDeliveryDetail),
	}))
	return e.Next()
}

// messageCreated wakes the tail.
func (room *Room) messageCreated(e *core.RecordEvent) error {
	room.wakeTail()
	return e.Next()
}

// conversationChanged covers changes without a message, such as those made in
// the admin UI; with a message the tail tells the new state. It may run inside
// the saver's call, so it only enqueues.
func (room *Room) conversationChanged(e *core.RecordEvent) error {
	room.tokenMoved(e.Record)
	if e.Record.GetInt(schema.ConvLastSeq) != e.Record.Original().GetInt(schema.ConvLastSeq) {
		return e.Next()
	}
	select {
	case room.changed <- e.Record.Id:
	default: // the desks refetch when they reconnect; counts follow anyway
	}
	return e.Next()
}

// tokenMoved ends the streams of a browser whose token opens something else
// now; it asks again and is led there.
func (room *Room) tokenMoved(r *core.Record) {
	visitor := r.GetString(schema.ConvVisitor)
	if visitor == "" {
		return
	}
	for _, f := range []string{schema.ConvMergedInto, schema.ConvDeletedAt} {
		if r.GetString(f) != r.Original().GetString(f) {
			room.hub.End(VisitorListener(visitor))
			return
		}
	}
}

func (room *Room) wakeTail() {
	select {
	case room.wake <- struct{}{}:
	default:
	}
}

func (room *Room) countsChanged() {
	select {
	case room.recount <- struct{}{}:
	default:
	}
}

// herald publishes changed conversations and, at most once a second, counts.
func (room *Room) herald(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-room.changed:
			ids := []string{id}
			for more := true; more && len(ids) < 50; {
				select {
				case id := <-room.changed:
					if !slices.Contains(ids, id) {
						ids = append(ids, id)
					}
				default:
					more = false
				}
			}
			room.publishRows(ids...)
		case <-room.recount:
			room.publishCounts()
			select {
			case <-ctx.Done():
				return
			case <-time.After(countsEach):
			}
		}
	}
}

// wakeSnoozed reopens snoozed conversations when their time has come.
func (room *Room) wakeSnoozed(ctx context.Context) {
	for {
		at := now()
		ids, err := dueSnoozed(room.app, at.String())
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("snoozed conversations cannot be read", "error", err)
		}
		open := schema.StatusOpen
		for _, id := range ids {
			if _, err := Apply(room.app, id, "", Change{Status: &open}); err != nil {
				room.app.Logger().Error("a snoozed conversation could not be reopened", "conversation", id, "error", err)
			}
		}
		wait := 30 * time.Second
		if next, err := nextSnoozed(room.app); err == nil && next != "" {
			if t, err := time.Parse("2006-01-02 15:04:05.000Z", next); err == nil {
				wait = min(max(time.Until(t), 100*time.Millisecond), wait)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-room.snoozed:
		case <-time.After(wait):
		}
	}
}
