package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(unclaimedUp, func(app core.App) error {
		_, err := app.DB().NewQuery(`DROP TABLE shohay_unclaimed`).Execute()
		return err
	})
}

// unclaimedUp creates the list of conversations that came while nobody was
// available and are to be given away as soon as somebody is.
func unclaimedUp(app core.App) error {
	_, err := app.DB().NewQuery(`CREATE TABLE shohay_unclaimed (conversation TEXT PRIMARY KEY NOT NULL, how TEXT NOT NULL, created TEXT NOT NULL) WITHOUT ROWID`).Execute()
	return err
}
