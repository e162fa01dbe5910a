package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	atOnce   = 8                // sends under way together
	inLane   = 2                // of these in one lane: a server that hangs keeps no other waiting
	lease    = 15 * time.Minute // longer than any send may take (mail rule P4: 10 min for the last dot)
	slowTick = 30 * time.Second

	// grace is how long a send that is under way may go on when the program is
	// told to stop: a mail that is cut off before the server's last word may have
	// gone out or not. Well below lifecycle.StopTimeout.
	grace = 8 * time.Second

	// patience is how long an answer may wait before its agent is told (mail
	// rule 63).
	patience = 30 * time.Minute
)

// Receipt is what a successful send tells.
type Receipt struct {
	Detail    string // what the other side answered
	Delivered bool   // proven to have reached the person, not only a server
	Note      string // what the agent should know although it went out
	Quiet     bool   // leave the message's delivery as it is
}

// Situation is where a row stands, for the line under its message.
type Situation struct {
	State string // schema.OutboxQueued, …
	Error string // what the last try ended with, in words
	Next  time.Time
	Since time.Time // when the message was written
	Final bool      // there is no further try
}

// Herald puts into words what becomes of rows; the conversation room does.
type Herald interface {
	Words(app core.App, s Situation) string
	// Undelivered is called in the transaction that gives a row up.
	Undelivered(tx core.App, it Item, reason string, doubt bool) error
}

// Sender sends one item. It must return when the context ends, which is some
// seconds after the program was told to stop.
type Sender func(ctx context.Context, app core.App, it Item) (Receipt, error)

// Worker sends what is due.
type Worker struct {
	app     core.App
	senders map[string]Sender
	herald  Herald
	wake    chan struct{}
	now     func() time.Time
	grace   time.Duration
	looked  time.Time // when it was last looked for rows that wait too long
}

// Register binds the worker: it runs in the group and wakes when a message
// with something to send was committed.
func Register(app core.App, group *lifecycle.Group) *Worker {
	w := &Worker{app: app, senders: map[string]Sender{}, wake: make(chan struct{}, 1), now: time.Now, grace: grace}
	group.Go("outbox", w.run)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(w.afterMessage)
	return w
}

// Handle names the sender of a channel. Only at registration.
func (w *Worker) Handle(channel string, s Sender) { w.senders[channel] = s }

// Tell names who puts things into words. Only at registration.
func (w *Worker) Tell(h Herald) { w.herald = h }

// Wake makes the worker look at once.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Worker) afterMessage(e *core.RecordEvent) error {
	// What counts as sent at once (chat) goes on by mail in minutes: the next
	// slow look is early enough.
	if e.Record.GetString(schema.MsgKind) == schema.MessageOutgoing && e.Record.GetString(schema.MsgDelivery) != schema.DeliverySent {
		w.Wake()
	}
	return e.Next()
}

