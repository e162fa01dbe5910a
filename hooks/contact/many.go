package contact

import (
	"encoding/json/v2"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
)

// New is a customer to be made by [CreateMany].
type New struct {
	ID         string // is given
	Name       string
	Language   string
	Note       string
	Number     string // "" takes the next
	Tags       []string
	Custom     map[string]string // of the owner's fields, in the form they are kept in
	Identities []Identity        // normalised, and nobody's

	token string // key of its tokens
}

// NewID is a record id.
func NewID() string { return security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet) }

// tokenKey is how long PocketBase makes the keys of tokens.
const tokenKey = 50

// CreateMany makes contacts whose identities nobody has, by SQL: saving records
// one by one costs ten times as much. The numbers that were given stand in the
// list afterwards. Rooms that have to know of contacts hear
// of them by [OnMany]. Call it inside a transaction.
func CreateMany(tx core.App, list []New) error {
	if len(list) == 0 {
		return nil
	}
	numbers, err := someNumbers(tx, list)
	if err != nil {
		return err
	}
	contacts := tx.DB().NewQuery(`INSERT INTO contacts (id, name, language, note, customer_no, tags, custom, tokenKey, password, created, updated)
		VALUES ({:id}, {:name}, {:language}, {:note}, {:no}, {:tags}, {:custom}, {:token}, {:password}, {:now}, {:now})`)
	identities := tx.DB().NewQuery(`INSERT INTO identities (id, contact, kind, value, verified, created, updated)
		VALUES ({:id}, {:contact}, {:kind}, {:value}, {:verified}, {:now}, {:now})`)
	now := types.NowDateTime().String()
	for i := range list {
		n := &list[i]
		if n.Name = cleanName(n.Name); n.Number == "" {
			n.Number, numbers = numbers[0], numbers[1:]
		}
		n.token = security.RandomString(tokenKey)
		tags, err := json.Marshal(append([]string{}, n.Tags...))
		if err != nil {
			return err
		}
		var custom any
		if len(n.Custom) > 0 {
			raw, err := json.Marshal(n.Custom)
			if err != nil {
				return err
			}
			custom = string(raw)
		}
		_, err = contacts.Bind(dbx.Params{
			"id": n.ID, "name": n.Name, "language": n.Language, "note": n.Note, "no": n.Number, "tags": string(tags), "custom": custom,
			"token": n.token, "password": unusablePassword, "now": now,
		}).Execute()
		if err != nil {
			return fmt.Errorf("save contact: %w", err)
		}
		for _, id := range n.Identities {
			_, err := identities.Bind(dbx.Params{"id": NewID(), "contact": n.ID, "kind": id.Kind, "value": id.Value, "verified": id.Verified, "now": now}).Execute()
			if err != nil {
				return fmt.Errorf("save identity: %w", err)
			}
		}
	}
	hear, _ := tx.Store().Get(manyKey).([]func(core.App, []New) error)
	for _, f := range hear {
		if err := f(tx, list); err != nil {
			return err
		}
	}
	return nil
}

// someNumbers are the next customer numbers for those in a list who bring none.
func someNumbers(tx core.App, list []New) (numbers []string, err error) {
	want := 0
	var given []string
	for _, n := range list {
		if n.Number == "" {
			want++
		} else {
			given = append(given, n.Number)
		}
	}
	for len(numbers) < want {
		last, err := nextNumber(tx, want-len(numbers))
		if err != nil {
			return nil, err
		}
		var some []string
		for n := last - int64(want-len(numbers)) + 1; n <= last; n++ {
			if no := numbered(n); !slices.Contains(given, no) {
				some = append(some, no)
			}
		}
		taken, err := Numbers(tx, some)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, slices.DeleteFunc(some, func(no string) bool { return taken[no] })...)
	}
	return numbers, nil
}

const manyKey = "shohay.contact.many"

// OnMany adds one who is told of contacts that [CreateMany] made, in its
// transaction. Only at registration.
func OnMany(app core.App, f func(tx core.App, list []New) error) {
	list, _ := app.Store().Get(manyKey).([]func(core.App, []New) error)
	app.Store().Set(manyKey, append(list, f))
}

// Owners tells whose identities of a kind are, by value; those that nobody has
// are missing. Uses idx_identities_value.
func Owners(app core.App, kind string, values []string) (map[string]string, error) {
	list, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Value   string `db:"value"`
		Contact string `db:"contact"`
	}
	err = app.DB().NewQuery(`SELECT i.value, i.contact FROM json_each({:values}) v CROSS JOIN identities i ON i.kind = {:kind} AND i.value = v.value`).
		Bind(dbx.Params{"kind": kind, "values": string(list)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("find identities: %w", err)
	}
	owners := make(map[string]string, len(rows))
	for _, r := range rows {
		owners[r.Value] = r.Contact
	}
	return owners, nil
}

// Numbers are those of the given customer numbers that somebody has. Uses
// idx_contacts_customer_no.
func Numbers(app core.App, numbers []string) (map[string]bool, error) {
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	var taken []string
	err = app.DB().NewQuery(`SELECT c.customer_no FROM json_each({:numbers}) n CROSS JOIN contacts c ON c.customer_no = n.value AND c.customer_no != ''`).
		Bind(dbx.Params{"numbers": string(list)}).Column(&taken)
	if err != nil {
		return nil, fmt.Errorf("find customer numbers: %w", err)
	}
	has := make(map[string]bool, len(taken))
	for _, no := range taken {
		has[no] = true
	}
	return has, nil
}
