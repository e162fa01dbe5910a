package watchdog

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// How long a state has to last before the owners hear of it.
const (
	tellAfter = time.Minute
	overAfter = 3 * time.Minute
)

// Kept is what is remembered of a check.
type Kept struct {
	State string
	Code  string
	Since time.Time
	Told  bool
	Owed  string
}

// Next is what is remembered after a look, and whether that is news.
func (k Kept) Next(f Finding, now time.Time) Kept {
	if k.State != f.State {
		k.State, k.Since = f.State, now
	}
	k.Code = f.Code
	lasts := now.Sub(k.Since)
	if lasts < 0 { // the clock went back
		k.Since, lasts = now, 0
	}
	switch {
	case k.State == schema.CheckBad && !k.Told && k.Owed == "" && lasts >= tellAfter:
		k.Owed = schema.CheckOwedBad
	case k.State == schema.CheckOK && k.Told && k.Owed == "" && lasts >= overAfter:
		k.Owed = schema.CheckOwedOver
	case k.State == schema.CheckOK && k.Owed == schema.CheckOwedBad, k.State == schema.CheckBad && k.Owed == schema.CheckOwedOver:
		k.Owed = "" // over before anybody heard of it, or bad again
	}
	return k
}

// Mailed is what is remembered once the owners were told what was owed.
func (k Kept) Mailed() Kept {
	if k.Owed != "" {
		k.Told, k.Owed = k.Owed == schema.CheckOwedBad, ""
	}
	return k
}

// quiet tells whether there is nothing worth remembering.
func (k Kept) quiet() bool { return k.State == schema.CheckOK && !k.Told && k.Owed == "" }

// readKept reads all that is remembered, by check.
func readKept(db dbx.Builder) (map[string]Kept, error) {
	var rows []struct {
		Name  string         `db:"name"`
		State string         `db:"state"`
		Code  string         `db:"code"`
		Since types.DateTime `db:"since"`
		Told  bool           `db:"told"`
		Owed  string         `db:"owed"`
	}
	if err := db.NewQuery(`SELECT name, state, code, since, told, owed FROM checks`).All(&rows); err != nil {
		return nil, fmt.Errorf("read what the watchdog remembers: %w", err)
	}
	all := make(map[string]Kept, len(rows))
	for _, r := range rows {
		all[r.Name] = Kept{r.State, r.Code, r.Since.Time(), r.Told, r.Owed}
	}
	return all, nil
}

// writeKept remembers one check, or forgets what is quiet. It writes behind the
// records' back: nobody reacts to it. Uses idx_checks_name.
func writeKept(app core.App, name string, k Kept) error {
	if k.quiet() {
		return forget(app, name)
	}
	since, err := types.ParseDateTime(k.Since)
	if err != nil {
		return err
	}
	_, err = app.NonconcurrentDB().NewQuery(`INSERT INTO checks (id, name, state, code, since, told, owed, created, updated)
		VALUES ({:id}, {:name}, {:state}, {:code}, {:since}, {:told}, {:owed}, {:now}, {:now})
		ON CONFLICT (name) DO UPDATE SET state = excluded.state, code = excluded.code, since = excluded.since, told = excluded.told, owed = excluded.owed, updated = excluded.updated`).
		Bind(dbx.Params{
			"id": core.GenerateDefaultRandomId(), "name": name, "state": k.State, "code": k.Code, "since": since.String(), "told": k.Told, "owed": k.Owed,
			"now": types.NowDateTime().String(),
		}).Execute()
	if err != nil {
		return fmt.Errorf("remember the check %s: %w", name, err)
	}
	return nil
}

func forget(app core.App, name string) error {
	if _, err := app.NonconcurrentDB().NewQuery(`DELETE FROM checks WHERE name = {:name}`).Bind(dbx.Params{"name": name}).Execute(); err != nil {
		return fmt.Errorf("forget the check %s: %w", name, err)
	}
	return nil
}
