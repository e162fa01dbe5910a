package installer

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kardianos/service"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // its own collections
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/spf13/cobra"
)

// fake is a service manager in memory.
type fake struct {
	installed, running bool
	broken             error // what every change ends with
	dies               bool  // the service ends at once
	mute               bool  // an elder manager, which answers with an error for what it does not know
	calls              []string
}

func (f *fake) Status() (service.Status, error) {
	switch {
	case !f.installed && f.mute:
		return service.StatusUnknown, errors.New("exit status 1")
	case !f.installed:
		return service.StatusUnknown, service.ErrNotInstalled
	case f.running:
		return service.StatusRunning, nil
	}
	return service.StatusStopped, nil
}

func (f *fake) do(call string, then func()) error {
	f.calls = append(f.calls, call)
	if f.broken != nil {
		return f.broken
	}
	then()
	return nil
}

func (f *fake) Install() error   { return f.do("install", func() { f.installed = true }) }
func (f *fake) Uninstall() error { return f.do("uninstall", func() { f.installed = false }) }
func (f *fake) Start() error     { return f.do("start", func() { f.running = !f.dies }) }
func (f *fake) Stop() error      { return f.do("stop", func() { f.running = false }) }

// desk is a control over a fake, with what it said.
func desk(f *fake) (*control, *bytes.Buffer) {
	var out bytes.Buffer
	same := new(plan)
	return &control{
		manager: func(p plan) (manager, error) {
			if p.exe != "" && !f.installed {
				*same = p
			}
			return f, nil
		},
		defined:  func() bool { return f.installed },
		same:     func(p plan) bool { return slices.Equal(p.arguments(), same.arguments()) },
		elevated: func() bool { return true }, pause: func() {}, out: &out,
		command: []string{"./shohay", "install", "--dir", "/srv/my shop"}, logs: "the log",
	}, &out
}

func TestRepeatingACommandIsHarmless(t *testing.T) {
	f := new(fake)
	c, out := desk(f)
	p := plan{exe: "/opt/shohay", dir: filepath.Join(t.TempDir(), "data")}
	steps := []struct {
		what string
		run  func() error
		says string
	}{
		{"uninstall before install", c.uninstall, "not installed"},
		{"install", func() error { return c.install(p) }, "is installed"},
		{"install again", func() error { return c.install(p) }, "already installed"},
		{"start", c.start, "is running"},
		{"start again", c.start, "already running"},
		{"stop", c.stop, "is stopped"},
		{"stop again", c.stop, "already stopped"},
		{"start", c.start, "is running"},
		{"uninstall while running", c.uninstall, "no longer"},
		{"uninstall again", c.uninstall, "not installed"},
	}
	for _, s := range steps {
		out.Reset()
		if err := s.run(); err != nil {
			t.Fatalf("%s: %v", s.what, err)
		}
		if !strings.Contains(out.String(), s.says) {
			t.Errorf("%s said %q instead of something with %q", s.what, out, s.says)
		}
	}
	want := []string{"install", "start", "stop", "start", "stop", "uninstall"}
	if !slices.Equal(f.calls, want) {
		t.Errorf("the service manager was asked for %v instead of %v", f.calls, want)
	}
	if info, err := os.Stat(p.dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder is not there for its owner alone: %v %v", info, err)
	}
}

func TestInstallDoesNotSilentlyChangeWhatIsInstalled(t *testing.T) {
	f := &fake{installed: true, running: true}
	c, _ := desk(f)
	err := c.install(plan{exe: "/opt/shohay", dir: t.TempDir(), http: "0.0.0.0:80"})
	if err == nil || !strings.Contains(err.Error(), "other settings") || !strings.Contains(err.Error(), "uninstall") {
		t.Errorf("other settings gave %v", err)
	}
	if len(f.calls) > 0 {
		t.Errorf("the service manager was asked for %v", f.calls)
	}
}

func TestMissingRightsAreSaidWithTheCommandThatWorks(t *testing.T) {
	for name, break_ := range map[string]func(*fake, *control){
		"known before":            func(_ *fake, c *control) { c.elevated = func() bool { return false } },
		"told by the manager":     func(f *fake, _ *control) { f.broken = os.ErrPermission },
		"told by it in words":     func(f *fake, _ *control) { f.broken = errors.New("Access is denied.") },
		"told by systemd's agent": func(f *fake, _ *control) { f.broken = errors.New("Interactive authentication required") },
	} {
		t.Run(name, func(t *testing.T) {
			f := new(fake)
			c, _ := desk(f)
			break_(f, c)
			err := c.install(plan{exe: "/opt/shohay", dir: filepath.Join(t.TempDir(), "d")})
			want := elevatePrefix + `./shohay install --dir "/srv/my shop"`
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, which does not tell to run %s", err, want)
			}
		})
	}
}

