package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

var (
	ready     = flag.String("exe", "", "executable to test and measure instead of one built from this tree")
	inProcess = flag.Bool("inprocess", false, "run the server of a benchmark inside the test, for -cpuprofile")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	stopSharedChromium()
	if workshop != "" {
		os.RemoveAll(workshop)
	}
	hookstest.Cleanup()
	os.Exit(code)
}

// workshop is where executables are built.
var workshop string

// root is the repository.
func root() string { return hookstest.Root() }

func build(name, pkg string) (string, error) {
	if workshop == "" {
		dir, err := os.MkdirTemp("", "shohay-e2e-")
		if err != nil {
			return "", err
		}
		workshop = dir
	}
	exe := filepath.Join(workshop, name)
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", exe, pkg)
	cmd.Dir = root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return exe, nil
}

var (
	buildProgram = sync.OnceValues(func() (string, error) { return build("shohay", ".") })
	buildLoad    = sync.OnceValues(func() (string, error) { return build("load", "./hooks/e2e/load") })
)

// built is the executable as it is released.
func built(tb testing.TB) string {
	tb.Helper()
	if *ready != "" {
		return *ready
	}
	exe, err := buildProgram()
	if err != nil {
		tb.Fatal(err)
	}
	return exe
}

// staff are the people and the data folder that a program is started on.
type staff struct {
	dir    string
	agents []*core.Record
	tokens []string // of the agents
	admin  string   // token of the superuser
	copied bool     // everything goes to a replica
}

// prepare makes a data folder with an owner and some agents; shop changes the
// shop's settings.
func prepare(tb testing.TB, agents int, shop map[string]any) *staff {
	tb.Helper()
	app := hookstest.New(tb)
	s := &staff{dir: app.DataDir()}
	su := app.Superuser("owner@shop.test")
	s.admin = app.Token(su)
	for i := range agents {
		a := app.Agent(fmt.Sprintf("agent%d", i), schema.RoleAgent)
		s.agents = append(s.agents, a)
		s.tokens = append(s.tokens, app.Token(a))
	}
	app.Shop(map[string]any{schema.ShopName: "Deshi Store", schema.ShopStreamsPerAddress: 10_000})
	app.Shop(shop)
	app.Stop()
	return s
}

// program is the running executable.
type program struct {
	tb   testing.TB
	exe  string
	verb string   // serve or demo
	more []string // arguments beside the usual ones
	dir  string
	addr string
	Base string
	cmd  *exec.Cmd
	log  *tail
	done chan struct{}
}

// tail keeps the end of what a process prints.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - 8<<10; over > 0 {
		t.buf = bytes.Clone(t.buf[over:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}

// given are the ports that a test has already.
var given sync.Map

// Ports below those that systems give to outgoing connections (Linux from 32768,
// others from 49152): one of these could have a program's port while the program
// is down between two kills.
const firstPort, lastPort = 15000, 32000

// freeAddress is a loopback address nobody listens on, and no other test will.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	for range 10_000 {
		port := firstPort + rand.N(lastPort-firstPort)
		if _, twice := given.LoadOrStore(port, true); twice {
			continue
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue // somebody else's
		}
		l.Close()
		return address
	}
	tb.Fatalf("there is no free port from %d to %d", firstPort, lastPort)
	return ""
}

// newProgram is a program that is not started yet.
func newProgram(tb testing.TB, dir string) *program {
	tb.Helper()
	p := &program{tb: tb, exe: built(tb), verb: "serve", dir: dir, addr: freeAddress(tb), log: &tail{}}
	p.Base = "http://" + p.addr
	tb.Cleanup(func() {
		p.kill()
		if tb.Failed() {
			tb.Logf("the program printed:\n%s", p.log)
		}
	})
	return p
}

// serve starts the program and waits for its first answer.
func serve(tb testing.TB, dir string) *program {
	tb.Helper()
	p := newProgram(tb, dir)
	p.start()
	p.await()
	return p
}

func (p *program) start() {
	p.tb.Helper()
	p.cmd = exec.Command(p.exe, append([]string{p.verb, "--dir", p.dir, "--http", p.addr}, p.more...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // how it ended is what the tests are about
		close(done)
	}(p.cmd, p.done)
}

// await waits until the program answers and returns how long that took.
func (p *program) await() time.Duration {
	p.tb.Helper()
	begun := time.Now()
	for {
		if answersOnce(p.Base) {
			return time.Since(begun)
		}
		select {
		case <-p.done:
			p.tb.Fatalf("the program ended: %s\n%s", p.cmd.ProcessState, p.log)
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(begun) > patience {
			p.tb.Fatalf("the program does not answer\n%s", p.log)
		}
	}
}

// kill ends the process as a power cut does, without a chance to tidy up.
func (p *program) kill() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// stop asks the process to end and returns how long that took.
func (p *program) stop() time.Duration {
	p.tb.Helper()
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.tb.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		p.tb.Fatalf("the program does not end\n%s", p.log)
	}
	return time.Since(begun)
}

func (p *program) client(token string) *hookstest.Client {
	return &hookstest.Client{TB: p.tb, Base: p.Base, Token: token}
}

// memory reads a line such as VmRSS of /proc/<pid>/status in MB.
func memory(tb testing.TB, pid int, field string) float64 {
	tb.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Skip("memory is measured on Linux only: ", err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if rest, ok := strings.CutPrefix(sc.Text(), field+":"); ok {
			var kb float64
			if _, err := fmt.Sscan(rest, &kb); err != nil {
				tb.Fatal(err)
			}
			return kb / 1024
		}
	}
	tb.Fatalf("no %s in the status of %d", field, pid)
	return 0
}

// answersOnce asks a server for its health.
func answersOnce(base string) bool {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(base + "/api/health")
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
