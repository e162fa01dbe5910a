package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(holidaysUp, holidaysDown)
}

func holidaysUp(app core.App) error {
	const date = `^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`
	holidays := base("shohay_holiday1", "holidays",
		text("name", "What the day is called, for example Eid-ul-Fitr. Customers see it.", required, presentable, long(80)),
		text("first_day", "First day in the shop's time zone, written 2026-03-26.", required, like(date)),
		text("last_day", "Last day. Empty is one day only.", like(date)),
		flag("yearly", "Comes again every year on the same dates, such as 26 March."),
		text("opens", "Opening time of these days, for example 10:00. Empty: closed all day.", like(`^([01]\d|2[0-3]):[0-5]\d$`)),
		text("closes", "Closing time of these days. Earlier than the opening time means after midnight.", like(`^([01]\d|2[0-3]):[0-5]\d$|^24:00$`)),
	)
	holidays.ListRule, holidays.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	holidays.CreateRule, holidays.UpdateRule, holidays.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	holidays.AddIndex("idx_holidays_first_day", false, "`first_day`", "")
	return app.Save(holidays)
}

func holidaysDown(app core.App) error { return drop(app, "holidays") }
