package automation

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// columns are what time is counted from; each has an index of its own.
var columns = map[string]string{
	schema.SinceCustomer: schema.ConvLastIncoming, schema.SinceAnswer: schema.ConvAnsweredAt, schema.SinceCreated: schema.Created,
	schema.SinceSolved: schema.ConvSolvedAt, schema.SinceStatus: schema.ConvStatusAt,
}

// waiting is a conversation and when something happened to it.
type waiting struct {
	ID string         `db:"id"`
	At types.DateTime `db:"at"`
}

// waitingSince lists conversations by that time, from a place on: with an
// empty id what lies on its moment is looked at once more, since a stop may
// have come between two of the same moment. Uses idx_conversations_since_….
func waitingSince(app core.App, since, from, id string, limit int) (list []waiting, err error) {
	column, ok := columns[since]
	if !ok {
		return nil, fmt.Errorf("nothing is counted from %q", since)
	}
	err = app.DB().NewQuery(fmt.Sprintf(`SELECT id, %[1]s AS at FROM conversations INDEXED BY idx_conversations_since_%[2]s
		WHERE %[1]s != '' AND (%[1]s, id) > ({:from}, {:id}) ORDER BY %[1]s, id LIMIT %[3]d`, column, since, limit)).
		Bind(dbx.Params{"from": from, "id": id}).All(&list)
	return list, err
}

// swept is up to where an automation has looked.
func swept(app core.App, id string) (from, last string, err error) {
	err = app.DB().NewQuery(`SELECT swept FROM automations WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Row(&from)
	return from, "", err
}

// setSwept is written after each conversation; what happens between its run
// and this is undone by the run's own entry. It writes no record: nobody's
// hook waits for it.
func setSwept(app core.App, id, to string) error {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE automations SET swept = {:to} WHERE id = {:id} AND swept < {:to}`).Bind(dbx.Params{"id": id, "to": to}).Execute()
	return err
}
