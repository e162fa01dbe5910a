package conversation

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// A list whose condition may be met by few rows among very many is walked: its
// index is read in stretches, in the order of the list, until the page is full
// or the time for one is over. Then the page is given as it is, and its cursor
// goes on where the stretch ended. Where many rows fulfil the condition the
// first stretch fills the page; where none does, every page comes soon and the
// last says that there is nothing more.

// A test makes them small, so that a short list is walked in many stretches.
var (
	walkTime  = 20 * time.Millisecond // for a page
	walkFirst = 1000                  // rows that are walked past at first
	walkLeast = 500
)

// stop is where a walk ended before the part did; without an id it did not.
type stop struct {
	ID  string `db:"id"`
	Key string `db:"sort_key"`
}

// walker reads a part as [Room.part] does, up to a time.
func (room *Room) walker(late time.Time) func(core.App, string, dbx.Params, order, int, string, string) ([]Row, []string, stop, error) {
	return func(app core.App, where string, params dbx.Params, o order, limit int, key, id string) (found []Row, keys []string, end stop, err error) {
		params = maps.Clone(params)
		for width := walkFirst; ; {
			asked := time.Now()
			params["key"], params["id"] = key, id
			var ends []stop // where the stretch ends; none at the end of the part
			if err := app.DB().NewQuery(o.end(width, key != "")).Bind(params).All(&ends); err != nil {
				return nil, nil, stop{}, fmt.Errorf("walk conversations: %w", err)
			}
			within := where + ` AND ` + o.walk
			if len(ends) > 0 {
				params["endKey"], params["endID"] = ends[0].Key, ends[0].ID
				within += ` AND (` + o.key + `, cv.id) ` + until(o.rising) + ` ({:endKey}, {:endID})`
			}
			rows, sorted, _, err := room.part(app, within, params, o, limit-len(found), key, id)
			if err != nil {
				return nil, nil, stop{}, err
			}
			found, keys = append(found, rows...), append(keys, sorted...)
			if len(found) >= limit || len(ends) == 0 {
				return found, keys, stop{}, nil
			}
			key, id = ends[0].Key, ends[0].ID
			left := time.Until(late)
			if left <= 0 {
				return found, keys, ends[0], nil
			}
			width = stretch(width, time.Since(asked), left)
		}
	}
}

// end asks for the last row of a stretch. Of several places of the index each
// gives its first ones, among which it is: read in their order they would have
// to be sorted whole.
func (o order) end(width int, after bool) string {
	by, beyond := o.sql()
	places := o.each
	if len(places) == 0 {
		places = []string{o.walk}
	}
	parts := make([]string, len(places))
	for i, place := range places {
		parts[i] = `SELECT cv.id AS id, ` + o.key + ` AS sort_key` + strings.TrimSuffix(o.from, rowContact) + ` WHERE ` + place
		if after {
			parts[i] += ` AND ` + beyond
		}
		parts[i] += ` ORDER BY ` + by
	}
	last := ` LIMIT 1 OFFSET ` + strconv.Itoa(width-1)
	if len(parts) == 1 {
		return parts[0] + last
	}
	down := ` DESC`
	if o.rising {
		down = ``
	}
	first := ` LIMIT ` + strconv.Itoa(width) + `)`
	return `SELECT id, sort_key FROM (SELECT * FROM (` + strings.Join(parts, first+` UNION ALL SELECT * FROM (`) + first + `) ORDER BY sort_key` + down + `, id` + down + last
}

// until compares a place with the last of a stretch.
func until(rising bool) string {
	if rising {
		return `<=`
	}
	return `>=`
}

// stretch is how many rows are walked past next: at most four times the last,
// and no more than is likely to be read in half of the time that is left.
func stretch(width int, took, left time.Duration) int {
	return max(walkLeast, int(float64(width)*min(4, float64(left)/2/float64(max(took, time.Microsecond)))))
}
