package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(cannedUp, cannedDown)
}

// cannedUp gives canned replies folders and formatting.
func cannedUp(app core.App) error {
	c, err := app.FindCollectionByNameOrId("canned_replies")
	if err != nil {
		return err
	}
	c.Fields.Add(
		text("folder", "Folder in the list, for example Delivery; empty is none.", long(60)),
		text("html", "The reply with formatting. It is cleaned when it is saved, and the text follows it.", long(40_000)),
	)
	return app.Save(c)
}

func cannedDown(app core.App) error {
	c, err := app.FindCollectionByNameOrId("canned_replies")
	if err != nil {
		return err
	}
	c.Fields.RemoveByName("folder")
	c.Fields.RemoveByName("html")
	return app.Save(c)
}
