package importer

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// job is a record of imports.
type job struct{ core.BaseRecordProxy }

func wrap(r *core.Record) *job {
	j := &job{}
	j.SetProxyRecord(r)
	return j
}

func (j *job) Kind() string  { return j.GetString(schema.ImportKind) }
func (j *job) State() string { return j.GetString(schema.ImportState) }

func (j *job) mapping() (list []string) {
	if raw := j.GetString(schema.ImportMapping); raw != "" && raw != "null" {
		if json.Unmarshal([]byte(raw), &list) != nil {
			return nil
		}
	}
	return list
}

// fileOf is where the file of an import lies.
func fileOf(app core.App, id string) string {
	return filepath.Join(app.DataDir(), "imports", id)
}

func load(app core.App, id string) (*job, error) {
	r, err := app.FindRecordById(schema.Imports, id)
	if err != nil {
		return nil, err
	}
	return wrap(r), nil
}

// waitingJob is the oldest import that has work to be done; nil for none.
func waitingJob(app core.App) (*job, error) {
	var ids []string
	err := app.DB().NewQuery(`SELECT id FROM imports WHERE state IN ('running', 'undoing') ORDER BY updated, id LIMIT 1`).Column(&ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return load(app, ids[0])
}

// count is what a piece adds to an import.
type count struct{ done, made, joined, refused int }

func (c *count) add(outcome string) {
	c.done++
	switch outcome {
	case schema.RowMade:
		c.made++
	case schema.RowJoined:
		c.joined++
	case schema.RowRefused:
		c.refused++
	}
}

// advance notes a piece; false when the import was stopped meanwhile.
func advance(app core.App, id string, c count) (bool, error) {
	res, err := app.DB().NewQuery(`UPDATE imports SET done = done + {:done}, made = made + {:made}, joined = joined + {:joined}, refused = refused + {:refused}, updated = {:now}
		WHERE id = {:id} AND state = 'running'`).
		Bind(dbx.Params{"id": id, "done": c.done, "made": c.made, "joined": c.joined, "refused": c.refused, "now": types.NowDateTime().String()}).Execute()
	if err != nil {
		return false, fmt.Errorf("note how far an import is: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func setState(app core.App, id, from, to, why string) error {
	_, err := app.DB().NewQuery(`UPDATE imports SET state = {:to}, error = {:why}, updated = {:now} WHERE id = {:id} AND state = {:from}`).
		Bind(dbx.Params{"id": id, "from": from, "to": to, "why": why, "now": types.NowDateTime().String()}).Execute()
	return err
}

// row is what became of a row of the file.
type row struct {
	Number  int    `db:"number" json:"number"`
	Outcome string `db:"outcome" json:"outcome"`
	Contact string `db:"contact" json:"contact"`
	Reason  string `db:"reason" json:"reason"`
	Changes string `db:"changes" json:"changes"`
}

func saveRows(app core.App, id string, rows []row) error {
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`INSERT INTO import_rows (import, number, outcome, contact, reason, changes, created, updated)
		SELECT {:import}, value ->> 'number', value ->> 'outcome', value ->> 'contact', value ->> 'reason', COALESCE(NULLIF(value ->> 'changes', ''), 'null'), {:now}, {:now} FROM json_each({:rows})`).
		Bind(dbx.Params{"import": id, "rows": string(list), "now": types.NowDateTime().String()}).Execute()
	if err != nil {
		return fmt.Errorf("note rows of an import: %w", err)
	}
	return nil
}

func dropRows(app core.App, id string) error {
	_, err := app.DB().NewQuery(`DELETE FROM import_rows WHERE import = {:id}`).Bind(dbx.Params{"id": id}).Execute()
	return err
}

// reasons are why rows of an import were refused, by their number. Uses
// idx_import_rows_number.
func reasons(app core.App, id string) (map[int]string, error) {
	var rows []row
	err := app.DB().NewQuery(`SELECT number, outcome, contact, reason, '' AS changes FROM import_rows WHERE import = {:id} AND outcome = 'refused' ORDER BY number`).
		Bind(dbx.Params{"id": id}).All(&rows)
	list := make(map[int]string, len(rows))
	for _, r := range rows {
		list[r.Number] = r.Reason
	}
	return list, err
}

// keepDays is how long the file of an import is kept, and how long it can be
// taken back.
const keepDays = 30

// prune removes old files and notes; what was taken in stays.
func prune(app core.App) error {
	var ids []string
	err := app.DB().NewQuery(`SELECT id FROM imports WHERE state NOT IN ('running', 'undoing') AND updated < {:at}`).
		Bind(dbx.Params{"at": types.NowDateTime().AddDate(0, 0, -keepDays).String()}).Column(&ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := app.FindRecordById(schema.Imports, id)
		if err != nil {
			return err
		}
		if err := os.Remove(fileOf(app, id)); err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := app.Delete(r); err != nil {
			return err
		}
	}
	return nil
}
