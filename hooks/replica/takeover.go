package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/shohay/shohay/hooks/backup/depot"
)

// Source finds the replica, with its passphrase, when nobody follows it into
// the folder. from is the place that was followed last, "" for none.
type Source func(from string) (d depot.Depot, passphrase string, err error)

// TakeOver makes a stand-by folder one that can be served. Whoever follows is
// told to stop and waited for. When nobody does, what is missing is brought from
// the replica, into a folder that never followed all of it; without a source the
// folder stays as it is. The shop then claims the replica for itself, and the
// machine that wrote it before stops writing.
func TakeOver(ctx context.Context, dir string, source Source) error {
	m, err := readMark(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fromNothing(ctx, dir, source)
	}
	if err != nil {
		return err
	}
	followed, err := endFollowing(ctx, dir, m)
	if err != nil {
		return err
	}
	database := filepath.Join(dir, "data.db")
	if !followed && source != nil {
		from, err := os.ReadFile(filepath.Join(dir, Folder, placeName))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		d, passphrase, err := source(string(from))
		if err == nil {
			err = catchUp(ctx, d, passphrase, dir, database)
		}
		if err != nil {
			return fmt.Errorf("nobody follows into %s, and what came since cannot be had from the replica: %w", dir, err)
		}
	}
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("the stand-by machine has no database yet: %w", err)
	}
	if err := claimNext(dir); err != nil {
		return err
	}
	for _, f := range []string{database + "-txid", filepath.Join(dir, Folder, "of"), filepath.Join(dir, Folder, placeName), filepath.Join(dir, markName)} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// endFollowing asks whoever follows into the folder to stop, and tells whether
// somebody did after having brought the last changes.
func endFollowing(ctx context.Context, dir string, m mark) (followed bool, err error) {
	ask := filepath.Join(dir, askName)
	if err := os.WriteFile(ask, nil, 0o600); err != nil {
		return false, err
	}
	defer os.Remove(ask)
	ctx, cancel := context.WithTimeout(ctx, lastFetch+gone)
	defer cancel()
	for m.Alive {
		age, err := markAge(dir)
		if err != nil || age > gone {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if now, err := readMark(dir); err == nil {
			m, followed = now, !now.Alive
		}
	}
	return followed, nil
}

// fromNothing takes over in a folder that never followed.
func fromNothing(ctx context.Context, dir string, source Source) error {
	if _, err := os.Stat(filepath.Join(dir, "data.db")); err == nil {
		return fmt.Errorf("%s holds a shop that follows no other machine; start it with: shohay serve --dir %q", dir, dir)
	}
	if source == nil {
		return fmt.Errorf("%s holds nothing yet; say where the replica is: shohay takeover --from REPLICA --dir %q", dir, dir)
	}
	d, passphrase, err := source("")
	if err != nil {
		return err
	}
	_, err = restore(ctx, d, passphrase, dir, time.Time{}, claimNext)
	return err
}

// claimNext notes that the shop of the folder writes the replica from now on,
// whoever did before.
func claimNext(dir string) error {
	mine, err := readLocal(dir)
	if err != nil {
		return err
	}
	mine.Claim = true
	return mine.write(dir)
}

// catchUp brings a folder that is no longer followed to the newest of the
// replica. The database that is there stays until the new one is whole.
func catchUp(ctx context.Context, d depot.Depot, passphrase, dir, database string) error {
	in, err := openForReading(ctx, d, passphrase)
	if err != nil {
		return err
	}
	c, err := newest(ctx, in, time.Time{})
	if err != nil {
		return err
	}
	fresh := database + ".new"
	for _, f := range []string{fresh, fresh + ".tmp", fresh + "-wal", fresh + "-shm"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	opt := litestream.NewRestoreOptions()
	opt.OutputPath, opt.IntegrityCheck = fresh, litestream.IntegrityCheckQuick
	if err := restorer(c).Restore(ctx, opt); err != nil {
		return fmt.Errorf("bring back the database: %w", err)
	}
	if _, err := fetch(ctx, in, dir); err != nil {
		return err
	}
	for _, f := range []string{database + "-txid", database + "-wal", database + "-shm"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(fresh, database)
}
