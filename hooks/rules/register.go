package rules

import (
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Register keeps the calendar right and refuses days that cannot be.
func Register(app core.App) {
	keeper(app).watched = true
	app.OnRecordValidate(schema.Holidays).BindFunc(checkHoliday)
	of := []string{schema.OfficeHours, schema.Holidays, schema.Shop}
	app.OnRecordAfterCreateSuccess(of...).BindFunc(calendarChanged)
	app.OnRecordAfterUpdateSuccess(of...).BindFunc(calendarChanged)
	app.OnRecordAfterDeleteSuccess(of...).BindFunc(calendarChanged)
}

func calendarChanged(e *core.RecordEvent) error {
	if e.Record.Collection().Name != schema.Shop || e.Record.GetString(schema.ShopTimeZone) != e.Record.Original().GetString(schema.ShopTimeZone) {
		defer keeper(e.App).forget()
	}
	return e.Next()
}

// checkHoliday refuses what ParseHoliday cannot read, field by field, in
// words.
func checkHoliday(e *core.RecordEvent) error {
	lang := settings.Shop(e.App).Language()
	wrong := validation.Errors{}
	refuse := func(field, key string) { wrong[field] = validation.NewError(key, i18n.T(lang, "error."+key)) }
	text := e.Record.GetString
	first, last := text(schema.HolidayFirst), text(schema.HolidayLast)
	if _, err := ParseDate(first); err != nil && first != "" {
		refuse(schema.HolidayFirst, "no_such_day")
	}
	if _, err := ParseDate(last); err != nil && last != "" {
		refuse(schema.HolidayLast, "no_such_day")
	}
	if (text(schema.HolidayOpens) == "") != (text(schema.HolidayCloses) == "") {
		refuse(schema.HolidayCloses, "both_times")
	}
	if len(wrong) == 0 && first != "" {
		if _, err := ParseHoliday("x", first, last, false, "", ""); err != nil {
			refuse(schema.HolidayLast, "last_day")
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return e.Next()
}
