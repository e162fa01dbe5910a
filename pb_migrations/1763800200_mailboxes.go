package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(mailboxesUp, func(app core.App) error { return drop(app, "mailboxes") })
}

func mailboxesUp(app core.App) error {
	boxes := base("shohay_mailbox1", "mailboxes",
		text("name", "Name in front of the address in answers; empty uses the shop's name.", long(80)),
		&core.EmailField{Name: "address", Help: "Address customers write to and answers come from.", Required: true, Presentable: true},
		structured("aliases", `Other addresses of this mailbox, such as ["sales@shop.example"]. Mail from them is our own.`, 8<<10),
		flag("active", "Fetch and send. Saving with this on tries both sign-ins first; switch it off to save without trying."),
		text("imap_host", "Server that mail is fetched from, for example imap.gmail.com.", long(255)),
		whole("imap_port", "993 with TLS, 143 with STARTTLS.", 0, 65535),
		oneOf("imap_security", "How the connection is secured; the server's certificate is always checked.", false, "tls", "starttls", "none"),
		text("smtp_host", "Server that answers are sent through, for example smtp.gmail.com.", long(255)),
		whole("smtp_port", "465 with TLS, 587 with STARTTLS.", 0, 65535),
		oneOf("smtp_security", "How the connection is secured; the server's certificate is always checked.", false, "tls", "starttls", "none"),
		text("login", "User name at both servers, usually the address.", long(255)),
		text("password", "Password or app password. It is stored sealed and never shown again; leave empty to keep the one stored.", long(500)),
		text("secret", "The sealed password.", hidden, long(2000)),
		text("folder", "Folder that is read; INBOX if empty.", long(200)),
		whole("fetch_days", "When the mailbox is first read: also take mails of so many past days. 0 starts with new mail only.", 0, 3650),
		counter("uidvalidity", "Where reading stands, kept by itself."),
		counter("uid", "Where reading stands, kept by itself."),
		moment("last_fetch", "When the server last answered."),
		moment("last_send", "When an answer last went out."),
		text("last_error", "What is wrong at the moment, in words; empty when all is well.", long(1000)),
	)
	boxes.ListRule, boxes.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
	boxes.CreateRule, boxes.UpdateRule, boxes.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	boxes.AddIndex("idx_mailboxes_address", true, "`address` COLLATE NOCASE", "")
	return app.Save(boxes)
}
