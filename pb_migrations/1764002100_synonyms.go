package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(synonymsUp, synonymsDown)
}

// synonymsUp lets the owner say what customers mean by the same.
func synonymsUp(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.Add(text("synonyms", "What customers mean by the same when they search the help centre or ask the bot: a group a line, words and phrases in any script parted by commas, such as refund, money back, টাকা ফেরত. A line that begins with # is a remark. Empty: the list that comes with the program.", long(40_000)))
	return app.Save(shop)
}

func synonymsDown(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.RemoveByName("synonyms")
	return app.Save(shop)
}
