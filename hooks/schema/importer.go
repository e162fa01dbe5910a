package schema

// Collections and fields of what a shop brings along (migration 1764000720).

// Imports are files that were taken in.
const Imports = "imports"

// ImportRows are what became of each row, for the report and for taking back.
const ImportRows = "import_rows"

// Fields of imports, their kinds and states.
const (
	ImportKind    = "kind"
	ImportName    = "name"
	ImportAgent   = "agent"
	ImportMailbox = "mailbox"
	ImportState   = "state"
	ImportDry     = "dry" // only checked, nothing was written
	ImportMapping = "mapping"
	ImportHeader  = "header"
	ImportTotal   = "total"
	ImportDone    = "done"
	ImportMade    = "made"
	ImportJoined  = "joined"
	ImportRefused = "refused"
	ImportError   = "error" // key of the catalogue

	ImportContacts = "contacts"
	ImportMail     = "mail"

	ImportNew     = "new"
	ImportRunning = "running"
	ImportDoneAll = "finished"
	ImportFailed  = "failed"
	ImportUndoing = "undoing"
	ImportUndone  = "undone"
)

// Fields of import_rows and their outcomes.
const (
	RowImport  = "import"
	RowNumber  = "number"
	RowOutcome = "outcome"
	RowContact = "contact"
	RowReason  = "reason" // key of the catalogue
	RowChanges = "changes"

	RowMade    = "made"
	RowJoined  = "joined"
	RowRefused = "refused"
)
