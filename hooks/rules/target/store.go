package target

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

// active are the targets that are switched on, in their order.
func (room *Room) active(app core.App) []Target {
	room.mu.Lock()
	list, have, turn := room.targets, room.have, room.turn
	room.mu.Unlock()
	if have {
		return list
	}
	// Those that are committed, so that they can be kept: most conversations are
	// saved in a transaction. idx_targets_sort
	records, err := room.app.FindRecordsByFilter(schema.Targets, schema.TargetActive+" = true", schema.TargetOrder+",id", 0, 0)
	if err != nil {
		app.Logger().Error("the targets cannot be read", "error", err)
		return nil
	}
	list = nil
	for _, r := range records {
		minutes := func(field string) time.Duration { return time.Duration(r.GetInt(field)) * time.Minute }
		list = append(list, Target{
			ID: r.Id, Name: r.GetString(schema.TargetName), Channels: r.GetStringSlice(schema.TargetChannels),
			Mailboxes: r.GetStringSlice(schema.TargetMailboxes), Tags: r.GetStringSlice(schema.TargetTags), Priority: r.GetInt(schema.TargetPriority),
			First: minutes(schema.TargetFirst), Next: minutes(schema.TargetNext), Resolution: minutes(schema.TargetResolution),
			Office: r.GetString(schema.TargetCount) != schema.CountClock, Mail: r.GetBool(schema.TargetMail),
		})
	}
	room.mu.Lock()
	if room.turn == turn {
		room.have, room.targets = true, list
	}
	room.mu.Unlock()
	return list
}

// compute brings a conversation's clock and due time up to date. tell is false
// for what was late already before a target was switched on: it is coloured,
// and nobody is called.
func (room *Room) compute(app core.App, r *core.Record, tell bool) {
	all := room.active(app)
	if len(all) == 0 && r.GetString(schema.ConvTarget) == "" && r.GetString(schema.ConvDueAt) == "" {
		return // nothing is promised and nothing was
	}
	cal, now := rules.Current(app), room.now()
	s := Situation{
		Status: r.GetString(schema.ConvStatus), Waiting: r.GetDateTime(schema.ConvWaitingSince).Time(), Replied: !r.GetDateTime(schema.ConvFirstReplyAt).IsZero(),
		Created: r.GetDateTime(schema.Created).Time(), Quiet: r.GetBool(schema.ConvSpam) || r.GetBool(schema.ConvAutomatic) || r.GetString(schema.ConvMergedInto) != "",
	}
	if s.Created.IsZero() {
		s.Created = now
	}
	var clock Clock
	if raw := r.GetString(schema.ConvClock); raw != "" && raw != "null" {
		if err := json.Unmarshal([]byte(raw), &clock); err != nil {
			app.Logger().Warn("a conversation's clock cannot be read and begins anew", "conversation", r.Id, "error", err)
		}
	}
	clock = clock.Tick(s, cal, now)
	var due Due
	id := ""
	if t := Choose(all, Subject{r.GetString(schema.ConvChannel), r.GetString(schema.ConvMailbox), r.GetStringSlice(schema.ConvTags), r.GetInt(schema.ConvPriority)}); t != nil {
		id, due = t.ID, clock.Due(*t, s, cal)
	}
	r.Set(schema.ConvTarget, id)
	r.Set(schema.ConvClock, clock)
	at, warn := stamp(due.At), stamp(due.Warn)
	if at.String() == r.GetString(schema.ConvDueAt) && due.Kind == r.GetString(schema.ConvDueKind) {
		return // who was told of it stays told
	}
	next := warn
	switch {
	case due.Kind == "":
		next = types.DateTime{}
	case !due.At.After(now) && !tell:
		next = types.DateTime{}
	case !due.Warn.After(now):
		next = at
	}
	r.Set(schema.ConvDueKind, due.Kind)
	r.Set(schema.ConvDueAt, at)
	r.Set(schema.ConvDueWarnAt, warn)
	r.Set(schema.ConvDueNext, next)
}

// stamp is a time as the database keeps it: to the millisecond.
func stamp(t time.Time) types.DateTime {
	if t.IsZero() {
		return types.DateTime{}
	}
	d, _ := types.ParseDateTime(t.Truncate(time.Millisecond))
	return d
}

// dueNow lists conversations of which somebody is to be told. Uses
// idx_conversations_due_next.
func dueNow(app core.App, at types.DateTime) (ids []string, err error) {
	err = app.DB().NewQuery(`SELECT id FROM conversations WHERE due_next != '' AND due_next <= {:now} ORDER BY due_next LIMIT 50`).
		Bind(dbx.Params{"now": at.String()}).Column(&ids)
	return ids, err
}

// nextDue is when the watch wakes, zero for never. Uses
// idx_conversations_due_next.
func nextDue(app core.App) (time.Time, error) {
	var at string
	err := app.DB().NewQuery(`SELECT COALESCE(MIN(due_next), '') FROM conversations WHERE due_next != ''`).Row(&at)
	d, _ := types.ParseDateTime(at)
	return d.Time(), err
}

const batch = 200

// anew computes every live conversation once more after targets, hours or
// holidays changed, and once after a start.
func (room *Room) anew(ctx context.Context) {
	for {
		if err := room.computeAll(ctx); err != nil && ctx.Err() == nil {
			room.app.Logger().Error("what is due could not be computed anew", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-room.again:
		}
	}
}

func (room *Room) computeAll(ctx context.Context) error {
	last := ""
	for ctx.Err() == nil {
		var ids []string
		err := room.app.DB().NewQuery(`SELECT id FROM conversations WHERE status != 'solved' AND id > {:last} ORDER BY id LIMIT {:n}`).
			Bind(dbx.Params{"last": last, "n": batch}).Column(&ids)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = ids[len(ids)-1]
		for _, id := range ids {
			if err := room.computeOne(id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (room *Room) computeOne(id string) error {
	return room.app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Conversations, id)
		if err != nil {
			return nil // deleted meanwhile
		}
		before := [2]string{r.GetString(schema.ConvTarget), r.GetString(schema.ConvDueAt)}
		if room.compute(tx, r, false); before == [2]string{r.GetString(schema.ConvTarget), r.GetString(schema.ConvDueAt)} {
			return nil
		}
		if err := tx.SaveNoValidate(r); err != nil {
			return fmt.Errorf("save conversation %s: %w", id, err)
		}
		return nil
	})
}