func TestAFailedInstallLeavesNothing(t *testing.T) {
	f := &fake{broken: errors.New("disk full")}
	c, _ := desk(f)
	if err := c.install(plan{exe: "/opt/shohay", dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
	if want := []string{"install", "uninstall"}; !slices.Equal(f.calls, want) {
		t.Errorf("asked for %v instead of %v", f.calls, want)
	}
}

func TestAServiceThatEndsAtOnceIsNotCalledRunning(t *testing.T) {
	c, _ := desk(&fake{installed: true, dies: true})
	if err := c.start(); err == nil || !strings.Contains(err.Error(), "the log") {
		t.Errorf("got %v", err)
	}
}

func TestAServiceThatIsTriedAgainAndAgainIsNotCalledRunning(t *testing.T) {
	f := &fake{installed: true, running: true} // as the library sees it
	c, out := desk(f)
	is := trying
	c.look = func() (state, bool) { return is, true }
	if err := c.status(); err != CodeStopped || !strings.Contains(out.String(), "again and again") {
		t.Errorf("status said %q with %v", out, err)
	}
	if err := c.start(); err == nil || !strings.Contains(err.Error(), "until that is mended; see the log") {
		t.Errorf("start: %v", err)
	}
	f.calls = nil
	if err := c.stop(); err != nil || !slices.Equal(f.calls, []string{"stop"}) {
		t.Errorf("stop asked for %v: %v", f.calls, err)
	}
	for s, says := range map[state]string{starting: "starting\n", stopping: "stopping\n"} {
		is = s
		out.Reset()
		if err := c.status(); err != CodeStopped || out.String() != says {
			t.Errorf("status said %q with %v", out, err)
		}
	}
	is = trying
	f.calls = nil
	if err := c.uninstall(); err != nil || !slices.Equal(f.calls, []string{"stop", "uninstall"}) {
		t.Errorf("uninstall asked for %v: %v", f.calls, err)
	}
}

func TestInstallClosesAFolderThatWasOpen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("rights are inherited from the folder above there")
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, _ := desk(new(fake))
	if err := c.install(plan{exe: "/opt/shohay", dir: dir}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info.Mode(), err)
	}
}

func TestStatusHasItsExitCodes(t *testing.T) {
	for _, s := range []struct {
		manager fake
		says    string
		code    error
	}{
		{fake{installed: true, running: true}, "running\n", nil},
		{fake{installed: true}, "stopped\n", CodeStopped},
		{fake{}, "not installed\n", CodeNotInstalled},
		{fake{mute: true}, "not installed\n", CodeNotInstalled},
	} {
		c, out := desk(&s.manager)
		if err := c.status(); err != s.code || out.String() != s.says {
			t.Errorf("%+v: said %q with %v", s.manager, out, err)
		}
	}
}

