package backup

import (
	"slices"
	"testing"
	"time"
)

func TestTheNewestOfDaysWeeksAndMonthsStay(t *testing.T) {
	dhaka, err := time.LoadLocation("Asia/Dhaka")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	last := time.Date(2026, 11, 22, 3, 0, 0, 0, dhaka)
	for day := range 500 { // thinned every night, as it happens
		names = append(names, nameAt(last.AddDate(0, 0, day-499), true))
		gone := thin(names, Keep{7, 4, 12}, dhaka)
		names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(gone, n) })
	}
	var kept []string
	for _, n := range names {
		at, _ := timeOf(n)
		kept = append(kept, at.In(dhaka).Format("060102"))
	}
	want := []string{
		"251231", "260131", "260228", "260331", "260430", "260531", "260630", "260731", "260831", "260930", "261031",
		"261101", "261108", "261115", "261116", "261117", "261118", "261119", "261120", "261121", "261122",
	}
	if !slices.Equal(kept, want) {
		t.Errorf("%v stay, not %v", kept, want)
	}
}

func TestOnlyOurBackupsAreThinned(t *testing.T) {
	names := []string{"holiday.zip", "shohay-2026-11-20T030000Z.zip", "shohay-2026-11-21T030000Z.zip", "shohay-2026-11-21T030000Z.zip.partial", "pb_backup.zip"}
	if gone := thin(names, Keep{}, time.UTC); !slices.Equal(gone, names[1:2]) {
		t.Errorf("%v go", gone)
	}
}

func TestTheNextBackupIsAtTheHourAfterTheLast(t *testing.T) {
	dhaka, _ := time.LoadLocation("Asia/Dhaka")
	berlin, _ := time.LoadLocation("Europe/Berlin")
	at := func(loc *time.Location, s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		loc        *time.Location
		last, want string
		hour       int
	}{
		{dhaka, "2026-11-22 03:00", "2026-11-23 03:00", 3},
		{dhaka, "2026-11-22 02:59", "2026-11-22 03:00", 3},
		{dhaka, "2026-11-22 17:00", "2026-11-23 03:00", 3},
		{dhaka, "2026-11-22 17:00", "2026-11-23 00:00", 0},
		{berlin, "2026-03-28 02:00", "2026-03-29 03:00", 2}, // the hour that clocks leave out
		{berlin, "2026-10-24 02:00", "2026-10-25 02:00", 2}, // the hour that comes twice
		{berlin, "2026-10-25 02:00", "2026-10-26 02:00", 2},
	} {
		if got := due(at(c.loc, c.last), c.hour, c.loc); !got.Equal(at(c.loc, c.want)) {
			t.Errorf("after %s comes %s, not %s", c.last, got, c.want)
		}
	}
	if !due(time.Time{}, 3, dhaka).IsZero() {
		t.Error("the first waits")
	}
}

// However a place thins its backups, none that is as old as it says is left,
// if one is written every night.
func TestABackupIsGoneAfterItsDays(t *testing.T) {
	for _, keep := range []Keep{{7, 4, 12}, {1, 0, 0}, {3, 8, 0}, {0, 0, 2}, {30, 4, 1}, {0, 0, 0}} {
		begin := time.Date(2025, 12, 31, 3, 0, 0, 0, time.UTC) // the last of a month stays longest
		var names []string
		longest := 0
		for day := range 800 {
			now := begin.AddDate(0, 0, day)
			names = append(names, nameAt(now, false))
			gone := thin(names, keep, time.UTC)
			names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(gone, n) })
			oldest, _ := timeOf(names[0])
			longest = max(longest, int(now.Sub(oldest)/(24*time.Hour)))
		}
		if longest >= keep.lasts() {
			t.Errorf("%+v: one was %d days old, said to be gone after %d", keep, longest, keep.lasts())
		}
		if keep.lasts()-longest > 45 {
			t.Errorf("%+v: %d days are said, %d is the longest", keep, keep.lasts(), longest)
		}
	}
}
