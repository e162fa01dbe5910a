package callback

import (
	"strconv"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	maxTries  = 5 // without an answer; then it is proposed to stop
	slotDays  = 7
	mostSlots = 9
	soonest   = 10 * time.Minute // a part of the day that is over sooner is not offered
	asSoonAs  = 2 * time.Hour    // how long "as soon as possible" may take before it is overdue
)

// slot is a time that a customer may choose.
type slot struct {
	id          string // "" is as soon as possible
	from, until time.Time
	words       string
}

// parts of a day, in hours.
var parts = []struct {
	key      string
	from, to int
}{{"morning", 0, 12}, {"afternoon", 12, 17}, {"evening", 17, 24}}

// slots are the times offered at an instant: as soon as possible, then the
// parts of the coming days in which the shop is open.
func slots(c rules.Calendar, now time.Time, loc *time.Location, cat *i18n.Catalogue, lang string) []slot {
	list := []slot{{}}
	local := now.In(loc)
	for day := range slotDays {
		for _, p := range parts {
			at := func(hour int) time.Time {
				return time.Date(local.Year(), local.Month(), local.Day()+day, hour, 0, 0, 0, loc)
			}
			from, to := at(p.from), at(p.to)
			if from.Before(now) {
				from = now
			}
			if to.Sub(from) < soonest {
				continue
			}
			open := c.Hours(from, to)
			if len(open) == 0 || open[len(open)-1].To.Sub(open[0].From) < soonest {
				continue
			}
			s := slot{id: at(p.from).Format("0102") + p.key, from: open[0].From, until: open[len(open)-1].To}
			if len(c.Week) == 0 && p.from == 0 && day > 0 {
				s.from = at(9) // nobody means four in the night
			}
			s.words = words(s, day, p.key, loc, cat, lang)
			list = append(list, s)
			if len(list) > mostSlots {
				return list
			}
		}
	}
	return list
}

func words(s slot, day int, part string, loc *time.Location, cat *i18n.Catalogue, lang string) string {
	name := cat.Weekday(lang, s.from.In(loc).Weekday())
	switch day {
	case 0:
		name = cat.T(lang, "callback.today")
	case 1:
		name = cat.T(lang, "callback.tomorrow")
	}
	key := map[string]string{"morning": "callback.morning", "afternoon": "callback.afternoon", "evening": "callback.evening"}[part]
	return cat.T(lang, key, i18n.V{"day": name, "from": cat.Clock(lang, s.from.In(loc)), "until": cat.Clock(lang, s.until.In(loc))})
}

// chosen is the slot of an id; as soon as possible begins when the shop is
// open.
func chosen(id string, c rules.Calendar, now time.Time, loc *time.Location, cat *i18n.Catalogue, lang string) (slot, bool) {
	for _, s := range slots(c, now, loc, cat, lang) {
		if s.id != id {
			continue
		}
		if id == "" {
			s.from = c.Add(now, time.Nanosecond)
			s.until = c.Add(now, asSoonAs)
			if s.from.IsZero() {
				s.from, s.until = now, now.Add(asSoonAs)
			}
			s.words = cat.T(lang, "callback.soon")
		}
		return s, true
	}
	return slot{}, false
}

// next proposes when to try again after so many tries; zero when it is time to
// stop.
func next(outcome string, tries int, c rules.Calendar, now time.Time) time.Time {
	wait := time.Duration(0)
	switch {
	case tries >= maxTries:
		return time.Time{}
	case outcome == schema.CallbackBusy:
		wait = 15 * time.Minute
	case outcome == schema.CallbackNoAnswer && tries < 3:
		wait = 2 * time.Hour
	case outcome == schema.CallbackNoAnswer:
		wait = 8 * time.Hour
	case outcome == schema.CallbackLater:
		wait = time.Hour
	default:
		return time.Time{}
	}
	if at := c.Add(now, wait); !at.IsZero() {
		return at
	}
	return now.Add(wait)
}

// dialled is a number as a tel: link wants it.
func dialled(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}

func number(lang string, n int64) string {
	return i18n.Current().Digits(lang, strconv.FormatInt(n, 10))
}
