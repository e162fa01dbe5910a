package profile

import (
	"math"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }

type consentBlock struct{}

// ID implements [Block].
func (consentBlock) ID() string { return "consents" }

// Data implements [Block]: the past in its order; for each thing the last
// word counts.
func (consentBlock) Data(app core.App, id, _ string) (any, error) {
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil {
		return nil, err
	}
	return map[string]any{"list": contact.Consents(r), "kinds": contact.ConsentKinds}, nil
}

type satisfactionBlock struct{}

// ID implements [Block].
func (satisfactionBlock) ID() string { return "satisfaction" }

// Data implements [Block]. Uses idx_conversations_contact.
func (satisfactionBlock) Data(app core.App, contact, _ string) (any, error) {
	var rows []struct {
		Number  int64  `db:"number" json:"number"`
		Rating  int    `db:"rating" json:"rating"`
		Comment string `db:"comment" json:"comment"`
		At      string `db:"at" json:"at"`
	}
	err := app.DB().NewQuery(`SELECT number, rating, rating_comment AS comment, last_activity AS at FROM conversations
		WHERE contact = {:contact} AND rating > 0 AND merged_into = '' ORDER BY last_activity DESC LIMIT 200`).Bind(dbx.Params{"contact": contact}).All(&rows)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	sum := 0
	for i := range rows {
		rows[i].At = iso(rows[i].At)
		sum += rows[i].Rating
	}
	return map[string]any{"n": len(rows), "average": math.Round(10*float64(sum)/float64(len(rows))) / 10, "last": rows[0]}, nil
}

type filesBlock struct{ files Files }

// ID implements [Block].
func (filesBlock) ID() string { return "files" }

// fileView is an attachment and where it was sent.
type fileView struct {
	conversation.FileView
	Number  int64  `json:"number"`
	Kind    string `json:"kind"`
	Created string `json:"created"`
}

// shownFiles is how many of the newest files are shown.
const shownFiles = 24

// Data implements [Block]: files of all conversations, the newest first. Uses
// idx_conversations_contact and idx_messages_conversation.
func (b filesBlock) Data(app core.App, contact, _ string) (any, error) {
	var rows []struct {
		ID      string `db:"id"`
		Info    string `db:"file_info"`
		Kind    string `db:"kind"`
		Created string `db:"created"`
		Number  int64  `db:"number"`
	}
	err := app.DB().NewQuery(`SELECT m.id, m.file_info, m.kind, m.created, cv.number FROM conversations cv JOIN messages m ON m.conversation = cv.id
		WHERE cv.contact = {:contact} AND m.files != '[]' AND m.files != '' AND m.kind IN ('incoming', 'outgoing', 'note') ORDER BY m.seq DESC LIMIT 60`).Bind(dbx.Params{"contact": contact}).All(&rows)
	if err != nil {
		return nil, err
	}
	list := []fileView{}
	for _, r := range rows {
		for _, f := range b.files.FileViews(r.ID, r.Info) {
			if f.URL != "" {
				list = append(list, fileView{f, r.Number, r.Kind, iso(r.Created)})
			}
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return map[string]any{"n": len(list), "files": list[:min(len(list), shownFiles)]}, nil
}

// likeBlock shows who this customer may be too.
type likeBlock struct{}

// ID implements [Block].
func (likeBlock) ID() string { return "alike" }

// alike is another contact and what speaks for one person.
type alike struct {
	ID         string `json:"id" db:"id"`
	Name       string `json:"name" db:"name"`
	CustomerNo string `json:"customer_no" db:"customer_no"`
	Value      string `json:"value" db:"value"`
	Why        string `json:"why" db:"why"` // phone, email, name
}

// sameDigits is how many digits at its end two telephone numbers share when
// one is written with the country and one without.
const sameDigits = 9

// Data implements [Block]. A number counts by its last digits; an address that
// somebody left in a conversation by whose identity it is; a name only when it
// has two words, for there are many called Karim.
func (likeBlock) Data(app core.App, contact, _ string) (any, error) {
	list := []alike{}
	p := dbx.Params{"contact": contact, "digits": sameDigits}
	for _, query := range []string{
		`SELECT c.id, c.name, c.customer_no, o.value, 'phone' AS why FROM identities i
			JOIN identities o ON o.kind = 'phone' AND o.contact != i.contact AND SUBSTR(o.value, -{:digits}) = SUBSTR(i.value, -{:digits}) AND LENGTH(o.value) >= {:digits}
			JOIN contacts c ON c.id = o.contact WHERE i.contact = {:contact} AND i.kind = 'phone' LIMIT 5`,
		`SELECT c.id, c.name, c.customer_no, o.value, 'email' AS why FROM conversations cv JOIN identities o ON o.kind = 'email' AND o.value = cv.email AND o.contact != cv.contact
			JOIN contacts c ON c.id = o.contact WHERE cv.contact = {:contact} AND cv.email != '' LIMIT 5`,
		// idx_contacts_name
		`SELECT o.id, o.name, o.customer_no, '' AS value, 'name' AS why FROM contacts c JOIN contacts o ON o.name = c.name COLLATE NOCASE AND o.id != c.id
			WHERE c.id = {:contact} AND c.name != '' AND INSTR(c.name, ' ') > 0 LIMIT 5`,
	} {
		var rows []alike
		if err := app.DB().NewQuery(query).Bind(p).All(&rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			known := false
			for _, have := range list {
				known = known || have.ID == r.ID
			}
			if !known {
				list = append(list, r)
			}
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}
