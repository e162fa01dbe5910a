package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// mailInFields are what this migration adds to collections that exist.
func mailInFields() map[string][]core.Field {
	return map[string][]core.Field{
		"shop": {
			whole("raw_days", "Days for which the original of each mail is kept. 0 keeps them for ever. What is in the quarantine stays in any case.", 0, 36500),
			structured("form_senders", `Addresses of contact forms that write to you for a customer, such as ["forms@site.example"]. Their Reply-To is taken as the customer.`, 8<<10),
		},
		"mailboxes": {
			oneOf("sign_in", "How to sign in: with a password, or with Google's or Microsoft's own page (OAuth). Empty is a password.", false, "password", "google", "microsoft"),
			text("oauth_client", "Client id of your app registration at Google or Microsoft.", long(300)),
			text("oauth_secret", "Client secret of that registration. It is stored sealed and never shown again; leave empty to keep the one stored.", long(500)),
			structured("oauth_urls", `Other addresses of the provider, only for special set-ups: {"device": "…", "token": "…", "scope": "…"}.`, 4<<10),
			text("tokens", "The sealed tokens.", hidden, long(20_000)),
			text("processed_folder", "Folder that mails are moved to once they are stored here. Empty leaves them where they are.", long(200)),
			text("authserv_id", "Name under which the provider writes its Authentication-Results, for example mx.google.com. Empty finds it by the mail server.", long(255)),
			structured("older", "How far reading older mail has come, kept by itself.", 4<<10),
		},
		"conversations": {
			flag("spam", "Put aside as spam. It is kept, and a click brings it back."),
			flag("automatic", "Only machines have written it; nobody waits for an answer."),
		},
		"messages": {
			structured("evidence", "What speaks for and against the sender of a mail.", 32<<10),
			text("reply_to", "Address that answers go to when not to the sender.", long(400)),
		},
		"identities": {
			moment("bounced_at", "When a mail to this address last came back."),
			oneOf("bounce_kind", "Why it came back: the address does not work, a passing trouble, a full mailbox, refused by policy, or its owner complained.", false, "hard", "soft", "full", "blocked", "complaint"),
			text("bounce_reason", "Why, in words.", long(1000)),
			counter("bounce_count", "How often mail came back within a week."),
			moment("quiet_until", "No automatic mail goes to this address before."),
			text("quiet_reason", "Why, in words.", long(300)),
		},
	}
}

// mailInIndexes are added together with the fields: collection, name, columns
// and condition.
var mailInIndexes = [][4]string{
	{"conversations", "idx_conversations_spam", "`last_activity` DESC, `id` DESC", "`spam` = TRUE"},
	{"conversations", "idx_conversations_automatic", "`last_activity` DESC, `id` DESC", "`automatic` = TRUE"},
	{"messages", "idx_messages_sender", "`sender`, `created`", "`kind` = 'incoming' AND `channel` = 'email'"},
	{"messages", "idx_messages_machine", "`created`", "`kind` = 'outgoing' AND `automatic` = TRUE"},
	{"ledger", "idx_ledger_raw", "`raw`", "`raw` != ''"},
	{"ledger", "idx_ledger_same", "`dedupe_key`", "`dedupe_key` != ''"},
	{"ledger", "idx_ledger_quarantine", "`quarantine`", "`quarantine` != ''"},
}

func init() {
	m.Register(mailInUp, mailInDown)
}

func mailInUp(app core.App) error {
	if err := extend(app, mailInFields(), mailInIndexes); err != nil {
		return err
	}

	blocked := base("shohay_blocked1", "blocked_senders",
		text("value", "An address such as seller@mail.example, or a whole domain such as mail.example. Mail from it goes to the spam view.", required, presentable, long(320), like(`^[^\s@]+(@[^\s@]+)?$`)),
		text("note", "Why, for the others.", long(300)),
	)
	blocked.ListRule, blocked.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	blocked.CreateRule, blocked.UpdateRule, blocked.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isAgent)
	blocked.AddIndex("idx_blocked_senders_value", true, "`value` COLLATE NOCASE", "")
	return app.Save(blocked)
}

func mailInDown(app core.App) error {
	if err := drop(app, "blocked_senders"); err != nil {
		return err
	}
	if err := shrink(app, mailInFields(), mailInIndexes); err != nil {
		return err
	}
	return nil
}
