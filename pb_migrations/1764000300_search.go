package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// searchTables are the full-text tables of messages and customers as package
// search describes them, and how far they are filled from what was there.
var searchTables = []struct{ name, sql string }{
	{"shohay_search_messages", `CREATE VIRTUAL TABLE shohay_search_messages USING fts5(subject, text, subject_key, text_key, scope, content='', contentless_delete=1, prefix='2 3', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")`},
	{"shohay_search_messages_words", `CREATE VIRTUAL TABLE shohay_search_messages_words USING fts5vocab(shohay_search_messages, col)`},
	{"shohay_search_contacts", `CREATE VIRTUAL TABLE shohay_search_contacts USING fts5(name, address, name_key, address_key, content='', contentless_delete=1, prefix='2 3', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")`},
	{"shohay_search_contacts_words", `CREATE VIRTUAL TABLE shohay_search_contacts_words USING fts5vocab(shohay_search_contacts, col)`},
	{"shohay_search_contacts_rows", `CREATE TABLE shohay_search_contacts_rows (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)`},
	// at is the seq or id that is next, '' when all is in.
	{"shohay_search_fill", `CREATE TABLE shohay_search_fill (name TEXT PRIMARY KEY, at TEXT NOT NULL)`},
}

func init() {
	m.Register(func(app core.App) error {
		for _, t := range searchTables {
			if _, err := app.DB().NewQuery(t.sql).Execute(); err != nil {
				return err
			}
		}
		// Messages from the newest down, customers by id.
		_, err := app.DB().NewQuery(`INSERT INTO shohay_search_fill (name, at) VALUES
			('messages', (SELECT CASE WHEN COUNT(*) = 0 THEN '' ELSE CAST(MAX(seq) + 1 AS TEXT) END FROM messages)),
			('contacts', (SELECT CASE WHEN COUNT(*) = 0 THEN '' ELSE '0' END FROM contacts))`).Execute()
		return err
	}, func(app core.App) error {
		for i := len(searchTables) - 1; i >= 0; i-- {
			if _, err := app.DB().NewQuery("DROP TABLE IF EXISTS " + searchTables[i].name).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
}
