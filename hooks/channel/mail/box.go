package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	headOnly    = 256 << 10 // bytes read of a mail that is too large (rule 9)
	changedDays = 30        // looked back when a folder's numbers changed (rule 3)
	lookBack    = 3         // days compared with the ledger (rule 2)
	withheld    = 10        // fetches after which a mail the server does not hand over is given up
)

// running is the loop of one mailbox.
type running struct {
	print string
	stop  context.CancelFunc
	done  chan struct{}
}

// run keeps one loop for each mailbox in use until ctx ends.
func (room *Room) run(ctx context.Context) {
	loops := map[string]*running{}
	stop := func(id string) {
		loops[id].stop()
		<-loops[id].done
		delete(loops, id)
	}
	defer func() {
		for _, l := range loops {
			l.stop()
		}
		for id := range loops {
			stop(id)
		}
	}()
	if err := original.Recover(room.app.DataDir()); err != nil {
		room.app.Logger().Error("mail: originals that a power cut may have damaged cannot be restored", "error", err)
	}
	swept := time.Time{}
	room.living.Store(&ctx)
	for {
		boxes, err := activeBoxes(room.app)
		if err != nil {
			room.app.Logger().Error("mail: the mailboxes cannot be read", "error", err)
		} else {
			for id, l := range loops {
				if b, ok := boxes[id]; !ok || b.fingerprint() != l.print {
					stop(id)
				}
			}
			for id, b := range boxes {
				if loops[id] != nil || !b.fetches() {
					continue
				}
				loopCtx, cancel := context.WithCancel(ctx)
				l := &running{print: b.fingerprint(), stop: cancel, done: make(chan struct{})}
				loops[id] = l
				room.loops.Add(1)
				go func() {
					defer close(l.done)
					defer room.loops.Add(-1)
					room.tend(loopCtx, b)
				}()
			}
		}
		if time.Since(swept) > time.Hour {
			swept = time.Now()
			sweepSpool(room.app)
			sweepUnfinished(room.app)
		}
		select {
		case <-ctx.Done():
			return
		case <-room.reload:
			room.forgetIllness()
			room.forgetFacts()
			if err := hurry(room.app); err != nil {
				room.app.Logger().Error("mail: waiting answers stay as they are", "error", err)
			}
		case <-time.After(room.timing.tick):
		}
	}
}

func activeBoxes(app core.App) (map[string]*Mailbox, error) {
	records, err := app.FindRecordsByFilter(schema.Mailboxes, schema.MailboxActive+" = true", "", 0, 0)
	if err != nil {
		return nil, err
	}
	boxes := make(map[string]*Mailbox, len(records))
	for _, r := range records {
		boxes[r.Id] = wrap(r)
	}
	return boxes, nil
}

// tend connects to a mailbox again and again: at once after a long healthy
// time, else after a growing pause, and seldom after a refused sign-in, lest
// the server locks the account.
func (room *Room) tend(ctx context.Context, b *Mailbox) {
	f := &fetcher{room: room, box: b, wake: room.waker(b.Id)}
	pause := room.timing.first
	for ctx.Err() == nil {
		began := time.Now()
		err := f.guarded(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > room.timing.healthy || f.progress {
			pause = room.timing.first
		}
		f.progress = false
		wait := pause - time.Duration(rand.Int64N(int64(pause)/4+1)) // not all shops at once
		var auth *imapbox.AuthError
		if errors.As(err, &auth) {
			wait = room.timing.refused
		}
		var full *errDisk
		if errors.As(err, &full) || disk.IsFull(err) {
			wait = room.timing.last
		}
		lang := i18n.Stored
		_, words := imapWords(lang, b, err)
		var broken *imapbox.FetchError
		if errors.As(err, &broken) || errors.Is(err, errInside) {
			words = i18n.T(lang, "mail.fetch_failed", i18n.V{"said": lastWords(err)})
		}
		if full != nil {
			words = i18n.T(lang, "mail.disk_full", i18n.V{"size": i18n.Current().Size(settings.Shop(room.app).Language(), int64(full.least))})
		} else if disk.IsFull(err) {
			words = i18n.T(lang, "mail.disk_none")
		}
		// The words may hold an address; they stand in the record, not in the log.
		room.app.Logger().Warn("mail: fetching stopped and will begin again", "mailbox", b.Id, "in", wait.Round(time.Second).String())
		room.unwell(b.Id, schema.MailboxLastFetch, words)
		room.rest(ctx, f.wake, wait)
		pause = min(pause*2, room.timing.last)
	}
}

// rest waits, unless somebody asks for the mailbox now.
func rest(ctx context.Context, wake <-chan struct{}, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-time.After(d):
	}
}

