package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(deliveryUp, func(app core.App) error {
		return drop(app, "outbox", "ledger", "quarantine")
	})
}

// deliveryUp creates the two books of the post: what was taken in (ledger,
// and quarantine for what could not be read) and what has to go out (outbox).
func deliveryUp(app core.App) error {
	const messages, mailboxes = "shohay_message1", "shohay_mailbox1"

	quarantine := base("shohay_quarant1", "quarantine",
		one("mailbox", "Mailbox it came by.", mailboxes, false, false),
		text("sender", "Sender as far as it could be read.", long(400)),
		text("subject", "Subject as far as it could be read.", presentable, long(998)),
		text("reason", "Why it could not become a message, in words.", long(2000)),
		text("raw", "Name of the kept original mail.", long(80)),
		counter("retried", "How often it was tried again."),
	)
	quarantine.ListRule, quarantine.ViewRule, quarantine.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isOwner)
	if err := app.Save(quarantine); err != nil {
		return err
	}

	// No relations: the ledger outlives what it points to, so that nothing
	// deleted comes back with the next fetch.
	ledger := base("shohay_ledger01", "ledger",
		text("account", "Mailbox id, or the channel.", required, long(120)),
		text("folder", "Folder of a mail.", long(200)),
		counter("uidvalidity", "UIDVALIDITY of the folder."),
		counter("uid", "UID of the mail, 0 for other channels."),
		text("dedupe_key", "The channel's id of the message, for mail with the hash of its content.", presentable, long(200)),
		text("message", "Id of the message it became.", long(20)),
		text("quarantine", "Id in the quarantine.", long(20)),
		text("raw", "SHA-256 of the kept original.", long(64)),
		counter("attempts", "How often reading it was begun."),
	)
	ledger.AddIndex("idx_ledger_uid", true, "`account`, `folder`, `uidvalidity`, `uid`", "`uid` > 0")
	ledger.AddIndex("idx_ledger_key", true, "`account`, `dedupe_key`", "`dedupe_key` != ''")
	if err := app.Save(ledger); err != nil {
		return err
	}

	outbox := base("shohay_outbox01", "outbox",
		one("message", "Message that goes out.", messages, true, true),
		oneOf("channel", "Channel it goes by.", true, "chat", "email", "portal"),
		text("recipient", "Address it goes to.", presentable, long(400)),
		moment("due", "When it is tried next."),
		counter("attempts", "How often it was tried."),
		oneOf("state", "uncertain: the connection broke after everything was sent, so it may have arrived.", true, "queued", "sending", "sent", "uncertain", "failed"),
		text("last_error", "What the last try ended with.", long(1000)),
		text("receipt", "What the other side answered.", long(1000)),
	)
	outbox.ListRule, outbox.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
	outbox.AddIndex("idx_outbox_due", false, "`due`", "`state` IN ('queued','sending','uncertain')")
	outbox.AddIndex("idx_outbox_message", true, "`message`, `channel`, `recipient`", "")
	return app.Save(outbox)
}
