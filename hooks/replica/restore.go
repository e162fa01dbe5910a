package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/backup/depot"
)

// Restored is what came back.
type Restored struct {
	From  string    // the generation
	Until time.Time // when the newest change that came was copied, or the asked time
	Files int
}

// Restore brings a shop back from a replica into a folder that is empty or does
// not exist: as it was last, or as it was at a time of the last two days.
// Either everything is there at the end or nothing is.
func Restore(ctx context.Context, d depot.Depot, passphrase, dir string, at time.Time) (*Restored, error) {
	return restore(ctx, d, passphrase, dir, at, func(string) error { return nil })
}

// restore is Restore that does one thing more in the new folder, before that is
// in its place.
func restore(ctx context.Context, d depot.Depot, passphrase, dir string, at time.Time, last func(into string) error) (*Restored, error) {
	in, err := openForReading(ctx, d, passphrase)
	if err != nil {
		return nil, err
	}
	var back Restored
	err = backup.IntoNew(dir, func(into string) error {
		c, err := newest(ctx, in, at)
		if err != nil {
			return err
		}
		back.From, back.Until = filepath.Base(c.top), at
		if at.IsZero() {
			if back.Until, err = c.until(ctx); err != nil {
				return err
			}
		}
		opt := litestream.NewRestoreOptions()
		opt.OutputPath, opt.Timestamp, opt.IntegrityCheck = filepath.Join(into, "data.db"), at, litestream.IntegrityCheckQuick
		if err := restorer(c).Restore(ctx, opt); err != nil {
			return fmt.Errorf("bring back the database: %w", err)
		}
		if back.Files, err = fetch(ctx, in, into); err != nil {
			return err
		}
		return last(into)
	})
	if err != nil {
		return nil, err
	}
	return &back, nil
}

func openForReading(ctx context.Context, d depot.Depot, passphrase string) (*sealed, error) {
	if _, err := readHead(ctx, d); err != nil {
		return nil, err
	}
	return open(ctx, d, passphrase, false)
}

// newest is the newest generation a shop can be brought back from.
func newest(ctx context.Context, in *sealed, at time.Time) (*client, error) {
	names, err := generations(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		c := &client{in: in, top: generationTop(name)}
		if _, err = litestream.CalcRestorePlan(ctx, c, 0, at, quiet); err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if !at.IsZero() {
		return nil, fmt.Errorf("the replica does not reach back to %s", at.Local().Format("2006-01-02 15:04:05"))
	}
	return nil, errors.Join(errors.New("the replica is not complete yet: nothing can be brought back from it"), err)
}

// until is when the newest change was stored.
func (c *client) until(ctx context.Context) (at time.Time, err error) {
	for level := range len(levels) {
		files, err := c.LTXFiles(ctx, level, 0, false)
		if err != nil {
			return at, err
		}
		for files.Next() {
			if t := files.Item().CreatedAt; t.After(at) {
				at = t
			}
		}
		if err := files.Close(); err != nil {
			return at, err
		}
	}
	return at, nil
}

// restorer reads a replica, with no database of its own.
func restorer(c *client) *litestream.Replica {
	r := litestream.NewReplicaWithClient(litestream.NewDB(filepath.Join(c.top, "none")), c)
	r.DB().SetLogger(slog.New(slog.DiscardHandler))
	return r
}
