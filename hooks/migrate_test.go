package hooks_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// firstRelease is a data folder with the database of the demo shop as the first
// release left it (72 messages).
func firstRelease(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "first.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, z); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copies(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, hooks.BeforeFolder, "data-*.db"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestADatabaseOfTheFirstReleaseIsBroughtUpToDate(t *testing.T) {
	dir := firstRelease(t)
	app := hookstest.Open(t, dir)
	messages, err := app.CountRecords(schema.Messages)
	if err != nil || messages != 72 {
		t.Errorf("%d messages: %v", messages, err)
	}
	if all := copies(t, dir); len(all) != 1 {
		t.Errorf("copies made before: %v", all)
	}
	app.Stop()
	hookstest.Open(t, dir).Stop()
	if all := copies(t, dir); len(all) != 1 {
		t.Errorf("a start with nothing to change made a copy: %v", all)
	}
}

func TestAFailedMigrationLeavesTheDataAsItWas(t *testing.T) {
	dir := firstRelease(t)
	before := hookstest.Dump(t, dir)

	kept := core.AppMigrations
	defer func() { core.AppMigrations = kept }()
	core.AppMigrations.Register(func(app core.App) error {
		if _, err := app.DB().NewQuery(`DELETE FROM messages`).Execute(); err != nil {
			return err
		}
		return errors.New("the disk said no")
	}, nil, "9999999999_breaks.go")

	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.ConnectDB})
	if _, err := hooks.Register(app, hooks.Deps{Public: hookstest.PublicFS()}); err != nil {
		t.Fatal(err)
	}
	err := app.Bootstrap()
	if err == nil || !strings.Contains(err.Error(), "the disk said no") || !strings.Contains(err.Error(), "as it was before") {
		t.Fatalf("the failed migration said: %v", err)
	}
	after := hookstest.Dump(t, dir)
	if len(after) != len(before) {
		t.Errorf("%d tables became %d", len(before), len(after))
	}
	for table, was := range before {
		if after[table] != was {
			t.Errorf("table %s changed", table)
		}
	}
	core.AppMigrations = kept
	if n, err := hookstest.Open(t, dir).CountRecords(schema.Messages); err != nil || n != 72 {
		t.Errorf("the release before does not start: %d, %v", n, err)
	}
}

// A server of the release before that still runs would go on in a file that is
// no more.
func TestNoCopyIsPutBackUnderAServerThatRuns(t *testing.T) {
	dir := firstRelease(t)
	database := filepath.Join(dir, "data.db")
	old, err := hooks.ConnectDB(database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = old.Close() })
	messages := func() (n int) {
		if err := old.NewQuery(`SELECT COUNT(*) FROM messages`).Row(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	messages()
	before, err := os.Stat(database)
	if err != nil {
		t.Fatal(err)
	}
	kept := core.AppMigrations
	defer func() { core.AppMigrations = kept }()
	core.AppMigrations.Register(func(core.App) error { return errors.New("the disk said no") }, nil, "9999999999_breaks.go")
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.ConnectDB})
	if _, err := hooks.Register(app, hooks.Deps{Public: hookstest.PublicFS()}); err != nil {
		t.Fatal(err)
	}
	if err := app.Bootstrap(); err == nil || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), hooks.BeforeFolder) {
		t.Errorf("the failed migration said: %v", err)
	}
	if after, err := os.Stat(database); err != nil || !os.SameFile(before, after) || messages() != 72 {
		t.Errorf("the server's database is another file: %v", err)
	}
}

func TestADatabaseOfANewerReleaseIsNotTouched(t *testing.T) {
	dir := firstRelease(t)
	db, err := dbx.Open("sqlite", filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.NewQuery(`INSERT INTO _migrations (file, applied) VALUES ('9999999999_from_the_future.go', 1)`).Execute(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := hookstest.Dump(t, dir)
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.ConnectDB})
	if _, err := hooks.Register(app, hooks.Deps{Public: hookstest.PublicFS()}); err != nil {
		t.Fatal(err)
	}
	if err := app.Bootstrap(); !errors.Is(err, hooks.ErrNewer) {
		t.Fatalf("a newer database: %v", err)
	}
	after := hookstest.Dump(t, dir)
	for table, was := range before {
		if after[table] != was {
			t.Errorf("table %s changed", table)
		}
	}
}

func TestOfTwoProcessesOneChangesTheDatabase(t *testing.T) {
	dir := firstRelease(t)
	const processes = 3
	done := make(chan error, processes)
	var apps [processes]core.App
	for i := range apps {
		app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DataMaxOpenConns: hooks.OpenConns, DataMaxIdleConns: hooks.IdleConns, DBConnect: hooks.ConnectDB})
		if _, err := hooks.Register(app, hooks.Deps{Public: hookstest.PublicFS()}); err != nil {
			t.Fatal(err)
		}
		apps[i] = app
		go func() { done <- app.Bootstrap() }()
	}
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if all := copies(t, dir); len(all) != 1 {
		t.Errorf("copies made before: %v", all)
	}
	for i, app := range apps {
		var messages int
		if err := app.DB().NewQuery(`SELECT COUNT(*) FROM messages`).Row(&messages); err != nil || messages != 72 {
			t.Errorf("process %d sees %d messages: %v", i, messages, err)
		}
		if err := app.ClearBootstrap(); err != nil {
			t.Error(err)
		}
	}
}
