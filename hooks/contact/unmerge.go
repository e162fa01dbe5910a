package contact

import (
	"encoding/json/v2"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// moved are what goes from one contact to the other in a merge.
var moved = []struct{ table, field string }{
	{schema.Identities, schema.IdentityContact},
	{schema.Conversations, schema.ConvContact},
	{schema.Messages, schema.MsgContact},
}

// joined are the fields of the contact that stays which a merge may change.
var joined = []string{
	schema.ContactName, schema.ContactLanguage, schema.ContactNote, schema.ContactBlocked, schema.ContactCustom, schema.ContactConsents, schema.ContactTags, schema.ContactLastSeen,
}

// Merged is what [Unmerge] needs to take a merge apart.
type Merged struct {
	Keep, Drop  string                             // record ids
	ids         map[string]types.JSONArray[string] // by table, what was of Drop
	keep, drop  *core.Record                       // as they were
	after       map[string]string                  // the joined fields as the merge left them, in JSON
	number, seq int64                              // the newest conversation and message of that time
}

// ErrApart is why a merge cannot be taken apart; its text is a key of the
// catalogue.
type ErrApart string

func (e ErrApart) Error() string { return string(e) }

// MergeKept is [Merge], and returns what the way back needs. Call it inside a
// transaction.
func MergeKept(tx core.App, keep, drop string) (m Merged, err error) {
	m = Merged{Keep: keep, Drop: drop, ids: map[string]types.JSONArray[string]{}}
	if m.keep, err = tx.FindRecordById(schema.Contacts, keep); err != nil {
		return m, fmt.Errorf("find contact %s: %w", keep, err)
	}
	if m.drop, err = tx.FindRecordById(schema.Contacts, drop); err != nil {
		return m, fmt.Errorf("find contact %s: %w", drop, err)
	}
	for _, of := range moved {
		var ids []string
		// idx_identities_contact, idx_conversations_contact, idx_messages_contact
		if err := tx.DB().Select("id").From(of.table).Where(dbx.HashExp{of.field: drop}).Column(&ids); err != nil {
			return m, fmt.Errorf("read %s: %w", of.table, err)
		}
		m.ids[of.table] = ids
	}
	err = tx.DB().NewQuery(`SELECT COALESCE((SELECT MAX(number) FROM conversations), 0), COALESCE((SELECT MAX(seq) FROM messages), 0)`).Row(&m.number, &m.seq)
	if err != nil {
		return m, fmt.Errorf("read what is newest: %w", err)
	}
	if err := Merge(tx, keep, drop); err != nil {
		return m, err
	}
	k, err := tx.FindRecordById(schema.Contacts, keep)
	if err != nil {
		return m, fmt.Errorf("find contact %s: %w", keep, err)
	}
	m.after = picture(k)
	return m, nil
}

func picture(r *core.Record) map[string]string {
	p := make(map[string]string, len(joined))
	for _, f := range joined {
		if raw, err := json.Marshal(r.Get(f)); err == nil { // values of a record always are JSON
			p[f] = string(raw)
		}
	}
	return p
}

// Unmerge makes two contacts again of one, each with all that was its before,
// and what was written since in conversations of the second goes with them. It
// says [ErrApart] where that would lose or mix up something: part of it was
// erased or went elsewhere, the contact was changed, or a new conversation came,
// of which nothing says whose it is. Codes for signing in that were under way are
// not brought back; a new one can be asked for. Call it inside a transaction.
func Unmerge(tx core.App, m Merged) error {
	k, err := tx.FindRecordById(schema.Contacts, m.Keep)
	if err != nil {
		return ErrApart("error.apart_gone")
	}
	now := picture(k)
	for _, f := range joined {
		if f != schema.ContactLastSeen && now[f] != m.after[f] {
			return ErrApart("error.apart_changed")
		}
	}
	for _, of := range moved[:2] {
		var still int
		err := tx.DB().NewQuery(`SELECT COUNT(*) FROM ` + of.table + ` WHERE id IN (SELECT value FROM json_each({:ids})) AND contact = {:keep}`).
			Bind(dbx.Params{"ids": m.ids[of.table].String(), "keep": m.Keep}).Row(&still)
		if err != nil {
			return fmt.Errorf("count %s: %w", of.table, err)
		}
		if still != len(m.ids[of.table]) {
			return ErrApart("error.apart_gone")
		}
	}
	var fresh bool
	// idx_conversations_contact
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE contact = {:keep} AND number > {:number})`).Bind(dbx.Params{"keep": m.Keep, "number": m.number}).Row(&fresh)
	if err != nil {
		return fmt.Errorf("look for new conversations: %w", err)
	}
	if fresh {
		return ErrApart("error.apart_news")
	}

	d := m.drop.Fresh()
	d.MarkAsNew()
	if err := tx.SaveNoValidate(d); err != nil {
		return fmt.Errorf("bring back contact %s: %w", m.Drop, err)
	}
	if err := m.back(tx); err != nil {
		return err
	}
	seen := k.GetDateTime(schema.ContactLastSeen)
	for _, f := range joined {
		k.Set(f, m.keep.Get(f))
	}
	if now[schema.ContactLastSeen] != m.after[schema.ContactLastSeen] {
		k.Set(schema.ContactLastSeen, seen)
	}
	// Both are saved once the addresses are where they were: the search reads them.
	for _, r := range []*core.Record{k, d} {
		if err := tx.SaveNoValidate(r); err != nil {
			return fmt.Errorf("save contact %s: %w", r.Id, err)
		}
	}
	for _, r := range []*core.Record{m.keep, m.drop} {
		_, err := tx.DB().Update(schema.Contacts, dbx.Params{
			schema.Created: r.GetString(schema.Created), schema.Updated: r.GetString(schema.Updated),
			"tokenKey": r.TokenKey(), "password": r.GetString("password:hash"),
		}, dbx.HashExp{"id": r.Id}).Execute()
		if err != nil {
			return fmt.Errorf("bring back contact %s: %w", r.Id, err)
		}
	}
	return nil
}

// back gives the second contact what was its own.
func (m Merged) back(tx core.App) error {
	for _, of := range moved {
		_, err := tx.DB().NewQuery(`UPDATE ` + of.table + ` SET contact = {:drop} WHERE id IN (SELECT value FROM json_each({:ids})) AND contact = {:keep}`).
			Bind(dbx.Params{"ids": m.ids[of.table].String(), "drop": m.Drop, "keep": m.Keep}).Execute()
		if err != nil {
			return fmt.Errorf("move %s back: %w", of.table, err)
		}
	}
	// idx_messages_conversation
	_, err := tx.DB().NewQuery(`UPDATE messages SET contact = {:drop} WHERE conversation IN (SELECT value FROM json_each({:ids})) AND seq > {:seq} AND contact = {:keep}`).
		Bind(dbx.Params{"ids": m.ids[schema.Conversations].String(), "drop": m.Drop, "keep": m.Keep, "seq": m.seq}).Execute()
	if err != nil {
		return fmt.Errorf("move new messages: %w", err)
	}
	return nil
}
