package outbox

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// Row is what has to go out.
type Row struct {
	Message   string
	Channel   string
	Recipient string
	Due       time.Time // zero is now
}

// Item is a claimed row.
type Item struct {
	ID           string `db:"id"`
	Message      string `db:"message"`
	Conversation string `db:"conversation"`
	Channel      string `db:"channel"`
	Recipient    string `db:"recipient"`
	Attempts     int    `db:"attempts"` // tries before this one
}

// Enqueue writes the row; call it in the transaction that writes the message.
// The same message to the same recipient by the same channel is one row.
func Enqueue(app core.App, r Row) error {
	now := types.NowDateTime().String()
	due := now
	if !r.Due.IsZero() {
		d, err := types.ParseDateTime(r.Due)
		if err != nil {
			return err
		}
		due = d.String()
	}
	_, err := app.DB().NewQuery(`INSERT INTO outbox (id, message, channel, recipient, due, attempts, state, last_error, receipt, created, updated)
		VALUES ({:id}, {:message}, {:channel}, {:recipient}, {:due}, 0, 'queued', '', '', {:now}, {:now})
		ON CONFLICT DO NOTHING`).
		Bind(dbx.Params{"id": security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet), "message": r.Message, "channel": r.Channel, "recipient": r.Recipient, "due": due, "now": now}).Execute()
	if err != nil {
		return fmt.Errorf("put message %s into the outbox: %w", r.Message, err)
	}
	return nil
}

// free is the rest of a query over rows o that are on their way and not held
// back by an earlier message of the same conversation and channel. Uses
// idx_outbox_due, idx_messages_conversation and idx_outbox_message.
const free = ` FROM outbox o JOIN messages m ON m.id = o.message
	WHERE o.state IN ('queued','sending','uncertain')
	AND NOT EXISTS (
		SELECT 1 FROM messages pm JOIN outbox p ON p.message = pm.id
		WHERE pm.conversation = m.conversation AND pm.seq < m.seq AND p.channel = o.channel
		AND p.state IN ('queued','sending','uncertain'))`

// dueRows lists rows that may be claimed now.
func dueRows(app core.App, now time.Time, limit int) (items []Item, err error) {
	d, _ := types.ParseDateTime(now)
	err = app.DB().NewQuery(`SELECT o.id, o.message, m.conversation, o.channel, o.recipient, o.attempts` + free + `
		AND o.due <= {:now} ORDER BY o.due, m.seq LIMIT {:limit}`).
		Bind(dbx.Params{"now": d.String(), "limit": limit}).All(&items)
	return items, err
}

// claim leases a row until the given time.
func claim(app core.App, id string, until time.Time) error {
	d, _ := types.ParseDateTime(until)
	_, err := app.DB().NewQuery(`UPDATE outbox SET state='sending', due={:due}, updated={:now} WHERE id={:id}`).
		Bind(dbx.Params{"id": id, "due": d.String(), "now": types.NowDateTime().String()}).Execute()
	return err
}

// nextDue is when the earliest row that nothing holds back comes due; zero if
// there is none. One that is held back comes when the one before it is done.
func nextDue(app core.App) (time.Time, error) {
	var due types.DateTime
	err := app.DB().NewQuery(`SELECT o.due` + free + ` ORDER BY o.due LIMIT 1`).Row(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return due.Time(), err
}

// release makes every lease of a former process due at once.
func release(app core.App) error {
	_, err := app.DB().NewQuery(`UPDATE outbox SET due={:now} WHERE state='sending'`).
		Bind(dbx.Params{"now": types.NowDateTime().String()}).Execute()
	return err
}

// result is how a try ended.
type result struct {
	state     string
	due       time.Time
	counted   bool
	lastError string
	receipt   string
	delivery  string // of the message; "" leaves it
}

// settle records the end of a try in the row and, where it tells something to
// people, in the message.
func settle(app core.App, it Item, r result) error {
	return app.RunInTransaction(func(tx core.App) error {
		attempts := it.Attempts
		if r.counted {
			attempts++
		}
		due, _ := types.ParseDateTime(r.due)
		_, err := tx.DB().NewQuery(`UPDATE outbox SET state={:state}, due={:due}, attempts={:attempts}, last_error={:error}, receipt={:receipt}, updated={:now} WHERE id={:id}`).
			Bind(dbx.Params{"id": it.ID, "state": r.state, "due": due.String(), "attempts": attempts, "error": cut(r.lastError), "receipt": cut(r.receipt), "now": types.NowDateTime().String()}).Execute()
		if err != nil {
			return err
		}
		if r.delivery == "" {
			return nil
		}
		m, err := tx.FindRecordById(schema.Messages, it.Message)
		if err != nil {
			return err
		}
		if m.GetString(schema.MsgDelivery) == r.delivery && m.GetString(schema.MsgDeliveryDetail) == cut(r.lastError) {
			return nil
		}
		m.Set(schema.MsgDelivery, r.delivery)
		m.Set(schema.MsgDeliveryDetail, cut(r.lastError))
		return tx.Save(m)
	})
}

// Retry puts the failed rows of a message back into the queue. It says false
// when there is none.
func Retry(app core.App, message string) (bool, error) {
	some := false
	err := app.RunInTransaction(func(tx core.App) error {
		now := types.NowDateTime().String()
		res, err := tx.DB().NewQuery(`UPDATE outbox SET state='queued', attempts=0, due={:now}, updated={:now} WHERE message={:message} AND state='failed'`).
			Bind(dbx.Params{"message": message, "now": now}).Execute()
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return nil
		}
		some = true
		m, err := tx.FindRecordById(schema.Messages, message)
		if err != nil {
			return err
		}
		m.Set(schema.MsgDelivery, schema.DeliveryQueued)
		m.Set(schema.MsgDeliveryDetail, "")
		return tx.Save(m)
	})
	return some, err
}

func cut(s string) string {
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000])
	}
	return s
}
