package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(themeUp, themeDown)
}

func themeUp(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	shop.Fields.Add(
		&core.FileField{Name: "cover", Help: "Wide picture behind the greeting of the shop's page, PNG, JPEG or WebP, up to 2 MB.", MaxSelect: 1, MaxSize: 2 << 20, MimeTypes: []string{"image/png", "image/jpeg", "image/webp"}, Thumbs: []string{"1600x600", "800x300"}},
		structured("links", `Links in the bar of the shop's page, such as [{"label": {"bn": "নতুন শাড়ি", "en": "New sarees"}, "url": "https://shop.example/new"}].`, 8<<10),
		structured("footer", `Lines at the bottom of the shop's page in each language, such as {"bn": "ট্রেড লাইসেন্স ১২৩", "en": "Trade licence 123"}.`, 4<<10),
		text("css", "CSS of your own for the shop's page and help centre. It may use pictures of this site only.", long(20_000)),
	)
	return app.Save(shop)
}

func themeDown(app core.App) error {
	shop, err := app.FindCollectionByNameOrId("shop")
	if err != nil {
		return err
	}
	for _, name := range []string{"cover", "links", "footer", "css"} {
		shop.Fields.RemoveByName(name)
	}
	return app.Save(shop)
}
