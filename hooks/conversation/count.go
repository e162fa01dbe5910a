package conversation

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// tagsCounted is how often tags are counted at most.
const tagsCounted = 5 * time.Second

// Counts is how many conversations stand in each view of one agent.
type Counts struct {
	Mine       int            `json:"mine"`
	Unassigned int            `json:"unassigned"`
	Open       int            `json:"open"`
	Pending    int            `json:"pending"`
	Snoozed    int            `json:"snoozed"`
	Spam       int            `json:"spam"`      // not looked at yet, like the next
	Automatic  int            `json:"automatic"` // written by machines
	Channels   map[string]int `json:"channels"`
	Tags       map[string]int `json:"tags"` // open ones by tag
	More       map[string]int `json:"more"` // views that other rooms added
}

// CountFunc counts an agent's conversations in a view that another room added.
type CountFunc func(app core.App, agent string) (int, error)

// AddCount adds a number to every agent's counts. Only at registration.
func (room *Room) AddCount(view string, f CountFunc) { room.counts[view] = f }

// CountsChanged has the counts told again, soon.
func (room *Room) CountsChanged() { room.countsChanged() }

// tagCounts are the open conversations of each tag, as they were a moment ago.
type tagCounts struct {
	mu   sync.Mutex
	at   time.Time
	n    map[string]int
	soon bool
}

// countTags counts anew when the last time is a while ago; otherwise it sees to
// it that somebody does.
func (room *Room) countTags(app core.App) (map[string]int, error) {
	t := &room.tagged
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := tagsCounted - time.Since(t.at)
	if t.n != nil && wait > 0 {
		if !t.soon {
			t.soon = true
			time.AfterFunc(wait, func() {
				t.mu.Lock()
				t.soon = false
				t.mu.Unlock()
				room.countsChanged()
			})
		}
		return t.n, nil
	}
	n, err := taggedOpen(app)
	if err == nil {
		t.n, t.at = n, time.Now()
	}
	return n, err
}

// everybody's counts, and what is the same for all of them.
func (room *Room) tally(app core.App) (func(agent string) (Counts, error), error) {
	all, err := tallies(app)
	if err != nil {
		return nil, err
	}
	tags, err := room.countTags(app)
	if err != nil {
		return nil, err
	}
	return func(agent string) (Counts, error) {
		c := countFor(agent, all)
		c.Tags, c.More = tags, map[string]int{}
		for view, f := range room.counts {
			if c.More[view], err = f(app, agent); err != nil {
				return c, err
			}
		}
		return c, nil
	}, nil
}

// Views of what was put aside, as tallies names them.
const (
	viewSpam      = "spam"
	viewAutomatic = "automatic"
)

func countFor(agent string, all []tally) Counts {
	c := Counts{Channels: map[string]int{schema.ChannelChat: 0, schema.ChannelEmail: 0, schema.ChannelPortal: 0, schema.ChannelPhone: 0}}
	for _, t := range all {
		switch t.Status {
		case schema.StatusOpen:
			c.Open += t.N
			c.Channels[t.Channel] += t.N
			switch t.Assignee {
			case "":
				c.Unassigned += t.N
			case agent:
				c.Mine += t.N
			}
		case schema.StatusPending:
			c.Pending += t.N
		case schema.StatusSnoozed:
			c.Snoozed += t.N
		case viewSpam:
			c.Spam += t.N
		case viewAutomatic:
			c.Automatic += t.N
		}
	}
	return c
}

func (room *Room) publishCounts() {
	count, err := room.tally(room.app)
	if err != nil {
		room.app.Logger().Error("conversations cannot be counted", "error", err)
		return
	}
	for _, id := range room.agents.ids() {
		c, err := count(id)
		if err != nil {
			room.app.Logger().Error("conversations cannot be counted", "error", err)
			return
		}
		room.hub.TellStaff(live.AgentTopic(id), live.ForStaff("counts", 0, c))
	}
}

// tagsChanged tells the desks which tags there are now.
func (room *Room) tagsChanged(e *core.RecordEvent) error {
	tags, err := tagViews(e.App)
	if err != nil {
		e.App.Logger().Error("the tags cannot be read for publishing", "error", err)
		return e.Next()
	}
	room.hub.TellStaff(live.Inbox, live.ForStaff("tags", 0, struct {
		Tags []tagView `json:"tags"`
	}{tags}))
	room.countsChanged()
	return e.Next()
}
