package watchdog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// Stored are the findings that can be made of the database alone, whether the
// program runs or not: mailboxes, backups, the queue and the clock.
func Stored(db dbx.Builder, now time.Time) (all []Finding, err error) {
	boxes, err := readMailboxes(db, now)
	if err != nil {
		return nil, err
	}
	for _, b := range boxes {
		all = append(all, JudgeMailbox(b, time.Time{}, now)...)
	}
	places, err := readPlaces(db)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		all = append(all, NoPlace())
	}
	for _, p := range places {
		all = append(all, JudgePlace(p, time.Time{}, now))
	}
	q, err := readQueue(db, now)
	if err != nil {
		return nil, err
	}
	newest, err := readNewest(db)
	if err != nil {
		return nil, err
	}
	return append(all, JudgeQueue(q, time.Time{}, now), JudgeClock(Clock{Newest: newest}, now)), nil
}

// Remembered is a check that was not in order when the program last looked.
type Remembered struct {
	Check string // such as certificate:help.shop.example
	Kind  string
	Of    string // what it looks at, "" where there is one only
	State string
	Code  string
	Since time.Time
}

// Do says what to do about it.
func (r Remembered) Do(lang string) string { return doFor(lang, r.Code, nil) }

// Memory is what the watchdog remembers as not in order.
func Memory(db dbx.Builder) (all []Remembered, err error) {
	kept, err := readKept(db)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if k := kept[name]; k.State != schema.CheckOK {
			kind, of, _ := cutCheck(name)
			all = append(all, Remembered{name, kind, of, k.State, k.Code, k.Since})
		}
	}
	return all, nil
}

// readMailboxes reads those in use. Uses idx_outbox_due.
func readMailboxes(db dbx.Builder, now time.Time) (all []Mailbox, err error) {
	var rows []struct {
		ID        string         `db:"id"`
		Address   string         `db:"address"`
		Error     string         `db:"last_error"`
		LastFetch types.DateTime `db:"last_fetch"`
		Updated   types.DateTime `db:"updated"`
		Fetches   bool           `db:"fetches"`
		Sends     bool           `db:"sends"`
	}
	err = db.NewQuery(`SELECT id, address, last_error, last_fetch, updated, imap_host <> '' AS fetches, smtp_host <> '' AS sends FROM mailboxes WHERE active = TRUE ORDER BY created`).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the mailboxes: %w", err)
	}
	for _, r := range rows {
		b := Mailbox{ID: r.ID, Address: r.Address, Error: r.Error, LastFetch: r.LastFetch.Time(), Set: r.Updated.Time(), Fetches: r.Fetches, Sends: r.Sends}
		q, err := waiting(db, `o.channel = 'email' AND o.lane = {:box}`, dbx.Params{"box": r.ID}, now)
		if err != nil {
			return nil, err
		}
		b.Waiting, b.Oldest = q.Due, q.Oldest
		all = append(all, b)
	}
	return all, nil
}

// waiting counts what should have gone out: what was tried counts since it was
// written, what was to wait since it was due.
func waiting(db dbx.Builder, where string, params dbx.Params, now time.Time) (q Queue, err error) {
	var row struct {
		N      int            `db:"n"`
		Oldest types.DateTime `db:"oldest"`
	}
	at, err := types.ParseDateTime(now)
	if err != nil {
		return q, err
	}
	params["now"] = at.String()
	err = db.NewQuery(`SELECT COUNT(*) AS n, COALESCE(MIN(CASE WHEN o.attempts = 0 THEN o.due ELSE o.created END), '') AS oldest FROM outbox o
		WHERE o.state IN ('queued', 'sending', 'uncertain') AND (o.attempts > 0 OR o.due <= {:now}) AND ` + where).Bind(params).One(&row)
	if err != nil {
		return q, fmt.Errorf("count what waits to go out: %w", err)
	}
	return Queue{Due: row.N, Oldest: row.Oldest.Time()}, nil
}

func readQueue(db dbx.Builder, now time.Time) (Queue, error) {
	q, err := waiting(db, `TRUE`, dbx.Params{}, now)
	if err != nil {
		return q, err
	}
	since, err := types.ParseDateTime(now.Add(-failedOver))
	if err != nil {
		return q, err
	}
	// idx_outbox_failed
	err = db.NewQuery(`SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND updated > {:since}`).Bind(dbx.Params{"since": since.String()}).Row(&q.Failed)
	if err != nil {
		return q, fmt.Errorf("count what could not be sent: %w", err)
	}
	return q, nil
}

func readPlaces(db dbx.Builder) (all []Place, err error) {
	var rows []struct {
		ID      string         `db:"id"`
		Name    string         `db:"name"`
		Good    types.DateTime `db:"last_good"`
		Updated types.DateTime `db:"updated"`
		Error   string         `db:"last_error"`
	}
	if err := db.NewQuery(`SELECT id, name, last_good, updated, last_error FROM backup_places WHERE active = TRUE`).All(&rows); err != nil {
		return nil, fmt.Errorf("read the places of backups: %w", err)
	}
	for _, r := range rows {
		all = append(all, Place{ID: r.ID, Name: r.Name, Good: r.Good.Time(), Set: r.Updated.Time(), Error: r.Error})
	}
	return all, nil
}

// readNewest is when the newest message was stored. Uses the unique index on seq.
func readNewest(db dbx.Builder) (time.Time, error) {
	var at types.DateTime
	if err := db.NewQuery(`SELECT COALESCE((SELECT created FROM messages ORDER BY seq DESC LIMIT 1), '')`).Row(&at); err != nil {
		return time.Time{}, fmt.Errorf("read when the newest message was stored: %w", err)
	}
	return at.Time(), nil
}
