package rules

import (
	"os"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/i18n"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// table reads "0 09:00 17:00, 1 09:00 17:00".
func table(t *testing.T, rows ...[3]string) []Span {
	t.Helper()
	var week []Span
	for _, r := range rows {
		s, err := ParseSpan(r[0], r[1], r[2])
		if err != nil {
			t.Fatal(err)
		}
		week = append(week, s)
	}
	return week
}

func daily(t *testing.T, opens, closes string, days string) []Span {
	t.Helper()
	var rows [][3]string
	for _, d := range days {
		rows = append(rows, [3]string{string(d), opens, closes})
	}
	return table(t, rows...)
}

func TestOffice(t *testing.T) {
	const layout = "Mon 2006-01-02 15:04"
	nine := daily(t, "09:00", "22:00", "0123456")
	noFriday := daily(t, "09:00", "18:00", "601234")
	night := daily(t, "20:00", "03:00", "5")
	late := daily(t, "10:00", "24:00", "4")
	lunch := table(t, [3]string{"1", "09:00", "13:00"}, [3]string{"1", "14:00", "17:00"})
	always := daily(t, "00:00", "24:00", "0123456")
	wrapped := daily(t, "08:00", "08:00", "0123456")
	joined := table(t, [3]string{"4", "18:00", "24:00"}, [3]string{"5", "00:00", "02:00"})
	spring := daily(t, "02:30", "05:00", "0")

	// 2026-11-22 is a Sunday.
	cases := []struct {
		name        string
		week        []Span
		zone        string
		now         string // in the zone
		open        bool
		next, close string
	}{
		{"no table", nil, "Asia/Dhaka", "Sun 2026-11-22 03:00", true, "", ""},
		{"morning before", nine, "Asia/Dhaka", "Sun 2026-11-22 08:59", false, "Sun 2026-11-22 09:00", ""},
		{"the minute it opens", nine, "Asia/Dhaka", "Sun 2026-11-22 09:00", true, "", "Sun 2026-11-22 22:00"},
		{"the minute it closes", nine, "Asia/Dhaka", "Sun 2026-11-22 22:00", false, "Mon 2026-11-23 09:00", ""},
		{"midnight", nine, "Asia/Dhaka", "Mon 2026-11-23 00:00", false, "Mon 2026-11-23 09:00", ""},
		{"the free day", noFriday, "Asia/Dhaka", "Fri 2026-11-27 12:00", false, "Sat 2026-11-28 09:00", ""},
		{"the evening before the free day", noFriday, "Asia/Dhaka", "Thu 2026-11-26 19:00", false, "Sat 2026-11-28 09:00", ""},
		{"over midnight, before", night, "Asia/Dhaka", "Fri 2026-11-27 23:59", true, "", "Sat 2026-11-28 03:00"},
		{"over midnight, after", night, "Asia/Dhaka", "Sat 2026-11-28 02:59", true, "", "Sat 2026-11-28 03:00"},
		{"over midnight, over", night, "Asia/Dhaka", "Sat 2026-11-28 03:00", false, "Fri 2026-12-04 20:00", ""},
		{"until 24:00", late, "Asia/Dhaka", "Thu 2026-11-26 23:59", true, "", "Fri 2026-11-27 00:00"},
		{"after 24:00", late, "Asia/Dhaka", "Fri 2026-11-27 00:00", false, "Thu 2026-12-03 10:00", ""},
		{"in the break", lunch, "Asia/Dhaka", "Mon 2026-11-23 13:30", false, "Mon 2026-11-23 14:00", ""},
		{"after the break", lunch, "Asia/Dhaka", "Mon 2026-11-23 14:00", true, "", "Mon 2026-11-23 17:00"},
		{"round the clock", always, "Asia/Dhaka", "Tue 2026-11-24 04:00", true, "", ""},
		{"round the clock from eight to eight", wrapped, "Asia/Dhaka", "Tue 2026-11-24 08:00", true, "", ""},
		{"two rows that meet at midnight", joined, "Asia/Dhaka", "Thu 2026-11-26 23:30", true, "", "Fri 2026-11-27 02:00"},
		{"another zone's evening", nine, "America/New_York", "Sat 2026-11-21 23:00", false, "Sun 2026-11-22 09:00", ""},
		{"the night clocks go forward", nine, "Europe/London", "Sat 2027-03-27 23:00", false, "Sun 2027-03-28 09:00", ""},
		{"an opening time that the clocks leave out", spring, "Europe/Berlin", "Sun 2027-03-28 01:00", false, "Sun 2027-03-28 03:30", ""},
		{"the night clocks go back", daily(t, "22:00", "06:00", "6"), "Europe/London", "Sun 2027-10-31 05:59", true, "", "Sun 2027-10-31 06:00"},
		{"the last day of the year", nine, "Asia/Dhaka", "Thu 2026-12-31 23:00", false, "Fri 2027-01-01 09:00", ""},
		{"open one day a week, just closed", daily(t, "09:00", "10:00", "0"), "Asia/Dhaka", "Sun 2026-11-22 10:00", false, "Sun 2026-11-29 09:00", ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			loc := zone(t, tc.zone)
			now, err := time.ParseInLocation(layout, tc.now, loc)
			if err != nil {
				t.Fatal(err)
			}
			show := func(x time.Time) string {
				if x.IsZero() {
					return ""
				}
				return x.In(loc).Format(layout)
			}
			s := At(tc.week, loc, now.UTC())
			if s.Open != tc.open || show(s.Opens) != tc.next || show(s.Closes) != tc.close {
				t.Errorf("open %v, opens %q, closes %q; want %v, %q, %q", s.Open, show(s.Opens), show(s.Closes), tc.open, tc.next, tc.close)
			}
		})
	}
}

