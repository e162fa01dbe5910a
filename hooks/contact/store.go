package contact

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// numberNew gives a new contact its customer number inside the transaction
// that creates it, so that numbers have no gaps and no doubles.
func numberNew(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ContactCustomerNo) != "" {
		return e.Next()
	}
	return inTransaction(e, func() error {
		var n int64
		err := e.App.DB().NewQuery(`UPDATE ` + schema.Counters + ` SET value=value+1 WHERE name={:name} RETURNING value`).
			Bind(dbx.Params{"name": schema.CounterCustomer}).Row(&n)
		if err != nil {
			return fmt.Errorf("give a customer number: %w", err)
		}
		e.Record.Set(schema.ContactCustomerNo, fmt.Sprintf("C-%05d", n))
		return e.Next()
	})
}

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
