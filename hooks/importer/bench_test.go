package importer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/schema"
)

// BenchmarkTable takes in a table of 100,000 customers: checked, taken in, and
// once more with every customer known. Rows a second.
//
//	go test -run '^$' -bench Table -benchtime 1x ./hooks/importer/
func BenchmarkTable(b *testing.B) {
	const rows = 100_000
	var table strings.Builder
	table.WriteString("Name,E-mail,Mobile,Notes,Tags\n")
	for i := range rows {
		fmt.Fprintf(&table, "Customer %d,customer%d@mail.test,017%08d,bought %d times,shop\n", i, i, i, i%7)
	}
	for b.Loop() {
		s := open(b)
		for _, step := range []struct {
			name string
			dry  bool
		}{{"checked", true}, {"taken", false}, {"known", false}} {
			j := s.upload("contacts", "", table.String())
			begun := time.Now()
			j = s.run(j.ID, map[string]any{"dry": step.dry})
			if j.Done != rows || j.Refused != 0 || j.State == schema.ImportFailed {
				b.Fatalf("%s: %+v", step.name, j)
			}
			b.ReportMetric(rows/time.Since(begun).Seconds(), step.name+"-rows/s")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkArchive takes in an archive of 1,000 mails in 250 conversations.
// Mails a second.
//
//	go test -run '^$' -bench Archive -benchtime 1x ./hooks/importer/
func BenchmarkArchive(b *testing.B) {
	const mails = 1000
	begin := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	var archive strings.Builder
	for i := range mails {
		talk, turn := i/4, i%4
		from, to := fmt.Sprintf("customer%d@mail.test", talk), "help@shop.test"
		if turn%2 == 1 {
			from, to = to, from
		}
		at := begin.Add(time.Duration(i) * time.Minute)
		fmt.Fprintf(&archive, "From %s %s\nFrom: %s\nTo: %s\nSubject: Order %d\nDate: %s\nMessage-ID: <m%d@mail.test>\n", from, at.Format(time.ANSIC), from, to, talk, at.Format(time.RFC1123Z), i)
		if turn > 0 {
			fmt.Fprintf(&archive, "In-Reply-To: <m%d@mail.test>\n", i-1)
		}
		fmt.Fprintf(&archive, "\nWhere is order %d? It was to come on Monday, and this is mail %d about it.\n\n", talk, turn)
	}
	for b.Loop() {
		s := open(b)
		var box struct{ ID string }
		s.owner.Must(200, "POST", "/api/collections/mailboxes/records", map[string]any{"address": "help@shop.test", "active": false}).JSON(b, &box)
		j := s.upload("mail", box.ID, archive.String())
		begun := time.Now()
		j = s.run(j.ID, map[string]any{})
		if j.Done != mails || j.Refused != 0 || j.State == schema.ImportFailed {
			b.Fatalf("%+v", j)
		}
		b.ReportMetric(mails/time.Since(begun).Seconds(), "mails/s")
	}
	b.ReportMetric(0, "ns/op")
}
