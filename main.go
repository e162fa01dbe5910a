// Command shohay is customer service for a small shop in one executable: chat,
// e-mail, a portal for customers and a desk for the staff.
package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	_ "time/tzdata" // Windows has no time zones of its own

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/files"
	"github.com/shohay/shohay/hooks/replica"
	"github.com/shohay/shohay/hooks/setup"
	"github.com/shohay/shohay/installer"
	_ "github.com/shohay/shohay/pb_migrations"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

//go:embed all:pb_public
var public embed.FS

// version is set by the release build.
var version = "dev"

// releaseKey is the public key (minisign) that releases are signed with; set by
// the release build.
var releaseKey string

func main() {
	hooks.LimitMemory()
	err := run(os.Args[1:])
	var code installer.ExitCode
	switch {
	case errors.As(err, &code):
		os.Exit(int(code))
	case err != nil:
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
	demo := commandName(args) == "demo"
	data := installer.DataFolder(home)
	if demo {
		if data, err = os.MkdirTemp("", "shohay-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(data)
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		HideStartBanner: true, DefaultDataDir: data,
		DataMaxOpenConns: hooks.OpenConns, DataMaxIdleConns: hooks.IdleConns, DBConnect: hooks.ConnectDB,
	})
	rooms, err := hooks.Register(app, hooks.Deps{Public: pages, Disk: filepath.Join(home, "pb_public"), Demo: demo, Version: version, MailDNS: net.DefaultResolver.LookupTXT})
	if err != nil {
		return err
	}
	hooks.Welcome(app, rooms, demo)

	root := app.RootCmd
	hooks.DescribeCommands(root, version)
	root.AddCommand(hooks.VersionCommand(version))
	root.AddCommand(installer.Commands(app, releaseKey)...)
	root.AddCommand(backup.Command(app, rooms.Backup, func() error { return hooks.OpenAsOwner(app) }), replica.RestoreFrom(app, backup.RestoreCommand(app)), replica.StandbyCommand(app))
	root.AddCommand(hooks.EvalCommand(), hooks.DoctorCommand(app, version, installer.State, installer.ExitCode(1)), hooks.BundleCommand(app, version, installer.State))
	root.AddCommand(files.Command(app, func() error { return hooks.OpenAsOwner(app) }))
	root.AddCommand(setup.Command(app, func() error { return hooks.OpenAsOwner(app) }))
	serve := hooks.ServeCommand(app)
	root.AddCommand(replica.TakeoverCommand(app, func() error { return hooks.OpenData(app) }, serve))
	superuser, search := hooks.SuperuserCommand(app), hooks.SearchCommand(app)
	for _, c := range []*cobra.Command{serve, superuser, hooks.DemoCommand(app, rooms), search} {
		open := hooks.OpenData
		if c == superuser || c == search {
			open = hooks.OpenAsOwner
		}
		// Only here, after flags and arguments were understood: PocketBase's
		// own Execute opens the database before every known command.
		c.PersistentPreRunE = func(*cobra.Command, []string) error { return open(app) }
		root.AddCommand(c)
	}
	if c, _, err := root.Find(args); err != nil || c.Name() == installer.RunName {
		return root.Execute() // the service manager's signals are the installer's
	}
	return execute(app)
}

// execute runs the command until it ends or the process is told to stop, and
// then ends background work and closes the database.
func execute(app *pocketbase.PocketBase) error {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- app.RootCmd.Execute() }()
	var err error
	select {
	case <-told:
	case err = <-ended:
	}
	if !app.IsBootstrapped() {
		return err
	}
	return app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(e *core.TerminateEvent) error {
		return errors.Join(e.App.ClearBootstrap(), err)
	})
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

// commandName is the first word that is no flag, known before the commands
// are: the demo has a data folder of its own.
func commandName(args []string) string {
	f := pflag.NewFlagSet("shohay", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.Usage = func() {}
	f.String("dir", "", "")
	f.String("encryptionEnv", "", "")
	f.Int("queryTimeout", 0, "")
	f.Bool("dev", false, "")
	_ = f.Parse(args) // what is wrong is said when the command is run
	return f.Arg(0)
}
