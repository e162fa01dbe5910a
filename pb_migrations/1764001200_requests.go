package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(requestsUp, func(app core.App) error {
		if err := shrink(app, requestsFields(), nil); err != nil {
			return err
		}
		return drop(app, "sign_ins", "sign_in_codes")
	})
}

func requestsFields() map[string][]core.Field {
	return map[string][]core.Field{
		"identities": {counter("link_epoch", "Raised when the customer signs out everywhere; links in older mails no longer open anything.")},
		"shop":       {oneOf("erase_self", "When a customer asks on the page of their requests to be erased. ask: it becomes a conversation and an owner decides. at_once: everything is erased there and then.", false, "ask", "at_once")},
	}
}

// requestsUp creates what customers are signed in by on the page of their
// requests. Nobody reaches it through the database's own API.
func requestsUp(app core.App) error {
	signIns := base("shohay_signin01", "sign_ins",
		text("secret", "SHA-256 of what the browser keeps.", required, hidden, long(64)),
		one("identity", "The address that was proven, by a mailed code or a link in a mail.", "shohay_identit1", true, true),
		one("conversation", "Set for somebody who came by the link in a mail: the one conversation that it opens.", "shohay_convers1", false, true),
		moment("expires", "When it ends by itself."),
		text("browser", "As the browser called itself.", long(200)),
	)
	signIns.AddIndex("idx_sign_ins_secret", true, "`secret`", "")
	signIns.AddIndex("idx_sign_ins_identity", false, "`identity`", "")
	signIns.AddIndex("idx_sign_ins_expires", false, "`expires`", "")
	if err := app.Save(signIns); err != nil {
		return err
	}
	codes := base("shohay_codes001", "sign_in_codes",
		text("flow", "SHA-256 of what the page that asked for the code keeps.", required, hidden, long(64)),
		text("address", "Where the code was asked for, whether anybody is known by it or not.", required, long(320)),
		text("code", "SHA-256 of the code.", required, hidden, long(64)),
		counter("tries", "How many codes were typed."),
		moment("expires", "When it is worth nothing any more."),
	)
	codes.AddIndex("idx_sign_in_codes_flow", true, "`flow`", "")
	codes.AddIndex("idx_sign_in_codes_expires", false, "`expires`", "")
	if err := app.Save(codes); err != nil {
		return err
	}
	return extend(app, requestsFields(), nil)
}
