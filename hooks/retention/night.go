package retention

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	nightHour = 2                // o'clock in the shop's time zone, before the backup
	firstRun  = 10 * time.Minute // after a start: some machines sleep at night

	steadyFrom = 20 * time.Hour
	steadyFor  = 8 * 24 * time.Hour
)

// nightly lets go of what is too old, once a night.
func (room *Room) nightly(ctx context.Context) {
	wait := firstRun
	for {
		room.due.Store(time.Now().Add(wait).UnixMilli())
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if _, err := room.Night(ctx, time.Now()); err != nil && ctx.Err() == nil {
			room.app.Logger().Error("not everything that is too old could be removed", "error", err)
		}
		wait = untilNight(time.Now(), settings.Shop(room.app).GetString(schema.ShopTimeZone))
	}
}

// next is when something goes again. That is not the next run if that one only
// notes the time, see Night; and what is saved during a run is for the one after.
func (room *Room) next(app core.App, now time.Time) (time.Time, error) {
	zone := settings.Shop(app).GetString(schema.ShopTimeZone)
	at := time.UnixMilli(room.due.Load())
	var noted []time.Time // by the runs before
	if !at.After(now) {
		if room.due.Load() > 0 {
			noted = append(noted, at)
		}
		at = now.Add(untilNight(now, zone))
	}
	for {
		steady, err := agrees(app, at)
		if err != nil {
			return at, err
		}
		for _, before := range noted {
			steady = steady || at.Sub(before) >= steadyFrom && at.Sub(before) <= steadyFor
		}
		if steady {
			return at, nil
		}
		noted = append(noted, at)
		at = at.Add(untilNight(at, zone))
	}
}

// untilNight is how long it is until the cleaning hour in the zone.
func untilNight(now time.Time, zone string) time.Duration {
	if loc, err := time.LoadLocation(zone); err == nil {
		now = now.In(loc)
	}
	next := time.Date(now.Year(), now.Month(), now.Day(), nightHour, 0, 0, 0, now.Location())
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next.Sub(now)
}

// Night removes what is too old, and files that nothing names any more, unless
// the clock has jumped: it must agree with a night of a day to a week ago.
// Otherwise nothing goes until the next one, so that a machine that wakes up in
// a wrong year loses nothing before somebody is told of it.
func (room *Room) Night(ctx context.Context, at time.Time) (gone map[string]int, err error) {
	steady, err := agrees(room.app, at)
	if err != nil {
		return nil, err
	}
	if !steady {
		return map[string]int{}, audit.Note(room.app, audit.Entry{Kind: schema.AuditConfiguration, Action: action})
	}
	if gone, err = room.Run(ctx, at); ctx.Err() != nil {
		return gone, err
	}
	return gone, errors.Join(err, room.Strays(ctx, at))
}

// agrees tells whether a night was noted from which the clock has gone on as
// clocks do. Uses idx_audit_kind.
func agrees(app core.App, at time.Time) (yes bool, err error) {
	oldest, _ := types.ParseDateTime(at.Add(-steadyFor))
	newest, _ := types.ParseDateTime(at.Add(-steadyFrom))
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM audit WHERE kind = {:kind} AND action = {:action} AND created BETWEEN {:oldest} AND {:newest})`).
		Bind(dbx.Params{"kind": schema.AuditConfiguration, "action": action, "oldest": oldest.String(), "newest": newest.String()}).Row(&yes)
	if err != nil {
		return false, fmt.Errorf("look for the night before: %w", err)
	}
	return yes, nil
}

// Run removes what is too old at the given time and returns how many things of
// each kind went.
func (room *Room) Run(ctx context.Context, at time.Time) (gone map[string]int, err error) {
	room.one.Lock()
	defer room.one.Unlock()
	gone = map[string]int{}
	shop := settings.Shop(room.app)
	var changes []audit.Change
	for _, k := range Kinds {
		if ctx.Err() != nil {
			break
		}
		before, ever := bound(k, shop.GetInt(k.Field), at)
		if !ever {
			continue
		}
		n, kerr := k.clear(ctx, room, before)
		if kerr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", k.Name, kerr))
		}
		if n > 0 {
			gone[k.Name] = n
			changes = append(changes, audit.Change{Field: k.Name, To: strconv.Itoa(n)})
		}
	}
	err = errors.Join(err, audit.Note(room.app, audit.Entry{Kind: schema.AuditConfiguration, Action: action, Changes: changes}))
	return gone, err
}

// action is what a night is called in the trail.
const action = "retention"

// bound is the time before which things of the kind are too old; no when none
// ever is.
func bound(k Kind, held int, at time.Time) (before string, ever bool) {
	days, ever := k.Days(held)
	if !ever {
		return "", false
	}
	when, _ := types.ParseDateTime(at.AddDate(0, 0, -days))
	return when.String(), true
}
