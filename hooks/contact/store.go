package contact

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// numberNew gives a new contact its customer number inside the transaction
// that creates it, so that numbers have no gaps and no doubles.
func numberNew(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ContactCustomerNo) != "" {
		return e.Next()
	}
	return inTransaction(e, func() error {
		for {
			n, err := nextNumber(e.App, 1)
			if err != nil {
				return err
			}
			// Somebody may have brought this number along from elsewhere.
			taken, err := Numbers(e.App, []string{numbered(n)})
			if err != nil {
				return err
			}
			if !taken[numbered(n)] {
				e.Record.Set(schema.ContactCustomerNo, numbered(n))
				break
			}
		}
		return e.Next()
	})
}

// nextNumber takes some numbers and returns the last of them.
func nextNumber(tx core.App, n int) (last int64, err error) {
	return Take(tx, schema.CounterCustomer, n)
}

// Take increases a counter of the database by n and returns its value; only
// inside a transaction, which is why it can be read after. With RETURNING one
// statement would do, but SQLite takes that for one that may change several
// rows, and prepares to take it back alone: all that the search was given so
// far is written out.
func Take(tx core.App, counter string, n int) (value int64, err error) {
	_, err = tx.DB().NewQuery(`UPDATE ` + schema.Counters + ` SET value = value + {:n} WHERE name = {:name}`).Bind(dbx.Params{"name": counter, "n": n}).Execute()
	if err == nil {
		err = tx.DB().NewQuery(`SELECT value FROM ` + schema.Counters + ` WHERE name = {:name}`).Bind(dbx.Params{"name": counter}).Row(&value)
	}
	if err != nil {
		return 0, fmt.Errorf("increase the counter %s: %w", counter, err)
	}
	return value, nil
}

// numbered is a customer number as people see it.
func numbered(n int64) string { return fmt.Sprintf("C-%05d", n) }

// inTransaction runs next with e.App in a transaction: Save opens none.
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

// seenEach is how exactly last_seen is kept; who is here right now is known
// in memory.
const seenEach = 15 * time.Minute

// Departed notes that a contact was here until now.
func Departed(app core.App, id string) error {
	now := types.NowDateTime()
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE contacts SET last_seen = {:now} WHERE id = {:id} AND last_seen < {:before}`).
		Bind(dbx.Params{"id": id, "now": now.String(), "before": now.Add(-seenEach).String()}).Execute()
	return err
}
