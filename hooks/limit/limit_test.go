package limit

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestABurstThenARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 3)
		for i := range 3 {
			if _, ok := l.Allow("a"); !ok {
				t.Fatalf("call %d is refused", i)
			}
		}
		wait, ok := l.Allow("a")
		if ok || wait <= 0 || wait > time.Second {
			t.Fatalf("%v, %s", ok, wait)
		}
		if _, ok := l.Allow("b"); !ok {
			t.Error("one pays for another")
		}
		for range 50 {
			l.Allow("a") // asking does not make it worse
		}
		time.Sleep(wait)
		if _, ok := l.Allow("a"); !ok {
			t.Error("refused after the time it named")
		}
		if _, ok := l.Allow("a"); ok {
			t.Error("two for one pause")
		}
		time.Sleep(time.Hour)
		n := 0
		for range 10 {
			if _, ok := l.Allow("a"); ok {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d at once after a long rest", n)
		}
	})
}

func TestTimesWidensBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 2)
		n := 0
		for range 100 {
			if _, ok := l.AllowTimes("a", 20); ok {
				n++
			}
		}
		time.Sleep(time.Second)
		m := 0
		for range 100 {
			if _, ok := l.AllowTimes("a", 20); ok {
				m++
			}
		}
		if n != 40 || m != 20 {
			t.Errorf("%d at once and %d a second", n, m)
		}
		if _, ok := l.AllowTimes("b", 0); !ok {
			t.Error("no times at all is none")
		}
	})
}

func TestForgottenKeysTakeNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 2)
		for i := range 1000 {
			l.Allow(fmt.Sprint(i))
		}
		time.Sleep(idle + time.Second)
		l.Allow("new")
		if len(l.buckets) != 1 {
			t.Errorf("%d keys are remembered", len(l.buckets))
		}
	})
}

func TestManyAtOnceGetNoMore(t *testing.T) {
	l := New(time.Hour, 100)
	var got atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				if _, ok := l.Allow("a"); ok {
					got.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got.Load() != 100 {
		t.Errorf("%d calls passed", got.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", 1500 * time.Millisecond: "2", time.Minute: "60"} {
		h := http.Header{}
		RetryAfter(h, wait)
		if got := h.Get("Retry-After"); got != want {
			t.Errorf("%s: %s", wait, got)
		}
	}
}
