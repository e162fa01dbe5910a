package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// An agent's own conversations, whatever their status, the newest first: what
// a search for "is:mine" lists without a word to look for.
const mineIndex = "idx_conversations_mine"

func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.AddIndex(mineIndex, false, "`assignee`, `last_activity` DESC, `id` DESC", "`assignee` != ''")
		return app.Save(c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex(mineIndex)
		return app.Save(c)
	})
}
