package watchdog

import (
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	mb  = 1 << 20
	day = 24 * time.Hour
)

var (
	now  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	long = now.Add(-30 * day) // up for so long
)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func want(t *testing.T, name string, f Finding, state, code string) {
	t.Helper()
	if f.State != state || f.Code != code {
		t.Errorf("%s: %s %s, want %s %s", name, f.State, f.Code, state, code)
	}
}

func TestJudgeDisk(t *testing.T) {
	for _, c := range []struct {
		name        string
		free, total uint64
		was         string
		state, code string
	}{
		{"plenty", 50_000 * mb, 100_000 * mb, "", "ok", "disk_ok"},
		{"a twentieth is left", 4_000 * mb, 100_000 * mb, "", "warn", "disk_low"},
		{"of a huge disk a twentieth is a lot", 6_000 * mb, 4_000_000 * mb, "", "ok", "disk_ok"},
		{"little is left of a small disk", 500 * mb, 8_000 * mb, "", "warn", "disk_low"},
		{"below the floor", 199 * mb, 8_000 * mb, "", "bad", "disk_full"},
		{"just above the line again is not yet well", 5_100 * mb, 100_000 * mb, "warn", "warn", "disk_low"},
		{"clearly above the line is well", 5_600 * mb, 100_000 * mb, "warn", "ok", "disk_ok"},
		{"above the floor it takes in again, but is not well", 210 * mb, 8_000 * mb, "bad", "warn", "disk_low"},
	} {
		s := disk.Space{Free: c.free, Total: c.total}
		want(t, c.name, JudgeDisk(s, s.Floor(0), c.was), c.state, c.code)
	}
}

func TestJudgeMailbox(t *testing.T) {
	for _, c := range []struct {
		name         string
		b            Mailbox
		up           time.Time
		in, inCode   string
		out, outCode string
		noIn, noOut  bool
	}{
		{name: "well", b: Mailbox{Fetches: true, Sends: true, LastFetch: ago(time.Minute)}, in: "ok", inCode: "mail_in_ok", out: "ok", outCode: "mail_out_ok"},
		{name: "silent for a while", b: Mailbox{Fetches: true, LastFetch: ago(45 * time.Minute)}, in: "warn", inCode: "mail_in_late", noOut: true},
		{name: "dead, and the server said why", b: Mailbox{Fetches: true, LastFetch: ago(3 * time.Hour), Error: "AUTHENTICATIONFAILED"}, in: "bad", inCode: "mail_in_dead_said", noOut: true},
		{name: "the program was off in between", b: Mailbox{Fetches: true, LastFetch: ago(3 * day)}, up: ago(10 * time.Minute), in: "ok", inCode: "mail_in_ok", noOut: true},
		{name: "never fetched", b: Mailbox{Fetches: true}, in: "bad", inCode: "mail_in_dead", noOut: true},
		{name: "set up a moment ago", b: Mailbox{Fetches: true, Set: ago(time.Minute)}, in: "ok", inCode: "mail_in_ok", noOut: true},
		{name: "a mail waits", b: Mailbox{Sends: true, Waiting: 1, Oldest: ago(40 * time.Minute)}, noIn: true, out: "warn", outCode: "mail_out_late"},
		{name: "mails wait for hours", b: Mailbox{Sends: true, Waiting: 9, Oldest: ago(5 * time.Hour), Error: "no route"}, noIn: true, out: "bad", outCode: "mail_out_dead_said"},
		{name: "an error alone is no death", b: Mailbox{Fetches: true, Sends: true, LastFetch: ago(time.Minute), Error: "slow"}, in: "ok", inCode: "mail_in_ok", out: "ok", outCode: "mail_out_ok"},
	} {
		c.b.ID = "box"
		if c.up.IsZero() {
			c.up = long
		}
		all := JudgeMailbox(c.b, c.up, now)
		n := 0
		for _, f := range all {
			switch f.Check {
			case "mail_in:box":
				n++
				want(t, c.name, f, c.in, c.inCode)
			case "mail_out:box":
				n++
				want(t, c.name, f, c.out, c.outCode)
			}
		}
		expected := 2
		if c.noIn || c.noOut {
			expected = 1
		}
		if n != expected || len(all) != expected {
			t.Errorf("%s: %d findings, want %d: %+v", c.name, len(all), expected, all)
		}
	}
}

