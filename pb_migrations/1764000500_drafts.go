package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(draftsUp, func(app core.App) error { return drop(app, "drafts") })
}

// draftsUp creates what agents have written and not sent: drafts, answers that
// can still be taken back, and answers for later. Nobody reaches them through
// the database's own API.
func draftsUp(app core.App) error {
	c := base("shohay_drafts01", "drafts",
		one("agent", "Who writes it.", "shohay_agents01", false, false),
		one("conversation", "Conversation it is written in.", "shohay_convers1", true, true),
		oneOf("state", "writing: a draft. held: it goes in a few seconds. scheduled: it goes at its time. stopped: the customer wrote before, somebody has to decide. failed: it could not be sent.", true, "writing", "held", "scheduled", "stopped", "failed"),
		oneOf("kind", "An answer or a note.", true, "outgoing", "note"),
		text("text", "What it says, without formatting.", long(500_000)),
		text("html", "The same with formatting.", long(500_000)),
		text("cc", "Further recipients, with commas between them.", long(4000)),
		text("bcc", "Further recipients whom the others do not see.", long(4000)),
		oneOf("then", "Status of the conversation once it is sent.", false, "open", "pending", "solved"),
		oneOf("channel", "Way it goes; empty is the way the customer wrote.", false, "chat", "email"),
		&core.FileField{Name: "files", Help: "Its attachments.", MaxSelect: 20, MaxSize: 30 << 20, Protected: true},
		structured("file_info", "Name, type and size of each attachment.", 64<<10),
		counter("base", "The newest message that was there when the writing began."),
		counter("rev", "How often it was saved."),
		structured("other", "Text that was written on another device at the same time.", 1<<20),
		text("client_id", "Chosen by the desk; the message keeps it.", long(80)),
		moment("due", "When it goes."),
		oneOf("if_reply", "If the customer writes before that: stop and ask, or send all the same.", false, "stop", "send"),
		text("error", "Why it was not sent, in words.", long(1000)),
	)
	c.AddIndex("idx_drafts_writing", true, "`conversation`, `agent`", "`state` = 'writing' AND `agent` != ''")
	c.AddIndex("idx_drafts_conversation", false, "`conversation`, `state`", "")
	c.AddIndex("idx_drafts_client", true, "`conversation`, `client_id`", "`client_id` != ''")
	c.AddIndex("idx_drafts_due", false, "`due`", "`state` IN ('held', 'scheduled')")
	c.AddIndex("idx_drafts_agent", false, "`agent`, `state`", "")
	return app.Save(c)
}