func TestCommandsOfAnAbsentServiceTellToInstall(t *testing.T) {
	c, _ := desk(new(fake))
	for what, run := range map[string]func() error{"start": c.start, "stop": c.stop} {
		if err := run(); err == nil || !strings.Contains(err.Error(), "shohay install") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWishesBecomePlans(t *testing.T) {
	tried, empty := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(tried, "data.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(empty, "place")
	exe := filepath.Join(empty, "shohay")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		wish wish
		args []string
	}{
		{"nothing asked for", wish{exe: exe, dir: empty}, []string{"service", "--dir", place}},
		{"a shop was tried before", wish{exe: exe, dir: tried}, []string{"service", "--dir", tried}},
		{"a folder asked for", wish{exe: exe, dir: "data", dirGiven: true}, []string{"service", "--dir", filepath.Join(here, "data")}},
		{"addresses and domains", wish{exe: exe, dir: empty, http: "0.0.0.0:80", https: ":443", domains: []string{"shop.example.com", "দোকান.example"}[:1], acme: "https://ca.example/dir", roots: "/etc/ca.pem"},
			[]string{"service", "--dir", place, "--http", "0.0.0.0:80", "--https", ":443", "--acme", "https://ca.example/dir", "--acme-root", "/etc/ca.pem", "shop.example.com"}},
	} {
		p, err := c.wish.resolve(place)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(p.arguments(), c.args) {
			t.Errorf("%s: %q instead of %q", c.name, p.arguments(), c.args)
		}
	}
}

func TestWishesThatCannotWorkAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, says string
		wish       wish
	}{
		{"a program in a temporary folder", "temporary", wish{exe: "/tmp/go-build1/shohay", temporary: []string{"/tmp"}}},
		{"data in a temporary folder", "temporary", wish{exe: "/opt/shohay", dir: "/tmp/x", dirGiven: true, temporary: []string{"/tmp"}}},
		{"a line break in a path", "characters", wish{exe: "/opt/shohay", dir: "/srv/a\nb", dirGiven: true}},
		{"a space where it cannot be said", "characters", wish{exe: "/opt/my shop/shohay", plain: true}},
	} {
		if _, err := c.wish.resolve("/var/lib/shohay"); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestUnitSurvivesOddPaths(t *testing.T) {
	u := unit(plan{exe: `/opt/my 100% "shop"/shohay`, dir: `/srv/{{x}}/$HOME\d`, http: "127.0.0.1:8090", domains: []string{"shop.example.com"}})
	for _, line := range []string{
		`ExecStart="/opt/my 100%% \"shop\"/shohay" "service" "--dir" "/srv/\x7b\x7bx}}/$$HOME\\d" "--http" "127.0.0.1:8090" "shop.example.com"`,
		`ReadWritePaths="/srv/\x7b\x7bx}}/$HOME\\d"`,
		"Type=notify", "TimeoutStartSec=infinity", "Restart=on-failure", "TimeoutStopSec=" + strconv.Itoa(int((lifecycle.StopTimeout+stopWithin+10*time.Second)/time.Second)), "NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectSystem=full",
	} {
		if !strings.Contains(u, line+"\n") {
			t.Errorf("the unit has no line %s:\n%s", line, u)
		}
	}
	if strings.Contains(u, "{{") {
		t.Error("the library would read the unit as a template")
	}
}

// The init script runs a program that writes down its arguments, from a path
// with everything in it that a shell reads.
func TestInitScriptSurvivesOddPaths(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Log("there is no sh on this machine, so no init scripts either")
		return
	}
	dir := filepath.Join(t.TempDir(), `my 'shop' $HOME {{x}}`)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "shohay")
	if err := os.WriteFile(exe, []byte("#!/bin/sh\nfor a; do echo \"$a\"; done >\"$3/args\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := plan{exe: exe, dir: dir, http: "127.0.0.1:8090"}
	script := initScript(p)
	if strings.Contains(script, "{{") {
		t.Fatal("the library would read the script as a template")
	}
	script = strings.ReplaceAll(strings.ReplaceAll(script, "/var/run", "$RUN"), "/var/log", "$RUN") + "\nwait\n"
	command := exec.Command(sh, "-c", script, "init", "start")
	command.Env = append(os.Environ(), "RUN="+t.TempDir())
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(p.arguments(), "\n") + "\n"; string(got) != want {
		t.Errorf("the program was given %q instead of %q", got, want)
	}
}

func TestSystemdAcceptsTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd is not on this machine; TestUnitSurvivesOddPaths holds the text")
		return
	}
	dir := t.TempDir()
	exe := filepath.Join(dir, "my shop", "shohay")
	if err := os.MkdirAll(filepath.Dir(exe), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+".service")
	if err := os.WriteFile(file, []byte(unit(plan{exe: exe, dir: filepath.Join(dir, "data %x")})), 0o644); err != nil {
		t.Fatal(err)
	}
	verify := exec.Command(analyze, "verify", "--man=no", file)
	out, err := verify.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// Settings that only a newer systemd knows are passed over by elder ones.
		if strings.Contains(line, name+".service") && !strings.Contains(line, "'RestartSteps'") && !strings.Contains(line, "'RestartMaxDelaySec'") {
			t.Error(strings.TrimSpace(line))
		}
	}
	if err != nil && strings.Contains(string(out), name+".service") {
		t.Error(err)
	}
}

