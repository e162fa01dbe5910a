package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// BeforeFolder holds copies of the database as it was before it was changed
// for a newer release, within the data folder.
const BeforeFolder = "before_update"

const keptBefore = 3 // such copies

// ErrNewer says that the data folder belongs to a newer release.
var ErrNewer = errors.New("this data folder was used by a newer version of Shohay; start that version, or restore a backup made by this one")

// prepare brings the database to this release, for every command that opens it
// and not only for serve: `superuser upsert` on an empty folder needs the
// collections too.
//
// A database that has to be changed is copied first. If the change fails, the
// copy takes its place again: the data is as it was, and the release before
// still starts. A process that is killed in between goes on at the next start,
// for each migration is a transaction. Of two processes the second waits: it
// would take the first one's changes for its own failure, and undo them.
func prepare(e *core.BootstrapEvent) error {
	database := filepath.Join(e.App.DataDir(), "data.db")
	done, unlock, err := alone(database)
	if err != nil {
		return err
	}
	if done {
		return e.Next()
	}
	defer unlock()
	before, err := copyBefore(database)
	if err != nil {
		return err
	}
	err = e.Next()
	if err == nil {
		err = e.App.RunAllMigrations()
	}
	if err == nil || before == "" {
		return err
	}
	if undo := errors.Join(e.App.ClearBootstrap(), putBack(before, database)); undo != nil {
		return fmt.Errorf("this release could not change the database (%w), and the copy made before could not be put back: %w; it is %s", err, undo, before)
	}
	return fmt.Errorf("this release could not change the database: %w. The data is as it was before; start the release you had", err)
}

// lockFile is held by the process that changes the database.
const lockFile = "update.lock"

// lockWait is how long another process may change the database; copies and
// indexes of a large shop take minutes. After lockSilent the one that waits says
// so.
const (
	lockSilent = 3 * time.Second
	lockWait   = 30 * time.Minute
)

// alone waits until no other process changes a database that has to be changed,
// and keeps others waiting until unlock; there is none for one that is done. The
// lock is one of SQLite: it is the same on every system and ends with its process.
func alone(database string) (done bool, unlock func(), err error) {
	if done, err = upToDate(database); done || err != nil {
		return done, nil, err
	}
	name := filepath.Join(filepath.Dir(database), lockFile)
	unlock, err = lock(name, lockSilent)
	if err != nil && isLocked(err) {
		fmt.Fprintln(os.Stderr, "Another process brings the database up to date; waiting for it.")
		unlock, err = lock(name, lockWait)
	}
	if err != nil {
		return false, nil, fmt.Errorf("wait for another process that changes the database: %w", err)
	}
	return false, unlock, nil
}

func lock(name string, wait time.Duration) (unlock func(), err error) {
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(name)+fmt.Sprintf("?_txlock=exclusive&_pragma=busy_timeout(%d)", wait.Milliseconds()))
	if err != nil {
		return nil, err
	}
	tx, err := db.Begin()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() {
		_ = tx.Rollback() // nothing was written
		_ = db.Close()
	}, nil
}

func isLocked(err error) bool { return strings.Contains(err.Error(), "database is locked") }

// upToDate tells whether a database needs no change.
func upToDate(database string) (bool, error) {
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(database)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return false, fmt.Errorf("open the database: %w", err)
	}
	defer db.Close()
	pending, used, err := pendingMigrations(db)
	return used && !pending, err
}

// copyBefore copies a database that has migrations to come, and says where. A
// database with migrations that this executable does not know is refused
// before anything touches it.
func copyBefore(database string) (string, error) {
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(database)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return "", fmt.Errorf("open the database: %w", err)
	}
	defer db.Close()
	pending, used, err := pendingMigrations(db)
	if err != nil || !pending || !used {
		return "", err
	}
	folder := filepath.Join(filepath.Dir(database), BeforeFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(folder, "data-"+time.Now().UTC().Format("20060102T150405Z")+".db")
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if _, err := db.NewQuery(`VACUUM INTO {:name}`).Bind(dbx.Params{"name": name}).WithContext(ctx).Execute(); err != nil {
		os.Remove(name)
		return "", fmt.Errorf("copy the database before this release changes it: %w; make room on the disk or start the release you had", err)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return "", err
	}
	return name, thinBefore(folder)
}

func thinBefore(folder string) error {
	all, err := filepath.Glob(filepath.Join(folder, "data-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(all)
	for len(all) > keptBefore {
		if err := os.Remove(all[0]); err != nil {
			return err
		}
		all = all[1:]
	}
	return nil
}

// pendingMigrations compares what the database has with what this executable
// knows. A database that nobody has used yet has nothing to lose.
func pendingMigrations(db *dbx.DB) (pending, used bool, err error) {
	var tables int
	if err := db.NewQuery(`SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = {:name}`).
		Bind(dbx.Params{"name": core.DefaultMigrationsTable}).Row(&tables); err != nil {
		return false, false, fmt.Errorf("read the database: %w", err)
	}
	if tables == 0 {
		return true, false, nil
	}
	var have []string
	if err := db.NewQuery(`SELECT file FROM ` + core.DefaultMigrationsTable).Column(&have); err != nil {
		return false, false, fmt.Errorf("read the list of migrations: %w", err)
	}
	known := map[string]bool{}
	for _, list := range []core.MigrationsList{core.SystemMigrations, core.AppMigrations} {
		for _, m := range list.Items() {
			known[m.File] = true
		}
	}
	for _, f := range have {
		if !known[f] {
			return false, true, ErrNewer
		}
		delete(known, f)
	}
	return len(known) > 0, true, nil
}

// errInUse says that another process works with the database: it would go on
// in a file that is no more.
var errInUse = errors.New("another process has the database open")

// inUse tells whether another process has the database open: only one that has
// it for itself may leave the mode with a log beside the file.
func inUse(database string) (bool, error) {
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(database)+"?_pragma=busy_timeout(1000)")
	if err != nil {
		return false, err
	}
	defer db.Close()
	_, err = db.NewQuery(`PRAGMA journal_mode = DELETE`).Execute()
	return err != nil && isLocked(err), nil
}

// putBack makes a copy the database again.
func putBack(copied, database string) error {
	if used, err := inUse(database); used || err != nil {
		return errors.Join(err, errInUse)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(database + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	src, err := os.Open(copied)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(database+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return err
	}
	return os.Rename(database+".new", database)
}
