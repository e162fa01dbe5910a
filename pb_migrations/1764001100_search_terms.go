package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The vocabulary of each index word by word, from which words that are still
// being typed are completed. These tables hold nothing of their own.
var termTables = []struct{ name, sql string }{
	{"shohay_search_messages_terms", `CREATE VIRTUAL TABLE shohay_search_messages_terms USING fts5vocab(shohay_search_messages, instance)`},
	{"shohay_search_contacts_terms", `CREATE VIRTUAL TABLE shohay_search_contacts_terms USING fts5vocab(shohay_search_contacts, instance)`},
	{"shohay_search_help_terms", `CREATE VIRTUAL TABLE shohay_search_help_terms USING fts5vocab(shohay_search_help, instance)`},
}

func init() {
	m.Register(func(app core.App) error {
		for _, t := range termTables {
			if _, err := app.DB().NewQuery(t.sql).Execute(); err != nil {
				return err
			}
		}
		return nil
	}, func(app core.App) error {
		for _, t := range termTables {
			if _, err := app.DB().NewQuery("DROP TABLE IF EXISTS " + t.name).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
}
