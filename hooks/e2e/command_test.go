package e2e

import (
	"bytes"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
)

// ended is how a command ended.
type ended struct {
	out, err string
	code     int
}

// finish runs a prepared command that is expected to end by itself.
func finish(tb testing.TB, cmd *exec.Cmd) ended {
	tb.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	timer := time.AfterFunc(90*time.Second, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !timer.Stop() {
		tb.Fatalf("%v does not end by itself\n%s%s", cmd.Args, &out, &errs)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return ended{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func command(tb testing.TB, args ...string) ended {
	tb.Helper()
	cmd := exec.Command(built(tb), args...)
	cmd.Dir = tb.TempDir()
	return finish(tb, cmd)
}

// oneSentence checks that a command failed with one line on the error stream
// that says all of the words.
func oneSentence(tb testing.TB, e ended, words ...string) {
	tb.Helper()
	if e.code == 0 {
		tb.Errorf("exit code 0; printed %q %q", e.out, e.err)
	}
	line := strings.TrimSuffix(e.err, "\n")
	if line == "" || strings.Contains(line, "\n") {
		tb.Errorf("not one line on the error stream: %q", e.err)
	}
	for _, w := range append(words, "shohay: ") {
		if !strings.Contains(line, w) {
			tb.Errorf("the sentence does not say %q: %q", w, line)
		}
	}
}

func TestATakenPortIsSaidInOneSentence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []string{"serve", "demo", "service"} {
		t.Run(c, func(t *testing.T) {
			oneSentence(t, command(t, c, "--dir", t.TempDir(), "--http", l.Addr().String()), l.Addr().String(), "--http")
		})
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	s := prepare(t, 0, nil)
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO _migrations (file, applied) VALUES ('9999999999_from_the_future.go', 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--http", freeAddress(t)}, {"superuser", "upsert", "a@shop.test", hookstest.Password}} {
		oneSentence(t, command(t, append(args, "--dir", s.dir)...), "newer version", "backup")
	}
}

func TestWrongCommandsAndFlags(t *testing.T) {
	for _, c := range []struct {
		args  string
		words string
	}{
		{"bogus", `"bogus"`},
		{"superuser bogus", `"bogus"`},
		{"serve --bogus", "--bogus"},
		{"--bogus", "--bogus"},
		{"serve --http", "--http"},
		{"serve --http nonsense", "127.0.0.1:8090"},
		{"serve --http --dir", "not an address"},
		{"serve --http 127.0.0.1:70000", "not an address"},
		{"serve https://shop.example.com", "without https://"},
		{"serve --queryTimeout soon", "queryTimeout"},
		{"demo now", `"now"`},
		{"status now", `"now"`},
		{"install --http nonsense", "127.0.0.1:8090"},
		{"superuser upsert", "email"},
	} {
		t.Run(c.args, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			oneSentence(t, command(t, append([]string{"--dir", dir}, strings.Fields(c.args)...)...), c.words)
			if _, err := os.Stat(dir); err == nil && !strings.HasPrefix(c.args, "superuser upsert") {
				t.Error("a data folder was made for nothing")
			}
		})
	}
}

var flagLine = regexp.MustCompile(`(?m)^\s+(?:-\w, |    )--(\w+)(.*)$`)

func TestEveryCommandAndFlagHasHelp(t *testing.T) {
	top := command(t, "--help")
	_, list, _ := strings.Cut(top.out, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	names := []string{""}
	for line := range strings.Lines(list) {
		name, short, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.TrimSpace(short) == "" {
			t.Errorf("%s has no help", name)
		}
		names = append(names, name)
	}
	if len(names) < 9 {
		t.Fatalf("only these commands: %q\n%s", names, top.out)
	}
	for _, name := range names {
		help := command(t, append(strings.Fields(name), "--help")...)
		if help.code != 0 {
			t.Errorf("%s --help ended with %d", name, help.code)
		}
		flags := flagLine.FindAllStringSubmatch(help.out, -1)
		if len(flags) < 3 {
			t.Errorf("%s shows %d flags:\n%s", name, len(flags), help.out)
		}
		for _, f := range flags {
			if words := strings.Fields(f[2]); len(words) < 3 {
				t.Errorf("%s --%s has no help: %q", name, f[1], f[0])
			}
		}
	}
}

func TestVersionTouchesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if e := command(t, "version", "--dir", dir); e.code != 0 || !regexp.MustCompile(`^shohay \S+ \(PocketBase 0\.\d+\.\d+, go1\.\d+`).MatchString(e.out) {
		t.Errorf("%d %q %q", e.code, e.out, e.err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made a data folder")
	}
}

func TestServeOnAnEmptyFolderSaysWhatToDoFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := serve(t, dir)
	for _, words := range []string{"no owner yet", p.Base + "/desk/#/start/", "shohay setup", filepath.Join(dir, "first-link.txt"), p.Base + "/desk/\n", "superuser upsert", p.Base + "/\n"} {
		hookstest.Until(t, "the words "+words, 5*time.Second, func() bool { return strings.Contains(p.log.String(), words) })
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("others can read the data folder: %v %v", info, err)
	}
	for path, kind := range map[string]string{"/": "text/html", "/desk/": "text/html", "/_/": "text/html", "/widget.js": "text/javascript", "/api/chat/config": "application/json"} {
		res, err := http.Get(p.Base + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) {
			t.Errorf("%s answered %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
}

func TestTermStopsWithinFiveSeconds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no SIGTERM; its service manager stops the service by a call")
		return
	}
	for _, c := range []string{"serve", "service"} {
		t.Run(c, func(t *testing.T) {
			s := prepare(t, 1, nil)
			p := newProgram(t, s.dir)
			p.cmd = exec.Command(p.exe, c, "--dir", p.dir, "--http", p.addr)
			p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			p.done = make(chan struct{})
			go func() {
				_ = p.cmd.Wait() // its exit code is looked at below
				close(p.done)
			}()
			p.await()
			p.client(s.tokens[0]).Listen("topic=inbox") // an open stream does not hold it up
			if took := p.stop(); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if code := p.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("exit code %d\n%s", code, p.log)
			}
			// In order means that nothing is left to recover.
			if wal, err := os.Stat(filepath.Join(s.dir, "data.db-wal")); err == nil && wal.Size() > 0 {
				t.Errorf("the database was not closed: %d bytes in its log", wal.Size())
			}
		})
	}
}

func TestStartOnAnExistingFolderAnswers(t *testing.T) {
	s := prepare(t, 1, map[string]any{"name": "Rupali Boutique"})
	for range 2 {
		p := serve(t, s.dir)
		answer := p.client(s.tokens[0]).Must(200, "GET", "/api/desk/boot", nil)
		if !bytes.Contains(answer.Body, []byte("Rupali Boutique")) {
			t.Errorf("the shop is another one: %s", answer.Body)
		}
		if strings.Contains(p.log.String(), "no owner yet") {
			t.Error("a shop with an owner is told to make one")
		}
		p.stop()
	}
}

func TestTheDemoCleansUp(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no SIGTERM to end it with")
		return
	}
	temp := t.TempDir()
	p := newProgram(t, "") // the demo chooses its folder itself
	p.cmd = exec.Command(p.exe, "demo", "--http", p.addr)
	p.cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.done = make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // killed or told to end
		close(p.done)
	}()
	p.await()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("it left %s", f.Name())
	}
}
