package rules

import (
	"slices"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// kept is the calendar, read once until something of it changes. turn moves
// with every change, so that what was read before one is not kept after it.
type kept struct {
	mu       sync.Mutex
	watched  bool // Register hears of changes
	turn     int
	have     bool
	week     []Span
	holidays []Holiday
	tell     []func()
}

func keeper(app core.App) *kept {
	return app.Store().GetOrSet("shohay.rules.calendar", func() any { return new(kept) }).(*kept)
}

func (k *kept) forget() {
	k.mu.Lock()
	k.turn++
	k.have = false
	tell := k.tell
	k.mu.Unlock()
	for _, f := range tell {
		f()
	}
}

// OnChange calls f after the hours, the holidays or the shop's zone changed. f
// must not wait. Only at registration.
func OnChange(app core.App, f func()) {
	k := keeper(app)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tell = append(k.tell, f)
}

// Current is the shop's calendar.
func Current(app core.App) Calendar {
	k := keeper(app)
	k.mu.Lock()
	c, have, turn := Calendar{Week: k.week, Holidays: k.holidays}, k.have, k.turn
	k.mu.Unlock()
	if !have {
		c = Calendar{Week: readWeek(app), Holidays: readHolidays(app)}
		k.mu.Lock()
		if k.watched && k.turn == turn && !app.IsTransactional() {
			k.have, k.week, k.holidays = true, c.Week, c.Holidays
		}
		k.mu.Unlock()
	}
	c.Zone = settings.Shop(app).Location()
	return c
}

// readWeek reads the weekly table. A row that cannot be read is left out; the
// collection's own patterns let none in.
func readWeek(app core.App) (week []Span) {
	var rows []struct {
		Day    string `db:"day"`
		Opens  string `db:"opens"`
		Closes string `db:"closes"`
	}
	err := app.DB().Select(schema.HoursDay, schema.HoursOpens, schema.HoursCloses).From(schema.OfficeHours).All(&rows)
	if err != nil {
		app.Logger().Error("the office hours cannot be read", "error", err)
		return nil
	}
	for _, row := range rows {
		if s, err := ParseSpan(row.Day, row.Opens, row.Closes); err == nil {
			week = append(week, s)
		}
	}
	return week
}

func readHolidays(app core.App) (list []Holiday) {
	var rows []struct {
		Name   string `db:"name"`
		First  string `db:"first_day"`
		Last   string `db:"last_day"`
		Yearly bool   `db:"yearly"`
		Opens  string `db:"opens"`
		Closes string `db:"closes"`
	}
	err := app.DB().NewQuery(`SELECT name, first_day, last_day, yearly, opens, closes FROM holidays ORDER BY yearly DESC, first_day, id`).All(&rows)
	if err != nil {
		app.Logger().Error("the holidays cannot be read", "error", err)
		return nil
	}
	for _, r := range rows {
		if h, err := ParseHoliday(r.Name, r.First, r.Last, r.Yearly, r.Opens, r.Closes); err == nil {
			list = append(list, h)
		}
	}
	return list
}

// Now is the state of the shop at an instant.
func Now(app core.App, now time.Time) State { return Current(app).At(now) }

// Office tells whether the shop is open and, if it is not, when it opens
// next; zero if it is open or never opens.
func Office(app core.App, now time.Time) (open bool, next time.Time) {
	s := Now(app, now)
	return s.Open, s.Opens
}

const (
	lookBack  = 14 * 24 * time.Hour // what counts as lately
	sample    = 200                 // conversations looked at
	enough    = 5                   // with fewer the shop's promise is said
	medianAge = 10 * time.Minute    // how long the median is kept
)

// median is kept with the app: it changes slowly and is asked for on every
// page.
type median struct {
	mu   sync.Mutex
	kept map[string]medianOf
}

type medianOf struct {
	at    time.Time
	value time.Duration
	ok    bool
}

// FirstReply is the median time to the first answer in open hours of the last
// two weeks; ok is false while there are too few. An empty channel counts all.
func FirstReply(app core.App, channel string, now time.Time) (d time.Duration, ok bool) {
	m := app.Store().GetOrSet("shohay.rules.median", func() any { return &median{kept: map[string]medianOf{}} }).(*median)
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, found := m.kept[channel]; found && now.Sub(k.at).Abs() < medianAge {
		return k.value, k.ok
	}
	d, ok = firstReply(app, channel, now)
	m.kept[channel] = medianOf{now, d, ok}
	return d, ok
}

func firstReply(app core.App, channel string, now time.Time) (time.Duration, bool) {
	var rows []struct {
		Created types.DateTime `db:"created"`
		Replied types.DateTime `db:"first_reply_at"`
	}
	// idx_conversations_activity, or idx_conversations_channel for one channel
	query := `SELECT created, first_reply_at FROM conversations
		WHERE last_activity >= {:since} AND first_reply_at != '' ORDER BY last_activity DESC LIMIT {:n}`
	if channel != "" {
		query = `SELECT created, first_reply_at FROM conversations
			WHERE channel = {:channel} AND last_activity >= {:since} AND first_reply_at != '' ORDER BY last_activity DESC LIMIT {:n}`
	}
	params := dbx.Params{"since": now.Add(-lookBack).UTC().Format(types.DefaultDateLayout), "n": sample, "channel": channel}
	if err := app.DB().NewQuery(query).Bind(params).All(&rows); err != nil {
		app.Logger().Error("the reply times cannot be read", "error", err)
		return 0, false
	}
	calendar := Current(app)
	var waits []time.Duration
	for _, row := range rows {
		from, to := row.Created.Time(), row.Replied.Time()
		if state := calendar.At(from); !state.Open && !state.Opens.IsZero() {
			from = state.Opens // nobody expects an answer at night
		}
		waits = append(waits, max(0, to.Sub(from)))
	}
	if len(waits) < enough {
		return 0, false
	}
	slices.Sort(waits)
	return waits[len(waits)/2], true
}
