package calendar

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/i18n"
)

// Rule 56: times in their many forms.
func TestTimes(t *testing.T) {
	want := time.Date(2026, 2, 15, 4, 30, 0, 0, time.UTC)
	for name, line := range map[string]string{
		"utc":                "DTSTART:20260215T043000Z",
		"a zone's name":      "DTSTART;TZID=Asia/Dhaka:20260215T103000",
		"in quotes":          `DTSTART;TZID="Asia/Dhaka":20260215T103000`,
		"Windows":            "DTSTART;TZID=Bangladesh Standard Time:20260215T103000",
		"with a prefix":      "DTSTART;TZID=/freeassociation.test/Tzfile/Asia/Dhaka:20260215T103000",
		"summer half a year": "DTSTART;TZID=Eastern Standard Time:20260214T233000",
	} {
		events := Parse([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + line + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
		if len(events) != 1 || !events[0].Start.Equal(want) {
			t.Errorf("%s: %+v", name, events)
		}
	}
	events := Parse([]byte("BEGIN:VEVENT\nDTSTART:20260215T103000\nSUMMARY:long\n  title\\, with\\nbreak\n"))
	if len(events) != 1 || !events[0].Floating || events[0].Summary != "long title, with, break" {
		t.Errorf("never closed, no zone: %+v", events)
	}
	if d := duration("P1DT2H30M"); d != 26*time.Hour+30*time.Minute {
		t.Errorf("duration %v", d)
	}
}

func TestHostileCalendars(t *testing.T) {
	for name, raw := range map[string]string{
		"events": strings.Repeat("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", 50_000),
		"folds":  "BEGIN:VEVENT\nSUMMARY:" + strings.Repeat("\n x", 500_000),
		"nested": strings.Repeat("BEGIN:VEVENT\n", 100_000),
		"zones":  strings.Repeat("BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n", 20_000),
		"quotes": "BEGIN:VEVENT\nSUMMARY;" + strings.Repeat(`"`, 1_000_000),
	} {
		began := time.Now()
		if n := len(Parse([]byte(raw))); n > maxEvents {
			t.Errorf("%s: %d events", name, n)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	texts, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		f.Fatal(err)
	}
	i18n.Use(texts)
	f.Add("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:a\\, b\nDTSTART;TZID=Asia/Dhaka:20260215T103000\nDURATION:PT1H\nORGANIZER;CN=\"R\":mailto:r@x.test\nEND:VEVENT\nEND:VCALENDAR")
	f.Add("BEGIN:VTIMEZONE\nTZID:C\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=C:20260715T100000\nEND:VEVENT")
	f.Add("METHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=DECLINED:mailto:a@b\nDTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260217\nRRULE:FREQ=DAILY")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, e := range Parse([]byte(raw)) {
			text := e.Text("bn", time.UTC)
			if !utf8.ValidString(text) || strings.Count(text, "\n") > 3 || strings.ContainsRune(text, 0) {
				t.Errorf("%q", text)
			}
		}
	})
}
