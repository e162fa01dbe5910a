package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(awaitedUp, func(app core.App) error {
		_, err := app.DB().NewQuery(`DROP TABLE shohay_awaited`).Execute()
		return err
	})
}

// awaitedUp creates the list of mails that others refer to and that have not
// come yet: mail does not arrive in the order in which it was written.
func awaitedUp(app core.App) error {
	for _, query := range []string{
		`CREATE TABLE shohay_awaited (ref TEXT NOT NULL, conversation TEXT NOT NULL, created TEXT NOT NULL, PRIMARY KEY (ref, conversation)) WITHOUT ROWID`,
		`CREATE INDEX idx_awaited_created ON shohay_awaited (created)`,
	} {
		if _, err := app.DB().NewQuery(query).Execute(); err != nil {
			return err
		}
	}
	return nil
}
