package mail

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/settings"
)

// Quick shortens the room's pauses. Call it before the app serves.
func (room *Room) Quick() {
	room.timing.first, room.timing.last, room.timing.refused = 10*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	room.timing.imap = imapbox.Timing{Dial: 5 * time.Second, Command: 5 * time.Second}
	room.trialTime = 3 * time.Second
	room.timing.tick = 50 * time.Millisecond
	room.timing.probe, room.timing.file = 100*time.Millisecond, 50*time.Millisecond
	room.timing.block, room.timing.dot, room.timing.dial = 5*time.Second, 5*time.Second, 5*time.Second
}

// Usual gives the room its usual pauses between looks at what may have changed.
func (room *Room) Usual() {
	room.timing.tick, room.timing.probe, room.timing.file = usual.tick, usual.probe, usual.file
}

// Loops counts the mailboxes being read.
func (room *Room) Loops() int { return int(room.loops.Load()) }

// TakeIn reads one mail as if it had been fetched.
func (room *Room) TakeIn(box *core.Record, uid uint32, raw string) error {
	b := wrap(box)
	f := &fetcher{room: room, box: b, at: checkpoint{Validity: 1}}
	return f.take([]imapbox.Item{{UID: uid, Raw: []byte(raw), Size: int64(len(raw))}}, false)
}

// TakeAll reads mails as if one FETCH had brought them.
func (room *Room) TakeAll(box *core.Record, first uint32, raws [][]byte) error {
	f := &fetcher{room: room, box: wrap(box), at: checkpoint{Validity: 1}}
	items := make([]imapbox.Item, len(raws))
	for i, raw := range raws {
		items[i] = imapbox.Item{UID: first + uint32(i), Raw: raw, Size: int64(len(raw))}
	}
	return f.take(items, false)
}

// BeginAll enters mails in the ledger as one FETCH that was begun and never
// ended.
func (room *Room) BeginAll(box *core.Record, first uint32, raws [][]byte) error {
	all := make([]*arrival, len(raws))
	for i, raw := range raws {
		uid := first + uint32(i)
		all[i] = &arrival{item: imapbox.Item{UID: uid, Raw: raw}, src: source(wrap(box).Folder(), 1, imapbox.Item{UID: uid})}
	}
	placed, err := room.keep(all)
	if err != nil {
		return err
	}
	_, _, err = beginAll(room.app, box.Id, all)
	return errors.Join(err, placed())
}

// Patient gives the room its usual pauses after failures, and a clock that
// passes them in no time: it is told of each.
func (room *Room) Patient(pass func(d time.Duration)) {
	room.timing.first, room.timing.last, room.timing.refused, room.timing.healthy = usual.first, usual.last, usual.refused, usual.healthy
	room.rest = func(_ context.Context, _ <-chan struct{}, d time.Duration) { pass(d) }
}

// Begin enters a mail in the ledger as begun and never ended.
func (room *Room) Begin(box *core.Record, uid uint32) (int, error) {
	b := wrap(box)
	e, err := begin(room.app, box.Id, conversation.Source{Folder: b.Folder(), UIDValidity: 1, UID: uid}, "")
	return e.Attempts, err
}

// MessageID is the id of a message of ours.
func (room *Room) MessageID(conv, message, address string) string {
	return messageID(room.keys(), settings.PurposeThread, conv, message, address, "shop.test")
}

var (
	SweepSpool = sweepSpool
)

// Impatient makes the room wait only so long for the submission server.
func (room *Room) Impatient(limit time.Duration) {
	room.timing.dial, room.timing.block, room.timing.dot = limit, limit, limit
}

// Aged makes the connections that wait look as if they had waited a minute.
func (room *Room) Aged() {
	room.mu.Lock()
	defer room.mu.Unlock()
	for _, l := range room.lanes {
		l.mu.Lock()
		for _, s := range l.idle {
			s.since = s.since.Add(-lineIdle)
		}
		l.mu.Unlock()
	}
}

// HangUp closes the connections that wait.
func (room *Room) HangUp() { room.hangUp(true) }

// Rested ends the pauses of all lanes.
func (room *Room) Rested() {
	room.mu.Lock()
	defer room.mu.Unlock()
	for _, l := range room.lanes {
		l.mu.Lock()
		l.until = time.Time{}
		l.mu.Unlock()
	}
}

var ProviderID = providerID

// Lookup replaces DNS.
func (room *Room) Lookup(f func(ctx context.Context, name string) ([]string, error)) { room.lookup = f }

// Plus is the address that one recipient's answers come to.
func (room *Room) Plus(conv, recipient string) string {
	return plusAddress(room.keys(), settings.PurposeThread, "help@shop.test", conv, recipient)
}

// Disk makes the room believe in so much space.
func (room *Room) Disk(free func() uint64) {
	room.disk = func(string) (disk.Space, error) { return disk.Space{Free: free(), Total: 1 << 40}, nil }
}

// Largest is the size above which only a mail's beginning is fetched.
func (room *Room) Largest(n int64) { room.largest = n }

// Attached sets how much one sender may attach in a day.
func (room *Room) Attached(n int64) { room.attached = n }

// Keep keeps a mail as if it had been fetched.
func Keep(app core.App, raw []byte) error {
	placed, err := original.Keep(app.DataDir(), []original.Piece{{Raw: raw}})
	if err != nil {
		return err
	}
	return placed()
}
