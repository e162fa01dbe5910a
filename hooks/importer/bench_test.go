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
