package contact

import (
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"golang.org/x/net/idna"
)

// Contact is the typed contacts record.
type Contact struct {
	core.BaseRecordProxy
	made bool
}

// Wrap returns the typed form of a contacts record.
func Wrap(r *core.Record) *Contact {
	c := &Contact{}
	c.SetProxyRecord(r)
	return c
}

// Name is what the customer is called; it may be empty.
func (c *Contact) Name() string { return c.GetString(schema.ContactName) }

// Made tells that the call which returned the contact made it.
func (c *Contact) Made() bool { return c.made }

// Blocked tells whether the customer's messages are only kept.
func (c *Contact) Blocked() bool { return c.GetBool(schema.ContactBlocked) }

// Language is the customer's language, "" if unknown.
func (c *Contact) Language() string { return c.GetString(schema.ContactLanguage) }

// Identity names a person in one channel.
type Identity struct {
	Kind     string // schema.KindEmail, …
	Value    string
	Verified bool
}

// Defaults are used where a contact is made or a field of it is empty.
type Defaults struct {
	Name     string
	Language string
}

// unusablePassword is no bcrypt hash, so no password ever matches it, and it
// costs nothing: hashing a random one takes 50 ms of CPU, which would let a
// stranger exhaust the machine by writing messages.
const unusablePassword = "!"

// Normalise brings an identity's value into the one form it is kept in. It
// returns "" for a value that cannot be one.
//
// The local part of an address is folded to lower case and the domain to its
// ASCII form; dots and plus tags stay, because they may be different people
// (mail rule 30).
func Normalise(kind, value string) string {
	value = strings.TrimSpace(value)
	switch kind {
	case schema.KindEmail:
		a, err := mail.ParseAddress(value)
		if err != nil || len(a.Address) > 254 {
			return ""
		}
		// A local part that needs quotes ("a b"@mail.example) keeps them.
		address := strings.Trim((&mail.Address{Address: a.Address}).String(), "<>")
		at := strings.LastIndexByte(address, '@')
		local, domain := address[:at], address[at+1:]
		if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
			domain = ascii
		}
		return strings.ToLower(local + "@" + domain)
	case schema.KindPhone:
		var b strings.Builder
		for i, r := range value {
			switch {
			case r >= '০' && r <= '৯':
				b.WriteRune('0' + r - '০')
			case r >= '0' && r <= '9', r == '+' && i == 0:
				b.WriteRune(r)
			case unicode.IsSpace(r), strings.ContainsRune("-().", r):
			default:
				return ""
			}
		}
		if n := len(strings.TrimPrefix(b.String(), "+")); n < 6 || n > 15 { // E.164
			return ""
		}
		return b.String()
	default:
		if len(value) > 200 || !utf8.ValidString(value) {
			return ""
		}
		return value
	}
}

// FindByIdentity returns the contact an identity belongs to, or nil.
func FindByIdentity(app core.App, kind, value string) (*Contact, error) {
	var id string
	// idx_identities_value
	err := app.DB().NewQuery(`SELECT contact FROM identities WHERE kind={:kind} AND value={:value}`).
		Bind(dbx.Params{"kind": kind, "value": value}).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find identity: %w", err)
	}
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil {
		return nil, fmt.Errorf("find contact %s: %w", id, err)
	}
	return Wrap(r), nil
}

// FindOrCreate returns the contact that the first known identity belongs to,
// or makes one, and gives it the identities that nobody has yet. An identity
// that belongs to somebody else stays with them: whoever merely claims an
// address gets nothing of its owner.
//
// Call it inside a transaction.
func FindOrCreate(app core.App, ids []Identity, d Defaults) (*Contact, error) {
	for _, id := range ids {
		value := Normalise(id.Kind, id.Value)
		if value == "" {
			continue
		}
		c, err := FindByIdentity(app, id.Kind, value)
		if err != nil {
			return nil, err
		}
		if c != nil {
			return Give(app, c, ids, d)
		}
	}
	return create(app, ids, d)
}

