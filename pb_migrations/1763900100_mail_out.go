package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// mailOutFields are what this migration adds to collections that exist.
func mailOutFields() map[string][]core.Field {
	return map[string][]core.Field{
		"shop": {
			flag("ack_enabled", "Tell customers who write by mail or by the form that their message arrived, with its number and when they may expect an answer."),
			whole("ack_hours", "One such mail to an address within these hours, however often it writes.", 24, 168),
			oneOf("mail_quote", "What is quoted under your answers: nothing, the customer's last message, or the whole conversation without notes.", false, "none", "last", "all"),
		},
		"mailboxes": {
			whole("rate_minute", "Most mails sent in a minute; 0 is 30. What is over waits.", 0, 10000),
			whole("rate_day", "Most mails sent in 24 hours; 0 is 500, about what Gmail allows. What is over waits.", 0, 1000000),
			flag("file_sent", "Put a copy of each answer into the server's folder for sent mail. Gmail, Microsoft 365 and Yahoo do it themselves; there it does nothing."),
			text("sent_folder", "Folder for these copies. Empty finds the one the server marks as such.", long(200)),
			flag("plus_address", "The server delivers name+anything@ to this mailbox. Answers then find their conversation even when a mail program drops everything else."),
			flag("own_server", "Answers leave by a mail server of your own that does not sign. Each mail is then signed with a key of this mailbox (DKIM); publish its DNS record first."),
			text("dkim_selector", "Name of the key in DNS; chosen by itself when empty.", long(63), like(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)),
			text("dkim_secret", "The sealed key.", hidden, long(8000)),
		},
		"messages": {
			structured("bcc", "Addresses that got it without the others seeing them.", 8<<10),
			text("provider_id", "Message-ID that the provider gave it instead of ours.", long(400)),
		},
		"outbox": {
			text("lane", "Way out it shares with others: the mailbox.", long(60)),
			flag("blind", "A copy that the other recipients do not see."),
			counter("doubts", "How often the connection broke after everything was sent."),
			text("mailbox", "Mailbox it was handed over by.", long(60)),
			moment("handed", "When it was last handed over to the server."),
			oneOf("filed", "Copy in the folder for sent mail.", false, "due", "done", "lost"),
			flag("warned", "The agent was told that it waits."),
		},
	}
}

// mailOutIndexes are added together with the fields: collection, name, columns
// and condition.
var mailOutIndexes = [][4]string{
	{"messages", "idx_messages_provider_id", "`provider_id`", "`provider_id` != ''"},
	{"outbox", "idx_outbox_handed", "`mailbox`, `handed`", "`handed` != ''"},
	{"outbox", "idx_outbox_filed", "`updated`", "`filed` = 'due'"},
}

func init() {
	m.Register(mailOutUp, mailOutDown)
}

func mailOutUp(app core.App) error {
	if err := extend(app, mailOutFields(), mailOutIndexes); err != nil {
		return err
	}
	// Acknowledgements go only where they were not a surprise before: every
	// shop may switch them off.
	_, err := app.DB().NewQuery(`UPDATE shop SET ack_enabled = TRUE, ack_hours = 24, mail_quote = 'last'`).Execute()
	if err != nil {
		return err
	}

	templates := base("shohay_letter01", "mail_templates",
		oneOf("key", "Which mail: the acknowledgement, the frame around an agent's answer, a conversation's transcript, the sign-in code.", true, "acknowledgement", "reply", "transcript", "code"),
		oneOf("language", "Language of these words.", true, "bn", "en"),
		text("subject", "Subject with variables such as {shop} and {number}. Empty keeps the built-in one. An answer keeps its conversation's subject.", presentable, long(200)),
		text("body", "Text with the same variables. An empty line parts paragraphs, **two stars** make bold, a line that begins with - is an item of a list. Empty keeps the built-in text.", long(10000)),
	)
	templates.ListRule, templates.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
	templates.CreateRule, templates.UpdateRule, templates.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	templates.AddIndex("idx_mail_templates_key", true, "`key`, `language`", "")
	return app.Save(templates)
}

func mailOutDown(app core.App) error {
	if err := drop(app, "mail_templates"); err != nil {
		return err
	}
	if err := shrink(app, mailOutFields(), mailOutIndexes); err != nil {
		return err
	}
	return nil
}
