package mail

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

const (
	tries    = 3                   // readings that failed after which a mail is put aside (rule 7)
	endings  = 6                   // readings that never ended after which it is: more, as a machine may lose its power over any mail
	sameMail = 30 * 24 * time.Hour // a Message-ID with equal content in two mailboxes is one mail
	sameHash = 5 * time.Minute     // equal content without an id, likewise (rule 5)

	maxText = 1_900_000 // characters that a message holds
	maxHTML = 4_900_000
)

// arrival is a fetched mail on its way in.
type arrival struct {
	item imapbox.Item
	src  conversation.Source
	sha  string
	raw  []byte // of a large mail only while it is held
	do   deed
	err  error // why it could not be read
	ours bool  // an answer of ours, of an archive
}

// deed is all that follows from a mail, written in the transaction that takes
// it in.
type deed func(tx core.App) error

// together takes in the mails of one FETCH: first all of them are kept, then
// entered in the ledger, then read side by side, then written in order in one
// transaction, with the checkpoint. A mail that will not be written never
// spoils the others: then, and when something of the past is to be gone on
// with, they are taken one by one.
//
// It returns an error only when mail has to be fetched again.
func (room *Room) together(box *Mailbox, all []*arrival, move func(tx core.App, uid uint32) error) error {
	present := slices.DeleteFunc(slices.Clone(all), func(a *arrival) bool { return a.item.Gone() })
	placed, err := room.keep(present)
	if err != nil {
		return err
	}
	defer func() { _ = placed() }() // where it matters it is asked below
	open, begun, err := beginAll(room.app, box.Id, present)
	if err != nil {
		return err
	}
	last := all[len(all)-1].item.UID
	if !begun {
		err := room.writeAll(box, open, func(tx core.App) error {
			if err := placed(); err != nil {
				return err
			}
			return move(tx, last)
		})
		if err == nil {
			return nil
		}
		if disk.IsFull(err) {
			forgive(room.app, box.Id, open)
			return err
		}
		room.app.Logger().Warn("mail: mails could not be written together; they are taken one by one", "mailbox", box.Id, "error", err)
	}
	if err := placed(); err != nil {
		return err
	}
	for _, a := range all {
		if !a.item.Gone() {
			if err := room.alone(box, a); err != nil {
				return err
			}
		}
		if err := move(room.app, a.item.UID); err != nil {
			return err
		}
	}
	return nil
}

// keep stores the originals, so that they are there whatever happens next;
// placed waits until all of them can be opened.
func (room *Room) keep(all []*arrival) (placed func() error, err error) {
	pieces := make([]original.Piece, len(all))
	for i, a := range all {
		pieces[i] = original.Piece{Raw: a.item.Raw, File: a.item.File}
	}
	if placed, err = original.Keep(room.app.DataDir(), pieces); err != nil {
		return nil, err
	}
	for i, a := range all {
		a.sha, a.raw = pieces[i].SHA, pieces[i].Raw
	}
	return placed, nil
}

// hold gives an arrival its bytes until the returned function is called.
func (room *Room) hold(a *arrival) (release func(), err error) {
	if a.raw != nil {
		return func() {}, nil
	}
	kept, err := original.Open(room.app.DataDir(), a.sha)
	if err != nil {
		return nil, err
	}
	a.raw = kept.Bytes
	return func() {
		a.raw, a.do = nil, nil
		if err := kept.Close(); err != nil {
			room.app.Logger().Warn("mail: an original stays in memory", "error", err)
		}
	}, nil
}

// writeAll reads mails side by side and writes what follows from them, with
// the checkpoint: all of it or nothing.
func (room *Room) writeAll(box *Mailbox, all []*arrival, move func(tx core.App) error) (err error) {
	var next atomic.Int32
	var wg sync.WaitGroup
	for range min(len(all), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
				if all[i].raw != nil {
					all[i].do, all[i].err = room.read(box, all[i])
				}
			}
		})
	}
	wg.Wait()
	for _, a := range all {
		if a.raw == nil { // a large one, which comes alone
			release, err := room.hold(a)
			if err != nil {
				return err
			}
			defer release()
			a.do, a.err = room.read(box, a)
		}
		if a.err != nil {
			return a.err
		}
	}
	return room.write(func(tx core.App) error {
		for _, a := range all {
			if err := a.do(tx); err != nil {
				return err
			}
		}
		return move(tx)
	})
}

// write runs f in a transaction; a panic undoes it and is an error.
func (room *Room) write(f func(tx core.App) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			room.app.Logger().Error("mail: writing a mail panicked", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%v", r)
		}
	}()
	return room.app.RunInTransaction(func(tx core.App) error {
		return search.Together(tx, func() error { return f(tx) })
	})
}

