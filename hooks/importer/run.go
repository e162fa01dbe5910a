package importer

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	pieceRows = 100                   // of one transaction at first, and of each that takes something back
	mostRows  = 1000                  // of one transaction
	pieceTime = 80 * time.Millisecond // what one should take: other writers wait for as long
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
	withoutOwn(c, ch.Own)
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
