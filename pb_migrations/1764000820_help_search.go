package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// helpSearch are the full-text tables of public articles as package search
// describes them.
var helpSearch = []struct{ name, sql string }{
	{"shohay_search_help", `CREATE VIRTUAL TABLE shohay_search_help USING fts5(title, text, title_key, text_key, content='', contentless_delete=1, prefix='2 3', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")`},
	{"shohay_search_help_words", `CREATE VIRTUAL TABLE shohay_search_help_words USING fts5vocab(shohay_search_help, col)`},
	{"shohay_search_help_rows", `CREATE TABLE shohay_search_help_rows (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)`},
}

func init() {
	m.Register(func(app core.App) error {
		for _, t := range helpSearch {
			if _, err := app.DB().NewQuery(t.sql).Execute(); err != nil {
				return err
			}
		}
		return nil
	}, func(app core.App) error {
		for i := len(helpSearch) - 1; i >= 0; i-- {
			if _, err := app.DB().NewQuery("DROP TABLE IF EXISTS " + helpSearch[i].name).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
}
