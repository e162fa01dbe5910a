package i18n

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func load(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load(os.DirFS("../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// with adds texts to the real ones, so that a test may choose its own.
func with(t *testing.T, en, bn map[string]message) *Catalogue {
	t.Helper()
	c := load(t)
	maps.Copy(c.texts["en"], en)
	maps.Copy(c.texts["bn"], bn)
	return c
}

func TestSentencesFillTheirPlaceholders(t *testing.T) {
	c := with(t, map[string]message{
		"x.plain":  {other: "Hello {name}, no. {n}."},
		"x.plural": {one: "{n} message", other: "{n} messages", plural: true},
		"x.only":   {other: "English {n}"},
		"x.broken": {other: "open { and {unknown} stay"},
	}, map[string]message{
		"x.plain":  {other: "{name}, নম্বর {n}।"},
		"x.plural": {one: "{n}টি বার্তা", other: "{n}টি বার্তা!", plural: true},
	})
	cases := []struct {
		lang, key string
		values    V
		want      string
	}{
		{"en", "x.plain", V{"name": "Rafi", "n": 1024}, "Hello Rafi, no. 1024."},
		{"bn", "x.plain", V{"name": "রাফি", "n": 1024}, "রাফি, নম্বর ১০২৪।"},
		{"bn", "x.plain", V{"name": "House 7", "n": "AB-12"}, "House 7, নম্বর AB-12।"},
		{"en", "x.plural", V{"n": 1}, "1 message"},
		{"en", "x.plural", V{"n": 0}, "0 messages"},
		{"en", "x.plural", V{"n": int64(7)}, "7 messages"},
		{"bn", "x.plural", V{"n": 0}, "০টি বার্তা"},
		{"bn", "x.plural", V{"n": 2}, "২টি বার্তা!"},
		{"bn", "x.only", V{"n": 3}, "English 3"},
		{"de", "x.only", V{"n": 3}, "English 3"},
		{"en", "x.missing", nil, "x.missing"},
		{"en", "x.broken", V{}, "open { and {unknown} stay"},
		{"en", "x.plain", V{"name": "{n}", "n": 5}, "Hello {n}, no. 5."},
	}
	for _, tc := range cases {
		if got := c.T(tc.lang, tc.key, tc.values); got != tc.want {
			t.Errorf("T(%s, %s, %v) = %q, want %q", tc.lang, tc.key, tc.values, got, tc.want)
		}
	}
}

func TestPackageSpeaksWithTheCatalogueInUse(t *testing.T) {
	before := Current()
	t.Cleanup(func() { current.Store(before) })
	current.Store(nil)
	if got := T("en", "time.now"); got != "time.now" {
		t.Errorf("without a catalogue: %q", got)
	}
	Use(load(t))
	if got := T("en", "time.now"); got != "just now" {
		t.Errorf("with a catalogue: %q", got)
	}
}

func TestSectionIsCompletedInEnglish(t *testing.T) {
	c := with(t, map[string]message{"y.a": {other: "A"}, "y.b": {one: "1", other: "n", plural: true}}, map[string]message{"y.a": {other: "ক"}})
	want := map[string]any{"a": "ক", "b": map[string]string{"one": "1", "other": "n"}}
	if got := c.Section("bn", "y"); !reflect.DeepEqual(got, want) {
		t.Errorf("Section = %v, want %v", got, want)
	}
}

func TestBrokenFilesAreRefusedWithTheReason(t *testing.T) {
	cases := map[string]struct{ file, want string }{
		"no English":       {"", "en.json is missing"},
		"not JSON":         {`{"a":`, "en.json"},
		"a number":         {`{"a":{"k":5}}`, "a.k: neither a text"},
		"plural of one":    {`{"a":{"k":{"other":"x"}}}`, `a.k: a plural needs exactly "one" and "other"`},
		"a key twice":      {`{"a":{"k":"x","k":"y"}}`, "duplicate"},
		"no month names":   {`{"a":{"k":"x"}}`, "time.month_names"},
		"too deeply inner": {`{"a":{"k":{"one":{"x":"y"},"other":"z"}}}`, "a.k: neither a text"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"i18n/bn.json": {Data: []byte(`{}`)}}
			if tc.file != "" {
				fsys["i18n/en.json"] = &fstest.MapFile{Data: []byte(tc.file)}
			}
			if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestDatesAndClocks(t *testing.T) {
	c := load(t)
	dhaka := time.FixedZone("+06", 6*3600)
	at := func(h, m int) time.Time { return time.Date(2026, time.November, 22, h, m, 0, 0, dhaka) }
	cases := []struct{ what, got, want string }{
		{"date en", c.Date("en", at(9, 0)), "22 November 2026"},
		{"date bn", c.Date("bn", at(9, 0)), "২২ নভেম্বর ২০২৬"},
		{"short en", c.ShortDate("en", at(9, 0), at(10, 0)), "22 Nov"},
		{"short of last year en", c.ShortDate("en", at(9, 0).AddDate(-1, 0, 0), at(10, 0)), "22 Nov 2025"},
		{"short bn", c.ShortDate("bn", at(9, 0), at(10, 0)), "২২ নভে"},
		{"weekday en", c.Weekday("en", time.Saturday), "Saturday"},
		{"weekday bn", c.Weekday("bn", time.Friday), "শুক্রবার"},
		{"time en", c.Time("en", at(10, 42)), "10:42 am"},
		{"time bn", c.Time("bn", at(10, 42)), "সকাল ১০:৪২"},
		{"time after midnight en", c.Time("en", at(0, 5)), "12:05 am"},
		{"time after midnight bn", c.Time("bn", at(0, 5)), "রাত ১২:০৫"},
		{"dawn bn", c.Clock("bn", at(5, 0)), "ভোর ৫টা"},
		{"clock en", c.Clock("en", at(9, 0)), "9 am"},
		{"clock bn", c.Clock("bn", at(9, 0)), "সকাল ৯টা"},
		{"evening bn", c.Clock("bn", at(22, 0)), "রাত ১০টা"},
		{"afternoon bn", c.Clock("bn", at(16, 30)), "বিকেল ৪:৩০"},
		{"noon en", c.Clock("en", at(12, 0)), "12 noon"},
		{"noon bn", c.Clock("bn", at(12, 0)), "দুপুর ১২টা"},
		{"midnight en", c.Clock("en", at(0, 0)), "12 midnight"},
		{"half past en", c.Clock("en", at(21, 30)), "9:30 pm"},
		{"at en", c.At("en", at(9, 0)), "at 9 am"},
		{"at bn", c.At("bn", at(9, 0)), "সকাল ৯টায়"},
		{"at half past bn", c.At("bn", at(9, 30)), "সকাল ৯:৩০-এ"},
		{"at noon bn", c.At("bn", at(12, 0)), "দুপুর ১২টায়"},
		{"at midnight en", c.At("en", at(0, 0)), "at 12 midnight"},
		{"date and time bn", c.DateTime("bn", at(18, 4)), "২২ নভেম্বর ২০২৬, সন্ধ্যা ৬:০৪"},
		{"unknown language", c.Date("xx", at(9, 0)), "22 November 2026"},
	}
	for _, tc := range cases {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, tc.got, tc.want)
		}
	}
}

func TestDurationsAndDistances(t *testing.T) {
	c := load(t)
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration][2]string{
		0:                               {"1 second", "১ সেকেন্ড"},
		20 * time.Second:                {"20 seconds", "২০ সেকেন্ড"},
		59_900 * time.Millisecond:       {"1 minute", "১ মিনিট"},
		90 * time.Second:                {"2 minutes", "২ মিনিট"},
		3 * time.Minute:                 {"3 minutes", "৩ মিনিট"},
		59*time.Minute + 40*time.Second: {"1 hour", "১ ঘণ্টা"},
		2 * time.Hour:                   {"2 hours", "২ ঘণ্টা"},
		23*time.Hour + 45*time.Minute:   {"1 day", "১ দিন"},
		-72 * time.Hour:                 {"3 days", "৩ দিন"},
		60 * 24 * time.Hour:             {"2 months", "২ মাস"},
		800 * 24 * time.Hour:            {"2 years", "২ বছর"},
	} {
		for i, lang := range []string{"en", "bn"} {
			if got := c.Duration(lang, d); got != want[i] {
				t.Errorf("Duration(%s, %v) = %q, want %q", lang, d, got, want[i])
			}
		}
	}
	for _, tc := range []struct {
		lang, want string
		ago        time.Duration
	}{
		{"en", "just now", 10 * time.Second},
		{"en", "3 minutes ago", 3 * time.Minute},
		{"bn", "৩ মিনিট আগে", 3 * time.Minute},
		{"en", "in 2 hours", -2 * time.Hour},
		{"bn", "২ ঘণ্টা পরে", -2 * time.Hour},
	} {
		if got := c.Relative(tc.lang, now.Add(-tc.ago), now); got != tc.want {
			t.Errorf("Relative(%s, %v) = %q, want %q", tc.lang, tc.ago, got, tc.want)
		}
	}
}

func TestNumbersAndSizes(t *testing.T) {
	c := load(t)
	for n, want := range map[int64][2]string{
		0:        {"0", "০"},
		999:      {"999", "৯৯৯"},
		1000:     {"1,000", "১,০০০"},
		-123456:  {"-123,456", "-১,২৩,৪৫৬"},
		12345678: {"12,345,678", "১,২৩,৪৫,৬৭৮"},
	} {
		for i, lang := range []string{"en", "bn"} {
			if got := c.Number(lang, n); got != want[i] {
				t.Errorf("Number(%s, %d) = %q, want %q", lang, n, got, want[i])
			}
		}
	}
	for n, want := range map[int64][2]string{
		512:        {"512 bytes", "৫১২ বাইট"},
		1536:       {"1.5 KB", "১.৫ কেবি"},
		10 << 20:   {"10 MB", "১০ এমবি"},
		188416:     {"184 KB", "১৮৪ কেবি"},
		5 << 30:    {"5 GB", "৫ জিবি"},
		5000 << 30: {"5000 GB", "৫০০০ জিবি"},
	} {
		for i, lang := range []string{"en", "bn"} {
			if got := c.Size(lang, n); got != want[i] {
				t.Errorf("Size(%s, %d) = %q, want %q", lang, n, got, want[i])
			}
		}
	}
}

func TestMatchChoosesByWeightThenPlace(t *testing.T) {
	both := []string{"bn", "en"}
	for header, want := range map[string]string{
		"":                               "bn",
		"en":                             "en",
		"bn-BD,bn;q=0.9,en;q=0.8":        "bn",
		"en-GB,en;q=0.9,bn;q=0.8":        "en",
		"fr-FR,fr;q=0.9":                 "bn",
		"fr;q=1, en;q=0.5, bn;q=0.4":     "en",
		"bn;q=0.2, en;q=0.7":             "en",
		"en;q=0, *":                      "bn",
		"*;q=0.5, en;q=0.9":              "en",
		"EN-us":                          "en",
		"en;q=abc, bn;q=0.1":             "bn",
		"en;q=2":                         "bn",
		",,;q=,;;":                       "bn",
		strings.Repeat("xx,", 40) + "en": "bn",
	} {
		if got := Match(header, both, "bn"); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
	if got := Match("pt", []string{"en", "pt-BR"}, "en"); got != "en" {
		t.Errorf("a region nobody asked for was served: %q", got)
	}
	if got := Match("pt-br", []string{"en", "pt-BR"}, "en"); got != "pt-BR" {
		t.Errorf("region lost: %q", got)
	}
}

func TestLanguagesAreListed(t *testing.T) {
	c := load(t)
	if got := c.Languages(); !slices.Contains(got, "bn") || !slices.Contains(got, "en") {
		t.Errorf("Languages = %v", got)
	}
	if !c.Has("bn") || c.Has("xx") {
		t.Error("Has tells the wrong thing")
	}
}