// errInside marks an error of ours rather than of the server.
var errInside = errors.New("inside")

// errDisk is a disk with too little room: mail waits on the server (rule 10).
type errDisk struct{ least uint64 }

func (*errDisk) Error() string { return disk.ErrFull.Error() }
func (*errDisk) Unwrap() error { return disk.ErrFull }

// fetcher reads one mailbox.
type fetcher struct {
	room     *Room
	box      *Mailbox
	wake     chan struct{}
	at       checkpoint
	careful  bool // fetch mails one by one, to find the one that breaks things
	past     bool // what is fetched is of the past and asked for (rule 11)
	silent   bool // what is fetched sets nothing automatic in motion (rule 11)
	progress bool // at least one mail was taken in
}

func (f *fetcher) guarded(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			f.room.app.Logger().Error("mail: fetching panicked", "mailbox", f.box.Id, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errInside, r)
		}
	}()
	return f.session(ctx)
}

// session is one connection's life.
func (f *fetcher) session(ctx context.Context) error {
	app := f.room.app
	account, err := f.room.imapAccount(ctx, f.box)
	if err != nil {
		return err
	}
	conn, err := imapbox.Dial(ctx, account, f.room.timing.imap)
	if err != nil {
		return err
	}
	defer conn.Close()
	state, err := conn.Open()
	if err != nil {
		return err
	}
	if f.at, err = readCheckpoint(app, f.box.Id); err != nil {
		return err
	}
	if err := f.arrive(conn, state); err != nil {
		return err
	}
	f.room.well(f.box.Id, schema.MailboxLastFetch)

	reconciled := time.Time{}
	for {
		if time.Since(reconciled) > f.room.timing.reconcile {
			reconciled = time.Now()
			if err := f.reconcile(conn, lookBack); err != nil {
				return err
			}
		}
		uids, err := conn.After(f.at.UID)
		if err == nil {
			err = f.fetch(conn, uids, true)
		}
		if err != nil {
			return err
		}
		f.careful = false
		f.room.well(f.box.Id, schema.MailboxLastFetch)
		more, err := f.older(conn)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		if err := conn.Wait(ctx, f.wake); err != nil {
			return err
		}
	}
}

// arrive sets the checkpoint for a folder that is read for the first time or
// whose numbers changed.
func (f *fetcher) arrive(conn *imapbox.Conn, state imapbox.State) error {
	app := f.room.app
	last := state.UIDNext - 1
	if state.UIDNext == 0 {
		all, err := conn.After(0)
		if err != nil {
			return err
		}
		last = 0
		if len(all) > 0 {
			last = all[len(all)-1]
		}
	}
	switch {
	case f.at == checkpoint{}:
		// Rule 11: what is there stays there, but for the days asked for.
		days := f.box.GetInt(schema.MailboxFetchDays)
		recent, err := conn.Since(time.Now().AddDate(0, 0, -lookBack-1))
		if err != nil {
			return err
		}
		var wanted []uint32
		if days > 0 {
			if wanted, err = conn.Since(time.Now().AddDate(0, 0, -days)); err != nil {
				return err
			}
		}
		f.at = checkpoint{Validity: state.UIDValidity, UID: last}
		f.silent = true // rule 11: nothing automatic about the past
		err = f.fetch(conn, wanted, false)
		f.silent = false
		if err != nil {
			return err
		}
		recent = slices.DeleteFunc(recent, func(u uint32) bool { return u > last || slices.Contains(wanted, u) })
		err = app.RunInTransaction(func(tx core.App) error {
			if err := pass(tx, f.box.Id, f.box.Folder(), state.UIDValidity, recent); err != nil {
				return err
			}
			return saveCheckpoint(tx, f.box.Id, f.at)
		})
		return err
	case f.at.Validity != state.UIDValidity || state.UIDValidity == 0 || last < f.at.UID:
		// Rule 3: the numbers mean nothing any more. What is known is found
		// by its content.
		f.at = checkpoint{Validity: state.UIDValidity, UID: last}
		if err := f.reconcile(conn, changedDays); err != nil {
			return err
		}
		return saveCheckpoint(app, f.box.Id, f.at)
	}
	return nil
}

// reconcile takes in what of the last days the ledger has not (rule 2).
func (f *fetcher) reconcile(conn *imapbox.Conn, days int) error {
	uids, err := conn.Since(time.Now().AddDate(0, 0, -days))
	if err != nil || len(uids) == 0 {
		return err
	}
	known, err := settled(f.room.app, f.box.Id, f.box.Folder(), f.at.Validity, uids[0])
	if err != nil {
		return err
	}
	if err := f.clear(conn, uids, known); err != nil {
		return err
	}
	return f.fetch(conn, slices.DeleteFunc(uids, func(u uint32) bool { return known[u] || u > f.at.UID }), false)
}

