package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/channel/mail/report"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
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
		return outbox.Receipt{}, outbox.Later(errors.New(i18n.T(i18n.Stored, "mail.no_mailbox")), pauseServer)
	}
	br, err := app.FindRecordById(schema.Mailboxes, id)
	if err != nil {
		return outbox.Receipt{}, fmt.Errorf("find the mailbox: %w", err)
	}
	box, l := wrap(br), room.lane(id)
	if wait, why := l.resting(time.Now()); wait > 0 {
		return outbox.Receipt{}, outbox.Later(errors.New(why), wait)
	}

	raw, err := room.spool(app, it, m, conv, box, settings.Shop(app).Language())
	if err != nil {
		return outbox.Receipt{}, err
	}
	to, err := room.envelope(app, it, m)
	if err != nil {
		return outbox.Receipt{}, err
	}
	account, err := room.account(box, i18n.Stored, room.tls)
	if err != nil {
		room.unwell(box.Id, schema.MailboxLastSend, err.Error())
		return outbox.Receipt{}, outbox.Later(err, l.rest(it.ID, err.Error(), pauseAuth))
	}
	wait, why, err := room.pace(app, box, it, i18n.Stored)
	if err != nil {
		return outbox.Receipt{}, err
	}
	if wait > 0 {
		return outbox.Receipt{}, outbox.Later(errors.New(why), wait)
	}
	receipt, err := room.hand(ctx, app, l, handing{it, m, conv, box, account, to, raw})
	if err != nil && !isDoubt(err) {
		if err := unhand(app, it.ID); err != nil {
			app.Logger().Warn("mail: a mail that was not sent counts as sent", "row", it.ID, "error", err)
		}
	}
	return receipt, err
}

func isDoubt(err error) bool {
	var failed *submit.SendError
	return errors.As(err, &failed) && failed.Stage == submit.Handed
}

// handing is one mail on its way to the server.
type handing struct {
	it      outbox.Item
	m       *conversation.Message
	conv    *conversation.Conversation
	box     *Mailbox
	account submit.Account
	to      []string
	raw     []byte
}

// hand gives a mail to the server over the lane's connection.
func (room *Room) hand(ctx context.Context, app core.App, l *lane, h handing) (outbox.Receipt, error) {
	s, err := l.take(ctx, h.account, room.timing)
	if err != nil {
		return outbox.Receipt{}, room.unreached(l, h, err)
	}
	senders := room.senders(h)
	// The same as its Message-ID: a report that quotes nothing names it (rule 41).
	id := messageID(room.keys(), settings.PurposeThread, h.conv.Id, h.m.Id, normal(h.it.Recipient), h.box.Domain())
	var res submit.Result
	var failed *submit.SendError
	for i, from := range senders {
		res, failed = s.conn.Send(from, h.to, id, h.raw, room.timing.block, room.timing.dot)
		// Some servers refuse the null sender, or one that is not quite the
		// account's: the next one is tried (rule 36).
		if !another(failed) || i == len(senders)-1 || s.conn.Reset(room.timing.block) != nil {
			break
		}
	}
	s.mails++
	if failed == nil || failed.Stage == submit.Answered && failed.Code() != 421 {
		l.put(s)
	} else {
		s.conn.Close()
	}
	if failed != nil {
		return outbox.Receipt{}, room.verdict(l, h, failed)
	}
	l.succeeded()
	room.well(h.box.Id, schema.MailboxLastSend)
	if room.up(h.box.Id) {
		if err := hurryLane(app, h.box.Id); err != nil {
			app.Logger().Error("mail: waiting answers stay as they are", "error", err)
		}
	}
	if err := noteProvider(app, h.m.Id, providerID(h.account.Host, res.Said)); err != nil {
		app.Logger().Warn("mail: the provider's id of a mail is not noted", "error", err)
	}
	room.refused(app, h, res.Refused)
	receipt := outbox.Receipt{Detail: res.Said}
	for address, err := range res.Refused {
		receipt.Note = i18n.T(i18n.Stored, "mail.copy_refused", i18n.V{"address": address, "said": submit.Said(err)})
		receipt.Detail = receipt.Note
	}
	if h.box.files() {
		room.file(app, h.it)
	}
	return receipt, nil
}

