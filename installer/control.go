package installer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/kardianos/service"
	"github.com/shohay/shohay/hooks/doctor"
)

// manager is what the commands need of the operating system's service
// manager; [service.Service] is one.
type manager interface {
	Status() (service.Status, error)
	Install() error
	Uninstall() error
	Start() error
	Stop() error
}

// ExitCode ends the program with a status of its own after everything was
// said.
type ExitCode int

func (c ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// Exit codes of status, those of LSB init scripts.
const (
	CodeStopped      ExitCode = 3
	CodeNotInstalled ExitCode = 4
)

type state int

const (
	absent state = iota
	stopped
	failed // ended with an error and was not started again
	trying // ended with an error and will be started again
	starting
	running
	stopping
)

// active tells whether the service manager has something to stop.
func (s state) active() bool { return s >= trying }

// control carries out the commands.
type control struct {
	manager  func(plan) (manager, error)
	look     func() (state, bool) // the state in more words than the manager has, if there are
	defined  func() bool          // a definition of the service may be there
	same     func(plan) bool      // the definition that is installed is that of the plan
	account  func(plan) error     // make the plan's user, whose the data folder is from then on
	elevated func() bool          // this process may change services
	pause    func()               // a moment in which a service that cannot run ends
	out      io.Writer
	command  []string // as typed
	logs     string   // how to read the service's log, "" if unknown

	reader func(lines int, follow bool) []string // command that prints it
	run    func(command []string) error
}

func (c *control) say(format string, values ...any) { fmt.Fprintf(c.out, format+"\n", values...) }

// open gives the manager and the service's state, and refuses early where
// rights are missing.
func (c *control) open(p plan, changes bool) (manager, state, error) {
	if changes && !c.elevated() {
		return nil, absent, c.lacksRights()
	}
	m, err := c.manager(p)
	if err != nil {
		return nil, absent, fmt.Errorf("reach the service manager of this system: %w", err)
	}
	s, err := c.state(m)
	return m, s, err
}

func (c *control) state(m manager) (state, error) {
	if c.look != nil {
		if s, ok := c.look(); ok {
			return s, nil
		}
	}
	s, err := m.Status()
	switch {
	case errors.Is(err, service.ErrNotInstalled), err != nil && !c.defined():
		return absent, nil
	case err != nil && strings.Contains(err.Error(), "failed state"):
		return failed, nil
	case err != nil:
		return absent, c.explain("ask for the service's state", err)
	case s == service.StatusRunning:
		return running, nil
	case s == service.StatusStopped:
		return stopped, nil
	}
	return absent, nil
}

func (c *control) install(p plan) error {
	m, s, err := c.open(p, true)
	if err != nil {
		return err
	}
	if s != absent {
		if c.same(p) {
			c.say("Shohay is already installed as a service with these settings.")
			return nil
		}
		return fmt.Errorf("Shohay is already installed as a service with other settings; to change them run %q and then install again, the data stays", c.sudo("uninstall")) //lint:ignore ST1005 a name
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	// What customers write is nobody else's on this machine, also where the
	// folder was copied from elsewhere.
	if err := os.Chmod(p.dir, 0o700); err != nil {
		return fmt.Errorf("close the data folder to others: %w", err)
	}
	if p.user != "" {
		if err := c.account(p); err != nil {
			return err
		}
	}
	if err := m.Install(); err != nil {
		// A definition that is only half there would refuse the next try.
		_ = m.Uninstall()
		return c.explain("install the service", err)
	}
	as := ""
	if p.user != "" {
		as = "\n  Runs as      " + p.user + ", whose the data folder is"
	}
	c.say("Shohay is installed as a service and will start with this computer.\n  Data folder  %s%s\n  Start it now with: %s", p.dir, as, c.sudo("start"))
	return nil
}

func (c *control) uninstall() error {
	m, s, err := c.open(plan{}, true)
	if err != nil {
		return err
	}
	if s == absent {
		c.say("Shohay is not installed as a service.")
		return nil
	}
	if s.active() {
		if err := m.Stop(); err != nil {
			return c.explain("stop the service", err)
		}
	}
	if err := m.Uninstall(); err != nil {
		return c.explain("uninstall the service", err)
	}
	c.say("Shohay is no longer a service. Its data folder was left as it is.")
	return nil
}

func (c *control) start() error {
	m, s, err := c.open(plan{}, true)
	switch {
	case err != nil:
		return err
	case s == absent:
		return c.notInstalled()
	case s == running:
		c.say("Shohay is already running.")
		return nil
	}
	begun := m.Start()
	if begun != nil && denied(begun) {
		return c.lacksRights()
	}
	if begun == nil {
		c.pause()
	}
	if s, err = c.state(m); err != nil {
		return err
	}
	switch {
	case s == trying:
		return fmt.Errorf("the service was started but ended with an error; it is started again and again until that is mended%s", c.seeLogs())
	case begun != nil && s != failed && s != running:
		return c.explain("start the service", begun)
	case s != running:
		return fmt.Errorf("the service was started but ended at once%s", c.seeLogs())
	}
	c.say("Shohay is running.")
	return nil
}

func (c *control) stop() error {
	m, s, err := c.open(plan{}, true)
	switch {
	case err != nil:
		return err
	case s == absent:
		return c.notInstalled()
	case !s.active():
		c.say("Shohay is already stopped.")
		return nil
	}
	if err := m.Stop(); err != nil {
		return c.explain("stop the service", err)
	}
	c.say("Shohay is stopped. It will start again with this computer unless you uninstall it.")
	return nil
}

// restart is stop, if need be, and start.
func (c *control) restart() error {
	m, s, err := c.open(plan{}, true)
	switch {
	case err != nil:
		return err
	case s == absent:
		return c.notInstalled()
	case s.active():
		if err := m.Stop(); err != nil {
			return c.explain("stop the service", err)
		}
	}
	return c.start()
}

// showLogs prints the end of the service's log, and what comes with follow.
func (c *control) showLogs(lines int, follow bool) error {
	command := c.reader(lines, follow)
	if len(command) == 0 {
		return fmt.Errorf("where the service manager of this system keeps the log is not known%s", c.seeLogs())
	}
	if err := c.run(command); err != nil {
		if !c.elevated() {
			return c.lacksRights()
		}
		return fmt.Errorf("could not read the log with %q: %w", commandLine(command), err)
	}
	return nil
}

// status says how things are and ends with 0, 3 or 4.
func (c *control) status() error {
	_, s, err := c.open(plan{}, statusNeedsRights)
	if err != nil {
		return err
	}
	switch s {
	case running:
		c.say("running")
		return nil
	case stopped:
		c.say("stopped")
		return CodeStopped
	case failed:
		c.say("stopped: it ended with an error%s", c.seeLogs())
		return CodeStopped
	case trying:
		c.say("stopped: it ended with an error and is started again and again%s", c.seeLogs())
		return CodeStopped
	case starting:
		c.say("starting")
		return CodeStopped
	case stopping:
		c.say("stopping")
		return CodeStopped
	}
	c.say("not installed")
	return CodeNotInstalled
}

// State says how the service is in the words of package doctor, "" where that
// cannot be told.
func State() string {
	c := &control{manager: func(p plan) (manager, error) { return service.New(new(program), config(p)) }, look: look, defined: defined, elevated: elevated}
	_, s, err := c.open(plan{}, statusNeedsRights)
	switch {
	case err != nil:
		return ""
	case s == running:
		return doctor.ServiceRunning
	case s == absent:
		return doctor.ServiceAbsent
	}
	return doctor.ServiceStopped
}

func (c *control) notInstalled() error {
	return fmt.Errorf("Shohay is not installed as a service; install it with: %s", c.sudo("install")) //lint:ignore ST1005 a name
}

func (c *control) seeLogs() string {
	if c.logs == "" {
		return ""
	}
	return "; see " + c.logs
}

// explain adds what to do to an error of the service manager.
func (c *control) explain(what string, err error) error {
	if denied(err) {
		return c.lacksRights()
	}
	return fmt.Errorf("could not %s: %w", what, err)
}

func denied(err error) bool {
	if errors.Is(err, os.ErrPermission) {
		return true
	}
	text := strings.ToLower(err.Error())
	for _, words := range []string{"access is denied", "permission denied", "operation not permitted", "interactive authentication required"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

func (c *control) lacksRights() error {
	return fmt.Errorf("the service is the administrator's; %s: %s", elevateHow, elevatePrefix+commandLine(c.command))
}

// sudo is how to run another command of this program with rights.
func (c *control) sudo(command string) string {
	return elevatePrefix + commandLine([]string{c.command[0], command})
}

// commandLine writes arguments as one would type them.
func commandLine(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if a == "" || strings.ContainsAny(a, " \t\"'$&|;<>()*?\\`") {
			words[i] = `"` + strings.ReplaceAll(a, `"`, `\"`) + `"`
		}
	}
	return strings.Join(words, " ")
}
