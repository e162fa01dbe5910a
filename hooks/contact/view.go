package contact

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// ContactView is a customer as the desk sees them.
type ContactView struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	CustomerNo string         `json:"customer_no"`
	Language   string         `json:"language"`
	Tags       []string       `json:"tags"`
	Note       string         `json:"note"`
	Blocked    bool           `json:"blocked"`
	Created    string         `json:"created"`
	LastSeen   string         `json:"last_seen"`
	Identities []IdentityView `json:"identities"`
}

// IdentityView is one way to reach a customer.
type IdentityView struct {
	ID       string `json:"id" db:"id"`
	Kind     string `json:"kind" db:"kind"`
	Value    string `json:"value" db:"value"`
	Verified bool   `json:"verified" db:"verified"`

	// What the mail system knows of an address.
	Bounce       string `json:"bounce" db:"bounce_kind"` // schema.BounceHard, …; "" when mail arrives
	BouncedAt    string `json:"bounced_at" db:"bounced_at"`
	BounceReason string `json:"bounce_reason" db:"bounce_reason"`
	QuietUntil   string `json:"quiet_until" db:"quiet_until"` // no automatic mail before; "" when it may come

	// Who says that it is theirs.
	By  string `json:"verified_by" db:"verified_by"`   // agent who said so
	How string `json:"verified_how" db:"verified_how"` // hand, code, "" for proof of the channel
	At  string `json:"verified_at" db:"verified_at"`
}

// View reads a customer for the desk.
func View(app core.App, id string) (ContactView, error) {
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil {
		return ContactView{}, err
	}
	v := ContactView{
		ID: r.Id, Name: r.GetString(schema.ContactName), CustomerNo: r.GetString(schema.ContactCustomerNo), Language: r.GetString(schema.ContactLanguage),
		Tags: r.GetStringSlice(schema.ContactTags), Note: r.GetString(schema.ContactNote), Blocked: r.GetBool(schema.ContactBlocked),
		Created: iso(r.GetString(schema.Created)), LastSeen: iso(r.GetString(schema.ContactLastSeen)), Identities: []IdentityView{},
	}
	if v.Tags == nil {
		v.Tags = []string{}
	}
	// idx_identities_contact
	err = app.DB().NewQuery(`SELECT id, kind, value, verified, verified_by, verified_how, verified_at, bounce_kind, bounced_at, bounce_reason, CASE WHEN quiet_until > {:now} THEN quiet_until ELSE '' END AS quiet_until
		FROM identities WHERE contact = {:contact} ORDER BY kind, created, id`).
		Bind(dbx.Params{"contact": id, "now": types.NowDateTime().String()}).All(&v.Identities)
	for i := range v.Identities {
		x := &v.Identities[i]
		x.BouncedAt, x.QuietUntil, x.At = iso(x.BouncedAt), iso(x.QuietUntil), iso(x.At)
	}
	return v, err
}

// Find lists customers by name, number, address or telephone number.
func Find(app core.App, query string, limit int) ([]ContactView, error) {
	query = strings.TrimSpace(query)
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
	var ids []string
	err := app.DB().NewQuery(`SELECT c.id FROM contacts c WHERE c.name LIKE {:like} ESCAPE '\' OR c.customer_no LIKE {:like} ESCAPE '\'
		OR EXISTS (SELECT 1 FROM identities i WHERE i.contact = c.id AND i.kind IN ('email','phone') AND i.value LIKE {:like} ESCAPE '\')
		ORDER BY c.updated DESC LIMIT {:limit}`).Bind(dbx.Params{"like": like, "limit": limit}).Column(&ids)
	if err != nil {
		return nil, err
	}
	found := make([]ContactView, 0, len(ids))
	for _, id := range ids {
		v, err := View(app, id)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, nil
}

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }
