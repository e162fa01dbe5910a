package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(watchUp, watchDown)
}

// watchUp adds what the watchdog remembers, the room to keep free on the disk,
// and the notice of newer releases.
func watchUp(app core.App) error {
	checks := base("shohay_checks01", "checks",
		text("name", "What is watched, such as disk.", required, presentable, long(100)),
		oneOf("state", "How it is.", true, "ok", "warn", "bad"),
		text("code", "What exactly.", long(60)),
		moment("since", "Since when it is so."),
		flag("told", "The owners were mailed that it is bad."),
		oneOf("owed", "What the owners have yet to be mailed.", false, "news", "over"),
	)
	checks.AddIndex("idx_checks_name", true, "name", "")
	if err := app.Save(checks); err != nil {
		return err
	}
	// What could not be sent for good, counted every half minute.
	if err := alter(app, "outbox", func(c *core.Collection) { c.AddIndex("idx_outbox_failed", false, "`updated`", "`state` = 'failed'") }); err != nil {
		return err
	}
	return alter(app, "shop", func(c *core.Collection) {
		c.Fields.Add(
			whole("disk_floor_mb", "When less than so many megabytes are free on the disk of the data, no message, file or mail is taken in until there is more. 0: 200 (500 for mail), or a tenth of a small disk.", 0, 1_000_000),
			flag("release_notice", "Ask once a day whether there is a newer release, and tell owners at the desk. Nothing about the shop is sent."),
			text("release_url", "Where to ask. Empty: the list of releases of the project.", long(300), like(`^https://[^\s]+$`)),
		)
	})
}

func watchDown(app core.App) error {
	err := alter(app, "shop", func(c *core.Collection) {
		for _, name := range []string{"disk_floor_mb", "release_notice", "release_url"} {
			c.Fields.RemoveByName(name)
		}
	})
	if err != nil {
		return err
	}
	if err := alter(app, "outbox", func(c *core.Collection) { c.RemoveIndex("idx_outbox_failed") }); err != nil {
		return err
	}
	return drop(app, "checks")
}
