package automation

import (
	"context"
	"fmt"
	"time"

	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	batch     = 100
	slowTick  = 15 * time.Second // safety net; hooks wake the loops at once
	pruneEach = time.Hour

	// closedAtMost is how long a shop may be closed in a row for time in
	// office hours to be counted from before it was switched on.
	closedAtMost = 14 * 24 * time.Hour
)

// keepEach is how often the place among the messages is written down when
// nothing happened: a message that sets nothing off needs no write. Whoever
// reads one twice finds that it still sets nothing off.
const keepEach = time.Second

// follower is where the loop stands: the last message it dealt with, and how
// much of that is written down.
type follower struct{ at, kept int64 }

// follow deals with every message in its order, from the last one that was
// dealt with.
func (room *Room) follow(ctx context.Context) {
	var f *follower
	defer func() { room.keep(f) }()
	for {
		var more bool
		var err error
		if f == nil {
			f, err = room.begin()
		}
		if err == nil {
			more, err = room.catchUp(ctx, f)
		}
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("automations cannot go on", "error", err)
		}
		if more && err == nil {
			continue
		}
		rest := slowTick
		if f != nil && f.at > f.kept {
			rest = keepEach
		}
		tick := time.NewTimer(rest)
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-room.rules: // another automation must not see what came before it
			room.keep(f)
		case <-room.wake:
			if f != nil && time.Since(room.keptAt) > keepEach {
				room.keep(f)
			}
		case <-tick.C:
			room.keep(f)
		}
		tick.Stop()
	}
}

func (room *Room) begin() (*follower, error) {
	seq, err := place(room.app)
	if err != nil {
		return nil, fmt.Errorf("read the place: %w", err)
	}
	return &follower{at: seq, kept: seq}, nil
}

// keep writes down where the loop stands.
func (room *Room) keep(f *follower) {
	if f == nil || f.at <= f.kept {
		return
	}
	if err := setPlace(room.app, f.at); err != nil {
		room.app.Logger().Error("automations cannot note their place", "error", err)
		return
	}
	f.kept, room.keptAt = f.at, time.Now()
}

// catchUp deals with the next messages; more tells that there may be others.
func (room *Room) catchUp(ctx context.Context, f *follower) (more bool, err error) {
	list, err := after(room.app, f.at, batch)
	if err != nil || len(list) == 0 {
		return false, err
	}
	for _, h := range list {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		acted := false
		for _, a := range room.active(room.app) {
			fits, err := room.setsOff(h, a.Trigger)
			if err != nil {
				return false, err
			}
			if !fits {
				continue
			}
			c := cause{conversation: h.Conversation, event: fmt.Sprintf("seq:%d", h.Seq), seq: h.Seq, message: h.ID}
			if h.Kind == schema.MessageEvent {
				c.changed = h.Type
			}
			if err := room.consider(ctx, a, c); err != nil {
				return false, err
			}
			acted = true
		}
		if acted { // what follows of its doing comes behind it
			if err := setPlace(room.app, h.Seq); err != nil {
				return false, err
			}
			f.kept = h.Seq
		}
		f.at = h.Seq
	}
	return len(list) == batch, nil
}

// changes are the events that count as a change.
var changes = map[string]bool{"status": true, "assigned": true, "tagged": true, "untagged": true, "priority": true, "rated": true}

// setsOff tells whether a message is what an automation waits for. What a
// machine wrote, what is of the past and what nobody proved to have written
// sets nothing off (mail rules 23, 24, 33, 35).
func (room *Room) setsOff(h happening, trigger string) (bool, error) {
	switch {
	case h.Kind == schema.MessageEvent:
		switch trigger {
		case schema.TriggerChanged:
			return changes[h.Type], nil
		case schema.TriggerDueSoon, schema.TriggerOverdue:
			return h.Type == trigger, nil
		}
		return false, nil
	case h.Automatic || h.Older || h.Trust != "":
		return false, nil
	case h.Kind == schema.MessageOutgoing:
		return trigger == schema.TriggerAnswered, nil
	case h.Kind == schema.MessageIncoming && trigger == schema.TriggerWrote:
		return true, nil
	case h.Kind == schema.MessageIncoming && trigger == schema.TriggerCreated:
		return begins(room.app, h)
	}
	return false, nil
}

// clock deals with what time sets off.
func (room *Room) clock(ctx context.Context) {
	var pruned time.Time
	for {
		now := room.now()
		next := now.Add(slowTick)
		for _, a := range room.active(room.app) {
			if a.Trigger != schema.TriggerSince {
				continue
			}
			at, err := room.sweep(ctx, a, now)
			if err != nil && ctx.Err() == nil {
				room.app.Logger().Error("an automation cannot look at the time", "automation", a.ID, "error", err)
			}
			if !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		if now.Sub(pruned) > pruneEach {
			if err := prune(room.app, now); err != nil && ctx.Err() == nil {
				room.app.Logger().Warn("automations", "error", err)
			}
			pruned = now
		}
		select {
		case <-ctx.Done():
			return
		case <-room.tick:
		case <-time.After(max(50*time.Millisecond, next.Sub(room.now()))):
		}
	}
}

// sweep deals with every conversation for which an automation's time has come,
// in the order of those times, and says when the next one comes.
func (room *Room) sweep(ctx context.Context, a Automation, now time.Time) (next time.Time, err error) {
	cal := rules.Current(room.app)
	from, id, err := swept(room.app, a.ID)
	if err != nil {
		return next, err
	}
	for ctx.Err() == nil {
		list, err := waitingSince(room.app, a.Since, from, id, batch)
		if err != nil || len(list) == 0 {
			return next, err
		}
		for _, w := range list {
			due := a.due(cal, w.At.Time())
			if due.IsZero() || due.After(now) {
				return due, nil
			}
			if !due.Before(a.activeSince) {
				if err := room.consider(ctx, a, cause{conversation: w.ID, event: a.Since + ":" + w.At.String()}); err != nil {
					return next, err
				}
			}
			from, id = w.At.String(), w.ID
			if err := setSwept(room.app, a.ID, from); err != nil {
				return next, err
			}
		}
	}
	return next, ctx.Err()
}
