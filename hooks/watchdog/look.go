package watchdog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// begin remembers what was known before the start.
func (room *Room) begin() {
	kept, err := readKept(room.app.DB())
	if err != nil {
		room.app.Logger().Error("the watchdog begins without its memory", "error", err)
		kept = map[string]Kept{}
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	if room.up.IsZero() {
		room.up = room.now()
	}
	if room.kept == nil {
		room.kept = kept
	}
}

// look looks at everything once, remembers and tells.
func (room *Room) look() {
	now := room.now()
	if jump := Jumped(room.tick, now); !room.tick.IsZero() && jump != 0 {
		room.app.Logger().Warn("the clock of this machine jumped", "by", jump.String())
		room.mu.Lock()
		room.clock.Jump, room.clock.JumpAt = jump, now
		room.mu.Unlock()
	}
	room.tick = now
	all, skipped := room.gather(now)
	room.settle(all, skipped, now)
}

// gather judges everything. skipped are kinds that could not be looked at now:
// what is remembered of them stays.
func (room *Room) gather(now time.Time) (all []Finding, skipped map[string]bool) {
	skipped = map[string]bool{}
	skip := func(err error, kinds ...string) {
		room.app.Logger().Warn("the watchdog cannot look", "at", fmt.Sprint(kinds), "error", err)
		for _, k := range kinds {
			skipped[k] = true
		}
	}
	room.mu.Lock()
	up, clock, was := room.up, room.clock, room.kept[KindDisk].State
	room.mu.Unlock()

	if space, err := room.Disk.Space(); err != nil {
		skipped[KindDisk] = true // said once, by doctor
	} else {
		all = append(all, JudgeDisk(space, space.Floor(disk.Set(room.app)), was))
	}
	if boxes, err := readMailboxes(room.app.DB(), now); err != nil {
		skip(err, KindMailIn, KindMailOut)
	} else {
		for _, b := range boxes {
			all = append(all, JudgeMailbox(b, up, now)...)
		}
	}
	if places, err := readPlaces(room.app.DB()); err != nil {
		skip(err, KindBackup)
	} else {
		if len(places) == 0 {
			all = append(all, NoPlace())
		}
		for _, p := range places {
			all = append(all, JudgePlace(p, up, now))
		}
	}
	if f, ok := JudgeReplica(room.Replica(), up, now); ok {
		all = append(all, f)
	}
	if q, err := readQueue(room.app.DB(), now); err != nil {
		skip(err, KindQueue)
	} else {
		all = append(all, JudgeQueue(q, up, now))
	}
	for _, c := range room.certs.refused(room.Refused()) {
		all = append(all, JudgeCertificate(c, now))
	}
	if !room.certs.looked() {
		skipped[KindCertificate] = true
	}
	if newest, err := readNewest(room.app.DB()); err != nil {
		skip(err, KindClock)
	} else {
		clock.Newest = newest
		all = append(all, JudgeClock(clock, now))
	}
	return append(all, JudgeWorkers(room.Group.Falls(), now)), skipped
}

// settle compares with what is remembered, remembers, and rings where there is
// news.
func (room *Room) settle(all []Finding, skipped map[string]bool, now time.Time) {
	room.mu.Lock()
	defer room.mu.Unlock()
	news, owed := false, false
	seen := map[string]bool{}
	for _, f := range all {
		seen[f.Check] = true
		before, known := room.kept[f.Check]
		if !known {
			before = Kept{State: schema.CheckOK, Code: f.Kind + "_ok", Since: room.up}
		}
		after := before.Next(f, now)
		news = news || after.State != before.State || after.Code != before.Code
		owed = owed || after.Owed != ""
		room.kept[f.Check] = after
		if after != before {
			room.unsaved[f.Check] = true
		}
		if after.State != before.State {
			room.app.Logger().Warn("a check changed", "check", f.Check, "from", before.State, "to", after.State, "code", f.Code)
		}
	}
	for name := range room.kept {
		kind, _, _ := cutCheck(name)
		if !seen[name] && !skipped[kind] { // a mailbox or a place that is no more
			delete(room.kept, name)
			room.unsaved[name] = true
			news = true
		}
	}
	room.findings, room.looked = all, now
	room.save()
	if news {
		room.Hub.TellStaff(live.Inbox, live.ForStaff("health", 0, map[string]string{"state": worst(all)}))
	}
	if owed {
		room.ring()
	}
}

// save writes what changed; what cannot be written now is tried with the next
// look. Called with mu held.
func (room *Room) save() {
	for _, name := range slices.Sorted(maps.Keys(room.unsaved)) {
		k, known := room.kept[name]
		var err error
		if known {
			err = writeKept(room.app, name, k)
		} else {
			err = forget(room.app, name)
		}
		if err != nil {
			room.app.Logger().Warn("the watchdog cannot remember now", "error", err)
			return
		}
		delete(room.unsaved, name)
	}
}

func (room *Room) ring() {
	select {
	case room.bell <- struct{}{}:
	default:
	}
}

// worst is the gravest state of all.
func worst(all []Finding) string {
	state := schema.CheckOK
	for _, f := range all {
		if f.State == schema.CheckBad || state == schema.CheckOK {
			state = f.State
		}
		if state == schema.CheckBad {
			break
		}
	}
	return state
}
