package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Pool and cache of each database. SQLite's page cache lies outside the Go
// heap, so the memory limit does not see it: 8 connections of 8 MB are the
// whole of it.
const (
	OpenConns = 8
	IdleConns = 4

	memoryLimit = 200 << 20 // bytes, unless GOMEMLIMIT says otherwise
)

// ConnectDB opens a database as PocketBase does, but with a smaller cache, and
// data.db with synchronous=FULL: what was answered with 200 is on the disk
// even when the power goes. The auxiliary database holds logs only. A
// transaction asks for the right to write when it begins: one that asks later,
// having read, is refused at once instead of waiting while the replica's own
// connection writes.
func ConnectDB(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if filepath.Base(path) == "auxiliary.db" {
		synchronous = "NORMAL"
	}
	return openKeeping(path + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
		"&_pragma=synchronous(" + synchronous + ")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8000)&_defensive=1&_txlock=immediate")
}

// LimitMemory sets the heap's soft limit for small machines.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// ErrNewer says that the data folder belongs to a newer release.
var ErrNewer = errors.New("this data folder was used by a newer version of Shohay; start that version, or restore a backup made by this one")

// prepare brings the database to this release, for every command that opens it
// and not only for serve: `superuser upsert` on an empty folder needs the
// collections too.
func prepare(e *core.BootstrapEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if err := refuseNewer(e.App); err != nil {
		return err
	}
	return e.App.RunAllMigrations()
}

// refuseNewer stops before anything is written when the database has
// migrations that this executable does not know.
func refuseNewer(app core.App) error {
	known := map[string]bool{}
	for _, list := range []core.MigrationsList{core.SystemMigrations, core.AppMigrations} {
		for _, m := range list.Items() {
			known[m.File] = true
		}
	}
	var files []string
	err := app.DB().NewQuery(`SELECT file FROM ` + core.DefaultMigrationsTable).Column(&files)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of migrations: %w", err)
	}
	for _, f := range files {
		if !known[f] {
			return ErrNewer
		}
	}
	return nil
}
