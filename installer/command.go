package installer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/kardianos/service"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks"
	"github.com/spf13/cobra"
)

// Commands are install, uninstall, start, stop, restart, status, logs and
// upgrade, and the hidden command that the service manager runs. They must run without the app having
// been bootstrapped: most of them run while the service uses the database.
func Commands(app core.App, releaseKey string) []*cobra.Command {
	c := &control{
		manager: func(p plan) (manager, error) { return service.New(new(program), config(p)) },
		look:    look, defined: defined, same: installed, elevated: elevated, out: os.Stdout, command: os.Args, logs: logs(),
		account: account, reader: logReader, run: show,
		pause: func() { time.Sleep(1500 * time.Millisecond) },
	}
	simple := func(use, short string, run func() error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return run() }}
	}
	return []*cobra.Command{
		installCommand(c),
		simple("uninstall", "Remove the system service; the data stays", c.uninstall),
		simple("start", "Start the installed service", c.start),
		simple("stop", "Stop the installed service", c.stop),
		simple("restart", "Stop the installed service and start it again", c.restart),
		logsCommand(c),
		upgradeCommand(app, c, releaseKey),
		simple("status", "Say whether the service is running (exit code 0), stopped (3) or not installed (4)", c.status),
		runCommand(app),
	}
}

func installCommand(c *control) *cobra.Command {
	var w wish
	var listen hooks.Listen
	command := &cobra.Command{
		Use:   "install [domain(s)]",
		Short: "Install this executable as a service that starts with the computer",
		Long: "Install this executable as a service that starts with the computer.\n\n" +
			"With one or more domains it listens on ports 80 and 443 and gets their certificates itself,\n" +
			"from Let's Encrypt or from the ACME server that --acme names; without, it listens where --http says.",
		Example: "  shohay install shop.example.com\n  shohay install --http 0.0.0.0:8090 --dir /srv/shohay",
		Args: func(_ *cobra.Command, domains []string) error {
			listen.Domains = domains
			return listen.Check()
		},
		RunE: func(command *cobra.Command, args []string) error {
			exe, err := executable()
			if err != nil {
				return err
			}
			w.exe, w.domains, w.temporary = exe, args, temporaryFolders()
			w.http, w.https, w.acme, w.roots = listen.HTTP, listen.HTTPS, listen.ACME, listen.Roots
			w.plain = !quotes(service.Platform())
			if f := command.Flag("dir"); f != nil {
				w.dir, w.dirGiven = f.Value.String(), f.Changed
			}
			p, err := w.resolve(DataPlace())
			if err != nil {
				return err
			}
			p.user = serviceUser()
			return c.install(p)
		},
	}
	command.Flags().StringVar(&listen.HTTP, "http", "", "address to listen on for HTTP (default 127.0.0.1:8090, with domains 0.0.0.0:80)")
	command.Flags().StringVar(&listen.HTTPS, "https", "", "address to listen on for HTTPS (default none, with domains 0.0.0.0:443)")
	listen.Flags(command.Flags())
	return command
}

func logsCommand(c *control) *cobra.Command {
	var lines int
	var follow bool
	command := &cobra.Command{
		Use: "logs", Short: "Show what the service wrote lately", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if lines < 1 {
				return errors.New("--lines wants a number from 1 on")
			}
			return c.showLogs(lines, follow)
		},
	}
	command.Flags().IntVarP(&lines, "lines", "n", 100, "how many lines")
	command.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what comes, until Ctrl+C")
	return command
}

// show runs a command that prints.
func show(command []string) error {
	c := exec.Command(command[0], command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}

func executable() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable: %w", err)
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	return exe, nil
}

// quotes tells whether the definitions for a service manager may hold any
// path: ours do, and those that the library writes for these.
func quotes(platform string) bool {
	switch platform {
	case "linux-systemd", "unix-systemv", "darwin-launchd", "windows-service":
		return true
	}
	return false
}

// config describes the service to the library.
func config(p plan) *service.Config {
	c := &service.Config{
		Name: name, DisplayName: "Shohay", Description: "Shohay customer service",
		Executable: p.exe,
		Option: service.KeyValue{
			"Restart": "on-failure", "RunAtLoad": true, // launchd: with the computer
			"OnFailure": "restart", "OnFailureDelayDuration": "10s", "OnFailureResetPeriod": 3600, // Windows
		},
	}
	if p.exe != "" {
		c.Arguments = p.arguments()
		c.Option["SystemdScript"] = unit(p)
		c.Option["SysvScript"] = initScript(p)
	}
	return c
}

// runCommand is "serve" for a service manager.
func runCommand(app core.App) *cobra.Command {
	command := hooks.ServeCommand(app)
	serve := command.RunE
	command.Use, command.Hidden = RunName+" [domain(s)]", true
	command.RunE = func(command *cobra.Command, args []string) error {
		if err := prepare(); err != nil {
			return err
		}
		app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
			Id: "shohayServiceReady", Priority: -1000, // when everything else is there
			Func: func(e *core.ServeEvent) error {
				if err := e.Next(); err != nil {
					return err
				}
				return notify(notifyReady)
			},
		})
		p := &program{app: app, serve: func() error { return serve(command, args) }, ended: make(chan struct{})}
		cfg := config(plan{})
		cfg.Option["RunWait"] = p.wait
		s, err := service.New(p, cfg)
		if err != nil {
			return fmt.Errorf("reach the service manager of this system: %w", err)
		}
		return errors.Join(s.Run(), p.err())
	}
	return command
}
