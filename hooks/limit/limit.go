// Package limit says when somebody asks too often.
//
// PocketBase's own limiter counts by network address alone. A mobile carrier
// puts thousands of customers behind one address, so our public routes count
// by visitor first and by address with room for many.
package limit

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// idle is how long a key is remembered after its last use; a bucket is full
// again long before.
const idle = 10 * time.Minute

// Limiter is a set of token buckets by key. The zero value is not usable.
type Limiter struct {
	every time.Duration
	burst int

	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

// New returns a Limiter that allows burst calls at once and one more each
// time every has passed.
func New(every time.Duration, burst int) *Limiter {
	return &Limiter{every: every, burst: burst, buckets: map[string]*bucket{}}
}

// Allow takes a token of the key. When there is none it says how long to wait.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) {
	return l.AllowTimes(key, 1)
}

// AllowTimes is Allow with a limit that is so many times wider.
func (l *Limiter) AllowTimes(key string, times int) (wait time.Duration, ok bool) {
	times = max(times, 1)
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > idle {
		l.swept = now
		for k, b := range l.buckets {
			if now.Sub(b.used) > idle {
				delete(l.buckets, k)
			}
		}
	}
	b := l.buckets[key]
	if b == nil || b.Burst() != l.burst*times {
		b = &bucket{Limiter: rate.NewLimiter(rate.Every(l.every/time.Duration(times)), l.burst*times)}
		l.buckets[key] = b
	}
	b.used = now
	r := b.ReserveN(now, 1)
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return d, false
	}
	return 0, true
}

// RetryAfter sets the header of that name, in whole seconds, at least one.
func RetryAfter(h http.Header, wait time.Duration) {
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(max(wait, time.Second).Seconds()))))
}
