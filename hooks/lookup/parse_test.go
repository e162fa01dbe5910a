package lookup

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsTypedIsTakenApart(t *testing.T) {
	for text, want := range map[string]Asked{
		"late parcel":                 {Words: "late parcel"},
		`"cash on delivery" bkash`:    {Words: "bkash", Phrases: []string{"cash on delivery"}},
		`refund -solved -"not yet"`:   {Words: "refund", Without: []string{"solved", "not yet"}},
		"tag:refund is:open":          {Filters: []Filter{{Name: "tag", Value: "refund"}, {Name: "is", Value: "open"}}},
		`-from:"Rahim Uddin" in:mail`: {Filters: []Filter{{"from", "Rahim Uddin", true}, {Name: "in", Value: "email"}}},
		"IS:Open Has:files":           {Filters: []Filter{{Name: "is", Value: "open"}, {Name: "has", Value: "file"}}},
		"অবস্থা:খোলা ট্যাগ:ফেরত আছে:ফাইল": {Filters: []Filter{{Name: "is", Value: "open"}, {Name: "tag", Value: "ফেরত"}, {Name: "has", Value: "file"}}},
		"দায়িত্বে:আমি অবস্থা:কারও-নয়":   {Filters: []Filter{{Name: "assigned", Value: "আমি"}, {Name: "is", Value: "unassigned"}}},
		"before:২০২৬-১১-০১ after:2026":    {Filters: []Filter{{Name: "before", Value: "২০২৬-১১-০১"}, {Name: "after", Value: "2026"}}},
		"#১০২৪":                            {Number: 1024},
		"1024":                             {Words: "1024", Number: 1024},
		"order 1024":                       {Words: "order 1024"},
		"#abc":                             {Words: "#abc"},
		"+880 1711-223344":                 {Words: "8801711223344"},
		"০১৭১১ ২২৩৩৪৪":                     {Words: "01711223344"},
		"tag:":                             {},
		"http://shop.test note:this 10:30": {Words: "http://shop.test note:this 10:30"},
		"“smart quotes” a-b":               {Words: "a-b", Phrases: []string{"smart quotes"}},
		`"open quotation`:                  {Phrases: []string{"open quotation"}},
		"":                                 {},
		"  - \"\" ":                        {},
	} {
		got, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if len(got.Phrases) == 1 && got.Phrases[0] == "" {
			got.Phrases = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v instead of %+v", text, got, want)
		}
	}
	for text, key := range map[string]string{
		"is:opened": "error.search_is", "has:money": "error.search_has", "in:fax": "error.search_in", "before:soon": "error.search_date", "after:2026-13-01": "error.search_date",
		"আগে:কাল": "error.search_date",
	} {
		var wrong Wrong
		if _, err := Parse(text); !errors.As(err, &wrong) || wrong.Key != key || !strings.HasSuffix(text, wrong.Value) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDaysBecomeFewMarks(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		from, to string
		want     string
	}{
		{"2026-11-22", "2026-11-23", "20261122"},
		{"2026-01-30", "2026-03-02", "20260130 20260131 202602 20260301"},
		{"2024-12-31", "2027-01-01", "20241231 2025 2026"},
		{"2026-01-01", "2026-01-01", ""},
		{"2026-02-01", "2026-01-01", ""},
	} {
		var got []string
		for _, m := range dayMarks(at(c.from), at(c.to)) {
			got = append(got, strings.TrimPrefix(m, "\ue000d"))
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s to %s: %q instead of %s", c.from, c.to, got, c.want)
		}
	}
	if n := len(dayMarks(at("2000-01-01"), at("2099-12-31"))); n > 200 {
		t.Errorf("a century has %d marks", n)
	}
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	for value, want := range map[string]string{
		"2026-11-20": "2026-11-20 2026-11-21", "20/11/2026": "2026-11-20 2026-11-21", "1.2.2026": "2026-02-01 2026-02-02", "2026-11": "2026-11-01 2026-12-01", "2026": "2026-01-01 2027-01-01",
		"today": "2026-11-22 2026-11-23", "গতকাল": "2026-11-21 2026-11-22", "7d": "2026-11-15 2026-11-16", "৭দিন": "2026-11-15 2026-11-16", "২২/১১/২০২৬": "2026-11-22 2026-11-23",
	} {
		p, err := day(value, now)
		if got := p.from.Format(time.DateOnly) + " " + p.to.Format(time.DateOnly); err != nil || got != want {
			t.Errorf("%s is %s (%v) instead of %s", value, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`from:"a b" -x`, "tag:", "#1", "is:open", "-", `"`, "before:9999-99", "আছে:ফাইল", "-\"a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		var wrong Wrong
		if err != nil && !errors.As(err, &wrong) {
			t.Fatalf("%q: %v", s, err)
		}
		for _, filter := range a.Filters {
			if filter.Value == "" {
				t.Fatalf("%q has a filter without a value", s)
			}
		}
	})
}
