package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Pauses after failures that say nothing about the one mail (rule 63).
const (
	pauseServer = 2 * time.Minute
	pauseAuth   = 15 * time.Minute
)

// words is an error in the language of the shop that keeps its cause.
type words struct {
	text  string
	cause error
}

func (w words) Error() string { return w.text }
func (w words) Unwrap() error { return w.cause }

// Send delivers one outbox row to the shop's submission server.
func (room *Room) Send(ctx context.Context, app core.App, it outbox.Item) (outbox.Receipt, error) {
	lang := settings.Shop(app).Language()
	mr, err := app.FindRecordById(schema.Messages, it.Message)
	if err != nil {
		return outbox.Receipt{}, fmt.Errorf("find the message: %w", err)
	}
	cr, err := app.FindRecordById(schema.Conversations, it.Conversation)
	if err != nil {
		return outbox.Receipt{}, fmt.Errorf("find the conversation: %w", err)
	}
	m, conv := conversation.WrapMessage(mr), conversation.Wrap(cr)
	id, err := channel.Mailbox(app, conv)
	if err != nil {
		return outbox.Receipt{}, err
	}
	if id == "" {
		return outbox.Receipt{}, outbox.Later(errors.New(i18n.T(lang, "mail.no_mailbox")), pauseServer)
	}
	br, err := app.FindRecordById(schema.Mailboxes, id)
	if err != nil {
		return outbox.Receipt{}, fmt.Errorf("find the mailbox: %w", err)
	}
	box := wrap(br)

	raw, err := room.spool(app, it, m, conv, box, lang)
	if err != nil {
		return outbox.Receipt{}, err
	}
	password, err := box.password(room.keys())
	if err != nil && !errors.Is(err, errNoPassword) {
		text := i18n.T(lang, "mail.secret_unreadable")
		room.unwell(box.Id, schema.MailboxLastSend, text)
		return outbox.Receipt{}, outbox.Later(errors.New(text), pauseAuth)
	}
	conn, err := submit.Dial(ctx, box.smtp(password, room.tls), room.timing.dial)
	if err != nil {
		_, text := smtpWords(lang, box, err)
		room.unwell(box.Id, schema.MailboxLastSend, text)
		pause := pauseServer
		var auth *submit.AuthError
		if errors.As(err, &auth) {
			pause = pauseAuth
		}
		return outbox.Receipt{}, outbox.Later(words{text, err}, pause)
	}
	defer conn.Close()

	to := append([]string{it.Recipient}, copies(m, it.Recipient)...)
	res, failed := conn.Send(mime.NormalAddress(box.Address()), to, raw, room.timing.block, room.timing.dot)
	if failed != nil {
		return outbox.Receipt{}, room.verdict(lang, box, failed)
	}
	room.well(box.Id, schema.MailboxLastSend)
	receipt := outbox.Receipt{Detail: res.Said}
	for address, err := range res.Refused {
		receipt.Detail = i18n.T(lang, "mail.cc_refused", i18n.V{"address": address, "said": submit.Said(err)})
	}
	return receipt, nil
}

// verdict says what a failed transaction means for the row (P1, P4, rule 63):
// a no for good, a try later that does not count because the server wants
// rest, a doubt, or a try later.
func (room *Room) verdict(lang string, box *Mailbox, failed *submit.SendError) error {
	said := failed.Error()
	code := failed.Code()
	switch {
	case failed.Stage == submit.Handed:
		return outbox.Uncertain(words{i18n.T(lang, "mail.uncertain"), failed})
	case failed.Stage == submit.Before:
		return words{i18n.T(lang, "mail.line_broke", i18n.V{"said": said}), failed}
	case code == 530 || code == 535 || code == 538:
		room.unwell(box.Id, schema.MailboxLastSend, i18n.T(lang, "mail.smtp_login", i18n.V{"said": said}))
		return outbox.Later(words{i18n.T(lang, "mail.smtp_login", i18n.V{"said": said}), failed}, pauseAuth)
	case code == 421 || code >= 400 && code < 500 && strings.Contains(said, " 4.7."):
		return outbox.Later(words{i18n.T(lang, "mail.postponed", i18n.V{"said": said}), failed}, pauseServer)
	case code >= 500:
		return outbox.Permanent(words{i18n.T(lang, "mail.refused", i18n.V{"said": said}), failed})
	}
	return words{i18n.T(lang, "mail.postponed", i18n.V{"said": said}), failed}
}

// copies are the message's other recipients.
func copies(m *conversation.Message, recipient string) []string {
	var all []string
	for _, a := range m.GetStringSlice(schema.MsgCC) {
		if a = mime.NormalAddress(a); a != "" && a != mime.NormalAddress(recipient) {
			all = append(all, a)
		}
	}
	return all
}

// spool returns the bytes of a row's mail. They are rendered once and kept, so
// that a repeated send is the same mail to the last byte (rules 61 and 62).
func (room *Room) spool(app core.App, it outbox.Item, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, lang string) ([]byte, error) {
	room.one.Lock()
	defer room.one.Unlock()
	name := filepath.Join(app.DataDir(), spoolDir, it.ID+".eml")
	raw, err := os.ReadFile(name)
	if err == nil && len(raw) > 0 {
		return raw, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if raw, err = room.render(app, it, m, conv, box, lang); err != nil {
		return nil, err
	}
	if err := writeSynced(name, raw); err != nil {
		return nil, fmt.Errorf("spool the mail: %w", err)
	}
	return raw, nil
}

// sweepSpool removes the bytes of rows that are done with for a day. A failed
// row sent again is rendered again, with the same Message-ID.
func sweepSpool(app core.App) {
	dir := filepath.Join(app.DataDir(), spoolDir)
	files, err := os.ReadDir(dir)
	if err != nil {
		return // there is none before the first mail
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || time.Since(info.ModTime()) < 24*time.Hour {
			continue
		}
		row, err := app.FindRecordById(schema.Outbox, strings.TrimSuffix(f.Name(), ".eml"))
		if err == nil && row.GetString(schema.OutboxState) != schema.OutboxSent && row.GetString(schema.OutboxState) != schema.OutboxFailed {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			app.Logger().Warn("mail: an old file stays in the spool", "error", err)
		}
	}
}
