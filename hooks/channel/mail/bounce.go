package mail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/report"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Failures after which an address counts as one that does not work, if they
// fall within so many days (rule 43).
const (
	softFailures = 3
	softWindow   = 7 * 24 * time.Hour
)

// report reads a delivery report, a complaint or a read receipt. Only one that
// holds a token of ours changes anything, and only the message it is about:
// forged reports would switch customers off (rules 41 and 44). A report on
// nothing we know is put aside, a receipt of that kind is nothing.
func (room *Room) report(app core.App, box *Mailbox, src conversation.Source, sha string, raw []byte, m *mime.Mail) error {
	lang := settings.Shop(app).Language()
	r, ok := report.Read(m)
	if !ok {
		return fmt.Errorf("the mail reads as a report and is none")
	}
	message, address, err := room.about(app, r, m, raw)
	if err != nil {
		return err
	}
	switch {
	case message == nil && r.Form == report.Receipt:
		return settle(app, box.Id, src, nothing, "")
	case message == nil:
		return aside(app, box, src, sha, raw, i18n.T(i18n.Stored, "mail.why_report"))
	}
	return app.RunInTransaction(func(tx core.App) error {
		known, err := reported(tx, ledgerKey(m))
		if err != nil {
			return err
		}
		if !known {
			if err := room.apply(tx, r, message.Id, address, lang); err != nil {
				return err
			}
			if err := nameReport(tx, box.Id, src, ledgerKey(m)); err != nil {
				return err
			}
		}
		return settle(tx, box.Id, src, nothing, "")
	})
}

