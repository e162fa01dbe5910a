package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Holiday is a day, or some in a row, on which the weekly table does not hold:
// the shop is closed, or open at other hours. Days are those on which opening
// hours begin: what runs past midnight into a holiday still runs to its end.
type Holiday struct {
	Name        string
	First, Last Date
	Yearly      bool
	Hours       *Span // nil: closed. Day says nothing
}

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads 2026-03-26, and refuses a day that no month has.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a day like 2026-03-26", s)
	}
	return dateOf(t), nil
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) next() Date { return dateOf(time.Date(d.Year, d.Month, d.Day+1, 12, 0, 0, 0, time.UTC)) }

func (d Date) weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Compare tells which of two days is the earlier one.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// ParseHoliday reads a row of the holidays collection.
func ParseHoliday(name, first, last string, yearly bool, opens, closes string) (Holiday, error) {
	h := Holiday{Name: name, Yearly: yearly}
	var err error
	if h.First, err = ParseDate(first); err != nil {
		return h, err
	}
	h.Last = h.First
	if last != "" {
		if h.Last, err = ParseDate(last); err != nil {
			return h, err
		}
	}
	switch days := h.days(); {
	case days < 0:
		return h, fmt.Errorf("%s ends before it begins", name)
	case days > 366:
		return h, fmt.Errorf("%s is longer than a year", name)
	case (opens == "") != (closes == ""):
		return h, fmt.Errorf("%s needs both times or none", name)
	case opens != "":
		s, err := ParseSpan("0", opens, closes)
		if err != nil {
			return h, err
		}
		h.Hours = &s
	}
	return h, nil
}

// days is how many days come after the first.
func (h Holiday) days() int {
	noon := func(d Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }
	return int(noon(h.Last).Sub(noon(h.First)) / (24 * time.Hour))
}

// On tells whether the day is one of the holiday's.
func (h Holiday) On(d Date) bool {
	if !h.Yearly {
		return d.Compare(h.First) >= 0 && d.Compare(h.Last) <= 0
	}
	// The year's own, or one that began in the year before and runs into it.
	for _, year := range []int{d.Year, d.Year - 1} {
		begin := time.Date(year, h.First.Month, h.First.Day, 12, 0, 0, 0, time.UTC)
		end := begin.AddDate(0, 0, h.days())
		if d.Compare(dateOf(begin)) >= 0 && d.Compare(dateOf(end)) <= 0 {
			return true
		}
	}
	return false
}

// Calendar says when the shop is open. Without a week it is always open,
// holidays apart. The zero Calendar is always open.
type Calendar struct {
	Week     []Span
	Holidays []Holiday
	Zone     *time.Location // nil is UTC
}

// far is after how many days without an opening time no more is looked for:
// beyond the longest holiday.
const far = 800

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// HolidayOn is the holiday of a day. Where several meet the last in the list
// holds.
func (c Calendar) HolidayOn(d Date) (Holiday, bool) {
	for _, h := range slices.Backward(c.Holidays) {
		if h.On(d) {
			return h, true
		}
	}
	return Holiday{}, false
}

// interval is a time of being open, in instants.
type interval struct{ from, to time.Time }

// on are the intervals that begin on a day, in their order.
func (c Calendar) on(d Date) (list []interval) {
	week := c.Week
	if len(week) == 0 {
		week = []Span{{Day: d.weekday(), Opens: 0, Closes: 24 * 60}}
	}
	if h, ok := c.HolidayOn(d); ok {
		if h.Hours == nil {
			return nil
		}
		week = []Span{{Day: d.weekday(), Opens: h.Hours.Opens, Closes: h.Hours.Closes}}
	}
	for _, s := range week {
		if s.Day != d.weekday() {
			continue
		}
		if from, to := s.on(d.Year, d.Month, d.Day, c.zone()); to.After(from) {
			list = append(list, interval{from, to})
		}
	}
	slices.SortFunc(list, func(a, b interval) int { return a.from.Compare(b.from) })
	return list
}

// from walks through the intervals that end after t, in the order in which
// they begin; they may meet and overlap. The walk ends when yield says so, or
// where nothing opens any more.
func (c Calendar) from(t time.Time, yield func(interval) bool) {
	d := dateOf(t.In(c.zone()).AddDate(0, 0, -1)) // last night's may still run
	for shut := 0; shut < far; shut++ {
		for _, i := range c.on(d) {
			if !i.to.After(t) {
				continue
			}
			if shut = 0; !yield(i) {
				return
			}
		}
		d = d.next()
	}
}

