package target

import (
	"slices"
	"time"

	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

// warnAt is the part of the time after which little is left.
const warnAt = 0.75

// Situation is what of a conversation moves its clocks.
type Situation struct {
	Status  string
	Quiet   bool      // nobody waits: spam, machines among themselves, merged
	Waiting time.Time // since when the customer waits, zero if they do not
	Replied bool      // there was a first answer
	Created time.Time
}

// runs tells whether the clocks run.
func (s Situation) runs() bool { return s.Status == schema.StatusOpen && !s.Quiet }

// Meter counts time, in office hours and by the clock, since any target may
// hold next.
type Meter struct {
	On     bool      `json:"on,omitzero"`
	Since  time.Time `json:"since,omitzero"` // zero while it stands
	Office int64     `json:"office,omitzero"`
	Clock  int64     `json:"clock,omitzero"` // milliseconds before Since
}

func (m Meter) run(since time.Time) Meter {
	if !m.On || m.Since.IsZero() {
		m.On, m.Since = true, since
	}
	return m
}

func (m Meter) stand(cal rules.Calendar, now time.Time) Meter {
	if m.On && !m.Since.IsZero() {
		m.Office += cal.Between(m.Since, now).Milliseconds()
		m.Clock += max(0, now.Sub(m.Since).Milliseconds())
		m.Since = time.Time{}
	}
	return m
}

// Clock is how long a customer has waited, and a conversation been worked on.
type Clock struct {
	Reply  Meter `json:"reply,omitzero"`
	Work   Meter `json:"work,omitzero"`
	Solved bool  `json:"solved,omitzero"` // when last looked at
}

// Tick moves the clock to what the conversation is like now.
func (c Clock) Tick(s Situation, cal rules.Calendar, now time.Time) Clock {
	begin, work := s.Waiting, s.Created
	if c.Solved {
		begin, work = now, now // what was solved begins anew, however old the question
	}
	switch {
	case s.Waiting.IsZero():
		c.Reply = Meter{}
	case !s.runs():
		c.Reply = c.Reply.stand(cal, now)
	case c.Reply.On:
		c.Reply = c.Reply.run(now)
	default:
		c.Reply = c.Reply.run(begin)
	}
	switch {
	case !s.runs():
		c.Work = c.Work.stand(cal, now)
	case c.Work.On:
		c.Work = c.Work.run(now)
	default:
		c.Work = c.Work.run(work)
	}
	c.Solved = s.Status == schema.StatusSolved
	return c
}

// Target is a promise.
type Target struct {
	ID, Name                string
	Channels                []string
	Mailboxes               []string
	Tags                    []string
	Priority                int // from this one on; 0 is all, the low one too
	First, Next, Resolution time.Duration
	Office                  bool
	Mail                    bool
}

// Subject is what of a conversation chooses its target.
type Subject struct {
	Channel, Mailbox string
	Tags             []string
	Priority         int
}

// Fits tells whether the target holds for a conversation.
func (t Target) Fits(s Subject) bool {
	in := func(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }
	return in(t.Channels, s.Channel) && in(t.Mailboxes, s.Mailbox) && (t.Priority == 0 || s.Priority >= t.Priority) &&
		(len(t.Tags) == 0 || slices.ContainsFunc(t.Tags, func(tag string) bool { return slices.Contains(s.Tags, tag) }))
}

// Choose is the first target that holds, or nil.
func Choose(all []Target, s Subject) *Target {
	if i := slices.IndexFunc(all, func(t Target) bool { return t.Fits(s) }); i >= 0 {
		return &all[i]
	}
	return nil
}

// Due is what is due next.
type Due struct {
	Kind     string // schema.DueFirst, …; "" for nothing
	At, Warn time.Time
}

// Due is what is due first of what a target promises.
func (c Clock) Due(t Target, s Situation, cal rules.Calendar) (due Due) {
	if !s.runs() {
		return Due{}
	}
	earliest := func(kind string, m Meter, limit time.Duration) {
		if limit <= 0 || m.Since.IsZero() {
			return
		}
		used, add := time.Duration(m.Clock)*time.Millisecond, func(t time.Time, d time.Duration) time.Time { return t.Add(d) }
		if t.Office {
			used, add = time.Duration(m.Office)*time.Millisecond, cal.Add
		}
		at := add(m.Since, max(0, limit-used))
		if at.IsZero() || !due.At.IsZero() && !at.Before(due.At) {
			return
		}
		due = Due{Kind: kind, At: at, Warn: add(m.Since, max(0, time.Duration(float64(limit)*warnAt)-used))}
	}
	if s.Replied {
		earliest(schema.DueNextReply, c.Reply, t.Next)
	} else {
		earliest(schema.DueFirst, c.Reply, t.First)
	}
	earliest(schema.DueResolution, c.Work, t.Resolution)
	return due
}
