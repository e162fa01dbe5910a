package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// locale is section "time" of a language, taken apart once.
type locale struct {
	digits   []rune // ten
	months   []string
	short    []string // months, as they stand in a short date
	weekdays []string // Sunday first
	parts    []dayPart
}

// dayPart names the part of the day that begins at an hour (0-23).
type dayPart struct {
	from int
	name string
}

func newLocale(c *Catalogue, lang string) (*locale, error) {
	l := &locale{digits: []rune(c.T(lang, "time.digits"))}
	lists := []struct {
		key  string
		want int
		into *[]string
	}{
		{"time.month_names", 12, &l.months},
		{"time.month_names_short", 12, &l.short},
		{"time.weekday_names", 7, &l.weekdays},
	}
	for _, list := range lists {
		*list.into = strings.Fields(c.T(lang, list.key))
		if len(*list.into) != list.want {
			return nil, fmt.Errorf("%s holds %d names, not %d", list.key, len(*list.into), list.want)
		}
	}
	if len(l.digits) != 10 {
		return nil, fmt.Errorf("time.digits holds %d digits, not 10", len(l.digits))
	}
	for _, part := range strings.Fields(c.T(lang, "time.day_parts")) {
		hour, name, ok := strings.Cut(part, "=")
		from, err := strconv.Atoi(hour)
		if !ok || err != nil || from < 0 || from > 23 {
			return nil, fmt.Errorf("time.day_parts: %q is not hour=name", part)
		}
		l.parts = append(l.parts, dayPart{from, name})
	}
	if len(l.parts) == 0 || l.parts[0].from != 0 {
		return nil, fmt.Errorf("time.day_parts does not begin at hour 0")
	}
	return l, nil
}

func (c *Catalogue) locale(lang string) *locale {
	if l := c.locales[lang]; l != nil {
		return l
	}
	return c.locales[Fallback]
}

// Digits writes the ASCII digits of s in the digits of the language.
func (c *Catalogue) Digits(lang, s string) string {
	l := c.locale(lang)
	if l.digits[0] == '0' {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return l.digits[r-'0']
		}
		return r
	}, s)
}

// Number writes n with the language's grouping: 1,234,567 in English,
// ১২,৩৪,৫৬৭ in Bangla.
func (c *Catalogue) Number(lang string, n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	step := 3
	if c.T(lang, "time.grouping") == "lakh" {
		step = 2
	}
	grouped := s
	if len(s) > 3 {
		head, tail := s[:len(s)-3], s[len(s)-3:]
		for len(head) > step {
			tail = head[len(head)-step:] + "," + tail
			head = head[:len(head)-step]
		}
		grouped = head + "," + tail
	}
	return c.Digits(lang, sign+grouped)
}

// Size writes a number of bytes: "10 MB", "১০ এমবি".
func (c *Catalogue) Size(lang string, bytes int64) string {
	units := []string{"time.bytes", "time.kilobytes", "time.megabytes", "time.gigabytes"}
	size, unit := float64(bytes), 0
	for size >= 1024 && unit < len(units)-1 {
		size, unit = size/1024, unit+1
	}
	text := strconv.FormatFloat(size, 'f', 1, 64)
	if size >= 10 || unit == 0 {
		text = strconv.FormatFloat(size, 'f', 0, 64)
	}
	return c.T(lang, units[unit], V{"n": c.Digits(lang, strings.TrimSuffix(text, ".0"))})
}

// Weekday is the name of a day: "Sunday", "রবিবার".
func (c *Catalogue) Weekday(lang string, day time.Weekday) string {
	return c.locale(lang).weekdays[day]
}

// Date is the day, month and year: "22 November 2026", "২২ নভেম্বর ২০২৬".
func (c *Catalogue) Date(lang string, t time.Time) string {
	return c.date(lang, t, c.locale(lang).months)
}

// ShortDate leaves out the year when it is the year of now: "22 Nov".
func (c *Catalogue) ShortDate(lang string, t, now time.Time) string {
	short := c.locale(lang).short
	if t.Year() != now.In(t.Location()).Year() {
		return c.date(lang, t, short)
	}
	return c.T(lang, "time.day_month", V{"day": t.Day(), "month": short[t.Month()-1]})
}

