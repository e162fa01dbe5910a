package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(importerUp, func(app core.App) error {
		return drop(app, "import_rows", "imports")
	})
}

// importerUp creates what a shop brings along, and what became of each row.
func importerUp(app core.App) error {
	imports := base("shohay_import01", "imports",
		oneOf("kind", "Customers from a table, or conversations from an archive of mails.", true, "contacts", "mail"),
		text("name", "Name of the file.", presentable, long(200)),
		text("agent", "Who brought it, by id.", long(20)),
		text("mailbox", "The mailbox that its mails count as of, by id.", long(20)),
		oneOf("state", "How far it is.", true, "new", "running", "finished", "failed", "undoing", "undone"),
		flag("dry", "It is only being checked; nothing is written."),
		structured("mapping", "What each column holds.", 8<<10),
		flag("header", "The first row names the columns."),
		counter("total", "Rows or mails in the file."),
		counter("done", "How many of them are through."),
		counter("made", "Customers or messages that are new."),
		counter("joined", "Rows that were added to a customer who was known, or mails that were there already."),
		counter("refused", "Rows or mails that were not taken."),
		text("error", "Why it stopped.", long(100)),
	)
	if err := app.Save(imports); err != nil {
		return err
	}
	rows := base("shohay_improw01", "import_rows",
		one("import", "The file it is of.", imports.Id, true, true),
		counter("number", "Its place in the file."),
		oneOf("outcome", "What became of it.", true, "made", "joined", "refused"),
		text("contact", "The customer it became or was added to, by id.", long(20)),
		text("reason", "Why it was refused.", long(100)),
		structured("changes", "What was added to a customer who was known, for taking it back.", 32<<10),
	)
	rows.AddIndex("idx_import_rows_number", true, "`import`, `number`", "")
	return app.Save(rows)
}
