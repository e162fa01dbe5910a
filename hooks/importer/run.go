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

const (
	pieceRows = 100 // of one transaction: other writers wait for as long as it takes
	breath    = 5 * time.Millisecond
)

var errStopped = errors.New("the import was stopped")

// work does what is to be done until ctx ends.
func (room *Room) work(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	pruned := time.Time{}
	for {
		j, err := waitingJob(room.app)
		if err != nil {
			room.app.Logger().Error("imports cannot be read", "error", err)
		}
		if j != nil {
			room.do(ctx, j)
			if ctx.Err() != nil {
				return
			}
			continue
		}
		if time.Since(pruned) > time.Hour {
			pruned = time.Now()
			if err := prune(room.app); err != nil {
				room.app.Logger().Error("old imports cannot be removed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-room.bell:
		case <-tick.C:
		}
	}
}

// do works off one import, or takes it back.
func (room *Room) do(ctx context.Context, j *job) {
	var err error
	from, to := schema.ImportRunning, schema.ImportDoneAll
	switch {
	case j.State() == schema.ImportUndoing:
		from, to = schema.ImportUndoing, schema.ImportUndone
		err = room.undo(ctx, j)
	case j.Kind() == schema.ImportMail:
		err = room.mails(ctx, j)
	default:
		err = room.contacts(ctx, j)
	}
	why := ""
	switch {
	case ctx.Err() != nil || errors.Is(err, errStopped):
		return // it goes on where it is, or is done with
	case errors.Is(err, errNoTable):
		to, why = schema.ImportFailed, "import.bad_table"
	case errors.Is(err, errNoMbox):
		to, why = schema.ImportFailed, "import.bad_mbox"
	case err != nil:
		room.app.Logger().Error("an import failed", "import", j.Id, "error", err)
		to, why = schema.ImportFailed, "import.bad"
	case j.GetBool(schema.ImportDry) && to == schema.ImportDoneAll:
		to = schema.ImportNew // checked: now it can begin in earnest
	}
	if err := setState(room.app, j.Id, from, to, why); err != nil {
		room.app.Logger().Error("an import's end is not noted", "import", j.Id, "error", err)
	}
}

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
	w := &writer{mapping: j.mapping(), dry: j.GetBool(schema.ImportDry), seen: map[string]bool{}, tags: map[string]string{}}
	var piece []numbered
	flush := func() error {
		if len(piece) == 0 {
			return nil
		}
		list := piece
		piece = nil
		err := room.app.RunInTransaction(func(tx core.App) error {
			var c count
			var rows []row
			for _, n := range list {
				r, err := w.take(tx, n)
				if err != nil {
					return fmt.Errorf("row %d: %w", n.number, err)
				}
				c.add(r.Outcome)
				if !w.dry || r.Outcome == schema.RowRefused {
					rows = append(rows, r)
				}
			}
			if err := saveRows(tx, j.Id, rows); err != nil {
				return err
			}
			going, err := advance(tx, j.Id, c)
			if err == nil && !going {
				err = errStopped
			}
			return err
		})
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
		if len(piece) >= pieceRows {
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
	dry     bool
	seen    map[string]bool   // identities of earlier rows, where nothing is written
	tags    map[string]string // ids by name in lower case
}

// changes are what a row added to a contact who was known.
type changes struct {
	Fields     map[string][2]string `json:"fields,omitempty"` // before and after
	Identities [][2]string          `json:"identities,omitempty"`
}

// take takes one row in.
func (w *writer) take(tx core.App, n numbered) (row, error) {
	out := row{Number: n.number, Outcome: schema.RowRefused}
	p, why := personOf(n.cells, w.mapping)
	if why != "" {
		out.Reason = why
		return out, nil
	}
	owner, fresh, err := w.owner(tx, p)
	if err != nil {
		return out, err
	}
	out.Outcome = schema.RowMade
	if owner != nil {
		out.Outcome = schema.RowJoined
	}
	if w.dry {
		for _, id := range p.identities() {
			if w.seen[id.Kind+id.Value] {
				out.Outcome = schema.RowJoined
			}
			w.seen[id.Kind+id.Value] = true
		}
		return out, nil
	}
	if owner == nil {
		c, err := contact.FindOrCreate(tx, fresh, contact.Defaults{Name: p.name, Language: p.language})
		if err != nil {
			return out, err
		}
		out.Contact = c.Id
		_, err = w.fill(tx, c.ProxyRecord(), p)
		return out, err
	}
	out.Contact = owner.Id
	ch, err := w.fill(tx, owner.ProxyRecord(), p)
	if err != nil {
		return out, err
	}
	for _, id := range fresh {
		if ok, err := contact.AddIdentity(tx, owner.Id, id); err != nil {
			return out, err
		} else if ok {
			ch.Identities = append(ch.Identities, [2]string{id.Kind, id.Value})
		}
	}
	raw, err := json.Marshal(ch)
	out.Changes = string(raw)
	return out, err
}

// owner is the contact whom a row means, by the first of its addresses and
// numbers that somebody has, and the identities that nobody has yet.
func (w *writer) owner(tx core.App, p person) (owner *contact.Contact, fresh []contact.Identity, err error) {
	for _, id := range p.identities() {
		values := []string{id.Value}
		if id.Kind == schema.KindPhone {
			values = spellings(id.Value)
		}
		known := false
		for _, v := range values {
			c, err := contact.FindByIdentity(tx, id.Kind, v)
			if err != nil {
				return nil, nil, err
			}
			if c != nil {
				known = true
				if owner == nil {
					owner = c
				}
				break
			}
		}
		if !known {
			fresh = append(fresh, id)
		}
	}
	return owner, fresh, nil
}

// fill writes what a contact lacks.
func (w *writer) fill(tx core.App, r *core.Record, p person) (changes, error) {
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
	if p.number != "" && p.number != r.GetString(schema.ContactCustomerNo) {
		var taken bool
		err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM contacts WHERE customer_no = {:no})`).Bind(dbx.Params{"no": p.number}).Row(&taken)
		if err != nil {
			return ch, err
		}
		if !taken {
			set(schema.ContactCustomerNo, p.number)
		}
	}
	tags := r.GetStringSlice(schema.ContactTags)
	before := strings.Join(tags, ",")
	for _, name := range p.tags {
		id, err := w.tag(tx, name)
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
	if len(ch.Fields) == 0 {
		return ch, nil
	}
	return ch, tx.SaveNoValidate(r)
}

// tag is the id of a tag of that name, which is made if there is none.
func (w *writer) tag(tx core.App, name string) (string, error) {
	key := strings.ToLower(name)
	if id := w.tags[key]; id != "" {
		if _, err := tx.FindRecordById(schema.Tags, id); err == nil {
			return id, nil
		}
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
	w.tags[key] = r.Id
	return r.Id, nil
}

// undo takes an import back: contacts that it made go, unless they have said
// something since, and what it added to others is taken off where nobody
// changed it meanwhile.
func (room *Room) undo(ctx context.Context, j *job) error {
	for ctx.Err() == nil {
		left := 0
		err := room.app.RunInTransaction(func(tx core.App) error {
			var rows []row
			err := tx.DB().NewQuery(`SELECT number, outcome, contact, reason, COALESCE(changes, '') AS changes FROM import_rows WHERE import = {:id} AND outcome != 'refused' ORDER BY number DESC LIMIT {:n}`).
				Bind(dbx.Params{"id": j.Id, "n": pieceRows}).All(&rows)
			if err != nil {
				return err
			}
			left = len(rows)
			for _, r := range rows {
				if err := back(tx, r); err != nil {
					return fmt.Errorf("take back row %d: %w", r.Number, err)
				}
				_, err := tx.DB().NewQuery(`DELETE FROM import_rows WHERE import = {:id} AND number = {:n}`).Bind(dbx.Params{"id": j.Id, "n": r.Number}).Execute()
				if err != nil {
					return err
				}
			}
			_, err = tx.DB().NewQuery(`UPDATE imports SET done = MAX(done - {:n}, 0) WHERE id = {:id}`).Bind(dbx.Params{"id": j.Id, "n": left}).Execute()
			return err
		})
		if err != nil || left == 0 {
			return err
		}
	}
	return nil
}

func back(tx core.App, r row) error {
	c, err := tx.FindRecordById(schema.Contacts, r.Contact)
	if err != nil {
		return nil // gone already, or merged into another
	}
	if r.Outcome == schema.RowMade {
		var talks bool
		err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE contact = {:id})`).Bind(dbx.Params{"id": c.Id}).Row(&talks)
		if err != nil || talks {
			return err
		}
		return tx.Delete(c)
	}
	var ch changes
	if r.Changes == "" || r.Changes == "null" || json.Unmarshal([]byte(r.Changes), &ch) != nil {
		return nil
	}
	for field, v := range ch.Fields {
		if field == schema.ContactTags {
			if strings.Join(c.GetStringSlice(field), ",") == v[1] {
				c.Set(field, strings.FieldsFunc(v[0], func(r rune) bool { return r == ',' }))
			}
		} else if c.GetString(field) == v[1] {
			c.Set(field, v[0])
		}
	}
	if err := tx.SaveNoValidate(c); err != nil {
		return err
	}
	for _, id := range ch.Identities {
		_, err := tx.DB().NewQuery(`DELETE FROM identities WHERE contact = {:contact} AND kind = {:kind} AND value = {:value} AND verified = FALSE`).
			Bind(dbx.Params{"contact": c.Id, "kind": id[0], "value": id[1]}).Execute()
		if err != nil {
			return err
		}
	}
	return nil
}