func (c *Catalogue) date(lang string, t time.Time, months []string) string {
	return c.T(lang, "time.date", V{"day": t.Day(), "month": months[t.Month()-1], "year": t.Year()})
}

// Time is the time of day: "10:42 am", "সকাল ১০:৪২". Zone is t's own.
func (c *Catalogue) Time(lang string, t time.Time) string {
	return c.clock(lang, "time.clock", t)
}

// Clock is the time as one says it, full hours without minutes: "9 am",
// "সকাল ৯টা", "9:30 pm".
func (c *Catalogue) Clock(lang string, t time.Time) string { return c.spoken(lang, "", t) }

// At is the same in the form that says when something happens: "at 9 am",
// "সকাল ৯টায়".
func (c *Catalogue) At(lang string, t time.Time) string { return c.spoken(lang, "at_", t) }

func (c *Catalogue) spoken(lang, form string, t time.Time) string {
	switch {
	case t.Minute() != 0:
		return c.clock(lang, "time."+form+"clock", t)
	case t.Hour() == 0:
		return c.T(lang, "time."+form+"midnight")
	case t.Hour() == 12:
		return c.T(lang, "time."+form+"noon")
	}
	return c.clock(lang, "time."+form+"clock_hour", t)
}

func (c *Catalogue) clock(lang, key string, t time.Time) string {
	hour := t.Hour() % 12
	if hour == 0 {
		hour = 12
	}
	var part string
	for _, p := range c.locale(lang).parts {
		if t.Hour() >= p.from {
			part = p.name
		}
	}
	minute := c.Digits(lang, fmt.Sprintf("%02d", t.Minute()))
	return c.T(lang, key, V{"h": hour, "m": minute, "part": part})
}

// DateTime is date and time: "22 November 2026, 10:42 am".
func (c *Catalogue) DateTime(lang string, t time.Time) string {
	return c.T(lang, "time.date_time", V{"date": c.Date(lang, t), "time": c.Time(lang, t)})
}

// Duration is a length of time in its largest unit, rounded: "3 minutes",
// "২ ঘণ্টা". Under a minute it is seconds, at least one.
func (c *Catalogue) Duration(lang string, d time.Duration) string {
	d = d.Abs()
	const day = 24 * time.Hour
	units := []struct {
		key  string
		unit time.Duration
		up   time.Duration // from here on the next unit is used
	}{
		{"time.seconds", time.Second, 59*time.Second + time.Second/2},
		{"time.minutes", time.Minute, 59*time.Minute + 30*time.Second},
		{"time.hours", time.Hour, 23*time.Hour + 30*time.Minute},
		{"time.days", day, 29*day + 12*time.Hour},
		{"time.months", 30 * day, 360 * day},
		{"time.years", 365 * day, 1<<63 - 1},
	}
	for _, u := range units {
		if d < u.up {
			return c.T(lang, u.key, V{"n": max(1, int(d.Round(u.unit)/u.unit))})
		}
	}
	return "" // not reached: the last unit has no end
}

// Relative says how far t is from now: "3 minutes ago", "in 2 hours", "just now".
func (c *Catalogue) Relative(lang string, t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d.Abs() < 45*time.Second:
		return c.T(lang, "time.now")
	case d > 0:
		return c.T(lang, "time.ago", V{"time": c.Duration(lang, d)})
	}
	return c.T(lang, "time.in", V{"time": c.Duration(lang, d)})
}

// When says an instant of the coming days, t and now in one zone: "today at
// 9 am", "tomorrow at 9:30 am", "on Sunday at 9 am", else with its date.
func (c *Catalogue) When(lang string, t, now time.Time) string {
	days := 0
	for ; days < 7; days++ {
		d := now.AddDate(0, 0, days)
		if d.YearDay() == t.YearDay() && d.Year() == t.Year() {
			break
		}
	}
	at := c.At(lang, t)
	switch {
	case days == 0:
		return c.T(lang, "time.today_at", V{"at": at})
	case days == 1:
		return c.T(lang, "time.tomorrow_at", V{"at": at})
	case days < 7:
		return c.T(lang, "time.weekday_at", V{"day": c.Weekday(lang, t.Weekday()), "at": at})
	}
	return c.T(lang, "time.date_at", V{"date": c.ShortDate(lang, t, now), "at": at})
}