// senders are the envelope addresses to try in turn: where the server delivers
// such addresses, one that names the message, so that every report on it is
// attached to it (rule 41); else the mailbox's own. What a machine says goes
// out so that a report on it starts nothing: from nobody, else, for servers
// that refuse that, from the mailbox (rule 36; RFC 3834 section 3.3).
func (room *Room) senders(h handing) []string {
	plain := mime.NormalAddress(h.box.Address())
	if h.box.GetBool(schema.MailboxPlusAddress) {
		if a := bounceAddress(room.keys(), settings.PurposeThread, plain, h.conv.Id, h.m.Id, normal(h.it.Recipient)); a != "" {
			return []string{a, plain}
		}
	}
	if h.m.GetBool(schema.MsgAutomatic) {
		return []string{"", plain}
	}
	return []string{plain}
}

// notYours is how servers refuse, often only after the whole mail, an envelope
// sender that is not the account's own.
var notYours = regexp.MustCompile(`(?i)sendasdenied|not (?:allowed|permitted|authori[sz]ed) to send (?:as|from|on behalf)|sender (?:address )?(?:is )?(?:rejected|not owned|not allowed|mismatch)|not owned by|must be (?:the )?same as|5\.7\.60|client does not have permissions? to send as`)

// another tells whether the next envelope sender is worth a try.
func another(failed *submit.SendError) bool {
	return failed != nil && failed.Stage == submit.Answered && (failed.From || failed.Code() >= 500 && notYours.MatchString(failed.Error()))
}

// unreached says what it means that there is no signed-in connection. A
// refused sign-in is the mailbox's trouble and counts for no mail; a server
// that cannot be reached counts, and is looked after meanwhile.
func (room *Room) unreached(l *lane, h handing, err error) error {
	_, text := smtpWords(i18n.Stored, h.box, err)
	room.unwell(h.box.Id, schema.MailboxLastSend, text)
	var auth *submit.AuthError
	if errors.As(err, &auth) {
		return outbox.Later(words{text, err}, l.rest(h.it.ID, text, pauseAuth))
	}
	room.downFor(h.box.Id)
	return words{text, err}
}

var (
	wantsRest = regexp.MustCompile(`^4\d\d[ -]4\.7\.\d`)
	greyList  = regexp.MustCompile(`(?i)gr[ea]y-?list`)
	// quotaSpent is what Gmail and Exchange say when the account has sent its
	// share of the day: a no for now, though it is a 5xx.
	quotaSpent = regexp.MustCompile(`^5\d\d[ -]5\.(?:4\.5|1\.90|2\.2\d{2})|(?i)(?:sending|message|submission|rate) (?:limit|quota) (?:is )?exceeded|daily .{0,30}(?:limit|quota)`)
)

// verdict says what a failed transaction means for the row (P1, P4, rule 63):
// a no for good, a pause of the whole mailbox, a doubt, or a try later.
func (room *Room) verdict(l *lane, h handing, failed *submit.SendError) error {
	said, code := failed.Error(), failed.Code()
	postponed := words{i18n.T(i18n.Stored, "mail.postponed", i18n.V{"said": said}), failed}
	switch {
	case errors.Is(failed, submit.ErrLetters):
		return outbox.Permanent(words{i18n.T(i18n.Stored, "mail.no_smtputf8", i18n.V{"address": h.it.Recipient}), failed})
	case failed.Stage == submit.Handed:
		return outbox.Uncertain(words{i18n.T(i18n.Stored, "mail.uncertain"), failed})
	case failed.Stage == submit.Before:
		return words{i18n.T(i18n.Stored, "mail.line_broke", i18n.V{"said": said}), failed}
	case code == 530 || code == 535 || code == 538 || code == 534:
		text := i18n.T(i18n.Stored, "mail.smtp_login", i18n.V{"said": said})
		room.unwell(h.box.Id, schema.MailboxLastSend, text)
		return outbox.Later(words{text, failed}, l.rest(h.it.ID, text, pauseAuth))
	case code >= 500 && quotaSpent.MatchString(said):
		room.unwell(h.box.Id, schema.MailboxLastSend, postponed.text)
		if pause := l.rest(h.it.ID, postponed.text, pauseMost); pause > 0 {
			return outbox.Later(postponed, pause)
		}
		return postponed
	case code == 421 || wantsRest.MatchString(said) && !greyList.MatchString(said):
		if pause := l.rest(h.it.ID, postponed.text, pauseServer); pause > 0 {
			return outbox.Later(postponed, pause)
		}
		return postponed
	case code >= 500:
		if kind, key := report.Reason(said); kind == report.Blocked && !h.m.GetBool(schema.MsgAutomatic) {
			alarmOf(room.app, h.m, key, h.it.Recipient, said)
		}
		return outbox.Permanent(words{i18n.T(i18n.Stored, "mail.refused", i18n.V{"said": said}), failed})
	}
	return postponed
}

