package template

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// TestMain makes the folder that other test binaries share, if one is named.
func TestMain(m *testing.M) {
	if path := os.Getenv(Variable); path != "" && shared() == "" {
		if err := fill(path); err != nil {
			println("make the shared template: " + err.Error())
			os.Exit(1)
		}
	}
	code := m.Run()
	Cleanup()
	os.Exit(code)
}

func TestEveryCopyIsAMigratedDatabaseOfItsOwn(t *testing.T) {
	first, second := Copy(t), Copy(t)
	if first == second {
		t.Fatal("two tests share a folder")
	}
	if err := os.Remove(filepath.Join(first, "data.db")); err != nil {
		t.Fatal(err)
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: second})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.ClearBootstrap() }()
	if _, err := app.FindCollectionByNameOrId(schema.Conversations); err != nil {
		t.Error(err)
	}
}