// Give gives a contact that was found the identities that nobody has yet and
// what its empty fields lack. Without a contact it is [FindOrCreate].
func Give(app core.App, found *Contact, ids []Identity, d Defaults) (*Contact, error) {
	if found == nil {
		return FindOrCreate(app, ids, d)
	}
	changed := false
	set := func(field, value string) {
		if value != "" && found.GetString(field) == "" {
			found.Set(field, value)
			changed = true
		}
	}
	set(schema.ContactName, cleanName(d.Name))
	set(schema.ContactLanguage, d.Language)
	if changed {
		// Its few fields are cleaned above; there is nothing left to validate.
		if err := app.SaveNoValidate(found.Record); err != nil {
			return nil, fmt.Errorf("save contact: %w", err)
		}
	}
	for _, id := range ids {
		if id.Value = Normalise(id.Kind, id.Value); id.Value == "" {
			continue
		}
		if _, err := attach(app, found.Id, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// AddIdentity gives an identity to a contact. It says false, and changes
// nothing, when the identity belongs to another contact.
func AddIdentity(app core.App, contactID string, id Identity) (bool, error) {
	if id.Value = Normalise(id.Kind, id.Value); id.Value == "" {
		return false, errors.New("not a usable address or number")
	}
	owner, err := attach(app, contactID, id)
	return owner == contactID, err
}

// attach inserts the identity unless somebody has it; the owner's own entry
// becomes verified when there is proof. It returns whose the identity is now.
// Every chat message comes by here, so what is known costs one small query.
func attach(app core.App, contactID string, id Identity) (owner string, err error) {
	var known struct {
		ID       string `db:"id"`
		Contact  string `db:"contact"`
		Verified bool   `db:"verified"`
	}
	// idx_identities_value
	err = app.DB().NewQuery(`SELECT id, contact, verified FROM identities WHERE kind={:kind} AND value={:value}`).
		Bind(dbx.Params{"kind": id.Kind, "value": id.Value}).One(&known)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find identity: %w", err)
	}
	var r *core.Record
	switch {
	case known.ID == "":
		collection, err := app.FindCachedCollectionByNameOrId(schema.Identities)
		if err != nil {
			return "", err
		}
		r = core.NewRecord(collection)
		r.Set(schema.IdentityContact, contactID)
		r.Set(schema.IdentityKind, id.Kind)
		r.Set(schema.IdentityValue, id.Value)
	case known.Contact != contactID || known.Verified || !id.Verified:
		return known.Contact, nil
	default:
		if r, err = app.FindRecordById(schema.Identities, known.ID); err != nil {
			return "", fmt.Errorf("find identity: %w", err)
		}
	}
	r.Set(schema.IdentityVerified, id.Verified)
	if err := app.SaveNoValidate(r); err != nil { // normalised by the caller, and unique by its index
		return "", fmt.Errorf("save identity: %w", err)
	}
	return contactID, nil
}

// Address returns the contact's value of a kind, a verified one first, or "".
func Address(app core.App, contactID, kind string) (string, error) {
	var value string
	// idx_identities_contact
	err := app.DB().NewQuery(`SELECT value FROM identities WHERE contact={:contact} AND kind={:kind} ORDER BY verified DESC, created, id LIMIT 1`).
		Bind(dbx.Params{"contact": contactID, "kind": kind}).Row(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// Owns tells whether the contact has the identity.
func Owns(app core.App, contactID, kind, value string) (bool, error) {
	c, err := FindByIdentity(app, kind, Normalise(kind, value))
	return c != nil && c.Id == contactID, err
}

// SpeaksFor tells whether an address speaks for its customer as a whole: it is
// proven, or all that they are known by but for a browser or a number.
func SpeaksFor(app core.App, contactID, address string) (whole bool, err error) {
	// idx_identities_value, idx_identities_contact
	err = app.DB().NewQuery(`SELECT i.verified OR NOT EXISTS (SELECT 1 FROM identities o WHERE o.contact = i.contact AND o.id != i.id AND o.kind IN ('email', 'user'))
		FROM identities i WHERE i.kind = 'email' AND i.value = {:address} AND i.contact = {:contact}`).
		Bind(dbx.Params{"address": address, "contact": contactID}).Row(&whole)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return whole, err
}

// Merge moves everything of drop to keep and deletes drop. Fields that keep
// lacks are taken over, notes are joined. Call it inside a transaction.
func Merge(app core.App, keep, drop string) error {
	if keep == drop {
		return errors.New("a contact cannot be merged with itself")
	}
	k, err := app.FindRecordById(schema.Contacts, keep)
	if err != nil {
		return fmt.Errorf("find contact %s: %w", keep, err)
	}
	d, err := app.FindRecordById(schema.Contacts, drop)
	if err != nil {
		return fmt.Errorf("find contact %s: %w", drop, err)
	}
	for _, of := range moved {
		if _, err := app.DB().Update(of.table, dbx.Params{of.field: keep}, dbx.HashExp{of.field: drop}).Execute(); err != nil {
			return fmt.Errorf("move %s: %w", of.table, err)
		}
	}
	for _, f := range []string{schema.ContactName, schema.ContactLanguage} {
		if k.GetString(f) == "" {
			k.Set(f, d.GetString(f))
		}
	}
	if note := d.GetString(schema.ContactNote); note != "" {
		k.Set(schema.ContactNote, strings.TrimSpace(k.GetString(schema.ContactNote)+"\n"+note))
	}
	if d.GetBool(schema.ContactBlocked) {
		k.Set(schema.ContactBlocked, true)
	}
	if err := joinCustom(k, d); err != nil {
		return err
	}
	k.Set(schema.ContactTags, append(k.GetStringSlice(schema.ContactTags), d.GetStringSlice(schema.ContactTags)...))
	if d.GetDateTime(schema.ContactLastSeen).After(k.GetDateTime(schema.ContactLastSeen)) {
		k.Set(schema.ContactLastSeen, d.GetDateTime(schema.ContactLastSeen))
	}
	if err := app.Delete(d); err != nil {
		return fmt.Errorf("delete contact %s: %w", drop, err)
	}
	if err := app.Save(k); err != nil {
		return fmt.Errorf("save contact %s: %w", keep, err)
	}
	return nil
}

// cleanName drops what has no place in a name that customers and agents see.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x202E || r == 0x202D || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 120 {
		r = r[:120]
	}
	return string(r)
}

// SetNameIfEmpty names a contact that has no name yet.
func SetNameIfEmpty(app core.App, id, name string) error {
	if name = cleanName(name); name == "" {
		return nil
	}
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil || r.GetString(schema.ContactName) != "" {
		return err
	}
	r.Set(schema.ContactName, name)
	return app.Save(r)
}

// NameOf is the name of a contact, which may be empty.
func NameOf(app core.App, id string) (name string, err error) {
	err = app.DB().NewQuery(`SELECT name FROM contacts WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Row(&name)
	return name, err
}
