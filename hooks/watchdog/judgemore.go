package watchdog

import (
	"time"

	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

// Of what goes out.
const (
	queueSlow   = 20 * time.Minute
	queueStuck  = 2 * time.Hour
	failedSome  = 5 // for good, within a day: some addresses are always wrong
	failedMany  = 25
	failedOver  = 24 * time.Hour
	queuedMany  = 200
	crashWindow = time.Hour
	crashMany   = 3
)

// Queue is what is known of the outbox.
type Queue struct {
	Due    int // rows that should have gone out
	Oldest time.Time
	Failed int // for good, within a day
}

// JudgeQueue looks at the outbox.
func JudgeQueue(q Queue, up, now time.Time) Finding {
	f := Facts{N: q.Due, At: q.Oldest}
	if q.Due > 0 {
		f.For = now.Sub(later(q.Oldest, up))
	}
	failed := Facts{N: q.Failed}
	switch {
	case q.Due > 0 && f.For >= queueStuck:
		return finding(KindQueue, "", schema.CheckBad, "queue_stuck", f)
	case q.Failed >= failedMany:
		return finding(KindQueue, "", schema.CheckBad, "queue_failed", failed)
	case q.Due > 0 && f.For >= queueSlow, q.Due >= queuedMany:
		return finding(KindQueue, "", schema.CheckWarn, "queue_slow", f)
	case q.Failed >= failedSome:
		return finding(KindQueue, "", schema.CheckWarn, "queue_some_failed", failed)
	}
	return finding(KindQueue, "", schema.CheckOK, "", f)
}

// Of certificates, which are renewed a month before they end, or when a third of
// their life is left: some hold for a day only.
const (
	certSoon     = 21 * 24 * time.Hour
	certSoonPart = 4
	certNow      = 7 * 24 * time.Hour
	certNowPart  = 12
)

// Certificate is one that visitors' browsers are shown.
type Certificate struct {
	Name    string
	From    time.Time // zero when it is not known
	Until   time.Time // zero when there is none
	Ours    bool      // we renew it; else a proxy does
	Refused string    // what its issuer said last, when it cannot be had or renewed
}

// JudgeCertificate looks at one.
func JudgeCertificate(c Certificate, now time.Time) Finding {
	f := Facts{Name: c.Name, At: c.Until, For: c.Until.Sub(now), Said: c.Refused}
	soon, last := certSoon, certNow
	if life := c.Until.Sub(c.From); !c.From.IsZero() {
		soon, last = min(soon, life/certSoonPart), min(last, life/certNowPart)
	}
	state, code := schema.CheckOK, ""
	switch {
	case c.Until.IsZero():
		return finding(KindCertificate, c.Name, schema.CheckBad, said("certificate_none", c.Refused), f)
	case f.For <= 0:
		state, code, f.For = schema.CheckBad, "certificate_over", -f.For
	case f.For < last:
		state, code = schema.CheckBad, "certificate_ends"
	case f.For < soon:
		state, code = schema.CheckWarn, "certificate_soon"
	}
	if code != "" && !c.Ours {
		code += "_proxy"
	}
	return finding(KindCertificate, c.Name, state, said(code, c.Refused), f)
}

// Of the clock.
const (
	jumpLeast = time.Minute
	jumpKept  = time.Hour // how long it is spoken of
	ahead     = 2 * time.Minute
)

// Clock is what is known of the machine's clock.
type Clock struct {
	Jump   time.Duration // of the last jump: forward is more than 0
	JumpAt time.Time
	Newest time.Time // the newest message that is stored
}

// JudgeClock looks at it. A clock that jumps ahead may have slept with the
// machine, one that goes back may not.
func JudgeClock(c Clock, now time.Time) Finding {
	recent := !c.JumpAt.IsZero() && now.Sub(c.JumpAt).Abs() < jumpKept
	switch {
	case c.Newest.Sub(now) > ahead:
		return finding(KindClock, "", schema.CheckBad, "clock_behind", Facts{At: c.Newest, For: c.Newest.Sub(now)})
	case recent && c.Jump < 0:
		return finding(KindClock, "", schema.CheckBad, "clock_back", Facts{At: c.JumpAt, For: -c.Jump})
	case recent && c.Jump > 0:
		return finding(KindClock, "", schema.CheckWarn, "clock_ahead", Facts{At: c.JumpAt, For: c.Jump})
	}
	return finding(KindClock, "", schema.CheckOK, "", Facts{})
}

// Jumped is how much the clock on the wall moved more than time did between two
// looks; 0 when it is as little as corrections are.
func Jumped(before, now time.Time) time.Duration {
	jump := now.Round(0).Sub(before.Round(0)) - now.Sub(before) // Round(0) leaves the wall's time alone
	if jump.Abs() < jumpLeast {
		return 0
	}
	return jump
}

// JudgeWorkers looks at background work that ended by itself.
func JudgeWorkers(falls []lifecycle.Fall, now time.Time) Finding {
	worst := Facts{}
	for _, fall := range falls {
		n := 0
		for _, at := range fall.Times {
			if now.Sub(at) < crashWindow {
				n++
			}
		}
		if n > worst.N {
			worst = Facts{Name: fall.Name, N: n, At: fall.Times[len(fall.Times)-1]}
		}
	}
	switch {
	case worst.N >= crashMany:
		return finding(KindWorkers, "", schema.CheckBad, "workers_fall", worst)
	case worst.N > 0:
		return finding(KindWorkers, "", schema.CheckWarn, "workers_fell", worst)
	}
	return finding(KindWorkers, "", schema.CheckOK, "", worst)
}
