package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What customers agreed to is kept with the words that were put to them, which
// takes more room.
func init() {
	const before = "What the customer agreed to, with the time."
	const now = "What the customer agreed to and took back: when, how, to which words, in which conversation, and who wrote it down."
	m.Register(func(app core.App) error { return consentRoom(app, 128<<10, now) }, func(app core.App) error { return consentRoom(app, 8<<10, before) })
}

func consentRoom(app core.App, size int64, help string) error {
	c, err := app.FindCollectionByNameOrId("contacts")
	if err != nil {
		return err
	}
	f, ok := c.Fields.GetByName("consents").(*core.JSONField)
	if !ok {
		return fmt.Errorf("contacts.consents is no JSON field")
	}
	f.MaxSize, f.Help = size, help
	return app.Save(c)
}
