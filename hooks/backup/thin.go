package backup

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

const filePrefix = "shohay-" // of every backup's name

const stamp = "2006-01-02T150405Z"

var named = regexp.MustCompile(`^shohay-(\d{4}-\d\d-\d\dT\d{6}Z)\.zip(\.age)?$`)

// nameAt is the name of a backup.
func nameAt(at time.Time, encrypted bool) string {
	name := "shohay-" + at.UTC().Format(stamp) + ".zip"
	if encrypted {
		name += ".age"
	}
	return name
}

// timeOf reads when a backup was made from its name; not ok is a file of
// somebody else's, which we neither list nor delete.
func timeOf(name string) (at time.Time, ok bool) {
	m := named.FindStringSubmatch(name)
	if m == nil {
		return at, false
	}
	at, err := time.Parse(stamp, m[1])
	return at, err == nil
}

// Keep says how many backups stay: the newest of each of so many days, weeks
// (from Monday, ISO 8601) and months that have one.
type Keep struct{ Daily, Weekly, Monthly int }

// thin returns the names that need not stay, given all of a place. Days are
// those of loc. The newest stays always.
func thin(names []string, keep Keep, loc *time.Location) (gone []string) {
	type backup struct {
		name string
		at   time.Time
	}
	var all []backup
	for _, n := range names {
		if at, ok := timeOf(n); ok {
			all = append(all, backup{n, at.In(loc)})
		}
	}
	slices.SortFunc(all, func(a, b backup) int { return b.at.Compare(a.at) })
	stays := make([]bool, len(all))
	if len(all) > 0 {
		stays[0] = true
	}
	for _, kind := range []struct {
		most int
		span func(time.Time) string
	}{
		{keep.Daily, func(t time.Time) string { return t.Format(time.DateOnly) }},
		{keep.Weekly, func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, "-", w) }},
		{keep.Monthly, func(t time.Time) string { return t.Format("2006-01") }},
	} {
		seen := map[string]bool{}
		for i, b := range all {
			if span := kind.span(b.at); !seen[span] && len(seen) < kind.most {
				seen[span], stays[i] = true, true
			}
		}
	}
	for i, b := range all {
		if !stays[i] {
			gone = append(gone, b.name)
		}
	}
	return gone
}

// due says when the next backup is to be made: at the hour of the day in loc
// that follows the last one, at once if that is past or there is none.
func due(last time.Time, hour int, loc *time.Location) time.Time {
	if last.IsZero() {
		return last
	}
	local := last.In(loc)
	at := time.Date(local.Year(), local.Month(), local.Day(), hour, 0, 0, 0, loc)
	for !at.After(last) {
		local = local.AddDate(0, 0, 1)
		at = time.Date(local.Year(), local.Month(), local.Day(), hour, 0, 0, 0, loc)
	}
	return at
}

// Lasting is for how many days something may still be in a backup after it is
// gone from the shop, given a backup every night: a month's last one stays
// until there are as many newer months as the place keeps. It also tells
// whether a place is continuous.
func Lasting(app core.App) (days int, continuous bool, err error) {
	records, err := app.FindAllRecords(schema.BackupPlaces)
	if err != nil {
		return 0, false, fmt.Errorf("list the places of backups: %w", err)
	}
	for _, p := range wrapAll(records) {
		if p.GetBool(schema.PlaceActive) {
			days = max(days, p.keep().lasts())
		}
		continuous = continuous || p.GetBool(schema.PlaceContinuous)
	}
	return days, continuous, nil
}

func (k Keep) lasts() int { return max(k.Daily, 7*k.Weekly, 31*k.Monthly, 1) + 1 }