// alone takes one mail in. It returns an error only when the mail has to be
// fetched again; a mail that cannot be read is put aside and that is the end
// of it.
func (room *Room) alone(box *Mailbox, a *arrival) error {
	app := room.app
	e, err := begin(app, box.Id, a.src, a.sha)
	if err != nil || e.done() {
		return err
	}
	release, err := room.hold(a)
	if err != nil {
		return err
	}
	defer release()
	if e.Attempts > endings {
		// It was begun often and never ended: it took the process with it.
		return aside(app, box, a.src, a.sha, a.raw, i18n.T(i18n.Stored, "mail.why_ended", i18n.V{"n": endings}))
	}
	err = room.settleOne(box, a)
	if disk.IsFull(err) {
		forgive(app, box.Id, []*arrival{a})
		return err
	}
	if err != nil && e.Attempts >= tries {
		app.Logger().Error("mail: a mail could not be taken in and was put aside", "mailbox", box.Id, "raw", a.sha, "error", err)
		return aside(app, box, a.src, a.sha, a.raw, i18n.T(i18n.Stored, "mail.why_failed", i18n.V{"n": tries, "reason": lastWords(err)}))
	}
	return err
}

// settleOne reads one mail and writes what follows from it.
func (room *Room) settleOne(box *Mailbox, a *arrival) error {
	do, err := room.read(box, a)
	if err != nil {
		return err
	}
	return room.write(do)
}

// aside puts a mail into the quarantine, with as much of its head as can be read.
func aside(app core.App, box *Mailbox, src conversation.Source, sha string, raw []byte, reason string) error {
	head := raw[:min(len(raw), 64<<10)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i > 0 {
		head = head[:i+4]
	}
	m := mime.Parse(head)
	sender := m.From.Addr
	if sender == "" {
		sender = mime.Text(m.Header.Get("From"))
	}
	return quarantine(app, box.Id, src, sha, sender, m.Subject, reason)
}

// read parses a mail and finds out what follows from it. A panic costs this
// mail and no other, and so does a disk that fails under a mapped file.
func (room *Room) read(box *Mailbox, a *arrival) (do deed, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			room.app.Logger().Error("mail: reading a mail panicked", "mailbox", box.Id, "raw", a.sha, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%v", r)
		}
	}()
	app := room.app
	m := mime.Parse(a.raw)
	if a.ours {
		return room.ourAnswer(box, a, m)
	}
	pass := func(tx core.App) error { return settle(tx, box.Id, a.src, nothing, "") }

	// Rule 12: our own mail come back, by whatever way.
	if room.ownTrial(box, m) {
		return pass, nil
	}
	if t, ok := readToken(m.MessageID); ok {
		if _, ok, err := room.proof(app, t, ""); err != nil {
			return nil, err
		} else if ok {
			return pass, nil
		}
	}
	if m.Bounce || m.Receipt || m.Complaint {
		return func(tx core.App) error { return room.report(tx, box, a.src, a.sha, a.raw, m) }, nil
	}
	in, ok, err := room.incoming(app, box, m, a.raw, a.item)
	if err != nil {
		return nil, err
	}
	if !ok {
		reason := i18n.T(i18n.Stored, "mail.why_sender")
		return func(tx core.App) error { return aside(tx, box, a.src, a.sha, a.raw, reason) }, nil
	}
	in.Source, in.RawSHA = a.src, a.sha
	return func(tx core.App) error { return room.commit(tx, box, in) }, nil
}

// commit writes everything that follows from a mail of somebody.
func (room *Room) commit(tx core.App, box *Mailbox, in conversation.Incoming) error {
	linked, err := elsewhere(tx, box.Id, in)
	if err != nil || linked {
		return err
	}
	loop, err := room.tempo(tx, &in)
	if err != nil {
		return err
	}
	if err := room.ration(tx, &in); err != nil {
		return err
	}
	got, err := conversation.Receive(tx, in)
	if err != nil {
		return err
	}
	if got.New {
		if in.Auth != "fail" && !in.Automatic && !got.Stranger {
			if err := works(tx, contact.Normalise(schema.KindEmail, in.From[0].Value)); err != nil {
				return err
			}
		}
		if loop {
			return room.brake(tx, in, got.Conversation.Id)
		}
		return nil
	}
	// Known: by another place in this mailbox, or deleted since.
	message := nothing
	if got.Message != nil {
		message = got.Message.Id
	}
	return settle(tx, box.Id, in.Source, message, "")
}

// elsewhere links a mail that another mailbox of ours has had already: one
// message, not two (rule 5). Without a Message-ID that is believed for five
// minutes only. Uses idx_ledger_same.
func elsewhere(tx core.App, box string, in conversation.Incoming) (bool, error) {
	since := types.NowDateTime().Add(-sameMail)
	if in.ChannelID == "" {
		since = types.NowDateTime().Add(-sameHash)
	}
	var message string
	err := tx.DB().NewQuery(`SELECT l.message FROM ledger l JOIN messages m ON m.id = l.message
		WHERE l.dedupe_key = {:key} AND l.dedupe_key != '' AND l.account != {:box} AND l.created > {:since} LIMIT 1`).
		Bind(dbx.Params{"key": in.Keys[0], "box": box, "since": since.String()}).Row(&message)
	if errorsIsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the mail in other mailboxes: %w", err)
	}
	r, err := tx.FindRecordById(schema.Messages, message)
	if err != nil {
		return false, err
	}
	ev := conversation.WrapMessage(r).Evidence()
	if !slices.Contains(ev.Mailboxes, box) {
		ev.Mailboxes = append(ev.Mailboxes, box)
		r.Set(schema.MsgEvidence, ev)
		if err := tx.Save(r); err != nil {
			return false, fmt.Errorf("link the mail: %w", err)
		}
	}
	return true, settle(tx, box, in.Source, message, "")
}
