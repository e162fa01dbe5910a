package schema

// Rules of the shop (migrations 17640006xx).

// Collections of the rules.
const (
	Holidays = "holidays" // days that differ from the weekly table
)

// Fields of holidays. Days are written 2026-03-26.
const (
	HolidayName   = "name"
	HolidayFirst  = "first_day"
	HolidayLast   = "last_day" // empty is one day
	HolidayYearly = "yearly"
	HolidayOpens  = "opens" // both empty: closed all day
	HolidayCloses = "closes"
)
