package mail

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	tries    = 3                   // readings after which a mail is put aside (rule 7)
	sameMail = 30 * 24 * time.Hour // a Message-ID with equal content in two mailboxes is one mail
	sameHash = 5 * time.Minute     // equal content without an id, likewise (rule 5)

	maxText = 1_900_000 // characters that a message holds
	maxHTML = 4_900_000
)

// takeIn takes one fetched mail in. It returns an error only when the mail has
// to be fetched again; a mail that cannot be read is put aside and that is the
// end of it.
func (room *Room) takeIn(box *Mailbox, src conversation.Source, it imapbox.Item) error {
	app := room.app
	if it.Raw == nil {
		return nil // removed from the server before we came
	}
	sha, err := keep(app, it.Raw)
	if err != nil {
		return err
	}
	e, err := begin(app, box.Id, src, sha)
	if err != nil || e.done() {
		return err
	}
	lang := settings.Shop(app).Language()
	if e.Attempts > tries {
		// It was begun often and never ended: it took the process with it.
		return room.aside(box, src, sha, it.Raw, i18n.T(lang, "mail.why_failed", i18n.V{"n": tries, "reason": "-"}))
	}
	err = room.read(box, src, sha, it)
	if err != nil && e.Attempts >= tries {
		app.Logger().Error("mail: a mail could not be taken in and was put aside", "mailbox", box.Id, "raw", sha, "error", err)
		return room.aside(box, src, sha, it.Raw, i18n.T(lang, "mail.why_failed", i18n.V{"n": tries, "reason": lastWords(err)}))
	}
	return err
}

// aside puts a mail into the quarantine, with as much of its head as can be read.
func (room *Room) aside(box *Mailbox, src conversation.Source, sha string, raw []byte, reason string) error {
	head := raw[:min(len(raw), 64<<10)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i > 0 {
		head = head[:i+4]
	}
	m := mime.Parse(head)
	sender := m.From.Addr
	if sender == "" {
		sender = mime.Text(m.Header.Get("From"))
	}
	return quarantine(room.app, box.Id, src, sha, sender, m.Subject, reason)
}

// read parses a mail and hands it on. A panic costs this mail and no other.
func (room *Room) read(box *Mailbox, src conversation.Source, sha string, it imapbox.Item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			room.app.Logger().Error("mail: reading a mail panicked", "mailbox", box.Id, "raw", sha, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%v", r)
		}
	}()
	app := room.app
	m := mime.Parse(it.Raw)

	// Rule 12: our own mail come back, by whatever way.
	if room.ownTrial(box, m) {
		return settle(app, box.Id, src, nothing, "")
	}
	if t, ok := readToken(m.MessageID); ok {
		if _, ok, err := room.proof(app, t, ""); err != nil {
			return err
		} else if ok {
			return settle(app, box.Id, src, nothing, "")
		}
	}
	if m.Bounce || m.Receipt || m.Complaint {
		return room.report(box, src, sha, it.Raw, m)
	}
	in, ok, err := room.incoming(app, box, m, it)
	if err != nil {
		return err
	}
	if !ok {
		return room.aside(box, src, sha, it.Raw, i18n.T(settings.Shop(app).Language(), "mail.why_sender"))
	}
	in.Source, in.RawSHA = src, sha
	return app.RunInTransaction(func(tx core.App) error { return room.commit(tx, box, in) })
}

// commit writes everything that follows from a mail, in one transaction.
func (room *Room) commit(tx core.App, box *Mailbox, in conversation.Incoming) error {
	linked, err := elsewhere(tx, box.Id, in)
	if err != nil || linked {
		return err
	}
	loop, err := room.tempo(tx, &in)
	if err != nil {
		return err
	}
	got, err := conversation.Receive(tx, in)
	if err != nil {
		return err
	}
	if got.New {
		if in.Auth != "fail" && !in.Automatic {
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
