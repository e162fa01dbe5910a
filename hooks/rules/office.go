package rules

import (
	"fmt"
	"slices"
	"time"
)

// Span is one row of the weekly table: open from Opens to Closes on Day, in
// minutes after midnight. Closes at or before Opens lies on the next day.
type Span struct {
	Day           time.Weekday
	Opens, Closes int
}

// ParseSpan reads a row of the office_hours collection.
func ParseSpan(day, opens, closes string) (Span, error) {
	var s Span
	if len(day) != 1 || day[0] < '0' || day[0] > '6' {
		return s, fmt.Errorf("day %q is not 0 to 6", day)
	}
	s.Day = time.Weekday(day[0] - '0')
	var err error
	if s.Opens, err = parseClock(opens); err != nil {
		return s, err
	}
	s.Closes, err = parseClock(closes)
	return s, err
}

func parseClock(s string) (int, error) {
	var h, m int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &h, &m); n != 2 || err != nil || len(s) != 5 || h < 0 || h > 24 || m < 0 || m > 59 || h == 24 && m > 0 {
		return 0, fmt.Errorf("%q is not a time like 09:00", s)
	}
	return h*60 + m, nil
}

// on returns when the span begins and ends if its day is the date given. A
// time that a change of the clocks leaves out moves with it, as time.Date says.
func (s Span) on(year int, month time.Month, day int, loc *time.Location) (from, to time.Time) {
	end := s.Closes
	if end <= s.Opens {
		end += 24 * 60
	}
	at := func(minutes int) time.Time {
		return time.Date(year, month, day+minutes/(24*60), minutes%(24*60)/60, minutes%60, 0, 0, loc)
	}
	return at(s.Opens), at(end)
}

// At reads a weekly table without holidays.
func At(week []Span, loc *time.Location, now time.Time) State {
	return Calendar{Week: week, Zone: loc}.At(now)
}

// Group is days in a row with the same hours, as a sign on the door says it.
type Group struct {
	First, Last time.Weekday
	Spans       []Span // none: closed
}

// Week gathers the table into groups that cover the week once, beginning with
// the day that needs the fewest of them; of equals, Saturday first.
func Week(week []Span) []Group {
	days := make([][]Span, 7)
	for _, s := range week {
		days[s.Day] = append(days[s.Day], s)
	}
	for _, d := range days {
		slices.SortFunc(d, func(a, b Span) int { return a.Opens - b.Opens })
	}
	same := func(a, b []Span) bool {
		return slices.EqualFunc(a, b, func(x, y Span) bool { return x.Opens == y.Opens && x.Closes == y.Closes })
	}
	var best []Group
	for i := range 7 {
		start := (6 + i) % 7
		groups := []Group{{First: time.Weekday(start), Last: time.Weekday(start), Spans: days[start]}}
		for j := 1; j < 7; j++ {
			day := (start + j) % 7
			if last := &groups[len(groups)-1]; same(last.Spans, days[day]) {
				last.Last = time.Weekday(day)
			} else {
				groups = append(groups, Group{First: time.Weekday(day), Last: time.Weekday(day), Spans: days[day]})
			}
		}
		if best == nil || len(groups) < len(best) || len(groups) == len(best) && len(best[0].Spans) == 0 && len(groups[0].Spans) > 0 {
			best = groups
		}
	}
	return best
}
