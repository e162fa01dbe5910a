package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(setupUp, func(app core.App) error { return drop(app, "once_links", "setup_steps") })
}

// setupUp creates what is remembered of setting the shop up, and the links
// that let somebody in once. Nobody reaches either through the database's own
// API. A shop that has an owner was set up before there was a set-up.
func setupUp(app core.App) error {
	steps := base("shohay_setup001", "setup_steps",
		oneOf("step", "Which step of the set-up.", true, "account", "shop", "hours", "look", "mail", "widget", "staff", "backup", "closed"),
		oneOf("state", "Done, or left out for now.", true, "done", "skipped"),
		structured("proof", "How the step proved itself: the mailbox that heard itself, the page that loaded the chat.", 4<<10),
	)
	steps.AddIndex("idx_setup_steps_step", true, "`step`", "")
	if err := app.Save(steps); err != nil {
		return err
	}
	links := base("shohay_once0001", "once_links",
		oneOf("purpose", "Makes the first owner, or lets a colleague in who was invited.", true, "owner", "invite"),
		one("agent", "Who was invited.", "shohay_agents01", false, true),
		text("hash", "Code of the link. The link itself is kept nowhere.", required, hidden, long(64)),
		text("base", "Address of the server that the link was made for.", long(300)),
		moment("expires", "When it is worth nothing any more."),
		moment("used", "When it was used."),
	)
	links.AddIndex("idx_once_links_hash", true, "`hash`", "")
	links.AddIndex("idx_once_links_agent", false, "`agent`", "")
	if err := app.Save(links); err != nil {
		return err
	}
	var owners int
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM agents WHERE role = 'owner'`).Row(&owners); err != nil {
		return err
	}
	if owners == 0 {
		return nil
	}
	closed := core.NewRecord(steps)
	closed.Load(map[string]any{"step": "closed", "state": "done"})
	return app.Save(closed)
}
