package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("drafts")
		if err != nil {
			return err
		}
		c.Fields.Add(text("to", "Which of the customer's addresses it goes to; empty is the one they last wrote from.", long(320)))
		return app.Save(c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("drafts")
		if err != nil {
			return err
		}
		c.Fields.RemoveByName("to")
		return app.Save(c)
	})
}