// always tells that there is nothing to count: every instant is open.
func (c Calendar) always() bool { return len(c.Week) == 0 && len(c.Holidays) == 0 }

// Add is the instant at which d of open time has gone by since t. It returns
// t itself for no time at all, and the zero time for a shop that never opens.
func (c Calendar) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	if c.always() {
		return t.Add(d)
	}
	var due time.Time
	at := t // counted up to here
	c.from(t, func(i interval) bool {
		if !i.to.After(at) {
			return true
		}
		if i.from.After(at) {
			at = i.from
		}
		if left := i.to.Sub(at); d > left {
			d -= left
			at = i.to
			return true
		}
		due = at.Add(d)
		return false
	})
	return due
}

// Between is how much open time lies between two instants; none when to is not
// after from. Between(t, Add(t, d)) is d.
func (c Calendar) Between(from, to time.Time) (d time.Duration) {
	if !to.After(from) {
		return 0
	}
	if c.always() {
		return to.Sub(from)
	}
	at := from
	c.from(from, func(i interval) bool {
		if !i.from.Before(to) {
			return false
		}
		if i.from.After(at) {
			at = i.from
		}
		if end := earlier(i.to, to); end.After(at) {
			d += end.Sub(at)
			at = end
		}
		return true
	})
	return d
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// State is what the calendar says of an instant.
type State struct {
	Open    bool
	Opens   time.Time // closed: when it opens next; zero if never
	Closes  time.Time // open: when it closes; zero if not within a week
	Holiday string    // closed because of it
}

// At tells whether the shop is open.
func (c Calendar) At(now time.Time) State {
	if c.always() {
		return State{Open: true}
	}
	const week = 7 * 24 * time.Hour
	var s State
	c.from(now, func(i interval) bool {
		switch {
		case !i.from.After(now):
			s.Open = true
			if i.to.After(s.Closes) {
				s.Closes = i.to
			}
		case !s.Open:
			s.Opens = i.from
			return false
		case i.from.After(s.Closes):
			return false
		case i.to.After(s.Closes): // it begins where the one before ends
			s.Closes = i.to
		}
		return s.Closes.Sub(now) <= week
	})
	if s.Open && s.Closes.Sub(now) > week {
		s.Closes = time.Time{}
	}
	if !s.Open {
		if h, ok := c.HolidayOn(dateOf(now.In(c.zone()))); ok && h.Hours == nil {
			s.Holiday = h.Name
		}
	}
	return s
}

// Days in a row of one holiday, as customers are told of them.
type Days struct {
	Holiday
	From, To Date
}

// Coming are the holidays of the next so many days, the running one included.
func (c Calendar) Coming(now time.Time, days int) (list []Days) {
	d := dateOf(now.In(c.zone()))
	for range days {
		if h, ok := c.HolidayOn(d); ok {
			if n := len(list); n > 0 && list[n-1].Name == h.Name && list[n-1].To.next() == d {
				list[n-1].To = d
			} else {
				list = append(list, Days{Holiday: h, From: d, To: d})
			}
		}
		d = d.next()
	}
	// The last of them may go on.
	for n := len(list); n > 0 && list[n-1].To.next() == d && n < far; d = d.next() {
		if h, ok := c.HolidayOn(d); !ok || h.Name != list[n-1].Name {
			break
		}
		list[n-1].To = d
	}
	return list
}

// Open is a time of being open.
type Open struct{ From, To time.Time }

// Hours are the times of being open between two instants, cut to them; all of
// it for a shop that is always open.
func (c Calendar) Hours(from, to time.Time) (list []Open) {
	if c.always() {
		return []Open{{from, to}}
	}
	if len(c.Week) == 0 { // open but for holidays
		for at := from; at.Before(to); {
			local := at.In(c.zone())
			next := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, c.zone())
			if end := earlier(next, to); c.At(at).Open {
				list = append(list, Open{at, end})
			}
			at = next
		}
		return list
	}
	c.from(from, func(i interval) bool {
		if !i.from.Before(to) {
			return false
		}
		o := Open{i.from, earlier(i.to, to)}
		if o.From.Before(from) {
			o.From = from
		}
		list = append(list, o)
		return true
	})
	return list
}
