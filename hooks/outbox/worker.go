package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	atOnce   = 4                // sends under way together
	lease    = 15 * time.Minute // longer than any send may take (mail rule P4: 10 min for the last dot)
	slowTick = 30 * time.Second
)

// Receipt is what a successful send tells.
type Receipt struct {
	Detail    string // what the other side answered
	Delivered bool   // proven to have reached the person, not only a server
	Quiet     bool   // leave the message's delivery as it is
}

// Sender sends one item. It must return when the context ends.
type Sender func(ctx context.Context, app core.App, it Item) (Receipt, error)

// Worker sends what is due.
type Worker struct {
	app     core.App
	senders map[string]Sender
	wake    chan struct{}
	now     func() time.Time
}

// Register binds the worker: it runs in the group and wakes when a message
// with something to send was committed.
func Register(app core.App, group *lifecycle.Group) *Worker {
	w := &Worker{app: app, senders: map[string]Sender{}, wake: make(chan struct{}, 1), now: time.Now}
	group.Go("outbox", w.run)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(w.afterMessage)
	return w
}

// Handle names the sender of a channel. Only at registration.
func (w *Worker) Handle(channel string, s Sender) { w.senders[channel] = s }

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
	busy := map[string]bool{}
	done := make(chan string, atOnce)
	defer func() { // senders return when ctx ends; nothing may outlive the loop
		for len(busy) > 0 {
			delete(busy, <-done)
		}
	}()
	for {
		wait := w.start(ctx, busy, done)
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
func (w *Worker) start(ctx context.Context, busy map[string]bool, done chan<- string) time.Duration {
	if len(busy) >= atOnce {
		return slowTick
	}
	now := w.now()
	items, err := dueRows(w.app, now, 2*atOnce)
	if err != nil {
		w.app.Logger().Error("outbox: cannot read the queue", "error", err)
		return slowTick
	}
	for _, it := range items {
		if busy[it.ID] || len(busy) >= atOnce {
			continue
		}
		if err := claim(w.app, it.ID, now.Add(lease)); err != nil {
			w.app.Logger().Error("outbox: cannot claim a row", "row", it.ID, "error", err)
			return slowTick
		}
		busy[it.ID] = true
		go func() {
			defer func() { done <- it.ID }()
			w.deliver(ctx, it)
		}()
	}
	due, err := nextDue(w.app)
	if err != nil || due.IsZero() {
		return slowTick
	}
	return min(max(due.Sub(w.now()), 100*time.Millisecond), slowTick)
}

// deliver sends one claimed item and settles it. When the process is stopping
// the row keeps its lease and the next run takes it up.
func (w *Worker) deliver(ctx context.Context, it Item) {
	receipt, err := w.send(ctx, it)
	if err != nil && ctx.Err() != nil {
		var u uncertainError
		if !errors.As(err, &u) {
			return
		}
	}
	r := result{state: schema.OutboxSent, counted: true, receipt: receipt.Detail, delivery: schema.DeliverySent, due: w.now()}
	switch {
	case err != nil:
		v := judge(err, it.Attempts+1, struct{ queued, uncertain, failed string }{schema.OutboxQueued, schema.OutboxUncertain, schema.OutboxFailed})
		r = result{state: v.state, counted: v.count, due: w.now().Add(v.after), lastError: err.Error()}
		switch v.state {
		case schema.OutboxFailed:
			r.delivery = schema.DeliveryFailed
		case schema.OutboxUncertain:
			r.delivery = schema.DeliveryUncertain
		default:
			r.delivery = schema.DeliveryQueued
		}
		// The words of the error stand in the row; they may hold an address, which no log does.
		w.app.Logger().Warn("outbox: a message did not go out", "row", it.ID, "channel", it.Channel, "state", v.state, "next", v.after.String())
	case receipt.Quiet:
		r.delivery = ""
	case receipt.Delivered:
		r.delivery = schema.DeliveryDelivered
	}
	if err := settle(w.app, it, r); err != nil {
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