// about finds the message of ours that a report is about (rule 41): by the
// address it came to, which is the envelope sender of one message alone, else
// by an id, which stands somewhere in 88 of 100 reports, in a proper part in
// only 58.
func (room *Room) about(app core.App, r report.Report, report *mime.Mail, raw []byte) (*core.Record, string, error) {
	var all []token
	add := func(t token, ok bool) {
		if ok && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	for _, a := range arrivedAt(report) {
		add(readBounce(a))
	}
	for _, id := range append([]string{r.EnvelopeID}, r.IDs...) {
		add(readToken(id))
	}
	for _, a := range envelopes.FindAll(raw, 50) {
		add(readBounce(string(a)))
	}
	for _, id := range anywhere.FindAll(raw, 50) {
		add(readToken(string(id)))
	}
	for _, t := range all {
		t, err := located(app, t)
		if err != nil {
			return nil, "", err
		}
		address, ok, err := room.proof(app, t, "")
		if err != nil {
			return nil, "", err
		}
		if !ok {
			continue
		}
		m, err := app.FindRecordById(schema.Messages, t.message)
		if err == nil && m.GetString(schema.MsgConversation) == t.conversation {
			return m, address, nil
		}
	}
	return nil, "", nil
}

// apply writes what a report says of a message.
func (room *Room) apply(tx core.App, r report.Report, id, address, lang string) error {
	m, err := tx.FindRecordById(schema.Messages, id)
	if err != nil {
		return fmt.Errorf("find the reported message: %w", err)
	}
	kind, key, said := r.Kind, r.Key, ""
	copied := false // it speaks of somebody the message was copied to
	if worst := r.Worst(); worst != nil {
		said = worst.Diagnostic
		for _, a := range []string{worst.Original, worst.Address} {
			if a = contact.Normalise(schema.KindEmail, a); a != "" && a != address && slices.Contains(copies(conversation.WrapMessage(m), address), a) {
				address, copied = a, true
				break
			}
		}
	}
	if key == "" {
		key = "mail.no_reason"
	}
	// What is kept is told in the language of whoever reads it; the event's
	// text is the shop's, for those who read records.
	reason := i18n.T(i18n.Stored, key)
	values := i18n.V{"address": address, "reason": reason, "said": said}
	spoken := i18n.V{"address": address, "reason": i18n.T(lang, key), "said": said}
	tell := func(kind, text string) error {
		return conversation.AddNotice(tx, m.GetString(schema.MsgConversation), conversation.Event{
			Type: kind, From: address, To: m.Id, Names: map[string]string{"address": address, "reason": reason, "said": said}, Text: text,
		})
	}

	switch {
	case r.Form == report.Complaint:
		if err := alarm(tx, m.GetString(schema.MsgConversation), keyComplaint, address, said); err != nil {
			return err
		}
		if err := markAddress(tx, address, schema.BounceComplaint, i18n.T(i18n.Stored, "mail.event_complaint", values)); err != nil {
			return err
		}
		return tell("complaint", i18n.T(lang, "mail.event_complaint", spoken))
	case r.Form == report.Receipt:
		if r.Disposition != "displayed" {
			return nil
		}
		if err := deliveredOnce(tx, m); err != nil {
			return err
		}
		return tell("read", i18n.T(lang, "mail.event_read", spoken))
	case kind == report.Delivered:
		if copied {
			return nil
		}
		return deliveredOnce(tx, m)
	case kind == report.Delayed:
		m.Set(schema.MsgDeliveryDetail, clip(i18n.T(i18n.Stored, "mail.delayed", values), 990))
		if err := tx.Save(m); err != nil {
			return fmt.Errorf("note the delay: %w", err)
		}
		return tell("delayed", i18n.T(lang, "mail.delayed", spoken))
	}

	form := "mail.bounced"
	if said != "" {
		form = "mail.bounced_said"
	}
	words := i18n.T(i18n.Stored, form, values)
	m.Set(schema.MsgDeliveryDetail, clip(words, 990))
	if !copied {
		m.Set(schema.MsgDelivery, schema.DeliveryFailed)
		if err := returned(tx, m.Id, address, words); err != nil {
			return err
		}
	}
	if err := tx.Save(m); err != nil {
		return fmt.Errorf("note the failure: %w", err)
	}
	mark := string(kind)
	if kind == report.Hard && unexplained(key) {
		mark = schema.BounceSoft
	}
	if err := markAddress(tx, address, mark, words); err != nil {
		return err
	}
	if kind == report.Blocked {
		if err := alarm(tx, m.GetString(schema.MsgConversation), key, address, said); err != nil {
			return err
		}
	}
	if err := tell("bounced", i18n.T(lang, form, spoken)); err != nil {
		return err
	}
	if copied || m.GetBool(schema.MsgAutomatic) {
		return nil
	}
	// Somebody waits for an answer that did not come.
	open := schema.StatusOpen
	_, err = conversation.Apply(tx, m.GetString(schema.MsgConversation), "", conversation.Change{Status: &open})
	return err
}

// deliveredOnce notes that a message arrived, unless it is known not to have.
func deliveredOnce(tx core.App, m *core.Record) error {
	if m.GetString(schema.MsgDelivery) == schema.DeliveryFailed {
		return nil
	}
	m.Set(schema.MsgDelivery, schema.DeliveryDelivered)
	m.Set(schema.MsgDeliveryDetail, "")
	if err := tx.Save(m); err != nil {
		return fmt.Errorf("note the delivery: %w", err)
	}
	return nil
}

// unexplained tells whether a report does not say why. Such a refusal counts
// against the address only when it comes again (rule 43).
func unexplained(key string) bool { return key == "mail.bounce_other" || key == "mail.no_reason" }

// markAddress notes at an address that mail to it came back (rule 43): for
// good when the address does not work, or when it failed three times within a
// week; a refusal by policy says nothing of the address.
func markAddress(tx core.App, address, kind, reason string) error {
	id, err := findAddress(tx, contact.Normalise(schema.KindEmail, address))
	if err != nil || id == nil {
		return err
	}
	at := types.NowDateTime()
	count := 1
	if last := id.GetDateTime(schema.IdentityBouncedAt); !last.IsZero() && last.After(at.Add(-softWindow)) {
		count = id.GetInt(schema.IdentityBounceCount)
		if kind != schema.BounceBlocked && kind != schema.BounceComplaint {
			count++
		}
	}
	if kind == schema.BounceSoft && count >= softFailures {
		kind = schema.BounceHard
	}
	id.Set(schema.IdentityBouncedAt, at)
	id.Set(schema.IdentityBounceKind, kind)
	id.Set(schema.IdentityBounceReason, clip(strings.TrimSpace(reason), 990))
	id.Set(schema.IdentityBounceCount, count)
	if err := tx.Save(id); err != nil {
		return fmt.Errorf("mark the address: %w", err)
	}
	return nil
}

// works clears what was noted of an address that writes to us.
func works(tx core.App, address string) error {
	_, err := tx.DB().NewQuery(`UPDATE identities SET bounce_kind = '', bounce_reason = '', bounce_count = 0
		WHERE kind = 'email' AND value = {:value} AND bounce_kind IN ('hard', 'soft', 'full')`).Bind(dbx.Params{"value": address}).Execute()
	return err
}

// returned makes the sent row of a message that came back one that failed, so
// that an agent can send it again (see outbox.Retry). Uses idx_outbox_message.
func returned(tx core.App, message, address, words string) error {
	_, err := tx.DB().NewQuery(`UPDATE outbox SET state = 'failed', last_error = {:words}, updated = {:now}
		WHERE message = {:message} AND channel = 'email' AND LOWER(recipient) = {:address} AND state IN ('sent', 'uncertain')`).
		Bind(dbx.Params{"message": message, "address": address, "words": clip(words, 990), "now": now()}).Execute()
	if err != nil {
		return fmt.Errorf("note the failure in the outbox: %w", err)
	}
	return nil
}

// reported tells whether a report was applied before, from whatever mailbox.
// Uses idx_ledger_same.
func reported(tx core.App, key string) (known bool, err error) {
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM ledger WHERE dedupe_key = {:key} AND dedupe_key != '')`).Bind(dbx.Params{"key": key}).Row(&known)
	return known, err
}

// nameReport gives the ledger's row of a report its key.
func nameReport(tx core.App, box string, src conversation.Source, key string) error {
	_, err := tx.DB().NewQuery(`UPDATE ledger SET dedupe_key = {:key} WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid} AND uid > 0`).
		Bind(dbx.Params{"key": key, "account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID)}).Execute()
	return err
}
