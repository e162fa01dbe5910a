package hookstest

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/hookstest/template"
	"github.com/shohay/shohay/hooks/i18n"
)

// App is a whole app of its own for one test.
type App struct {
	core.App
	Rooms *hooks.Rooms
	tb    testing.TB
	once  sync.Once
}

// Password is everybody's.
const Password = "a-long-password"

// Root is the repository's folder: the nearest one with a go.mod above the
// package that is tested. It asks the working folder, as `go test -trimpath`
// leaves no other trace of where the sources are.
func Root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		break
	}
	panic("the tests run outside of the repository")
}

// PublicFS is the repository's pb_public.
func PublicFS() fs.FS { return os.DirFS(filepath.Join(Root(), "pb_public")) }

// texts are those in PublicFS, which a test binary reads once.
var texts = sync.OnceValues(func() (*i18n.Catalogue, error) { return i18n.Load(PublicFS()) })

// Cleanup removes the template; call it in TestMain if the leftover matters.
func Cleanup() { template.Cleanup() }

// New returns a bootstrapped app with every room, stopped when the test ends.
// Change what Deps holds with the options.
func New(tb testing.TB, options ...func(*hooks.Deps)) *App {
	tb.Helper()
	return Open(tb, template.Copy(tb), options...)
}

// Open returns an app on a data folder that exists, for tests that stop and
// start again.
func Open(tb testing.TB, dir string, options ...func(*hooks.Deps)) *App {
	tb.Helper()
	return OpenWith(tb, dir, hooks.ConnectDB, options...)
}

// OpenWith is Open with another way to the database, for tests that listen to
// what it is asked.
func OpenWith(tb testing.TB, dir string, connect core.DBConnectFunc, options ...func(*hooks.Deps)) *App {
	tb.Helper()
	hooks.SharePages()
	base := core.NewBaseApp(core.BaseAppConfig{
		DataDir: dir, DataMaxOpenConns: hooks.OpenConns, DataMaxIdleConns: hooks.IdleConns, DBConnect: connect,
	})
	deps := hooks.Deps{Public: PublicFS()}
	for _, o := range options {
		o(&deps)
	}
	if deps.Public == PublicFS() && deps.Texts == nil {
		var err error
		if deps.Texts, err = texts(); err != nil {
			tb.Fatal("texts: ", err)
		}
	}
	rooms, err := hooks.Register(base, deps)
	if err != nil {
		tb.Fatal("register: ", err)
	}
	if err := base.Bootstrap(); err != nil {
		tb.Fatal("bootstrap: ", err)
	}
	a := &App{App: base, Rooms: rooms, tb: tb}
	tb.Cleanup(a.Stop)
	return a
}

// Stop ends loops and closes the database, as a terminating process does.
func (a *App) Stop() {
	a.once.Do(func() {
		ev := &core.TerminateEvent{App: a.App}
		if err := a.OnTerminate().Trigger(ev, func(e *core.TerminateEvent) error { return e.App.ClearBootstrap() }); err != nil {
			a.tb.Error("stop: ", err)
		}
	})
}

// Serve starts a listening server with all routes and loops and returns its
// address, such as http://127.0.0.1:41234.
func (a *App) Serve() string {
	a.tb.Helper()
	router, err := apis.NewRouter(a.App)
	if err != nil {
		a.tb.Fatal(err)
	}
	router.Bind(apis.CORS(apis.CORSConfig{AllowOrigins: []string{"*"}}))
	srv := httptest.NewUnstartedServer(nil)
	ev := &core.ServeEvent{App: a.App, Router: router, Server: srv.Config}
	err = a.OnServe().Trigger(ev, func(e *core.ServeEvent) error {
		mux, err := e.Router.BuildMux()
		if err != nil {
			return err
		}
		srv.Config.Handler = mux
		return nil
	})
	if err != nil {
		a.tb.Fatal("serve: ", err)
	}
	srv.Start()
	a.tb.Cleanup(func() {
		a.Rooms.Stream.Hub.Close()
		srv.CloseClientConnections()
		srv.Close()
		a.Stop()
	})
	return srv.URL
}

// Until waits for a condition and fails the test when it does not come. A busy
// machine stands still for seconds, so it waits half a minute at least: that
// costs nothing where all is well.
func Until(tb testing.TB, what string, within time.Duration, ok func() bool) {
	tb.Helper()
	within = max(within, 30*time.Second)
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited %s in vain for: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
