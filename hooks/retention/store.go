package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	someRows  = 500 // that one transaction removes
	someTalks = 20  // that are listed at once; each goes in a transaction of its own
	breath    = 20 * time.Millisecond
)

// from is a table and which of its rows.
type from struct{ table, where string }

// counted counts the rows of a table.
func counted(table, where string) func(context.Context, *Room, string) (int, error) {
	return func(ctx context.Context, room *Room, before string) (n int, err error) {
		err = room.app.DB().NewQuery(`SELECT COUNT(*) FROM ` + table + ` WHERE ` + where).WithContext(ctx).Bind(dbx.Params{"before": before}).Row(&n)
		if err != nil {
			return 0, fmt.Errorf("count what is too old in %s: %w", table, err)
		}
		return n, nil
	}
}

func both(a, b func(context.Context, *Room, string) (int, error)) func(context.Context, *Room, string) (int, error) {
	return func(ctx context.Context, room *Room, before string) (int, error) {
		n, err := a(ctx, room, before)
		if err != nil {
			return 0, err
		}
		m, err := b(ctx, room, before)
		return n + m, err
	}
}

// rows removes rows, some at a time, that nothing else hangs on.
func rows(tables ...from) func(context.Context, *Room, string) (int, error) {
	return func(ctx context.Context, room *Room, before string) (n int, err error) {
		for _, t := range tables {
			for {
				res, qerr := room.app.NonconcurrentDB().NewQuery(`DELETE FROM ` + t.table + ` WHERE id IN (SELECT id FROM ` + t.table + ` WHERE ` + t.where + ` LIMIT {:n})`).
					WithContext(ctx).Bind(dbx.Params{"before": before, "n": someRows}).Execute()
				if qerr != nil {
					err = errors.Join(err, fmt.Errorf("remove what is too old from %s: %w", t.table, qerr))
					break
				}
				gone, _ := res.RowsAffected() // SQLite always knows
				n += int(gone)
				if gone < someRows || !lifecycle.Rest(ctx, breath) {
					break
				}
			}
		}
		return n, errors.Join(err, ctx.Err())
	}
}

// each goes through the ids that a query lists and removes one after the
// other. One that cannot be removed does not keep the others.
func each(query string, remove func(ctx context.Context, room *Room, id string) error) func(context.Context, *Room, string) (int, error) {
	return func(ctx context.Context, room *Room, before string) (n int, err error) {
		after := ""
		for {
			var ids []string
			if qerr := whole.Column(ctx, room.app.DB().NewQuery(query).Bind(dbx.Params{"before": before, "after": after, "n": someTalks}), &ids); qerr != nil {
				return n, errors.Join(err, fmt.Errorf("list what is too old: %w", qerr))
			}
			for _, id := range ids {
				after = id
				if rerr := remove(ctx, room, id); rerr != nil {
					err = errors.Join(err, fmt.Errorf("remove %s: %w", id, rerr))
					continue
				}
				n++
			}
			if len(ids) < someTalks || !lifecycle.Rest(ctx, breath) {
				return n, errors.Join(err, ctx.Err())
			}
		}
	}
}

// talks erases conversations with all that belongs to them.
func talks(where string) func(context.Context, *Room, string) (int, error) {
	return each(`SELECT id FROM conversations WHERE `+where+` AND id > {:after} ORDER BY id LIMIT {:n}`,
		func(_ context.Context, room *Room, id string) error { return room.Erase(id) })
}
