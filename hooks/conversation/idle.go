package conversation

import (
	"context"
	"sync"
	"time"

	"github.com/shohay/shohay/hooks/schema"
)

const (
	usualPatience = 10 * time.Minute // of an agent who chose nothing
	idleEvery     = 10 * time.Second // how often it is looked who went away
)

// patienceOf is how long a desk may stay untouched; minutes as in
// schema.AgentAwayAfter.
func patienceOf(minutes int) time.Duration {
	switch {
	case minutes < 0:
		return 0
	case minutes == 0:
		return usualPatience
	}
	return time.Duration(minutes) * time.Minute
}

// touches remembers when agents last touched a desk, whichever of theirs, and
// what the others were told of them. Only in memory: after a start everybody
// who has a desk open counts as sitting at it.
type touches struct {
	mu    sync.Mutex
	at    map[string]time.Time
	state map[string]string
}

// touch notes a touch; an older one than is known says nothing.
func (t *touches) touch(agent string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[string]time.Time{}
	}
	if at.After(t.at[agent]) {
		t.at[agent] = at
	}
}

// met notes that somebody opened their first desk, which is a touch, or closed
// the last one, after which the next opening is one again.
func (t *touches) met(agent string, online bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[string]time.Time{}
	}
	if !online {
		delete(t.at, agent)
	} else if t.at[agent].IsZero() {
		t.at[agent] = now
	}
}

func (t *touches) idle(agent string, patience time.Duration, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, known := t.at[agent]
	return known && patience > 0 && now.Sub(at) >= patience
}

// told notes what the desks know of somebody; true when that is news.
func (t *touches) told(agent, state string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == nil {
		t.state = map[string]string{}
	}
	before := t.state[agent]
	t.state[agent] = state
	return before != state
}

// state is how somebody is now.
func (r *roster) state(a AgentView) string {
	switch {
	case !a.Online || a.Availability == schema.AvailabilityOffline:
		return schema.AvailabilityOffline
	case a.Availability == schema.AvailabilityAway || r.idle(a):
		return schema.AvailabilityAway
	}
	return schema.AvailabilityOnline
}

// Touched notes when an agent last touched a desk.
func (room *Room) Touched(agent string, at time.Time) {
	room.touches.touch(agent, at)
	room.tellState(agent)
}

// tellState tells the desks and the visitors how somebody is, if that changed.
func (room *Room) tellState(agent string) {
	a, ok := room.agents.get(agent)
	if ok && room.touches.told(agent, a.State) {
		room.presenceChanged(AgentListener(agent), a.Online)
	}
}

// watchIdle finds out who went away from their desk, until ctx ends.
func (room *Room) watchIdle(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(idleEvery):
		}
		for _, id := range room.agents.ids() {
			room.tellState(id)
		}
	}
}
