// Command shohay is customer service for a small shop in one executable: chat,
// e-mail, a portal for customers and a desk for the staff.
package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // Windows has no time zones of its own

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	_ "github.com/shohay/shohay/pb_migrations"
)

//go:embed all:pb_public
var public embed.FS

// version is set by the release build.
var version = "dev"

func main() {
	hooks.LimitMemory()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "shohay: "+hooks.Sentence(err))
		os.Exit(1)
	}
}

func run(args []string) error {
	home, err := homeFolder()
	if err != nil {
		return err
	}
	pages, err := fs.Sub(public, "pb_public")
	if err != nil {
		return err
	}
	data, temporary, err := dataFolder(home, args)
	if err != nil {
		return err
	}
	if temporary {
		defer os.RemoveAll(data)
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		HideStartBanner: true, DefaultDataDir: data,
		DataMaxOpenConns: hooks.OpenConns, DataMaxIdleConns: hooks.IdleConns, DBConnect: hooks.ConnectDB,
	})
	app.RootCmd.Use = "shohay"
	app.RootCmd.Short = "Customer service for a small shop in one executable"
	app.RootCmd.Version = version
	app.RootCmd.SilenceUsage = true
	app.RootCmd.SilenceErrors = true
	app.RootCmd.FParseErrWhitelist.UnknownFlags = false

	rooms, err := hooks.Register(app, hooks.Deps{
		Public: pages, Disk: filepath.Join(home, "pb_public"), Demo: len(args) > 0 && args[0] == "demo",
	})
	if err != nil {
		return err
	}
	hooks.Welcome(app)
	app.RootCmd.AddCommand(cmd.NewSuperuserCommand(app), cmd.NewServeCommand(app, false), hooks.DemoCommand(app, rooms))
	return app.Execute()
}

// homeFolder is where the executable lies, or the working folder under go run.
func homeFolder() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable: %w", err)
	}
	if strings.Contains(filepath.ToSlash(exe), "/go-build") {
		return os.Getwd()
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	return filepath.Dir(exe), nil
}

// dataFolder is the default for --dir: beside the executable, and for the demo
// a temporary one.
func dataFolder(home string, args []string) (dir string, temporary bool, err error) {
	if len(args) > 0 && args[0] == "demo" {
		dir, err = os.MkdirTemp("", "shohay-demo-")
		return dir, true, err
	}
	return filepath.Join(home, "pb_data"), false, nil
}

var _ = errors.New
var _ core.App
var _ = apis.Serve