func TestRowsThatCannotBeRead(t *testing.T) {
	for _, r := range [][3]string{{"7", "09:00", "10:00"}, {"", "09:00", "10:00"}, {"1", "9:00", "10:00"}, {"1", "09:00", "25:00"}, {"1", "09:60", "10:00"}, {"1", "24:30", "10:00"}, {"1", "ab:cd", "10:00"}, {"1", "-1:00", "10:00"}} {
		if s, err := ParseSpan(r[0], r[1], r[2]); err == nil {
			t.Errorf("%v was read as %v", r, s)
		}
	}
}

func TestSentences(t *testing.T) {
	c := texts(t)
	loc := zone(t, "Asia/Dhaka")
	at := func(day, h, m int) time.Time { return time.Date(2026, 11, day, h, m, 0, 0, loc) }
	nine := daily(t, "09:00", "22:00", "0123456")
	noFriday := daily(t, "09:30", "18:00", "601234")
	cases := []struct {
		week   []Span
		now    time.Time
		en, bn string
	}{
		{nil, at(22, 3, 0), "Open now", "এখন খোলা"},
		{nine, at(22, 12, 0), "Open now, until 10 pm", "এখন খোলা, রাত ১০টা পর্যন্ত"},
		{nine, at(22, 7, 0), "Closed now, opens today at 9 am", "এখন বন্ধ, খুলবে আজ সকাল ৯টায়"},
		{nine, at(22, 23, 0), "Closed now, opens tomorrow at 9 am", "এখন বন্ধ, খুলবে আগামীকাল সকাল ৯টায়"},
		{noFriday, at(26, 20, 0), "Closed now, opens on Saturday at 9:30 am", "এখন বন্ধ, খুলবে শনিবার সকাল ৯:৩০-এ"},
		{daily(t, "09:00", "10:00", "0"), at(22, 11, 0), "Closed now, opens on 29 Nov at 9 am", "এখন বন্ধ, খুলবে ২৯ নভে সকাল ৯টায়"},
	}
	for _, tc := range cases {
		for lang, want := range map[string]string{"en": tc.en, "bn": tc.bn} {
			if got := At(tc.week, loc, tc.now).Sentence(c, lang, tc.now, loc); got != want {
				t.Errorf("%v: %q, want %q", tc.now, got, want)
			}
		}
	}
	if got := (State{}).Sentence(c, "en", at(22, 0, 0), loc); got != "Closed now" {
		t.Errorf("a shop that never opens: %q", got)
	}
}

