package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(searchAnewUp, func(core.App) error { return nil })
}

// searchAnewUp empties the index of the help centre, which is filled again when
// the program starts: words have other forms in it now.
func searchAnewUp(app core.App) error {
	if _, err := app.DB().NewQuery("INSERT INTO shohay_search_help (shohay_search_help) VALUES ('delete-all')").Execute(); err != nil {
		return err
	}
	_, err := app.DB().NewQuery("DELETE FROM shohay_search_help_rows").Execute()
	return err
}
