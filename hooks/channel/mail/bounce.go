package mail

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// report reads a delivery report or a read receipt. Only one that holds a
// token of ours changes anything, and only the message it is about: forged
// reports would switch customers off (rules 41 and 44). A report on nothing we
// know is put aside, a receipt of that kind is nothing.
func (room *Room) report(box *Mailbox, src conversation.Source, sha string, raw []byte, m *mime.Mail) error {
	app := room.app
	lang := settings.Shop(app).Language()
	message, address, err := room.about(app, raw)
	if err != nil {
		return err
	}
	switch {
	case message == nil && m.Receipt:
		return settle(app, box.Id, src, nothing, "")
	case message == nil:
		return room.aside(box, src, sha, raw, i18n.T(lang, "mail.why_report"))
	}

	d := readReport(m)
	values := i18n.V{"address": address, "reason": d.reason}
	if d.reason == "" {
		values["reason"] = i18n.T(lang, "mail.no_reason")
	}
	return app.RunInTransaction(func(tx core.App) error {
		fresh, err := tx.FindRecordById(schema.Messages, message.Id)
		if err != nil {
			return fmt.Errorf("find the reported message: %w", err)
		}
		was := fresh.GetString(schema.MsgDelivery)
		switch {
		case m.Receipt || d.action == "delivered":
			if was != schema.DeliveryFailed {
				fresh.Set(schema.MsgDelivery, schema.DeliveryDelivered)
			}
		case d.action == "delayed" || d.action == "relayed" || strings.HasPrefix(d.status, "4") || strings.HasPrefix(d.status, "2"):
			if d.action == "delayed" || strings.HasPrefix(d.status, "4") { // rule 43: a note only
				fresh.Set(schema.MsgDeliveryDetail, clip(i18n.T(lang, "mail.delayed", values), 990))
			}
		default:
			fresh.Set(schema.MsgDelivery, schema.DeliveryFailed)
			fresh.Set(schema.MsgDeliveryDetail, clip(i18n.T(lang, "mail.bounced", values), 990))
		}
		if err := tx.Save(fresh); err != nil {
			return fmt.Errorf("note the report: %w", err)
		}
		return settle(tx, box.Id, src, nothing, "")
	})
}

// about finds the message of ours that a report is about: its id stands
// somewhere in 88 of 100 reports, in a proper part in only 58 (rule 41).
func (room *Room) about(app core.App, raw []byte) (*core.Record, string, error) {
	seen := map[string]bool{}
	for _, id := range anywhere.FindAll(raw, 50) {
		t, ok := readToken(string(id))
		if !ok || seen[t.message] {
			continue
		}
		seen[t.message] = true
		address, ok, err := room.proof(app, t, "")
		if err != nil {
			return nil, "", err
		}
		if !ok {
			continue
		}
		r, err := app.FindRecordById(schema.Messages, t.message)
		if err == nil && r.GetString(schema.MsgConversation) == t.conversation {
			return r, address, nil
		}
	}
	return nil, "", nil
}

// delivery is what a delivery report says of the first recipient.
type delivery struct{ action, status, reason string }

var statusCode = regexp.MustCompile(`\b([245])\.\d{1,3}\.\d{1,3}\b`)

// readReport reads message/delivery-status (RFC 3464) and its international
// form (RFC 6533), and without one the words of the report (rule 42).
func readReport(m *mime.Mail) delivery {
	var d delivery
	for i := range m.Parts {
		switch m.Parts[i].Type {
		case "message/delivery-status", "message/global-delivery-status":
		default:
			continue
		}
		var last *string
		for line := range bytes.Lines(m.Parts[i].Bytes()) {
			text := strings.TrimRight(string(line), "\r\n")
			if last != nil && (strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t")) {
				*last += " " + strings.TrimSpace(text)
				continue
			}
			last = nil
			name, value, _ := strings.Cut(text, ":")
			value = strings.TrimSpace(value)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "action":
				if d.action == "" {
					d.action = strings.ToLower(value)
				}
			case "status":
				if d.status == "" {
					d.status = value
				}
			case "diagnostic-code":
				if d.reason == "" {
					_, after, typed := strings.Cut(value, ";")
					if typed {
						value = strings.TrimSpace(after)
					}
					d.reason = value
					last = &d.reason
				}
			}
		}
	}
	if d.status == "" {
		d.status = statusCode.FindString(m.Text)
	}
	if d.reason == "" {
		for line := range strings.Lines(m.Text) {
			if line = strings.TrimSpace(line); statusCode.MatchString(line) || strings.HasPrefix(line, "550") || strings.HasPrefix(line, "554") {
				d.reason = line
				break
			}
		}
	}
	d.reason = clip(mime.Text(d.reason), 400)
	return d
}
