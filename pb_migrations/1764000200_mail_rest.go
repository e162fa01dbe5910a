package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("mailboxes")
		if err != nil {
			return err
		}
		c.Fields.Add(structured("alerts", "What the owner has to know of mail sent from here: refusals by rules of other servers, and complaints. The desk shows it until it is dismissed.", 64<<10))
		return app.Save(c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("mailboxes")
		if err != nil {
			return err
		}
		c.Fields.RemoveByName("alerts")
		return app.Save(c)
	})
}
