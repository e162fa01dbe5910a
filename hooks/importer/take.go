package importer

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
)

// contacts takes in customers from a table.
func (room *Room) contacts(ctx context.Context, j *job) error {
	raw, err := os.ReadFile(fileOf(room.app, j.Id))
	if err != nil {
		return err
	}
	t, err := readTable(raw)
	if err != nil {
		return err
	}
	begun := j.GetInt(schema.ImportDone)
	skip := 0
	if j.GetBool(schema.ImportHeader) {
		skip = 1
	}
	own, err := room.own(room.app, "")
	if err != nil {
		return err
	}
	w := &writer{mapping: j.mapping(), own: own, dry: j.GetBool(schema.ImportDry), seen: map[string]bool{}}
	size := pieceRows
	var piece []numbered
	flush := func() error {
		if len(piece) == 0 {
			return nil
		}
		list, at := piece, time.Now()
		piece = nil
		err := room.app.RunInTransaction(func(tx core.App) error {
			rows, c, err := w.take(tx, list)
			if err == nil {
				err = saveRows(tx, j.Id, rows)
			}
			if err != nil {
				return err
			}
			going, err := advance(tx, j.Id, c)
			if err == nil && !going {
				err = errStopped
			}
			return err
		})
		size = min(max(int(int64(len(list))*int64(pieceTime)/max(int64(time.Since(at)), 1)), pieceRows/2), mostRows)
		if err == nil {
			select { // others may want to write
			case <-ctx.Done():
			case <-time.After(breath):
			}
		}
		return err
	}
	at := 0
	t.rows(func(n int, cells []string) bool {
		if at++; at <= skip+begun {
			return true
		}
		piece = append(piece, numbered{n, cells})
		if len(piece) >= size {
			err = flush()
		}
		return err == nil && ctx.Err() == nil
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	return flush()
}

type numbered struct {
	number int
	cells  []string
}

// writer turns rows into contacts.
type writer struct {
	mapping []string
	own     []Own
	dry     bool
	seen    map[string]bool // identities of earlier rows, where nothing is written
}

// changes are what a row added to a contact who was known.
type changes struct {
	Fields     map[string][2]string `json:"fields,omitempty"` // before and after
	Identities [][2]string          `json:"identities,omitempty"`
	Own        map[string]string    `json:"own,omitempty"` // values of the owner's fields that it lacked
}

// asked are the persons of some rows and what is known of them, read together.
type asked struct {
	persons []person
	whys    []string
	owners  map[string]string       // contacts by kind and value of an identity
	known   map[string]*core.Record // contacts, those made by rows before included
	fresh   map[string]*contact.New // those
	numbers map[string]bool         // customer numbers that somebody has
	tags    map[string]string       // ids by name in lower case
	made    []*contact.New
}

func (w *writer) ask(tx core.App, list []numbered) (*asked, error) {
	a := &asked{owners: map[string]string{}, known: map[string]*core.Record{}, fresh: map[string]*contact.New{}, tags: map[string]string{}}
	values := map[string][]string{}
	var numbers []string
	for _, n := range list {
		p, why := personOf(n.cells, w.mapping, w.own)
		a.persons, a.whys = append(a.persons, p), append(a.whys, why)
		if why != "" {
			continue
		}
		for _, id := range p.identities() {
			values[id.Kind] = append(values[id.Kind], written(id)...)
		}
		if p.number != "" {
			numbers = append(numbers, p.number)
		}
	}
	var ids []string
	for kind, list := range values {
		owners, err := contact.Owners(tx, kind, list)
		if err != nil {
			return nil, err
		}
		for value, id := range owners {
			a.owners[kind+value] = id
			ids = append(ids, id)
		}
	}
	if w.dry {
		return a, nil
	}
	var err error
	if a.numbers, err = contact.Numbers(tx, numbers); err != nil || len(ids) == 0 {
		return a, err
	}
	records, err := tx.FindRecordsByIds(schema.Contacts, ids)
	for _, r := range records {
		a.known[r.Id] = r
	}
	return a, err
}

// written are the ways in which an identity may be known already.
func written(id contact.Identity) []string {
	if id.Kind == schema.KindPhone {
		return spellings(id.Value)
	}
	return []string{id.Value}
}

// take takes rows in. Of those of a check only what was refused is noted.
func (w *writer) take(tx core.App, list []numbered) (rows []row, c count, err error) {
	a, err := w.ask(tx, list)
	if err != nil {
		return nil, c, err
	}
	for i, n := range list {
		r := row{Number: n.number, Outcome: schema.RowRefused, Reason: a.whys[i]}
		switch {
		case r.Reason != "":
		case w.dry:
			r.Outcome = w.check(a, a.persons[i])
		default:
			if err := a.add(tx, a.persons[i], &r); err != nil {
				return nil, c, fmt.Errorf("row %d: %w", n.number, err)
			}
		}
		c.add(r.Outcome)
		if !w.dry || r.Outcome == schema.RowRefused {
			rows = append(rows, r)
		}
	}
	fresh := make([]contact.New, len(a.made))
	for i, n := range a.made {
		r := a.known[n.ID]
		n.Name, n.Language, n.Note = r.GetString(schema.ContactName), r.GetString(schema.ContactLanguage), r.GetString(schema.ContactNote)
		n.Number, n.Tags = r.GetString(schema.ContactCustomerNo), r.GetStringSlice(schema.ContactTags)
		n.Custom = ownOf(r)
		fresh[i] = *n
	}
	return rows, c, contact.CreateMany(tx, fresh)
}

// check tells what would become of a row.
func (w *writer) check(a *asked, p person) string {
	outcome := schema.RowMade
	if owner, _ := a.owner(p); owner != "" {
		outcome = schema.RowJoined
	}
	for _, id := range p.identities() {
		if w.seen[id.Kind+id.Value] {
			outcome = schema.RowJoined
		}
		w.seen[id.Kind+id.Value] = true
	}
	return outcome
}

// owner is the contact whom a row means, by the first of its addresses and
// numbers that somebody has, and the identities that nobody has yet.
func (a *asked) owner(p person) (owner string, free []contact.Identity) {
	for _, id := range p.identities() {
		known := false
		for _, v := range written(id) {
			if of := a.owners[id.Kind+v]; of != "" {
				known = true
				if owner == "" {
					owner = of
				}
				break
			}
		}
		if !known {
			free = append(free, id)
		}
	}
	return owner, free
}

// add makes a contact of a row, or adds what it says to one that is known.
// Contacts that are new are written at the end of the piece.
func (a *asked) add(tx core.App, p person, out *row) error {
	owner, free := a.owner(p)
	if known := a.known[owner]; known != nil {
		if all, _ := withOwn(known, p); tooMuch(all) {
			out.Reason = whyMuch
			return nil
		}
	}
	out.Outcome = schema.RowJoined
	if owner == "" {
		collection, err := tx.FindCachedCollectionByNameOrId(schema.Contacts)
		if err != nil {
			return err
		}
		n := &contact.New{ID: contact.NewID()}
		out.Outcome, owner = schema.RowMade, n.ID
		a.made = append(a.made, n)
		a.fresh[owner], a.known[owner] = n, core.NewRecord(collection)
	}
	out.Contact = owner
	r := a.known[owner]
	if r == nil {
		return fmt.Errorf("the contact %s of an identity does not exist", owner)
	}
	ch, err := a.fill(tx, r, p)
	if err != nil {
		return err
	}
	fresh := a.fresh[owner]
	if fresh == nil && len(ch.Fields)+len(ch.Own) > 0 {
		if err := tx.SaveNoValidate(r); err != nil {
			return err
		}
	}
	for _, id := range free {
		if a.owners[id.Kind+id.Value] != "" {
			continue // twice in the row
		}
		if fresh != nil {
			fresh.Identities = append(fresh.Identities, id)
		} else if ok, err := contact.AddIdentity(tx, owner, id); err != nil || !ok {
			return errors.Join(err, errors.New("an identity has an owner now"))
		}
		a.owners[id.Kind+id.Value] = owner
		ch.Identities = append(ch.Identities, [2]string{id.Kind, id.Value})
	}
	if out.Outcome == schema.RowMade {
		return nil
	}
	raw, err := json.Marshal(ch)
	out.Changes = string(raw)
	return err
}

// fill sets what a contact lacks.
func (a *asked) fill(tx core.App, r *core.Record, p person) (changes, error) {
	ch := changes{Fields: map[string][2]string{}}
	set := func(field, value string) {
		if before := r.GetString(field); value != "" && before != value {
			ch.Fields[field] = [2]string{before, value}
			r.Set(field, value)
		}
	}
	if r.GetString(schema.ContactName) == "" {
		set(schema.ContactName, p.name)
	}
	if r.GetString(schema.ContactLanguage) == "" {
		set(schema.ContactLanguage, p.language)
	}
	note := r.GetString(schema.ContactNote)
	for _, line := range p.notes {
		if !strings.Contains(note, line) {
			note = strings.TrimSpace(note + "\n" + line)
		}
	}
	set(schema.ContactNote, clip(note, mostNote))
	if p.number != "" && !a.numbers[p.number] {
		set(schema.ContactCustomerNo, p.number)
		a.numbers[p.number] = true
	}
	tags := r.GetStringSlice(schema.ContactTags)
	before := strings.Join(tags, ",")
	for _, name := range p.tags {
		id, err := a.tag(tx, name)
		if err != nil {
			return ch, err
		}
		if !slices.Contains(tags, id) && len(tags) < 90 {
			tags = append(tags, id)
		}
	}
	if after := strings.Join(tags, ","); after != before {
		ch.Fields[schema.ContactTags] = [2]string{before, after}
		r.Set(schema.ContactTags, tags)
	}
	if all, added := withOwn(r, p); len(added) > 0 {
		ch.Own = added
		r.Set(schema.ContactCustom, all)
	}
	return ch, nil
}

// tag is the id of a tag of that name, which is made if there is none.
func (a *asked) tag(tx core.App, name string) (string, error) {
	key := strings.ToLower(name)
	if id := a.tags[key]; id != "" {
		return id, nil
	}
	r := &core.Record{}
	err := tx.RecordQuery(schema.Tags).AndWhere(dbx.NewExp("name = {:name} COLLATE NOCASE", dbx.Params{"name": name})).Limit(1).One(r)
	if err != nil {
		collection, err := tx.FindCachedCollectionByNameOrId(schema.Tags)
		if err != nil {
			return "", err
		}
		r = core.NewRecord(collection)
		r.Set(schema.TagName, name)
		if err := tx.Save(r); err != nil {
			return "", fmt.Errorf("make the tag: %w", err)
		}
	}
	a.tags[key] = r.Id
	return r.Id, nil
}
