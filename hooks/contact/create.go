package contact

import (
	"errors"
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// create makes a contact of identities that nobody has. A record's save reads
// all kinds of accounts, to see that none has the id: the dearest part of
// taking in a stranger's mail.
func create(tx core.App, ids []Identity, d Defaults) (*Contact, error) {
	clean := make([]Identity, 0, len(ids))
	for _, id := range ids {
		if id.Value = Normalise(id.Kind, id.Value); id.Value == "" {
			continue
		}
		same := func(other Identity) bool { return other.Kind == id.Kind && other.Value == id.Value }
		if i := slices.IndexFunc(clean, same); i >= 0 {
			clean[i].Verified = clean[i].Verified || id.Verified
			continue
		}
		clean = append(clean, id)
	}
	if len(clean) == 0 {
		return nil, errors.New("a contact needs an address, a number or a browser to be known by")
	}
	collection, err := tx.FindCachedCollectionByNameOrId(schema.Contacts)
	if err != nil {
		return nil, err
	}
	list := []New{{ID: NewID(), Name: d.Name, Language: d.Language, Identities: clean}}
	if err := CreateMany(tx, list); err != nil {
		return nil, err
	}
	now := types.NowDateTime()
	r := core.NewRecord(collection)
	r.Id = list[0].ID
	for field, value := range map[string]any{
		schema.ContactName: list[0].Name, schema.ContactLanguage: d.Language, schema.ContactCustomerNo: list[0].Number,
		core.FieldNamePassword: &core.PasswordFieldValue{Hash: unusablePassword}, core.FieldNameTokenKey: list[0].token,
		schema.Created: now, schema.Updated: now,
	} {
		r.SetRaw(field, value)
	}
	r.MarkAsNotNew()
	c := Wrap(r)
	c.made = true
	return c, nil
}
