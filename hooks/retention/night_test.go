package retention

import (
	"testing"
	"time"
)

func TestTheNightIsTheShops(t *testing.T) {
	at := func(s string) time.Time {
		p, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		now, zone string
		want      time.Duration
	}{
		{"2026-11-22T20:00:00Z", "Asia/Dhaka", 24 * time.Hour}, // 02:00 there
		{"2026-11-22T19:00:00Z", "Asia/Dhaka", time.Hour},
		{"2026-11-22T01:30:00Z", "UTC", 30 * time.Minute},
		{"2026-11-22T01:30:00Z", "Nowhere/Atall", 30 * time.Minute},
		{"2026-10-25T02:30:00Z", "Europe/Berlin", 22*time.Hour + 30*time.Minute}, // 03:30, the clocks have just gone back
	} {
		if got := untilNight(at(c.now), c.zone); got != c.want {
			t.Errorf("%s in %s: %s instead of %s", c.now, c.zone, got, c.want)
		}
	}
}
