// Package template makes the data folder that tests copy: empty, migrated,
// with passwords at the lowest cost. It imports no room, so that the tests of
// the rooms below [hookstest] can use it too.
//
// A test binary makes its own. Where SHOHAY_TEMPLATE names a folder, all
// binaries share the one in it, which the tests of this package make: whole
// runs then migrate once, and under the race detector not at all (PocketBase
// reloads its settings in goroutines of its own while migrations run, which
// the detector reports now and then).
package template

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	_ "github.com/shohay/shohay/pb_migrations" // what is copied is migrated
	"golang.org/x/crypto/bcrypt"
)

// Variable names the folder shared by several test binaries.
const Variable = "SHOHAY_TEMPLATE"

// Copy returns a data folder of the test's own, removed when it ends.
func Copy(tb testing.TB) string {
	tb.Helper()
	from, err := dir()
	if err != nil {
		tb.Fatal("make the template database: ", err)
	}
	to := tb.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		tb.Fatal(err)
	}
	return to
}

// Cleanup removes what the binary made for itself; call it in TestMain.
func Cleanup() {
	if shared() != "" {
		return
	}
	if made, err := dir(); err == nil {
		os.RemoveAll(made)
	}
}

// shared is the folder of [Variable] if there is a database in it.
func shared() string {
	path := os.Getenv(Variable)
	if path == "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join(path, "data.db")); err != nil {
		return ""
	}
	return path
}

var dir = sync.OnceValues(func() (string, error) {
	if path := shared(); path != "" {
		return path, nil
	}
	path, err := os.MkdirTemp("", "shohay-template-")
	if err != nil {
		return "", err
	}
	return path, fill(path)
})

// fill fills an empty folder.
func fill(path string) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: path})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	// Tests sign in by the dozen.
	for _, name := range []string{schema.Agents, core.CollectionNameSuperusers} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		c.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField).Cost = bcrypt.MinCost
		if err := app.Save(c); err != nil {
			return err
		}
	}
	if _, err := app.DB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute(); err != nil {
		return err
	}
	return app.ClearBootstrap()
}
