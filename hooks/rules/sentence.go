package rules

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// Sentence says whether the shop is open: "Open now, until 10 pm", "Closed
// now, opens tomorrow at 9 am". loc is the shop's zone.
func (s State) Sentence(c *i18n.Catalogue, lang string, now time.Time, loc *time.Location) string {
	switch {
	case s.Open && s.Closes.IsZero():
		return c.T(lang, "portal.open_now")
	case s.Open:
		return c.T(lang, "portal.open_until", i18n.V{"time": c.Clock(lang, s.Closes.In(loc))})
	case s.Opens.IsZero():
		return c.T(lang, "portal.closed_now")
	case s.Holiday != "":
		return c.T(lang, "portal.holiday_until", i18n.V{"name": s.Holiday, "when": When(c, lang, s.Opens, now, loc)})
	}
	return c.T(lang, "portal.closed_until", i18n.V{"when": When(c, lang, s.Opens, now, loc)})
}

// When says an instant of the coming days: "today at 9 am", "tomorrow at
// 9:30 am", "on Sunday at 9 am", else with its date.
func When(c *i18n.Catalogue, lang string, t, now time.Time, loc *time.Location) string {
	return c.When(lang, t.In(loc), now.In(loc))
}

// Expectation says honestly what a customer who writes now may expect:
// "Usually replies in 3 minutes" while open, else when the shop is back. An
// empty channel counts the answers of all.
func Expectation(app core.App, c *i18n.Catalogue, lang, channel string, now time.Time) string {
	shop := settings.Shop(app)
	if s := Now(app, now); !s.Open {
		if s.Opens.IsZero() {
			return c.T(lang, "portal.closed_now")
		}
		return c.T(lang, "portal.back", i18n.V{"when": When(c, lang, s.Opens, now, shop.Location())})
	}
	d, ok := FirstReply(app, channel, now)
	if !ok {
		d = shop.ReplyPromise()
	}
	if d == 0 && !ok {
		return c.T(lang, "portal.open_now")
	}
	return Usually(c, lang, d)
}

// Promise says in a whole sentence when somebody who writes now may expect an
// answer; it stands in the acknowledgement. It promises nothing it does not
// know.
func Promise(app core.App, c *i18n.Catalogue, lang, channel string, now time.Time) string {
	shop := settings.Shop(app)
	s := Now(app, now)
	switch {
	case !s.Open && s.Opens.IsZero():
		return c.T(lang, "mail.expect_closed")
	case !s.Open:
		return c.T(lang, "mail.expect_back", i18n.V{"when": When(c, lang, s.Opens, now, shop.Location())})
	}
	d, ok := FirstReply(app, channel, now)
	if !ok {
		d = shop.ReplyPromise()
	}
	if d <= 0 && !ok {
		return c.T(lang, "mail.expect_open")
	}
	unit, n := roundUp(d)
	switch {
	case unit == time.Minute && n <= 1:
		return c.T(lang, "mail.expect_at_once")
	case unit == time.Minute:
		return c.T(lang, "mail.expect_minutes", i18n.V{"n": n})
	case unit == time.Hour:
		return c.T(lang, "mail.expect_hours", i18n.V{"n": n})
	}
	return c.T(lang, "mail.expect_days", i18n.V{"n": n})
}

// roundUp is a duration in a unit that one says, never less than it is.
func roundUp(d time.Duration) (unit time.Duration, n int) {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	if n := up(time.Minute); n <= 10 {
		return time.Minute, n
	} else if n <= 55 {
		return time.Minute, (n + 4) / 5 * 5
	}
	if n := up(time.Hour); n < 24 {
		return time.Hour, n
	}
	return 24 * time.Hour, up(24 * time.Hour)
}

// Usually says a reply time in a round number that is not too good.
func Usually(c *i18n.Catalogue, lang string, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch minutes := up(time.Minute); {
	case minutes <= 1:
		return c.T(lang, "portal.usually_at_once")
	case minutes > 10 && minutes <= 55:
		return c.T(lang, "portal.usually_minutes", i18n.V{"n": (minutes + 4) / 5 * 5})
	case minutes <= 10:
		return c.T(lang, "portal.usually_minutes", i18n.V{"n": minutes})
	}
	if hours := up(time.Hour); hours < 24 {
		return c.T(lang, "portal.usually_hours", i18n.V{"n": hours})
	}
	return c.T(lang, "portal.usually_days", i18n.V{"n": up(24 * time.Hour)})
}

// Line is one line of the sign on the door.
type Line struct {
	Days, Hours string
	Name        string // of a holiday
	Closed      bool
	Today       bool
}

// Sign is the weekly table in words, one line for days with the same hours;
// empty for a shop that is always open.
func Sign(c *i18n.Catalogue, lang string, week []Span, today time.Weekday) []Line {
	if len(week) == 0 {
		return nil
	}
	var lines []Line
	for _, g := range Week(week) {
		line := Line{Closed: len(g.Spans) == 0, Hours: c.T(lang, "portal.closed")}
		for i, s := range g.Spans {
			span := hoursOf(c, lang, s)
			if i > 0 {
				span = line.Hours + ", " + span
			}
			line.Hours = span
		}
		length := (int(g.Last) - int(g.First) + 7) % 7
		switch length {
		case 0:
			line.Days = c.Weekday(lang, g.First)
		case 6:
			line.Days = c.T(lang, "portal.every_day")
		default:
			line.Days = c.T(lang, "portal.days", i18n.V{"from": c.Weekday(lang, g.First), "to": c.Weekday(lang, g.Last)})
		}
		line.Today = (int(today)-int(g.First)+7)%7 <= length
		lines = append(lines, line)
	}
	return lines
}

// comingDays is how far ahead the sign tells of holidays.
const comingDays = 21

// Closures are the holidays of the coming weeks in words.
func Closures(c *i18n.Catalogue, lang string, calendar Calendar, now time.Time) []Line {
	today := dateOf(now.In(calendar.zone()))
	var lines []Line
	for _, d := range calendar.Coming(now, comingDays) {
		day := func(d Date) string {
			return c.ShortDate(lang, time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, calendar.zone()), now)
		}
		line := Line{Days: day(d.From), Name: d.Name, Closed: d.Hours == nil, Hours: c.T(lang, "portal.closed"), Today: d.From == today}
		if d.To != d.From {
			line.Days = c.T(lang, "portal.days", i18n.V{"from": day(d.From), "to": day(d.To)})
		}
		if d.Hours != nil {
			line.Hours = hoursOf(c, lang, *d.Hours)
		}
		lines = append(lines, line)
	}
	return lines
}

func hoursOf(c *i18n.Catalogue, lang string, s Span) string {
	if s.Opens == s.Closes || s.Opens == 0 && s.Closes == 24*60 {
		return c.T(lang, "portal.all_day")
	}
	return c.T(lang, "portal.from_to", i18n.V{"from": c.Clock(lang, clockTime(s.Opens)), "to": c.Clock(lang, clockTime(s.Closes))})
}

// clockTime puts minutes after midnight on an unimportant day.
func clockTime(minutes int) time.Time {
	return time.Date(2000, 1, 1, minutes/60, minutes%60, 0, 0, time.UTC)
}
