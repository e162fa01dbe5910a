package lifecycle

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

func group() *Group {
	return New(core.NewBaseApp(core.BaseAppConfig{DataDir: "unused"}))
}

func TestLoopsRunBetweenStartAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		var running atomic.Int32
		loop := func(ctx context.Context) {
			running.Add(1)
			<-ctx.Done()
			time.Sleep(3 * time.Second) // tidying up
			running.Add(-1)
		}
		g.Go("one", loop)
		g.Go("two", loop)
		synctest.Wait()
		if running.Load() != 0 {
			t.Fatal("loops run before the start")
		}
		g.Start()
		g.Start()
		g.Go("late", loop)
		synctest.Wait()
		if running.Load() != 3 || len(g.Alive()) != 3 {
			t.Fatalf("%d loops run, %v are alive", running.Load(), g.Alive())
		}
		g.Stop()
		if running.Load() != 0 || len(g.Alive()) != 0 {
			t.Fatalf("%d loops outlive the stop, %v", running.Load(), g.Alive())
		}
		g.Stop()
		g.Go("after the end", loop)
		g.Start()
		synctest.Wait()
		if running.Load() != 0 {
			t.Error("a loop began after the end")
		}
	})
}

func TestStoppedBeforeTheStartNothingRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		ran := false
		g.Go("one", func(context.Context) { ran = true })
		g.Stop()
		g.Start()
		synctest.Wait()
		if ran {
			t.Error("a loop runs on a closed database")
		}
		g.Stop()
	})
}

func TestAPanicBeginsAgainLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		var at []time.Duration
		begun := time.Now()
		g.Go("unlucky", func(ctx context.Context) {
			at = append(at, time.Since(begun))
			switch len(at) {
			case 1, 3:
				panic("a bug")
			case 2:
				return
			case 4:
				time.Sleep(2 * lastPause) // ran well for a while
				panic("a bug")
			}
			<-ctx.Done()
		})
		g.Start()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 7*time.Second + 2*lastPause + time.Second}
		if len(at) != len(want) {
			t.Fatalf("it began at %v", at)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("it began at %v instead of %v", at, want)
				break
			}
		}
		g.Stop()
	})
}

func TestALoopThatHangsDoesNotHoldTheStopForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		release := make(chan struct{})
		g.Go("deaf", func(context.Context) { <-release })
		g.Start()
		began := time.Now()
		g.Stop()
		if took := time.Since(began); took != StopTimeout {
			t.Errorf("stopping took %s", took)
		}
		if g.Alive()["deaf"] != 1 {
			t.Error("nobody knows who hangs")
		}
		close(release)
	})
}

func TestSomeLoopsEndWhenAllOthersHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		var ended []string
		g.GoLast("copies", func(ctx context.Context) {
			<-ctx.Done()
			ended = append(ended, "copies")
		})
		g.Go("writes", func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(earlyTimeout / 2)
			ended = append(ended, "writes")
		})
		g.Start()
		synctest.Wait()
		g.Stop()
		if !slices.Equal(ended, []string{"writes", "copies"}) {
			t.Errorf("ended: %v", ended)
		}
	})
}

func TestALoopThatHangsDoesNotKeepTheLastFromEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group()
		release := make(chan struct{})
		g.Go("deaf", func(context.Context) { <-release })
		g.GoLast("copies", func(ctx context.Context) { <-ctx.Done() })
		g.Start()
		g.Stop()
		if n := g.Alive()["copies"]; n != 0 {
			t.Error("the last was not ended")
		}
		close(release)
	})
}
