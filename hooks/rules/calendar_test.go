package rules

import (
	"math/rand/v2"
	"testing"
	"time"
)

func holiday(t *testing.T, name, first, last string, yearly bool, opens, closes string) Holiday {
	t.Helper()
	h, err := ParseHoliday(name, first, last, yearly, opens, closes)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const layout = "Mon 2006-01-02 15:04"

func moment(t *testing.T, s string, loc *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(layout, s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestCountingInOpenHours(t *testing.T) {
	dhaka, london := zone(t, "Asia/Dhaka"), zone(t, "Europe/London")
	nine := daily(t, "09:00", "17:00", "601234") // Friday free
	night := daily(t, "22:00", "06:00", "0123456")
	cases := []struct {
		name string
		c    Calendar
		from string
		add  time.Duration
		want string // "" for never
	}{
		{"always open", Calendar{Zone: dhaka}, "Sun 2026-11-22 03:00", 90 * time.Minute, "Sun 2026-11-22 04:30"},
		{"within a day", Calendar{Week: nine, Zone: dhaka}, "Sun 2026-11-22 10:00", time.Hour, "Sun 2026-11-22 11:00"},
		{"before opening", Calendar{Week: nine, Zone: dhaka}, "Sun 2026-11-22 03:00", time.Hour, "Sun 2026-11-22 10:00"},
		{"to the minute of closing", Calendar{Week: nine, Zone: dhaka}, "Sun 2026-11-22 16:00", time.Hour, "Sun 2026-11-22 17:00"},
		{"over the night", Calendar{Week: nine, Zone: dhaka}, "Sun 2026-11-22 16:30", time.Hour, "Mon 2026-11-23 09:30"},
		{"over the free day", Calendar{Week: nine, Zone: dhaka}, "Thu 2026-11-26 16:30", time.Hour, "Sat 2026-11-28 09:30"},
		{"two working days", Calendar{Week: nine, Zone: dhaka}, "Wed 2026-11-25 09:00", 16 * time.Hour, "Thu 2026-11-26 17:00"},
		{"over midnight", Calendar{Week: night, Zone: dhaka}, "Sun 2026-11-22 05:00", 2 * time.Hour, "Sun 2026-11-22 23:00"},
		{"the night clocks go forward is an hour short", Calendar{Week: night, Zone: london}, "Sat 2027-03-27 23:00", 7 * time.Hour, "Sun 2027-03-28 23:00"}, // 6 h until 06:00
		{"the night clocks go back is an hour long", Calendar{Week: night, Zone: london}, "Sat 2027-10-30 23:00", 7*time.Hour + 30*time.Minute, "Sun 2027-10-31 05:30"},
		{"a holiday between", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Victory Day", "2026-12-16", "", true, "", "")}}, "Tue 2026-12-15 16:30", time.Hour, "Thu 2026-12-17 09:30"},
		{"a yearly holiday, years later", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Victory Day", "2020-12-16", "", true, "", "")}}, "Tue 2026-12-15 16:30", time.Hour, "Thu 2026-12-17 09:30"},
		{"not a yearly one", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Moving", "2020-12-16", "", false, "", "")}}, "Tue 2026-12-15 16:30", time.Hour, "Wed 2026-12-16 09:30"},
		{"ten days of Eid", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Eid", "2026-05-24", "2026-06-02", false, "", "")}}, "Sat 2026-05-23 16:00", 2 * time.Hour, "Wed 2026-06-03 10:00"},
		{"a short day", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Eve", "2026-11-22", "", false, "10:00", "12:00")}}, "Sun 2026-11-22 09:00", 3 * time.Hour, "Mon 2026-11-23 10:00"},
		{"open on a day that is free otherwise", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Sale", "2026-11-27", "", false, "10:00", "12:00")}}, "Thu 2026-11-26 17:00", time.Hour, "Fri 2026-11-27 11:00"},
		{"always open but for a day", Calendar{Zone: dhaka, Holidays: []Holiday{holiday(t, "Eid", "2026-11-23", "", false, "", "")}}, "Sun 2026-11-22 23:30", time.Hour, "Tue 2026-11-24 00:30"},
		{"New Year runs into the year", Calendar{Zone: dhaka, Holidays: []Holiday{holiday(t, "New Year", "2020-12-31", "2021-01-01", true, "", "")}}, "Wed 2026-12-30 23:00", 2 * time.Hour, "Sat 2027-01-02 01:00"},
		{"a holiday cuts no night that began before", Calendar{Week: night, Zone: dhaka, Holidays: []Holiday{holiday(t, "Eid", "2026-11-23", "", false, "", "")}}, "Mon 2026-11-23 05:00", 2 * time.Hour, "Tue 2026-11-24 23:00"},
		{"closed for good", Calendar{Week: nine, Zone: dhaka, Holidays: []Holiday{holiday(t, "Never", "2020-01-01", "2020-12-31", true, "", "")}}, "Sun 2026-11-22 10:00", time.Minute, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			from := moment(t, tc.from, tc.c.Zone)
			got := tc.c.Add(from.UTC(), tc.add)
			if tc.want == "" {
				if !got.IsZero() {
					t.Fatalf("due %v in a shop that never opens", got)
				}
				return
			}
			if want := moment(t, tc.want, tc.c.Zone); !got.Equal(want) {
				t.Fatalf("due %s, want %s", got.In(tc.c.Zone).Format(layout), tc.want)
			}
			if d := tc.c.Between(from, got); d != tc.add {
				t.Errorf("%v lie between, want %v", d, tc.add)
			}
		})
	}
}

// randomCalendar draws weeks with gaps, nights, overlaps, and holidays.
func randomCalendar(r *rand.Rand, zones []*time.Location) Calendar {
	c := Calendar{Zone: zones[r.IntN(len(zones))]}
	for range r.IntN(12) {
		c.Week = append(c.Week, Span{Day: time.Weekday(r.IntN(7)), Opens: r.IntN(24 * 60), Closes: r.IntN(24*60 + 1)})
	}
	for range r.IntN(4) {
		first := dateOf(time.Date(2026, 1, 1+r.IntN(600), 12, 0, 0, 0, time.UTC))
		h := Holiday{Name: "day", First: first, Last: dateOf(time.Date(first.Year, first.Month, first.Day+r.IntN(5), 12, 0, 0, 0, time.UTC)), Yearly: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			h.Hours = &Span{Opens: r.IntN(24 * 60), Closes: r.IntN(24*60 + 1)}
		}
		c.Holidays = append(c.Holidays, h)
	}
	return c
}

// What Add gives, Between takes back, whatever the table, the zone and the
// change of clocks; and counting agrees with looking at the door.
func TestAddAndBetweenAgree(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "Asia/Dhaka"), zone(t, "Europe/London"), zone(t, "America/St_Johns"), zone(t, "Australia/Lord_Howe")}
	r := rand.New(rand.NewPCG(11, 22))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 3000 {
		c := randomCalendar(r, zones)
		from := start.Add(time.Duration(r.Int64N(int64(500 * 24 * time.Hour)))).Truncate(time.Second)
		d := time.Duration(r.Int64N(int64(72 * time.Hour))).Truncate(time.Second)
		due := c.Add(from, d)
		if due.IsZero() {
			t.Fatalf("%+v never opens", c)
		}
		if got := c.Between(from, due); got != d {
			t.Fatalf("%+v: from %v to %v lie %v, want %v", c, from, due, got, d)
		}
		mid := from.Add(time.Duration(r.Int64N(int64(due.Sub(from)) + 1)))
		if got := c.Between(from, mid) + c.Between(mid, due); got != d {
			t.Fatalf("%+v: cut at %v the parts are %v, want %v", c, mid, got, d)
		}
		if d > 0 && c.Add(from, d-time.Second).After(due) {
			t.Fatalf("%+v: less time is due later", c)
		}
		s := c.At(mid)
		next := mid.Add(time.Second)
		if open := c.Between(mid, next) > 0; s.Open != open && !s.Opens.Before(next) {
			t.Fatalf("%+v: at %v the door says open=%v, counting says %v", c, mid, s.Open, open)
		}
		if !s.Open && !s.Opens.IsZero() && (c.Between(mid, s.Opens) != 0 || !c.At(s.Opens).Open) {
			t.Fatalf("%+v: at %v it opens at %v, but not there", c, mid, s.Opens)
		}
		if s.Open && !s.Closes.IsZero() && (c.Between(mid, s.Closes) != s.Closes.Sub(mid) || c.At(s.Closes).Open) {
			t.Fatalf("%+v: at %v it closes at %v, but not there", c, mid, s.Closes)
		}
	}
}

func TestHolidaysThatCannotBeRead(t *testing.T) {
	for _, r := range [][4]string{{"2026-02-30", "", "", ""}, {"", "", "", ""}, {"26-03-2026", "", "", ""}, {"2026-03-26", "2026-03-25", "", ""}, {"2026-03-26", "2028-03-25", "", ""}, {"2026-03-26", "", "10:00", ""}, {"2026-03-26", "", "", "10:00"}, {"2026-03-26", "", "25:00", "10:00"}} {
		if h, err := ParseHoliday("x", r[0], r[1], false, r[2], r[3]); err == nil {
			t.Errorf("%q was read as %+v", r, h)
		}
	}
}

func TestHolidaysInWords(t *testing.T) {
	c, dhaka := texts(t), zone(t, "Asia/Dhaka")
	cal := Calendar{Week: daily(t, "09:00", "22:00", "0123456"), Zone: dhaka, Holidays: []Holiday{
		holiday(t, "Eid-ul-Fitr", "2026-11-22", "2026-11-24", false, "", ""), holiday(t, "Stocktaking", "2026-11-30", "", false, "09:00", "12:00"),
	}}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, dhaka)
	s := cal.At(now)
	if got := s.Sentence(c, "en", now, dhaka); got != "Closed for Eid-ul-Fitr, opens on Wednesday at 9 am" {
		t.Errorf("%q", got)
	}
	if got := s.Sentence(c, "bn", now, dhaka); got != "Eid-ul-Fitr উপলক্ষে বন্ধ, খুলবে বুধবার সকাল ৯টায়" {
		t.Errorf("%q", got)
	}
	lines := Closures(c, "en", cal, now)
	if len(lines) != 2 || !lines[0].Closed || !lines[0].Today || lines[0].Name != "Eid-ul-Fitr" || lines[1].Hours != "9 am to 12 noon" || lines[1].Today {
		t.Errorf("%+v", lines)
	}
}