// fetch takes mails in. With advance the checkpoint follows, in the commit of
// the mails and never past one that is not finished with.
func (f *fetcher) fetch(conn *imapbox.Conn, uids []uint32, advance bool) error {
	if len(uids) == 0 {
		return nil
	}
	var taken []uint32
	err := conn.Fetch(uids, f.room.limit(), headOnly, f.careful, func(items []imapbox.Item) error {
		if err := f.room.roomy(); err != nil {
			return err
		}
		if err := f.take(items, advance); err != nil {
			return fmt.Errorf("%w: %w", errInside, err)
		}
		f.progress = true
		for i := range items {
			taken = append(taken, items[i].UID)
		}
		return nil
	})
	var broken *imapbox.FetchError
	if errors.As(err, &broken) {
		f.blame(broken)
	}
	if err == nil {
		err = f.process(conn, taken)
	}
	return err
}

// take takes in what one FETCH brought.
func (f *fetcher) take(items []imapbox.Item, advance bool) error {
	if slices.ContainsFunc(items, func(it imapbox.Item) bool { return it.File != "" }) {
		// One large mail at a time, of all mailboxes.
		f.room.large.Lock()
		defer f.room.large.Unlock()
	}
	all := make([]*arrival, len(items))
	for i, it := range items {
		it.Silent, it.Older = f.silent, f.past
		all[i] = &arrival{item: it, src: source(f.box.Folder(), f.at.Validity, it)}
	}
	moved := f.at
	err := f.room.together(f.box, all, func(tx core.App, uid uint32) error {
		if !advance || uid <= f.at.UID {
			return nil
		}
		moved.UID = uid
		return saveCheckpoint(tx, f.box.Id, moved)
	})
	if err != nil {
		return err
	}
	f.at = moved
	return nil
}

// blame counts fetches that break at one mail; after many it is given up, so
// that the mails behind it come in.
func (f *fetcher) blame(broken *imapbox.FetchError) {
	if !f.careful || len(broken.UIDs) != 1 {
		f.careful = true
		return
	}
	src := source(f.box.Folder(), f.at.Validity, imapbox.Item{UID: broken.UIDs[0]})
	e, err := begin(f.room.app, f.box.Id, src, "")
	if err != nil || e.done() || e.Attempts < withheld {
		return
	}
	reason := i18n.T(i18n.Stored, "mail.why_withheld", i18n.V{"reason": lastWords(broken)})
	if err := quarantine(f.room.app, f.box.Id, src, "", "", "", reason); err != nil {
		f.room.app.Logger().Error("mail: a mail that cannot be fetched cannot be put aside", "mailbox", f.box.Id, "error", err)
		return
	}
	if src.UID > f.at.UID {
		f.at.UID = src.UID
		if err := saveCheckpoint(f.room.app, f.box.Id, f.at); err == nil {
		}
	}
}

// illness is what is wrong with the two directions of a mailbox.
type illness struct {
	in, out string
	written time.Time // when last_fetch was written
}

// well notes a good contact; it is written at most once a minute.
func (room *Room) well(box, direction string) { room.health(box, direction, "") }

// unwell notes what is wrong, in words.
func (room *Room) unwell(box, direction, words string) { room.health(box, direction, words) }

func (room *Room) health(box, direction, words string) {
	room.mu.Lock()
	ill, known := room.ill[box]
	was := ill
	if direction == schema.MailboxLastFetch {
		ill.in = words
	} else {
		ill.out = words
	}
	changed := !known || was.in != ill.in || was.out != ill.out
	at := time.Time{}
	if words == "" && (changed || direction == schema.MailboxLastSend && time.Since(room.sent[box]) > time.Minute ||
		direction == schema.MailboxLastFetch && time.Since(ill.written) > time.Minute) {
		at = time.Now()
		if direction == schema.MailboxLastFetch {
			ill.written = at
		} else {
			room.sent[box] = at
		}
	}
	room.ill[box] = ill
	room.mu.Unlock()
	if !changed && at.IsZero() {
		return
	}
	text := ill.in
	if text != "" && ill.out != "" {
		text += "\n"
	}
	if err := saveHealth(room.app, box, direction, at, clip(text+ill.out, 990)); err != nil {
		room.app.Logger().Error("mail: the health of a mailbox cannot be noted", "mailbox", box, "error", err)
	}
}

// forgetIllness makes the next contact write what it finds: a record that was
// saved again may hold old words.
func (room *Room) forgetIllness() {
	room.mu.Lock()
	defer room.mu.Unlock()
	clear(room.ill)
	clear(room.sent)
}
