package lookup

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/whole"
)

// How a condition on conversations is answered depends on how many fulfil it,
// which nothing tells beforehand: SQLite guesses, and where it takes a common
// condition for a rare one it reads and sorts a third of the table for a page
// of thirty. So it is tried. A few that are found by an index at once are
// complete and can be sorted ([plan.all]); a condition that many fulfil is met
// again and again by who walks down the list from the newest ([plan.walk]).

const (
	tryTime   = 6 * time.Millisecond // after which there are too many, or no index finds them
	mostTried = 500
	walkFirst = 1000 // conversations that are walked past at first
)

// all are the conversations that fulfil the plan's conditions, in no order, if
// they are no more than most and found at once; else complete is false.
func (p *plan) all(ctx context.Context, app core.App, most int) (rows []place, complete bool, err error) {
	short, stop := context.WithTimeout(ctx, tryTime)
	defer stop()
	err = whole.All(short, app.DB().NewQuery(`SELECT cv.id, cv.last_activity FROM conversations cv WHERE `+strings.Join(p.where, " AND ")+` LIMIT `+strconv.Itoa(most+1)).
		Bind(p.params), &rows)
	if short.Err() != nil {
		return nil, false, ctx.Err()
	}
	return rows, err == nil && len(rows) <= most, err
}

// newer orders places as the list does: the newest first.
func newer(a, b place) int {
	if d := strings.Compare(b.Activity, a.Activity); d != 0 {
		return d
	}
	return strings.Compare(b.ID, a.ID)
}

// page is a page of the conversations that fulfil the plan's conditions, the
// newest first, below a place. more says that there is something below the
// last place, which fulfils them or is only how far the time was enough for:
// then it is not among the rows.
func (p *plan) page(ctx context.Context, app core.App, below place, r Request) (rows []place, last place, more bool, err error) {
	rows, complete, err := p.all(ctx, app, mostTried)
	if err != nil {
		return nil, place{}, false, err
	}
	if !complete {
		return p.walk(ctx, app, below, r)
	}
	slices.SortFunc(rows, newer)
	if below.Activity != "" {
		rows = slices.DeleteFunc(rows, func(at place) bool { return newer(below, at) >= 0 })
	}
	if len(rows) > r.Limit {
		rows, more = rows[:r.Limit], true
	}
	if len(rows) > 0 {
		last = rows[len(rows)-1]
	}
	return rows, last, more, nil
}

// walk goes down the list in stretches until a page is full or the time for
// one is over. Uses idx_conversations_activity.
func (p *plan) walk(ctx context.Context, app core.App, below place, r Request) (rows []place, last place, more bool, err error) {
	const under = `(cv.last_activity, cv.id) < ({:activity}, {:id})`
	from := ` FROM conversations cv INDEXED BY idx_conversations_activity WHERE `
	for width := walkFirst; ; {
		where, params := "TRUE", dbx.Params{"activity": below.Activity, "id": below.ID}
		if below.Activity != "" {
			where = under
		}
		var ends []place // where the stretch ends; none at the end of the list
		asked := time.Now()
		err = whole.All(ctx, app.DB().NewQuery(`SELECT cv.id, cv.last_activity`+from+where+` ORDER BY cv.last_activity DESC, cv.id DESC LIMIT 1 OFFSET `+strconv.Itoa(width-1)).
			Bind(params), &ends)
		if err != nil {
			return nil, place{}, false, err
		}
		if len(ends) > 0 {
			params["endActivity"], params["endID"] = ends[0].Activity, ends[0].ID
			where += ` AND (cv.last_activity, cv.id) >= ({:endActivity}, {:endID})`
		}
		for k, v := range p.params {
			params[k] = v
		}
		var found []place
		err = whole.All(ctx, app.DB().NewQuery(`SELECT cv.id, cv.last_activity`+from+where+` AND `+strings.Join(p.where, " AND ")+` ORDER BY cv.last_activity DESC, cv.id DESC LIMIT `+strconv.Itoa(r.Limit-len(rows)+1)).
			Bind(params), &found)
		if err != nil {
			return nil, place{}, false, err
		}
		if rows = append(rows, found...); len(rows) > r.Limit {
			rows = rows[:r.Limit]
			return rows, rows[r.Limit-1], true, nil
		}
		if len(ends) == 0 {
			return rows, place{}, false, nil
		}
		below = ends[0]
		left := r.left()
		if left <= 0 {
			return rows, below, true, nil
		}
		width = fitting(width, time.Since(asked), left)
	}
}

// fitting is the width of the next stretch: at most four times the last, and
// no more than is likely to be read in the time that is left.
func fitting(width int, took, left time.Duration) int {
	return max(walkFirst, int(float64(width)*min(4, float64(left)/float64(max(took, time.Microsecond)))))
}