func TestUsually(t *testing.T) {
	c := texts(t)
	for d, want := range map[time.Duration][2]string{
		20 * time.Second:               {"Usually replies within a minute", "সাধারণত এক মিনিটেই উত্তর দিই"},
		2*time.Minute + 10*time.Second: {"Usually replies in 3 minutes", "সাধারণত ৩ মিনিটে উত্তর দিই"},
		12 * time.Minute:               {"Usually replies in 15 minutes", "সাধারণত ১৫ মিনিটে উত্তর দিই"},
		55 * time.Minute:               {"Usually replies in 55 minutes", "সাধারণত ৫৫ মিনিটে উত্তর দিই"},
		56 * time.Minute:               {"Usually replies in 1 hour", "সাধারণত ১ ঘণ্টায় উত্তর দিই"},
		90 * time.Minute:               {"Usually replies in 2 hours", "সাধারণত ২ ঘণ্টায় উত্তর দিই"},
		22*time.Hour + 50*time.Minute:  {"Usually replies in 23 hours", "সাধারণত ২৩ ঘণ্টায় উত্তর দিই"},
		23*time.Hour + 10*time.Minute:  {"Usually replies in 1 day", "সাধারণত ১ দিনে উত্তর দিই"},
		49 * time.Hour:                 {"Usually replies in 3 days", "সাধারণত ৩ দিনে উত্তর দিই"},
	} {
		for i, lang := range []string{"en", "bn"} {
			if got := Usually(c, lang, d); got != want[i] {
				t.Errorf("Usually(%s, %v) = %q, want %q", lang, d, got, want[i])
			}
		}
	}
}

func TestSignOnTheDoor(t *testing.T) {
	c := texts(t)
	cases := []struct {
		name string
		week []Span
		want []string // "days: hours", * marks today (Sunday)
	}{
		{"always open", nil, nil},
		{"every day", daily(t, "09:00", "22:00", "0123456"), []string{"*Every day: 9 am to 10 pm"}},
		{"Friday free", daily(t, "09:00", "22:00", "601234"), []string{"*Saturday to Thursday: 9 am to 10 pm", "Friday: Closed"}},
		{"weekend free", daily(t, "09:00", "17:30", "12345"), []string{"Monday to Friday: 9 am to 5:30 pm", "*Saturday to Sunday: Closed"}},
		{"with a break", table(t, [3]string{"1", "14:00", "17:00"}, [3]string{"1", "09:00", "13:00"}), []string{"Monday: 9 am to 1 pm, 2 pm to 5 pm", "*Tuesday to Sunday: Closed"}},
		{"round the clock", daily(t, "00:00", "24:00", "0123456"), []string{"*Every day: All day"}},
		{"until midnight", daily(t, "12:00", "24:00", "0123456"), []string{"*Every day: 12 noon to 12 midnight"}},
	}
	for _, tc := range cases {
		var got []string
		for _, l := range Sign(c, "en", tc.week, time.Sunday) {
			mark := ""
			if l.Today {
				mark = "*"
			}
			got = append(got, mark+l.Days+": "+l.Hours)
		}
		if len(got) != len(tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("%s: %q, want %q", tc.name, got[i], tc.want[i])
			}
		}
	}
	lines := Sign(c, "bn", daily(t, "09:00", "22:00", "601234"), time.Friday)
	if lines[0].Days != "শনিবার থেকে বৃহস্পতিবার" || lines[0].Hours != "সকাল ৯টা থেকে রাত ১০টা" || !lines[1].Closed || !lines[1].Today {
		t.Errorf("in Bangla: %+v", lines)
	}
}

func texts(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(os.DirFS("../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
