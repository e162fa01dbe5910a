// Package lifecycle runs the background work of all rooms.
//
// A room hands its loops to the one [Group] at registration. They start once
// the server listens, a panic is logged and the loop begins again after a
// pause that grows, [Group.Falls] counts it, and stopping cancels their context
// and waits for them, so that no loop ever works on a database that is being
// closed.
package lifecycle

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// StopTimeout is how long Stop waits for the loops. A service manager's own
// limit has to be longer (see the installer's unit).
const StopTimeout = 15 * time.Second

// earlyTimeout is how long of it the loops of [Group.GoLast] go on while others
// have not ended.
const earlyTimeout = 5 * time.Second

// Pauses before a loop that ended by itself begins again.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// Group is a set of named loops with one life.
type Group struct {
	app core.App

	mu      sync.Mutex
	ctx     context.Context // nil before Start
	cancel  context.CancelFunc
	late    context.Context // of the loops that end last
	end     context.CancelFunc
	waiting []loop
	early   sync.WaitGroup
	all     sync.WaitGroup
	alive   map[string]int
	falls   map[string]*Fall
}

// Fall is how often a loop ended although nobody had stopped it.
type Fall struct {
	Name  string
	Count int         // since the start
	Times []time.Time // of the last ones, at most [keptFalls]
	Panic bool        // the last one was a panic
}

// keptFalls is how many times of a loop's falls are remembered.
const keptFalls = 20

type loop struct {
	name string
	run  func(ctx context.Context)
	last bool
}

// New returns a Group that starts when the app serves and stops, before
// anything else of the app is torn down, when it terminates.
func New(app core.App) *Group {
	g := &Group{app: app, alive: map[string]int{}, falls: map[string]*Fall{}}
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id: "shohayLifecycleStart",
		Func: func(e *core.ServeEvent) error {
			if err := e.Next(); err != nil {
				return err
			}
			g.Start()
			return nil
		},
		Priority: -1000, // outermost, so it starts the loops after every other OnServe
	})
	app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{
		Id: "shohayLifecycleStop",
		Func: func(e *core.TerminateEvent) error {
			g.Stop()
			return e.Next()
		},
		// after PocketBase has stopped taking requests (-9999), before the
		// database is closed in the innermost function
		Priority: 9999,
	})
	return g
}

// Go adds a loop. run must return soon after its context ends; if it returns
// earlier or panics it is started again after a pause.
func (g *Group) Go(name string, run func(ctx context.Context)) { g.add(loop{name: name, run: run}) }

// GoLast adds a loop that has to see what the others write while they end: its
// context ends when they have ended, or are late.
func (g *Group) GoLast(name string, run func(ctx context.Context)) {
	g.add(loop{name: name, run: run, last: true})
}

func (g *Group) add(l loop) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx == nil {
		g.waiting = append(g.waiting, l)
		return
	}
	g.launch(l)
}

// begin is called with mu held.
func (g *Group) begin() {
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.late, g.end = context.WithCancel(context.Background())
}

// Start launches what was added. Calling it again does nothing.
func (g *Group) Start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx != nil {
		return
	}
	g.begin()
	for _, l := range g.waiting {
		g.launch(l)
	}
	g.waiting = nil
}

// Stop ends every loop, those of GoLast last, and waits for them up to
// [StopTimeout]; loops still alive then are named in the log. OnTerminate may fire twice, so may Stop.
func (g *Group) Stop() {
	g.mu.Lock()
	if g.ctx == nil { // stopped before it began: nothing will
		g.begin()
	}
	g.cancel()
	g.mu.Unlock()

	end := time.After(StopTimeout)
	select {
	case <-ended(&g.early):
	case <-time.After(earlyTimeout):
	}
	g.end()
	select {
	case <-ended(&g.all):
	case <-end:
		g.app.Logger().Error("background work did not stop in time", "loops", fmt.Sprint(g.Alive()))
	}
}

func ended(wg *sync.WaitGroup) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	return done
}

// Alive counts the running loops by name.
func (g *Group) Alive() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	alive := make(map[string]int, len(g.alive))
	for name, n := range g.alive {
		if n > 0 {
			alive[name] = n
		}
	}
	return alive
}

// Falls are the loops that ended although nobody had stopped them, by name.
func (g *Group) Falls() []Fall {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]Fall, 0, len(g.falls))
	for _, f := range g.falls {
		c := *f
		c.Times = slices.Clone(f.Times)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Fall) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (g *Group) fell(name string, panicked bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.falls[name]
	if f == nil {
		f = &Fall{Name: name}
		g.falls[name] = f
	}
	f.Count++
	f.Panic = panicked
	f.Times = append(f.Times, time.Now())
	if len(f.Times) > keptFalls {
		f.Times = f.Times[1:]
	}
}

// launch is called with mu held.
func (g *Group) launch(l loop) {
	if g.ctx.Err() != nil {
		return
	}
	ctx := g.ctx
	if l.last {
		ctx = g.late
	} else {
		g.early.Add(1)
	}
	g.alive[l.name]++
	g.all.Go(func() {
		defer func() {
			if !l.last {
				g.early.Done()
			}
			g.mu.Lock()
			g.alive[l.name]--
			g.mu.Unlock()
		}()
		for pause := firstPause; ; pause = min(pause*2, lastPause) {
			began := time.Now()
			panicked := g.guard(ctx, l)
			if ctx.Err() != nil {
				return
			}
			g.fell(l.name, panicked)
			if !panicked {
				g.app.Logger().Warn("background work ended by itself and will begin again", "loop", l.name)
			}
			if time.Since(began) > lastPause {
				pause = firstPause
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	})
}

func (g *Group) guard(ctx context.Context, l loop) (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			g.app.Logger().Error("background work panicked and will begin again", "loop", l.name, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		}
	}()
	l.run(ctx)
	return false
}
