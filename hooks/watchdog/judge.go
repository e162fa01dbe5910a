package watchdog

import (
	"time"

	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/schema"
)

// Kinds of checks; a check is named by its kind and, where there can be
// several, by what it looks at: "mail_in:<id of the mailbox>".
const (
	KindDisk        = "disk"
	KindMailIn      = "mail_in"
	KindMailOut     = "mail_out"
	KindBackup      = "backup"
	KindReplica     = "replica"
	KindQueue       = "queue"
	KindCertificate = "certificate"
	KindClock       = "clock"
	KindWorkers     = "workers"
)

// Finding is what a check found.
type Finding struct {
	Check string // its name
	Kind  string
	State string // schema.CheckOK, CheckWarn or CheckBad
	Code  string // watch.<code> says it, watch.<code>_do what to do about it
	Facts Facts
}

// Facts are what the words of a finding are filled with.
type Facts struct {
	Name  string        // whose: an address, a place, a domain, a loop
	Said  string        // words of a server or of the system
	Free  uint64        // bytes
	Total uint64        // bytes
	Floor uint64        // bytes
	N     int           // how many
	For   time.Duration // how long
	At    time.Time     // when
}

func finding(kind, of, state, code string, f Facts) Finding {
	name := kind
	if of != "" {
		name += ":" + of
	}
	if state == schema.CheckOK {
		code = kind + "_ok"
	}
	return Finding{Check: name, Kind: kind, State: state, Code: code, Facts: f}
}

// Of the disk: a warning comes at three floors or a twentieth of the whole, but
// never above warnMost, and ends a tenth higher, so that it does not flicker.
const (
	warnFloors = 3
	warnPart   = 20
	warnMost   = 5 << 30
)

// JudgeDisk looks at the room of the data folder. was is the state before.
func JudgeDisk(s disk.Space, floor uint64, was string) Finding {
	f := Facts{Free: s.Free, Total: s.Total, Floor: floor}
	line := max(warnFloors*floor, min(s.Total/warnPart, warnMost))
	if was == schema.CheckWarn || was == schema.CheckBad {
		line += line / 10
	}
	switch {
	case s.Free < floor:
		return finding(KindDisk, "", schema.CheckBad, "disk_full", f)
	case s.Free < line:
		return finding(KindDisk, "", schema.CheckWarn, "disk_low", f)
	}
	return finding(KindDisk, "", schema.CheckOK, "", f)
}

// Of mailboxes, either way.
const (
	mailLate = 30 * time.Minute
	mailDead = 2 * time.Hour
)

// Mailbox is what is known of one.
type Mailbox struct {
	ID, Address string
	Fetches     bool
	Sends       bool
	Set         time.Time // when its settings last changed
	LastFetch   time.Time
	Error       string // the last one, in words; "" when all is well
	Waiting     int    // mails that should have gone out
	Oldest      time.Time
}

// JudgeMailbox looks at one mailbox. up is since when the program runs: nobody
// can fetch before, nor from a mailbox that was not set up yet.
func JudgeMailbox(b Mailbox, up, now time.Time) (all []Finding) {
	up = later(up, b.Set)
	if b.Fetches {
		f := Facts{Name: b.Address, Said: b.Error, At: b.LastFetch, For: now.Sub(later(b.LastFetch, up))}
		state, code := schema.CheckOK, ""
		switch {
		case f.For >= mailDead:
			state, code = schema.CheckBad, "mail_in_dead"
		case f.For >= mailLate:
			state, code = schema.CheckWarn, "mail_in_late"
		}
		all = append(all, finding(KindMailIn, b.ID, state, said(code, b.Error), f))
	}
	if b.Sends {
		f := Facts{Name: b.Address, Said: b.Error, N: b.Waiting, At: b.Oldest}
		state, code := schema.CheckOK, ""
		if b.Waiting > 0 {
			f.For = now.Sub(later(b.Oldest, up))
			switch {
			case f.For >= mailDead:
				state, code = schema.CheckBad, "mail_out_dead"
			case f.For >= mailLate:
				state, code = schema.CheckWarn, "mail_out_late"
			}
		}
		all = append(all, finding(KindMailOut, b.ID, state, said(code, b.Error), f))
	}
	return all
}

// said chooses the words that also repeat what a server said.
func said(code, words string) string {
	if code != "" && words != "" {
		return code + "_said"
	}
	return code
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Of backups, which are made once a day.
const (
	backupLate = 36 * time.Hour
	backupOld  = 72 * time.Hour
	settling   = time.Hour // after a start, for what a machine that was off has to catch up with
)

// Place is what is known of a place of backups.
type Place struct {
	ID, Name string
	Good     time.Time // the last good one; zero for none
	Set      time.Time // when its settings last changed
	Error    string
}

// JudgePlace looks at one place.
func JudgePlace(p Place, up, now time.Time) Finding {
	f := Facts{Name: p.Name, Said: p.Error, At: p.Good, For: now.Sub(later(p.Good, p.Set))}
	state, code := schema.CheckOK, ""
	switch {
	case p.Error != "" && f.For >= backupLate:
		state, code = schema.CheckBad, "backup_fails"
	case p.Error != "":
		state, code = schema.CheckWarn, "backup_failed"
	case now.Sub(up) < settling:
	case f.For >= backupOld:
		state, code = schema.CheckBad, "backup_old"
	case f.For >= backupLate:
		state, code = schema.CheckWarn, "backup_late"
	}
	return finding(KindBackup, p.ID, state, code, f)
}

// NoPlace is the finding where no place for backups is in use.
func NoPlace() Finding { return finding(KindBackup, "", schema.CheckWarn, "backup_none", Facts{}) }

// Of the replica, which is a second behind when all is well.
const (
	replicaLate = 2 * time.Minute
	replicaFail = 10 * time.Minute
	replicaOld  = 30 * time.Minute
)

// Replica is how the copying of every change goes.
type Replica struct {
	On    bool
	Good  time.Time
	Fault string
}

// JudgeReplica looks at it; ok is false when there is none.
func JudgeReplica(r Replica, up, now time.Time) (f Finding, ok bool) {
	if !r.On {
		return f, false
	}
	facts := Facts{Said: r.Fault, At: r.Good, For: now.Sub(later(r.Good, up))}
	state, code := schema.CheckOK, ""
	switch {
	case r.Fault != "" && facts.For >= replicaFail:
		state, code = schema.CheckBad, "replica_fails"
	case facts.For >= replicaOld:
		state, code = schema.CheckBad, "replica_behind"
	case r.Fault != "" && facts.For >= replicaLate:
		state, code = schema.CheckWarn, "replica_failed"
	case facts.For >= replicaLate:
		state, code = schema.CheckWarn, "replica_late"
	}
	return finding(KindReplica, "", state, code, facts), true
}
