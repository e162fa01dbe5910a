package mail

import (
	"encoding/json/v2"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// alert is something about the shop's own mail that only its owner can mend:
// a server refused a mail by its rules, or a recipient called one spam (rules
// 43 and 45). What happens again is the same alert, counted.
type alert struct {
	Key    string `json:"key"`    // of the catalogue: why; alert_do_… says what to do
	Domain string `json:"domain"` // of the recipient
	Said   string `json:"said"`   // the server's words
	Number int64  `json:"number"` // of the conversation of the latest mail
	Count  int    `json:"count"`
	At     string `json:"at"` // RFC 3339
}

const (
	maxAlerts    = 20
	keyComplaint = "mail.complaint"
)

// Alert is one as an owner reads it.
type Alert struct {
	What   string `json:"what"`
	Why    string `json:"why"`
	Do     string `json:"do"`
	Said   string `json:"said"`
	Number int64  `json:"number"`
	Count  int    `json:"count"`
	At     string `json:"at"`
}

// alarm notes an alert at the mailbox that a conversation's mail leaves by.
func alarm(tx core.App, conv, key, address, said string) error {
	var at struct {
		Box    string `db:"box"`
		Number int64  `db:"number"`
		Alerts string `db:"alerts"`
	}
	err := tx.DB().NewQuery(`SELECT b.id AS box, c.number, COALESCE(b.alerts, '') AS alerts FROM conversations c
		JOIN mailboxes b ON b.id = COALESCE(NULLIF(c.mailbox, ''), (SELECT id FROM mailboxes WHERE active = TRUE ORDER BY created LIMIT 1)) WHERE c.id = {:id}`).
		Bind(dbx.Params{"id": conv}).One(&at)
	if errorsIsNoRows(err) {
		return nil // its mailbox is gone
	}
	if err != nil {
		return fmt.Errorf("find the mailbox of a refused mail: %w", err)
	}
	all := readAlerts(at.Alerts)
	_, domain, _ := strings.Cut(address, "@")
	fresh := alert{Key: key, Domain: domain, Number: at.Number, Count: 1, Said: clip(said, 300), At: time.Now().UTC().Format(time.RFC3339)}
	all = slices.DeleteFunc(all, func(a alert) bool {
		same := a.Key == key && a.Domain == domain
		if same {
			fresh.Count += a.Count
		}
		return same
	})
	all = append([]alert{fresh}, all...)
	return saveAlerts(tx, at.Box, all[:min(len(all), maxAlerts)])
}

func readAlerts(raw string) (all []alert) {
	if raw == "" || json.Unmarshal([]byte(raw), &all) != nil {
		return nil // never written by hand; what cannot be read is begun anew
	}
	return all
}

// saveAlerts writes behind the record's back: the mailbox itself is the same.
func saveAlerts(app core.App, box string, all []alert) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if _, err = app.DB().NewQuery(`UPDATE mailboxes SET alerts = {:alerts} WHERE id = {:id}`).Bind(dbx.Params{"alerts": string(raw), "id": box}).Execute(); err != nil {
		return fmt.Errorf("note an alert: %w", err)
	}
	return nil
}

// told are the alerts in words: what happened, why, and what to do about it.
func told(lang string, all []alert) []Alert {
	out := []Alert{}
	for _, a := range all {
		what, do := "mail.alert_refused", "mail.alert_do_spam"
		switch a.Key {
		case keyComplaint:
			what, do = "mail.alert_complaint", "mail.alert_do_complaint"
		case "mail.bounce_auth":
			do = "mail.alert_do_auth"
		case "mail.bounce_relay":
			do = "mail.alert_do_relay"
		case "mail.bounce_virus":
			do = "mail.alert_do_virus"
		}
		out = append(out, Alert{
			What: i18n.T(lang, what, i18n.V{"domain": a.Domain, "n": a.Count}), Why: i18n.T(lang, a.Key, i18n.V{"address": a.Domain}), Do: i18n.T(lang, do),
			Said: a.Said, Number: a.Number, Count: a.Count, At: a.At,
		})
	}
	return out
}

// dismissAlerts answers DELETE /api/desk/mailboxes/{id}/alerts: the owner has
// read them.
func (room *Room) dismissAlerts(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	if err := saveAlerts(e.App, box.Id, []alert{}); err != nil {
		return e.InternalServerError("", err)
	}
	return e.NoContent(http.StatusNoContent)
}

// alarmOf is alarm for a mail that our own server refused.
func alarmOf(app core.App, m *conversation.Message, key, address, said string) {
	if err := alarm(app, m.GetString(schema.MsgConversation), key, address, said); err != nil {
		app.Logger().Warn("mail: the owner is not told of a refusal", "message", m.Id, "error", err)
	}
}