// The aim is an exposure of 2.0 at most, of 10.
func TestTheUnitIsHardened(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd is not on this machine; TestUnitSurvivesOddPaths holds the text")
		return
	}
	file := filepath.Join(t.TempDir(), name+".service")
	if err := os.WriteFile(file, []byte(unit(plan{exe: "/usr/local/bin/shohay", dir: "/var/lib/shohay", user: name, domains: []string{"shop.example.com"}})), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold=20", file).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestTheServiceHasAUserOfItsOwn(t *testing.T) {
	f := new(fake)
	c, out := desk(f)
	var made plan
	c.account = func(p plan) error { made = p; return nil }
	p := plan{exe: "/opt/shohay", dir: filepath.Join(t.TempDir(), "data"), user: name}
	if err := c.install(p); err != nil {
		t.Fatal(err)
	}
	if made.user != name || made.dir != p.dir || !strings.Contains(out.String(), "Runs as") {
		t.Errorf("made %+v, said %q", made, out)
	}
	for _, line := range []string{"User=shohay", "Group=shohay", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"} {
		if !strings.Contains(unit(p), "\n"+line+"\n") {
			t.Errorf("the unit has no line %s", line)
		}
	}
	c.account = func(plan) error { return errors.New("no room") }
	f.installed = false
	if err := c.install(p); err == nil || f.installed {
		t.Errorf("installed without its user: %v", err)
	}
}

func TestRestartStopsAndStarts(t *testing.T) {
	f := &fake{installed: true, running: true}
	c, _ := desk(f)
	if err := c.restart(); err != nil || !f.running || !slices.Equal(f.calls, []string{"stop", "start"}) {
		t.Errorf("a running service: %v, %v", f.calls, err)
	}
	f.running, f.calls = false, nil
	if err := c.restart(); err != nil || !f.running || !slices.Equal(f.calls, []string{"start"}) {
		t.Errorf("a stopped service: %v, %v", f.calls, err)
	}
	f.installed = false
	if err := c.restart(); err == nil || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("no service: %v", err)
	}
}

func TestLogsAreThoseOfTheServiceManager(t *testing.T) {
	c, _ := desk(new(fake))
	var ran []string
	c.reader = func(lines int, follow bool) []string {
		return []string{"journalctl", strconv.Itoa(lines), strconv.FormatBool(follow)}
	}
	c.run = func(command []string) error { ran = command; return nil }
	if err := c.showLogs(7, true); err != nil || !slices.Equal(ran, []string{"journalctl", "7", "true"}) {
		t.Errorf("ran %v: %v", ran, err)
	}
	c.run = func([]string) error { return exec.ErrNotFound }
	if err := c.showLogs(7, false); err == nil || !strings.Contains(err.Error(), "journalctl 7 false") {
		t.Errorf("a command that is not there: %v", err)
	}
	c.reader = func(int, bool) []string { return nil }
	if err := c.showLogs(7, false); err == nil {
		t.Error("an unknown service manager has a log")
	}
}

func TestCommandsAreHelpedAndTakeNoData(t *testing.T) {
	root := &cobra.Command{Use: "shohay"}
	root.AddCommand(Commands(core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()}), "")...)
	var names []string
	for _, c := range root.Commands() {
		if c.Short == "" {
			t.Errorf("%s has no help", c.Name())
		}
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	if want := []string{"install", "logs", "restart", "start", "status", "stop", "uninstall", "upgrade"}; !slices.Equal(names, want) {
		t.Errorf("commands are %v instead of %v", names, want)
	}
}

// serving is a program whose server runs until the app ends.
func serving(t *testing.T, serve func(app core.App, quit <-chan struct{}) error) *program {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
	quit := make(chan struct{})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		close(quit)
		return e.Next()
	})
	return &program{app: app, ended: make(chan struct{}), serve: func() error { return serve(app, quit) }}
}

func TestTheServiceStopsInOrder(t *testing.T) {
	up := make(chan struct{})
	p := serving(t, func(app core.App, quit <-chan struct{}) error {
		close(up)
		<-quit
		return nil
	})
	if err := p.Start(nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-up:
	case <-p.ended:
		t.Fatal("it did not come up: ", p.err())
	}
	if !p.app.IsBootstrapped() {
		t.Error("it serves without a database")
	}
	if err := p.Stop(nil); err != nil {
		t.Error(err)
	}
	if p.app.IsBootstrapped() {
		t.Error("the database is still open")
	}
	if err := p.err(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatFailsEndsTheService(t *testing.T) {
	if !endsByItself {
		t.Log("this platform's manager is told by the exit of the process")
		return
	}
	p := serving(t, func(core.App, <-chan struct{}) error { return errors.New("port taken") })
	if err := p.Start(nil); err != nil {
		t.Fatal(err)
	}
	p.wait() // returns, though nobody asked it to stop
	if err := p.Stop(nil); err != nil {
		t.Error(err)
	}
	if err := p.err(); err == nil || err.Error() != "port taken" {
		t.Errorf("it ended with %v", err)
	}
}
