package lookup

import (
	"encoding/json/v2"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
)

// Kinds of marks.
const (
	markConversation = 'c'
	markKind         = 'k'
	markAgent        = 'a'
	markFile         = 'f'
	markDay          = 'd' // with a day, a month and a year: 20261122, 202611, 2026
)

// inTransaction runs next, which writes the record, together with what the
// index is given after it: Save opens no transaction.
func inTransaction(e *core.RecordEvent, next func() error) error {
	if e.App.IsTransactional() {
		return next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return next()
	})
}

// said is what is indexed of a message.
type said struct {
	Seq          int64  `db:"seq"`
	Conversation string `db:"conversation"`
	Kind         string `db:"kind"`
	Agent        string `db:"agent"`
	Subject      string `db:"subject"`
	Text         string `db:"text"`
	Files        bool   `db:"files"`
	Event        string `db:"event"`
	Created      string `db:"created"`
}

// saidAt is when it was said: what was brought from the past was said then.
const saidAt = `CASE WHEN sent_at != '' AND COALESCE(evidence, '') LIKE '%"older":true%' THEN sent_at ELSE created END AS created`

func saidBy(r *core.Record) said {
	at := r.GetString(schema.Created)
	if sent := r.GetString(schema.MsgSentAt); sent != "" && strings.Contains(r.GetString(schema.MsgEvidence), `"older":true`) {
		at = sent
	}
	files := r.GetString(schema.MsgFileInfo)
	return said{
		Seq: int64(r.GetInt(schema.MsgSeq)), Conversation: r.GetString(schema.MsgConversation), Kind: r.GetString(schema.MsgKind),
		Agent: r.GetString(schema.MsgAgent), Subject: r.GetString(schema.MsgSubject), Text: r.GetString(schema.MsgText),
		Files: files != "" && files != "null" && files != "[]", Event: r.GetString(schema.MsgEvent), Created: at,
	}
}

// put writes a message to the index. Of events only a new subject is words of
// somebody.
func (m said) put(s search.Store, zone *time.Location) error {
	if m.Kind == schema.MessageEvent {
		if !strings.Contains(m.Event, `"subject"`) {
			return nil
		}
		m.Subject = "" // the text says it
	}
	scope := make([]string, 0, 7)
	scope = append(scope, search.Mark(markConversation, m.Conversation), search.Mark(markKind, m.Kind))
	if m.Agent != "" {
		scope = append(scope, search.Mark(markAgent, m.Agent))
	}
	if m.Files {
		scope = append(scope, search.Mark(markFile, "1"))
	}
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", m.Created); err == nil {
		day := at.In(zone).Format("20060102")
		scope = append(scope, search.Mark(markDay, day), search.Mark(markDay, day[:6]), search.Mark(markDay, day[:4]))
	}
	return messages.PutNumber(s, m.Seq, scope, m.Subject, m.Text)
}

// zone is the shop's, in which a day is a day.
func zone(app core.App) *time.Location { return settings.Shop(app).Location() }

func putMessage(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return saidBy(e.Record).put(e.App, zone(e.App))
	})
}

// changeMessage spares the many changes of a message's delivery.
func changeMessage(e *core.RecordEvent) error {
	was, is := saidBy(e.Record.Original()), saidBy(e.Record)
	if was == is {
		return e.Next()
	}
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return is.put(e.App, zone(e.App))
	})
}

// movedMessages gives messages the mark of the conversation they are in now.
func movedMessages(tx core.App, ids []string, _ string) error {
	in := zone(tx)
	for batch := range slices.Chunk(ids, 200) {
		list, err := json.Marshal(batch)
		if err != nil {
			return err
		}
		var rows []said
		err = tx.DB().NewQuery(`SELECT seq, conversation, kind, agent, subject, text, COALESCE(file_info, '') NOT IN ('', 'null', '[]') AS files, COALESCE(event, '') AS event, ` + saidAt + `
			FROM messages WHERE id IN (SELECT value FROM json_each({:ids}))`).Bind(dbx.Params{"ids": string(list)}).All(&rows)
		if err != nil {
			return fmt.Errorf("read moved messages: %w", err)
		}
		for _, m := range rows {
			if err := m.put(tx, in); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeMessage(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return messages.RemoveNumber(e.App, int64(e.Record.GetInt(schema.MsgSeq)))
	})
}

func putContact(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ContactName) == "" {
		return e.Next() // a visitor; identities tell when there is something to be known by
	}
	return changeContact(e)
}

// changeContact looks at the addresses too: a merge moves them by SQL before it
// saves the customer that stays.
func changeContact(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return indexContact(e.App, e.Record.Id)
	})
}

func removeContact(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return contacts.Remove(e.App, e.Record.Id)
	})
}

func identityChanged(e *core.RecordEvent) error {
	switch e.Record.GetString(schema.IdentityKind) {
	case schema.KindEmail, schema.KindPhone:
	default:
		return e.Next()
	}
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return indexContact(e.App, e.Record.GetString(schema.IdentityContact))
	})
}

// indexContact writes what a customer is known by to the index; a browser
// without a name or address is not there.
func indexContact(app core.App, id string) error {
	var c struct {
		Name   string `db:"name"`
		Number string `db:"customer_no"`
	}
	err := app.DB().NewQuery(`SELECT name, customer_no FROM contacts WHERE id = {:id}`).Bind(dbx.Params{"id": id}).One(&c)
	if err != nil {
		return contacts.Remove(app, id) // on its way out with all that is its
	}
	var values []string
	// idx_identities_contact
	err = app.DB().NewQuery(`SELECT value FROM identities WHERE contact = {:id} AND kind IN ('email','phone')`).Bind(dbx.Params{"id": id}).Column(&values)
	if err != nil {
		return err
	}
	if c.Name == "" && len(values) == 0 {
		return contacts.Remove(app, id)
	}
	return contacts.Put(app, id, c.Name, addresses(c.Number, values))
}

// manyContacts indexes contacts that were made together, or by a message.
func manyContacts(tx core.App, list []contact.New) error {
	for _, c := range list {
		var values []string
		for _, id := range c.Identities {
			if id.Kind == schema.KindEmail || id.Kind == schema.KindPhone {
				values = append(values, id.Value)
			}
		}
		if c.Name == "" && len(values) == 0 {
			continue
		}
		if err := contacts.Add(tx, c.ID, c.Name, addresses(c.Number, values)); err != nil {
			return err
		}
	}
	return nil
}

// addresses are the words a customer's addresses are found by: telephone
// numbers with and without the country, and by their last digits.
func addresses(number string, values []string) string {
	words := []string{number}
	for _, v := range values {
		digits := strings.TrimPrefix(v, "+")
		if strings.Contains(v, "@") || strings.Trim(digits, "0123456789") != "" {
			words = append(words, v)
			continue
		}
		words = append(words, digits)
		local := strings.TrimPrefix(strings.TrimPrefix(digits, "88"), "0")
		words = append(words, "0"+local, local)
		if len(local) > 6 {
			words = append(words, local[len(local)-4:], local[len(local)-6:])
		}
	}
	return strings.Join(words, " ")
}

var _ Rows = (*conversation.Room)(nil)
