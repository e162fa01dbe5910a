package target

import (
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

var nine = func() (c rules.Calendar) {
	for d := range 7 {
		c.Week = append(c.Week, rules.Span{Day: time.Weekday(d), Opens: 9 * 60, Closes: 17 * 60})
	}
	return c
}()

// at is a time of Sunday, 22 November 2026; above 24 hours of the days after.
func at(h, m int) time.Time { return time.Date(2026, 11, 22, h, m, 0, 0, time.UTC) }

func TestWhatIsDueWhen(t *testing.T) {
	promise := Target{First: time.Hour, Next: 2 * time.Hour, Resolution: 8 * time.Hour, Office: true}
	clock := promise
	clock.Office = false
	replies := promise
	replies.Resolution = 0
	open := func(waiting time.Time, replied bool) Situation {
		return Situation{Status: schema.StatusOpen, Waiting: waiting, Replied: replied, Created: at(9, 0)}
	}
	pending := func(waiting time.Time) Situation {
		return Situation{Status: schema.StatusPending, Waiting: waiting, Replied: true, Created: at(9, 0)}
	}
	type step struct {
		at time.Time
		s  Situation
	}
	cases := []struct {
		name  string
		t     Target
		steps []step
		kind  string
		due   time.Time
		warn  time.Time
	}{
		{"the first answer", promise, []step{{at(10, 0), open(at(10, 0), false)}}, schema.DueFirst, at(11, 0), at(10, 45)},
		{"the solution before the answer", promise, []step{{at(16, 30), open(at(16, 30), false)}}, schema.DueResolution, at(17, 0), at(15, 0)},
		{"by the clock", clock, []step{{at(16, 30), open(at(16, 30), false)}}, schema.DueResolution, at(17, 0), at(15, 0)},
		{"a second word does not begin anew", replies, []step{{at(10, 0), open(at(10, 0), false)}, {at(10, 30), open(at(10, 0), false)}}, schema.DueFirst, at(11, 0), at(10, 45)},
		{"the next answer", replies, []step{{at(10, 0), open(at(10, 0), false)}, {at(10, 30), pending(time.Time{})}, {at(11, 0), open(at(11, 0), true)}}, schema.DueNextReply, at(13, 0), at(12, 30)},
		{"nothing while it waits for the customer", promise, []step{{at(10, 0), open(at(10, 0), false)}, {at(10, 30), pending(time.Time{})}}, "", time.Time{}, time.Time{}},
		{"snoozing stops the clock", replies, []step{
			{at(10, 0), open(at(10, 0), false)}, {at(10, 20), Situation{Status: schema.StatusSnoozed, Waiting: at(10, 0), Created: at(9, 0)}},
			{at(12, 0), open(at(10, 0), false)}}, schema.DueFirst, at(12, 40), at(12, 25)},
		{"solving takes as long as it was worked on", Target{Resolution: 2 * time.Hour, Office: true}, []step{
			{at(9, 0), open(at(9, 0), false)}, {at(10, 0), pending(time.Time{})}, {at(14, 0), open(at(14, 0), true)}}, schema.DueResolution, at(15, 0), at(14, 30)},
		{"solved is solved", promise, []step{{at(10, 0), open(at(10, 0), false)}, {at(10, 30), Situation{Status: schema.StatusSolved, Created: at(9, 0)}}}, "", time.Time{}, time.Time{}},
		{"reopened by hand the old question counts from now", replies, []step{
			{at(10, 0), open(at(10, 0), false)}, {at(10, 30), Situation{Status: schema.StatusSolved, Created: at(9, 0)}}, {at(13, 0), open(at(10, 0), false)}}, schema.DueFirst, at(14, 0), at(13, 45)},
		{"spam waits for nobody", promise, []step{{at(10, 0), Situation{Status: schema.StatusOpen, Quiet: true, Waiting: at(10, 0), Created: at(9, 0)}}}, "", time.Time{}, time.Time{}},
		{"nothing promised", Target{Office: true}, []step{{at(10, 0), open(at(10, 0), false)}}, "", time.Time{}, time.Time{}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var c Clock
			for _, s := range tc.steps {
				c = c.Tick(s.s, nine, s.at)
				if again := c.Tick(s.s, nine, s.at.Add(time.Minute)); again != c {
					t.Fatalf("looking again moved the clock: %+v, %+v", c, again)
				}
			}
			got := c.Due(tc.t, tc.steps[len(tc.steps)-1].s, nine)
			if got.Kind != tc.kind || !got.At.Equal(tc.due) || !got.Warn.Equal(tc.warn) {
				t.Errorf("%s due %v, warning %v; want %s, %v, %v", got.Kind, got.At, got.Warn, tc.kind, tc.due, tc.warn)
			}
		})
	}
}

func TestWhichTargetHolds(t *testing.T) {
	all := []Target{
		{ID: "urgent", Priority: 2}, {ID: "chat", Channels: []string{"chat"}}, {ID: "vip", Tags: []string{"a", "b"}}, {ID: "box", Mailboxes: []string{"m1"}},
	}
	for want, s := range map[string]Subject{
		"urgent": {Channel: "chat", Priority: 2}, "chat": {Channel: "chat", Tags: []string{"a"}, Priority: 1}, "vip": {Channel: "email", Tags: []string{"x", "b"}, Mailbox: "m1"},
		"box": {Channel: "email", Mailbox: "m1", Priority: -1}, "": {Channel: "email", Mailbox: "m2", Tags: []string{"x"}},
	} {
		got := ""
		if c := Choose(all, s); c != nil {
			got = c.ID
		}
		if got != want {
			t.Errorf("%+v: %q holds, want %q", s, got, want)
		}
	}
}
