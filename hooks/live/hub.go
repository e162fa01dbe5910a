package live

import (
	"sync"
	"time"
)

// Limits of the hub. The limit per address is a setting of the shop.
const (
	MaxStreams     = 2000 // of all kinds
	MaxPerListener = 3    // of one visitor; an agent may have more desks open
	maxPerAgent    = 12
	queueLength    = 256              // events a desk may lag behind
	visitorQueue   = 48               // events a visitor may; there are thousands of them
	offlineGrace   = 12 * time.Second // a reload is not a departure
)

// Hub knows who listens to what.
type Hub struct {
	mu        sync.Mutex
	topics    map[string]map[*conn]struct{}
	listeners map[string]int // connections by listener
	addresses map[string]int // connections by network address
	total     int
	present   map[string]bool
	timers    map[string]*time.Timer
	watchers  []func(listener string, online bool)
	closed    bool
}

// conn is one open stream. Its queue is written by the hub under the hub's
// lock and read by the handler.
type conn struct {
	listener string
	address  string
	topics   []string
	queue    chan frame
	gone     chan struct{} // closed by the hub: end the stream
	ended    bool
}

// NewHub returns an empty hub.
func NewHub() *Hub {
	return &Hub{
		topics: map[string]map[*conn]struct{}{}, listeners: map[string]int{}, addresses: map[string]int{},
		present: map[string]bool{}, timers: map[string]*time.Timer{},
	}
}

// Watch asks to be told when a listener comes or has gone. The function is
// called outside the hub's lock and must not block for long. Only at
// registration.
func (h *Hub) Watch(f func(listener string, online bool)) { h.watchers = append(h.watchers, f) }

// Tell gives an event to everybody who listens to a customer's topic.
func (h *Hub) Tell(t PublicTopic, ev PublicEvent) { h.tell(string(t), ev.frame) }

// TellStaff gives an event to the desks that listen to the topic.
func (h *Hub) TellStaff(t StaffTopic, ev StaffEvent) { h.tell(string(t), ev.frame) }

func (h *Hub) tell(topic string, f frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.topics[topic] {
		select {
		case c.queue <- f:
		default: // too slow: it comes back and asks for what it lacks
			h.end(c)
		}
	}
}

// Listens tells whether anybody listens to a customer's topic, so that nobody
// has to prepare what nobody hears.
func (h *Hub) Listens(t PublicTopic) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.topics[string(t)]) > 0
}

// Online tells whether a listener has a stream open or had one a moment ago.
func (h *Hub) Online(listener string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.present[listener]
}

// Count is the number of open streams.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// End closes the streams of a listener, for a token that was revoked.
func (h *Hub) End(listener string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, set := range h.topics {
		for c := range set {
			if c.listener == listener {
				h.end(c)
			}
		}
	}
}

// Close ends every stream and takes no new one.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, set := range h.topics {
		for c := range set {
			h.end(c)
		}
	}
	for _, t := range h.timers {
		t.Stop()
	}
}

// end marks a connection as gone; its handler then leaves. With mu held.
func (h *Hub) end(c *conn) {
	if !c.ended {
		c.ended = true
		close(c.gone)
	}
}

// join registers a connection, or says false when a limit is reached.
func (h *Hub) join(c *conn, perListener, perAddress int) bool {
	h.mu.Lock()
	if h.closed || h.total >= MaxStreams || h.listeners[c.listener] >= perListener || h.addresses[c.address] >= perAddress {
		h.mu.Unlock()
		return false
	}
	for _, t := range c.topics {
		if h.topics[t] == nil {
			h.topics[t] = map[*conn]struct{}{}
		}
		h.topics[t][c] = struct{}{}
	}
	h.total++
	h.listeners[c.listener]++
	h.addresses[c.address]++
	if t := h.timers[c.listener]; t != nil {
		t.Stop()
		delete(h.timers, c.listener)
	}
	came := !h.present[c.listener]
	h.present[c.listener] = true
	h.mu.Unlock()

	if came {
		h.notify(c.listener, true)
	}
	return true
}

// leave forgets a connection. The listener counts as present for a little
// longer.
func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end(c)
	for _, t := range c.topics {
		delete(h.topics[t], c)
		if len(h.topics[t]) == 0 {
			delete(h.topics, t)
		}
	}
	h.total--
	h.drop(h.addresses, c.address)
	if h.drop(h.listeners, c.listener) && !h.closed {
		h.timers[c.listener] = time.AfterFunc(offlineGrace, func() { h.departed(c.listener) })
	}
}

func (h *Hub) drop(counts map[string]int, key string) (last bool) {
	counts[key]--
	if counts[key] > 0 {
		return false
	}
	delete(counts, key)
	return true
}

func (h *Hub) departed(listener string) {
	h.mu.Lock()
	delete(h.timers, listener)
	still := h.listeners[listener] > 0 || h.closed
	if !still {
		delete(h.present, listener)
	}
	h.mu.Unlock()
	if !still {
		h.notify(listener, false)
	}
}

func (h *Hub) notify(listener string, online bool) {
	for _, f := range h.watchers {
		f(listener, online)
	}
}