func (w *Worker) run(ctx context.Context) {
	if err := release(w.app); err != nil {
		w.app.Logger().Error("outbox: the leases of the last run stay", "error", err)
	}
	busy := map[string]string{} // row -> lane
	done := make(chan string, atOnce)
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer func() { // senders return when their context ends; nothing may outlive the loop
		defer cut()
		defer time.AfterFunc(w.grace, cut).Stop()
		for len(busy) > 0 {
			delete(busy, <-done)
		}
	}()
	for {
		w.warn()
		wait := w.start(sending, busy, done)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case id := <-done:
			delete(busy, id)
		case <-w.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// start claims and launches what is due and free, and says how long nothing
// more will come due.
func (w *Worker) start(ctx context.Context, busy map[string]string, done chan<- string) time.Duration {
	if len(busy) >= atOnce {
		return slowTick
	}
	now := w.now()
	for {
		full := fullLanes(busy)
		items, err := dueRows(w.app, now, 2*atOnce, full)
		if err != nil {
			w.app.Logger().Error("outbox: cannot read the queue", "error", err)
			return slowTick
		}
		launched := 0
		for _, it := range items {
			if _, under := busy[it.ID]; under || len(busy) >= atOnce || slices.Contains(fullLanes(busy), it.Lane) {
				continue
			}
			if err := claim(w.app, it.ID, now.Add(lease)); err != nil {
				w.app.Logger().Error("outbox: cannot claim a row", "row", it.ID, "error", err)
				return slowTick
			}
			busy[it.ID] = it.Lane
			launched++
			go func() {
				defer func() { done <- it.ID }()
				w.deliver(ctx, it)
			}()
		}
		// A lane that filled up just now may have hidden the rows of others.
		if launched == 0 || len(busy) >= atOnce || len(items) < 2*atOnce {
			break
		}
	}
	due, err := nextDue(w.app, fullLanes(busy))
	if err != nil || due.IsZero() {
		return slowTick
	}
	return min(max(due.Sub(w.now()), 100*time.Millisecond), slowTick)
}

// fullLanes are those with as many sends under way as they may have.
func fullLanes(busy map[string]string) (full []string) {
	count := map[string]int{}
	for _, lane := range busy {
		if count[lane]++; lane != "" && count[lane] == inLane {
			full = append(full, lane)
		}
	}
	return full
}

// warn tells about what has waited too long, once a row.
func (w *Worker) warn() {
	if w.herald == nil || w.now().Sub(w.looked) < time.Minute {
		return
	}
	w.looked = w.now()
	rows, err := overdue(w.app, w.now().Add(-patience))
	if err != nil {
		w.app.Logger().Error("outbox: cannot look for what waits too long", "error", err)
		return
	}
	for _, r := range rows {
		err := w.app.RunInTransaction(func(tx core.App) error {
			if _, err := tx.DB().NewQuery(`UPDATE outbox SET warned = TRUE WHERE id = {:id}`).Bind(dbx.Params{"id": r.ID}).Execute(); err != nil {
				return err
			}
			m, err := tx.FindRecordById(schema.Messages, r.Message)
			if err != nil {
				return err
			}
			m.Set(schema.MsgDeliveryDetail, cut(w.herald.Words(tx, Situation{State: r.State, Error: r.Error, Next: r.Due.Time(), Since: m.GetDateTime(schema.Created).Time()})))
			return tx.Save(m)
		})
		if err != nil {
			w.app.Logger().Error("outbox: cannot tell that a message waits", "row", r.ID, "error", err)
		}
	}
}

// deliver sends one claimed item and settles it. When the process is stopping
// and the time for that is over the row keeps its lease and the next run takes
// it up.
func (w *Worker) deliver(ctx context.Context, it Item) {
	receipt, err := w.send(ctx, it)
	if err != nil && ctx.Err() != nil {
		var u uncertainError
		if !errors.As(err, &u) {
			return
		}
	}
	r := result{state: schema.OutboxSent, counted: true, receipt: receipt.Detail, said: receipt.Note, delivery: schema.DeliverySent, due: w.now()}
	switch {
	case err != nil:
		v := judge(err, it.Attempts+1, it.Doubts+1)
		r = result{
			state: v.state, delivery: v.delivery, counted: v.count, doubt: v.doubt, due: w.now().Add(v.after),
			lastError: err.Error(), final: v.state == schema.OutboxFailed,
		}
		// The words of the error stand in the row; they may hold an address, which no log does.
		w.app.Logger().Warn("outbox: a message did not go out", "row", it.ID, "channel", it.Channel, "state", v.state, "next", v.after.String())
	case receipt.Quiet:
		r.delivery = ""
	case receipt.Delivered:
		r.delivery = schema.DeliveryDelivered
	}
	if err := w.settle(w.app, it, r); err != nil {
		w.app.Logger().Error("outbox: the end of a send could not be recorded; it will be repeated", "row", it.ID, "error", err)
	}
}

// send calls the channel's sender; a panic in it is an error of this item.
func (w *Worker) send(ctx context.Context, it Item) (receipt Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.app.Logger().Error("outbox: sending panicked", "row", it.ID, "channel", it.Channel, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("an error inside this program, see its log")
		}
	}()
	s := w.senders[it.Channel]
	if s == nil {
		return Receipt{}, Permanent(fmt.Errorf("nothing sends by %s", it.Channel))
	}
	return s(ctx, w.app, it)
}