// refused gives each copy that the server asked to try later a row of its own;
// the others have their mail already (P2).
func (room *Room) refused(app core.App, h handing, refused map[string]error) {
	for address, err := range refused {
		if said := submit.Said(err); !strings.HasPrefix(said, "4") {
			continue
		}
		err := outbox.Enqueue(app, outbox.Row{Message: h.m.Id, Channel: schema.ChannelEmail, Recipient: address, Lane: h.box.Id, Blind: true, Due: time.Now().Add(5 * time.Minute)})
		if err != nil {
			app.Logger().Error("mail: a copy is not tried again", "row", h.it.ID, "error", err)
			continue
		}
		delete(refused, address)
	}
}

// envelope are the addresses a row's mail is given to: a blind copy travels
// alone, everybody else of the message together (rule 62).
func (room *Room) envelope(app core.App, it outbox.Item, m *conversation.Message) ([]string, error) {
	if it.Blind {
		return []string{it.Recipient}, nil
	}
	cc, err := shown(app, m, it.Recipient)
	return append([]string{it.Recipient}, cc...), err
}

// shown are the message's other recipients, whom everybody sees; our own
// addresses are none (rule 27).
func shown(app core.App, m *conversation.Message, recipient string) ([]string, error) {
	list := copies(m, recipient)
	if len(list) == 0 {
		return nil, nil
	}
	own, err := ownAddresses(app)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, a := range list {
		if !own[a] && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all, nil
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

// providerID is the Message-ID that a provider gives a mail instead of ours,
// as its answer tells; "" if it does not (rule 16).
func providerID(host, said string) string {
	if m := sesHost.FindStringSubmatch(strings.ToLower(host)); m != nil {
		fields := strings.Fields(said)
		if len(fields) == 0 || !sesID.MatchString(fields[len(fields)-1]) {
			return ""
		}
		domain := m[1] + ".amazonses.com"
		if m[1] == "us-east-1" {
			domain = "email.amazonses.com"
		}
		return fields[len(fields)-1] + "@" + domain
	}
	if m := saidID.FindStringSubmatch(said); m != nil {
		return m[1]
	}
	return ""
}

var (
	sesHost = regexp.MustCompile(`^email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com$`)
	sesID   = regexp.MustCompile(`^[0-9a-f][0-9a-f-]{20,98}$`)
	saidID  = regexp.MustCompile(`<([^<>\s@]{1,150}@[A-Za-z0-9.-]{1,200})>`)
)

// noteProvider stores the provider's id where intake looks it up.
func noteProvider(app core.App, message, id string) error {
	if id == "" {
		return nil
	}
	_, err := app.DB().NewQuery(`UPDATE messages SET provider_id = {:ref} WHERE id = {:id} AND channel_id != {:ref}`).Bind(dbx.Params{"id": message, "ref": id}).Execute()
	return err
}

// spool returns the bytes of a row's mail. They are rendered once and kept, so
// that a repeated send is the same mail to the last byte, and a blind copy the
// mail that everybody got (rules 61 and 62).
func (room *Room) spool(app core.App, it outbox.Item, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, lang string) ([]byte, error) {
	room.one.Lock()
	defer room.one.Unlock()
	if it.Blind {
		err := app.DB().NewQuery(`SELECT id, recipient FROM outbox WHERE message = {:m} AND channel = 'email' AND blind = FALSE LIMIT 1`).
			Bind(dbx.Params{"m": it.Message}).Row(&it.ID, &it.Recipient) // idx_outbox_message
		if err != nil && !errorsIsNoRows(err) {
			return nil, fmt.Errorf("find the row of a copy: %w", err)
		}
	}
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
	if err := original.Write(name, raw); err != nil {
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
		if err == nil {
			state := row.GetString(schema.OutboxState)
			if row.GetString(schema.OutboxFiled) == schema.FiledDue || state != schema.OutboxSent && state != schema.OutboxFailed {
				continue
			}
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			app.Logger().Warn("mail: an old file stays in the spool", "error", err)
		}
	}
}
