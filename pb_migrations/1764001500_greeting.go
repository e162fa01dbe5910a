package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(greetingUp, greetingDown)
}

// greetingUp adds what the closed chat button says by itself.
func greetingUp(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.Add(
		flag("greet_enabled", "The closed chat button greets, once in a visit, whoever has been on a page for a while and has no conversation. A change reaches the pages within five minutes."),
		structured("greet_texts", `What it says in each language, up to 200 characters, such as {"bn": "কোনো সাহায্য লাগবে?", "en": "Any questions?"}. Empty: words of ours.`, 4<<10),
		text("greet_pages", "On which pages, an address a line, such as /cart or /product/*, where * stands for anything. Empty: on every page.", long(2000)),
		whole("greet_after", "After how many seconds on the page, at least 5.", 0, 3600),
	)
	if err := app.Save(shop); err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`UPDATE shop SET greet_after = 20`).Execute()
	return err
}

func greetingDown(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	for _, name := range []string{"greet_enabled", "greet_texts", "greet_pages", "greet_after"} {
		shop.Fields.RemoveByName(name)
	}
	return app.Save(shop)
}
