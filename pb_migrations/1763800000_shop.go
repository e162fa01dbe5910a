package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Rules that several collections of this release share.
const (
	isAgent = `@request.auth.collectionName = "agents"`
	isOwner = `@request.auth.collectionName = "agents" && @request.auth.role = "owner"`
)

func init() {
	m.Register(shopUp, shopDown)
}

func shopUp(app core.App) error {
	// PocketBase's sample collection lets anybody sign up.
	if users, err := app.FindCollectionByNameOrId("users"); err == nil {
		if err := app.Delete(users); err != nil {
			return err
		}
	}

	if _, err := app.DB().NewQuery(`CREATE TABLE shohay_counters (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) WITHOUT ROWID`).Execute(); err != nil {
		return err
	}
	if _, err := app.DB().NewQuery(`INSERT INTO shohay_counters (name, value) VALUES ('seq', 0), ('conversation', 1000), ('customer', 0)`).Execute(); err != nil {
		return err
	}

	settings := app.Settings()
	settings.Meta.AppName = "Shohay"
	settings.Logs.MaxDays = 7
	settings.Logs.LogIP = false
	settings.RateLimits.Enabled = true
	settings.RateLimits.Rules = []core.RateLimitRule{
		{Label: "*:auth", MaxRequests: 10, Duration: 60},
		{Label: "*:requestOTP", MaxRequests: 5, Duration: 300},
		{Label: "*:requestPasswordReset", MaxRequests: 5, Duration: 300},
		{Label: "*:create", MaxRequests: 40, Duration: 10},
		// Our own public routes count by visitor and by address themselves.
		{Label: "/api/collections/", MaxRequests: 300, Duration: 10},
		{Label: "/api/files/", MaxRequests: 600, Duration: 10},
		{Label: "/api/realtime", MaxRequests: 60, Duration: 10},
		{Label: "/api/health", MaxRequests: 60, Duration: 10},
		{Label: "/api/batch", MaxRequests: 3, Duration: 1},
	}
	if err := app.Save(settings); err != nil {
		return err
	}

	shop := base("shohay_shop0001", "shop",
		text("name", "The name customers see in chat, mail and on the portal.", required, presentable, long(80)),
		text("tagline", "One line under the name on the portal. May stay empty.", long(160)),
		&core.FileField{Name: "logo", Help: "Square picture, PNG, JPEG or WebP, up to 1 MB. Without one the first letter of the name is shown.", MaxSelect: 1, MaxSize: 1 << 20, MimeTypes: []string{"image/png", "image/jpeg", "image/webp"}, Thumbs: []string{"96x96"}},
		text("colour", "Accent colour as #rrggbb. Text on it is made readable by itself.", like(`^#[0-9a-fA-F]{6}$`)),
		someOf("languages", "Languages offered to customers.", "bn", "en"),
		oneOf("language", "Language used when a customer's own is not known.", true, "bn", "en"),
		text("time_zone", "Name of the shop's time zone, for example Asia/Dhaka. Office hours are read in it.", required, long(60)),
		text("address", "Postal address, shown on the portal.", long(300)),
		text("phone", "Telephone number, shown on the portal.", long(40)),
		email("email", "Public e-mail address, shown on the portal. Mail itself is set up under mailboxes."),
		&core.URLField{Name: "website", Help: "Address of the shop's own site, linked from the portal."},
		whole("reply_promise", "Minutes within which you usually answer while open. Shown until enough real answers are known.", 1, 10080),
		flag("widget_enabled", "Switches the chat button on the shop's pages on or off."),
		oneOf("widget_position", "Corner of the chat button.", true, "right", "left"),
		structured("allowed_origins", `Sites that may carry the chat, as a list such as ["https://shop.example"]. Empty: every site.`, 8<<10),
		whole("attachment_mb", "Largest file a customer may send in chat or form, in megabytes.", 1, 25),
		whole("streams_per_address", "Open chats allowed from one network address at once. Raise it when many customers share one address.", 1, 100000),
		whole("handover_minutes", "When a chat answer is not read within these minutes it is also mailed to the address the visitor left.", 1, 1440),
		whole("reopen_days", "A customer who writes again within these days after a conversation was solved reopens it; later it becomes a new one.", 0, 365),
	)
	shop.ListRule, shop.ViewRule, shop.UpdateRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isOwner)
	if err := app.Save(shop); err != nil {
		return err
	}

	record := core.NewRecord(shop)
	record.Load(map[string]any{
		"id": "shop00000000001", "name": "My shop", "colour": "#006a4e", "languages": []string{"bn", "en"}, "language": "bn",
		"time_zone": "Asia/Dhaka", "reply_promise": 30, "widget_enabled": true, "widget_position": "right",
		"allowed_origins": []string{}, "attachment_mb": 10, "streams_per_address": 20, "handover_minutes": 3, "reopen_days": 7,
	})
	if err := app.Save(record); err != nil {
		return err
	}

	hours := base("shohay_hours001", "office_hours",
		oneOf("day", "Day of the week: 0 is Sunday, 6 is Saturday. A day may have several rows; a day without one is closed.", true, "0", "1", "2", "3", "4", "5", "6"),
		text("opens", "Opening time in the shop's time zone, 24-hour clock, for example 09:00.", required, like(`^([01]\d|2[0-3]):[0-5]\d$`)),
		text("closes", "Closing time, for example 22:00. Earlier than the opening time means after midnight.", required, like(`^([01]\d|2[0-3]):[0-5]\d$|^24:00$`)),
	)
	hours.ListRule, hours.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	hours.CreateRule, hours.UpdateRule, hours.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	hours.AddIndex("idx_office_hours_day", true, "`day`, `opens`", "")
	return app.Save(hours)
}

func shopDown(app core.App) error {
	if err := drop(app, "office_hours", "shop"); err != nil {
		return err
	}
	_, err := app.DB().NewQuery(`DROP TABLE shohay_counters`).Execute()
	return err
}

// drop deletes collections by name, in the order given.
func drop(app core.App, names ...string) error {
	for _, name := range names {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		if err := app.Delete(c); err != nil {
			return err
		}
	}
	return nil
}
