package outbox

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
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
	Lane      string    // rows of one lane share a way out; few of them are under way together
	Blind     bool      // a further copy, whose fate says nothing about the message
}

// Item is a claimed row.
type Item struct {
	ID           string `db:"id"`
	Message      string `db:"message"`
	Conversation string `db:"conversation"`
	Channel      string `db:"channel"`
	Recipient    string `db:"recipient"`
	Attempts     int    `db:"attempts"` // tries before this one
	Doubts       int    `db:"doubts"`   // of these, how many ended without an answer
	Lane         string `db:"lane"`
	Blind        bool   `db:"blind"`
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
	_, err := app.DB().NewQuery(`INSERT INTO outbox (id, message, channel, recipient, due, attempts, state, last_error, receipt, lane, blind, created, updated)
		VALUES ({:id}, {:message}, {:channel}, {:recipient}, {:due}, 0, 'queued', '', '', {:lane}, {:blind}, {:now}, {:now})
		ON CONFLICT DO NOTHING`).
		Bind(dbx.Params{"id": security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet), "message": r.Message, "channel": r.Channel, "recipient": r.Recipient, "due": due, "now": now, "lane": r.Lane, "blind": r.Blind}).Execute()
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
		AND p.blind = FALSE AND p.state IN ('queued','sending','uncertain'))`

// dueRows lists rows that may be claimed now, of lanes other than those that
// are full.
func dueRows(app core.App, now time.Time, limit int, full []string) (items []Item, err error) {
	d, _ := types.ParseDateTime(now)
	params := dbx.Params{"now": d.String()}
	except := ""
	for i, lane := range full {
		name := fmt.Sprint("lane", i)
		params[name] = lane
		except += " AND o.lane != {:" + name + "}"
	}
	err = app.DB().NewQuery(`SELECT o.id, o.message, m.conversation, o.channel, o.recipient, o.attempts, o.doubts, o.lane, o.blind` + free + except + `
		AND o.due <= {:now} ORDER BY o.due, m.seq LIMIT ` + strconv.Itoa(limit)).
		Bind(params).All(&items)
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
func nextDue(app core.App, full []string) (time.Time, error) {
	var due types.DateTime
	params, except := dbx.Params{}, ""
	for i, lane := range full {
		name := fmt.Sprint("lane", i)
		params[name] = lane
		except += " AND o.lane != {:" + name + "}"
	}
	err := app.DB().NewQuery(`SELECT o.due` + free + except + ` ORDER BY o.due LIMIT 1`).Bind(params).Row(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return due.Time(), err
}

// release makes every lease of a former process due at once. The first
// condition is that of idx_outbox_due, which holds few rows of a long history.
func release(app core.App) error {
	_, err := app.DB().NewQuery(`UPDATE outbox SET due={:now} WHERE state IN ('queued','sending','uncertain') AND state='sending'`).
		Bind(dbx.Params{"now": types.NowDateTime().String()}).Execute()
	return err
}

// result is how a try ended.
type result struct {
	state     string
	due       time.Time
	counted   bool
	doubt     bool
	lastError string
	receipt   string
	said      string // of a send that succeeded, for the agent
	delivery  string // of the message; "" leaves it
	final     bool   // no further try
}

// settle records the end of a try in the row and, where it tells something to
// people, in the message.
func (w *Worker) settle(app core.App, it Item, r result) error {
	return app.RunInTransaction(func(tx core.App) error {
		attempts, doubts := it.Attempts, it.Doubts
		if r.counted {
			attempts++
		}
		if r.doubt {
			doubts++
		}
		due, _ := types.ParseDateTime(r.due)
		_, err := tx.DB().NewQuery(`UPDATE outbox SET state={:state}, due={:due}, attempts={:attempts}, doubts={:doubts}, last_error={:error}, receipt={:receipt}, updated={:now} WHERE id={:id}`).
			Bind(dbx.Params{"id": it.ID, "state": r.state, "due": due.String(), "attempts": attempts, "doubts": doubts, "error": cut(r.lastError), "receipt": cut(r.receipt), "now": types.NowDateTime().String()}).Execute()
		if err != nil {
			return err
		}
		if r.final && w.herald != nil {
			if err := w.herald.Undelivered(tx, it, r.lastError, r.delivery == schema.DeliveryUncertain); err != nil {
				return err
			}
		}
		if r.delivery == "" || it.Blind {
			return nil
		}
		m, err := tx.FindRecordById(schema.Messages, it.Message)
		if err != nil {
			return err
		}
		detail := r.lastError
		if w.herald != nil && r.state != schema.OutboxSent {
			detail = w.herald.Words(tx, Situation{State: situation(r), Error: r.lastError, Next: r.due, Since: m.GetDateTime(schema.Created).Time(), Final: r.final})
		}
		if r.state == schema.OutboxSent {
			detail = r.said
		}
		if m.GetString(schema.MsgDelivery) == r.delivery && m.GetString(schema.MsgDeliveryDetail) == cut(detail) {
			return nil
		}
		m.Set(schema.MsgDelivery, r.delivery)
		m.Set(schema.MsgDeliveryDetail, cut(detail))
		return tx.Save(m)
	})
}

// situation is the state that tells most: a row given up in doubt is failed,
// but its message is not.
func situation(r result) string {
	if r.delivery == schema.DeliveryUncertain {
		return schema.OutboxUncertain
	}
	return r.state
}

// overdue lists rows that have waited since before the time and of which
// nobody has been told. Uses idx_outbox_due.
func overdue(app core.App, before time.Time) (rows []struct {
	Item
	State string         `db:"state"`
	Due   types.DateTime `db:"due"`
	Error string         `db:"last_error"`
}, err error) {
	d, _ := types.ParseDateTime(before)
	err = app.DB().NewQuery(`SELECT o.id, o.message, o.state, o.due, o.last_error, o.blind FROM outbox o JOIN messages m ON m.id = o.message
		WHERE o.state IN ('queued','sending','uncertain') AND o.warned = FALSE AND o.blind = FALSE AND o.channel = 'email' AND m.created < {:before}
		AND (o.created < {:before} OR o.attempts > 0) LIMIT 200`).Bind(dbx.Params{"before": d.String()}).All(&rows)
	return rows, err
}

// Retry puts the failed rows of a message back into the queue. It says false
// when there is none.
func Retry(app core.App, message string) (bool, error) {
	some := false
	err := app.RunInTransaction(func(tx core.App) error {
		now := types.NowDateTime().String()
		res, err := tx.DB().NewQuery(`UPDATE outbox SET state='queued', attempts=0, doubts=0, warned=FALSE, due={:now}, updated={:now} WHERE message={:message} AND state='failed'`).
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