func TestJudgePlaces(t *testing.T) {
	for _, c := range []struct {
		name        string
		p           Place
		up          time.Time
		state, code string
	}{
		{"last night", Place{Good: ago(9 * time.Hour)}, long, "ok", "backup_ok"},
		{"late", Place{Good: ago(40 * time.Hour)}, long, "warn", "backup_late"},
		{"days old", Place{Good: ago(80 * time.Hour)}, long, "bad", "backup_old"},
		{"days old, but the machine was off", Place{Good: ago(80 * time.Hour)}, ago(time.Minute), "ok", "backup_ok"},
		{"failed once", Place{Good: ago(20 * time.Hour), Error: "no room"}, long, "warn", "backup_failed"},
		{"fails", Place{Good: ago(40 * time.Hour), Error: "no room"}, long, "bad", "backup_fails"},
		{"new, nothing made yet", Place{Set: ago(time.Hour)}, long, "ok", "backup_ok"},
		{"never worked", Place{Set: ago(4 * day), Error: "denied"}, long, "bad", "backup_fails"},
	} {
		want(t, c.name, JudgePlace(c.p, c.up, now), c.state, c.code)
	}
	want(t, "no place", NoPlace(), "warn", "backup_none")
}

func TestJudgeReplica(t *testing.T) {
	if _, ok := JudgeReplica(Replica{}, long, now); ok {
		t.Error("there is a finding about a replica that is not on")
	}
	for _, c := range []struct {
		name        string
		r           Replica
		up          time.Time
		state, code string
	}{
		{"well", Replica{On: true, Good: ago(time.Second)}, long, "ok", "replica_ok"},
		{"a moment's trouble", Replica{On: true, Good: ago(30 * time.Second), Fault: "timeout"}, long, "ok", "replica_ok"},
		{"trouble", Replica{On: true, Good: ago(3 * time.Minute), Fault: "timeout"}, long, "warn", "replica_failed"},
		{"lasting trouble", Replica{On: true, Good: ago(time.Hour), Fault: "timeout"}, long, "bad", "replica_fails"},
		{"behind", Replica{On: true, Good: ago(5 * time.Minute)}, long, "warn", "replica_late"},
		{"far behind", Replica{On: true, Good: ago(time.Hour)}, long, "bad", "replica_behind"},
		{"just started", Replica{On: true}, ago(time.Minute), "ok", "replica_ok"},
	} {
		f, ok := JudgeReplica(c.r, c.up, now)
		if !ok {
			t.Errorf("%s: no finding", c.name)
		}
		want(t, c.name, f, c.state, c.code)
	}
}

func TestJudgeQueue(t *testing.T) {
	for _, c := range []struct {
		name        string
		q           Queue
		state, code string
	}{
		{"empty", Queue{}, "ok", "queue_ok"},
		{"busy", Queue{Due: 30, Oldest: ago(time.Minute)}, "ok", "queue_ok"},
		{"slow", Queue{Due: 1, Oldest: ago(25 * time.Minute)}, "warn", "queue_slow"},
		{"many", Queue{Due: 300, Oldest: ago(time.Minute)}, "warn", "queue_slow"},
		{"stuck", Queue{Due: 1, Oldest: ago(3 * time.Hour)}, "bad", "queue_stuck"},
		{"one address was wrong", Queue{Failed: 1}, "ok", "queue_ok"},
		{"some came back", Queue{Failed: 6}, "warn", "queue_some_failed"},
		{"nothing arrives", Queue{Failed: 40}, "bad", "queue_failed"},
	} {
		want(t, c.name, JudgeQueue(c.q, long, now), c.state, c.code)
	}
}

func TestJudgeCertificate(t *testing.T) {
	for _, c := range []struct {
		name        string
		left        time.Duration
		ours        bool
		state, code string
	}{
		{"fresh", 60 * day, true, "ok", "certificate_ok"},
		{"not renewed", 20 * day, true, "warn", "certificate_soon"},
		{"days left", 3 * day, true, "bad", "certificate_ends"},
		{"over", -time.Hour, true, "bad", "certificate_over"},
		{"the proxy's", 3 * day, false, "bad", "certificate_ends_proxy"},
	} {
		f := JudgeCertificate(Certificate{Name: "help.shop.test", Until: now.Add(c.left), Ours: c.ours}, now)
		want(t, c.name, f, c.state, c.code)
		if f.Facts.For < 0 {
			t.Errorf("%s: %s is less than nothing", c.name, f.Facts.For)
		}
	}
	// Those that hold for a day are renewed in their last third.
	for left, state := range map[time.Duration]string{9 * time.Hour: "ok", 5 * time.Hour: "warn", time.Hour: "bad"} {
		until := now.Add(left)
		if f := JudgeCertificate(Certificate{Name: "help.shop.test", From: until.Add(-day), Until: until, Ours: true}, now); f.State != state {
			t.Errorf("%s before the end of a day: %s", left, f.State)
		}
	}
	want(t, "none", JudgeCertificate(Certificate{Name: "help.shop.test", Ours: true, Refused: "no such name"}, now), "bad", "certificate_none_said")
	want(t, "not to be renewed", JudgeCertificate(Certificate{Name: "help.shop.test", Until: now.Add(3 * day), Ours: true, Refused: "no"}, now), "bad", "certificate_ends_said")
}

