package notice

import (
	"slices"
	"sync"
	"time"
)

const (
	senders  = 3                // pushes under way at a time
	tries    = 5                // for one push
	firstGap = 15 * time.Second // before the second try; four times longer each time
	worth    = time.Hour        // after that nobody wants to hear of it
	mostKept = 2000             // pushes in the queue; older ones give way
	refusals = 10               // in a row, then the device is forgotten
)

// push is one notice for one device.
type push struct {
	subscription string
	tag          string // a later push of the same tag takes the place of an earlier one
	content      []byte
	made, due    time.Time
	tried        int
}

// queue holds pushes until they are due.
type queue struct {
	mu   sync.Mutex
	list []push
	bell chan struct{}
}

func newQueue() *queue { return &queue{bell: make(chan struct{}, 1)} }

// add puts pushes in; of two for the same device and conversation the later
// one stays.
func (q *queue) add(list ...push) {
	q.mu.Lock()
	for _, p := range list {
		i := slices.IndexFunc(q.list, func(o push) bool { return o.subscription == p.subscription && o.tag == p.tag })
		if i >= 0 {
			if q.list[i].made.After(p.made) {
				continue // a failed one comes back, and there is news already
			}
			q.list = slices.Delete(q.list, i, i+1)
		}
		q.list = append(q.list, p)
	}
	if over := len(q.list) - mostKept; over > 0 {
		q.list = slices.Delete(q.list, 0, over)
	}
	q.mu.Unlock()
	q.ring()
}

func (q *queue) ring() {
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// take returns the next push that is due, or how long to wait for one.
func (q *queue) take(now time.Time) (p push, wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(p push) bool { return now.Sub(p.made) > worth })
	wait = time.Hour
	for i := range q.list {
		if d := q.list[i].due.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		p = q.list[i]
		q.list = slices.Delete(q.list, i, i+1)
		return p, 0, true
	}
	return push{}, wait, false
}

// forget drops what waits for a device.
func (q *queue) forget(subscription string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(p push) bool { return p.subscription == subscription })
}

// gap is the pause before the next try.
func gap(tried int, asked time.Duration) time.Duration {
	d := firstGap
	for range tried - 1 {
		d *= 4
	}
	return max(d, min(asked, worth))
}