func TestJudgeClock(t *testing.T) {
	for _, c := range []struct {
		name        string
		clock       Clock
		state, code string
	}{
		{"well", Clock{Newest: ago(time.Hour)}, "ok", "clock_ok"},
		{"a message of tomorrow", Clock{Newest: now.Add(day)}, "bad", "clock_behind"},
		{"a second ahead is nothing", Clock{Newest: now.Add(time.Second)}, "ok", "clock_ok"},
		{"set back", Clock{Jump: -2 * time.Hour, JumpAt: ago(time.Minute)}, "bad", "clock_back"},
		{"slept", Clock{Jump: 8 * time.Hour, JumpAt: ago(time.Minute)}, "warn", "clock_ahead"},
		{"long ago", Clock{Jump: -2 * time.Hour, JumpAt: ago(2 * time.Hour)}, "ok", "clock_ok"},
	} {
		want(t, c.name, JudgeClock(c.clock, now), c.state, c.code)
	}
}

func TestAClockThatRunsAsTimeDoesHasNotJumped(t *testing.T) {
	before := time.Now()
	if jump := Jumped(before, before.Add(30*time.Second)); jump != 0 {
		t.Errorf("jumped by %s", jump)
	}
	// A time without a monotonic reading stands for a wall that was moved: its
	// difference by Sub is the wall's, so nothing is seen either.
	if jump := Jumped(before.Round(0), before.Round(0).Add(time.Hour)); jump != 0 {
		t.Errorf("jumped by %s without a monotonic clock", jump)
	}
}

func TestJudgeWorkers(t *testing.T) {
	at := func(ds ...time.Duration) (times []time.Time) {
		for _, d := range ds {
			times = append(times, ago(d))
		}
		return times
	}
	for _, c := range []struct {
		name        string
		falls       []lifecycle.Fall
		state, code string
	}{
		{"none", nil, "ok", "workers_ok"},
		{"yesterday", []lifecycle.Fall{{Name: "push", Count: 9, Times: at(20 * time.Hour)}}, "ok", "workers_ok"},
		{"once", []lifecycle.Fall{{Name: "push", Count: 1, Times: at(time.Minute)}}, "warn", "workers_fell"},
		{"again and again", []lifecycle.Fall{{Name: "push", Count: 3, Times: at(3*time.Minute, 2*time.Minute, time.Minute)}}, "bad", "workers_fall"},
	} {
		want(t, c.name, JudgeWorkers(c.falls, now), c.state, c.code)
	}
}

// What the owners are told, look by look: a letter is what they have yet to
// be told after that look.
func TestTheOwnersHearOnce(t *testing.T) {
	type step struct {
		after time.Duration
		state string
		owed  string // after the look
		sent  bool   // the mail went out after that
	}
	for name, steps := range map[string][]step{
		"a moment's trouble is not told":           {{0, "bad", "", false}, {30 * time.Second, "ok", "", false}, {time.Hour, "ok", "", false}},
		"told once, and once that it is over":      {{0, "bad", "", false}, {time.Minute, "bad", "news", true}, {time.Hour, "bad", "", false}, {time.Minute, "ok", "", false}, {5 * time.Minute, "ok", "over", true}, {time.Hour, "ok", "", false}},
		"a warning is neither":                     {{0, "warn", "", false}, {time.Hour, "warn", "", false}},
		"bad, better, bad again is one letter":     {{0, "bad", "", false}, {time.Minute, "bad", "news", true}, {time.Minute, "warn", "", false}, {time.Minute, "bad", "", false}, {time.Hour, "bad", "", false}},
		"over before it could be told":             {{0, "bad", "", false}, {time.Minute, "bad", "news", false}, {time.Minute, "ok", "", false}, {time.Hour, "ok", "", false}},
		"bad again before the end could be told":   {{0, "bad", "", false}, {time.Minute, "bad", "news", true}, {time.Minute, "ok", "", false}, {4 * time.Minute, "ok", "over", false}, {time.Minute, "bad", "", false}, {time.Hour, "bad", "", false}},
		"a letter that did not go out stays owed":  {{0, "bad", "", false}, {time.Minute, "bad", "news", false}, {time.Hour, "bad", "news", true}, {time.Hour, "bad", "", false}},
		"the clock went back and nothing is hasty": {{0, "bad", "", false}, {-time.Hour, "bad", "", false}, {30 * time.Second, "bad", "", false}, {time.Minute, "bad", "news", true}},
	} {
		t.Run(name, func(t *testing.T) {
			at, k := now, Kept{State: schema.CheckOK, Since: long}
			for i, s := range steps {
				at = at.Add(s.after)
				k = k.Next(Finding{Check: "disk", Kind: "disk", State: s.state, Code: "x"}, at)
				if k.Owed != s.owed {
					t.Fatalf("look %d: %q is owed, want %q (%+v)", i, k.Owed, s.owed, k)
				}
				if s.sent {
					k = k.Mailed()
				}
			}
		})
	}
}
