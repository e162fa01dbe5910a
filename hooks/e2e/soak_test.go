package e2e

import (
	"context"
	"encoding/json/v2"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

var soakFor = flag.Duration("soak", 30*time.Second, "how long BenchmarkSoak lasts")

// vitals are what must not grow for ever.
type vitals struct {
	at         time.Duration
	rss        float64 // MB
	goroutines int
	files      int     // open ones
	database   float64 // MB, with its write-ahead log
	log        float64 // MB, the write-ahead log alone
	replica    float64 // MB
	state      string  // of the health
}

func (v vitals) String() string {
	return fmt.Sprintf("%6s  %6.1f MB  %4d goroutines  %4d open files  database %6.1f MB (log %5.1f)  replica %6.1f MB  health %s",
		v.at.Round(time.Second), v.rss, v.goroutines, v.files, v.database, v.log, v.replica, v.state)
}

func sizeOf(dir string, names ...string) (mb float64) {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			mb += float64(info.Size()) / (1 << 20)
		}
	}
	return mb
}

// weight is what lies in a folder.
func weight(dir string) (mb float64) {
	_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				mb += float64(info.Size()) / (1 << 20)
			}
		}
		return nil // what is deleted meanwhile has no weight
	})
	return mb
}

func (p *program) vitals(admin, replica string, since time.Time) vitals {
	p.tb.Helper()
	var health struct {
		Data struct {
			State      string
			Goroutines int
			Checks     []struct{ Name, State, Said string }
		}
	}
	p.client(admin).Must(http.StatusOK, http.MethodGet, "/api/health?details=1&lang=en", nil).JSON(p.tb, &health)
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.tb.Fatal(err)
	}
	v := vitals{
		at: time.Since(since), rss: memory(p.tb, p.cmd.Process.Pid, "VmRSS"), goroutines: health.Data.Goroutines, files: len(open),
		database: sizeOf(p.dir, "data.db", "data.db-wal"), log: sizeOf(p.dir, "data.db-wal"), replica: weight(replica), state: health.Data.State,
	}
	for _, c := range health.Data.Checks {
		if c.State != schema.CheckOK {
			v.state += ", " + c.Name + ": " + c.Said
		}
	}
	return v
}

// BenchmarkSoak is a shop that is busy for long: 200 visitors and 5 agents who
// write 10 messages a second, a mail every 5 s, continuous replication to a
// folder. What it is made of is noted 30 times meanwhile. Memory is that of the
// process (VmRSS), with SQLite's.
func BenchmarkSoak(b *testing.B) {
	load, err := buildLoad()
	if err != nil {
		b.Fatal(err)
	}
	imap, smtp := mailtest.NewIMAP(b), mailtest.NewSMTP(b)
	s := prepare(b, 5, nil)
	s.mailbox(b, imap, smtp)
	replica := filepath.Join(b.TempDir(), "replica")
	s.replicate(b, map[string]any{schema.PlaceFolder: replica})
	p := serve(b, s.dir)

	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var posting sync.WaitGroup
	posting.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-time.After(5 * time.Second):
				imap.Put(fmt.Sprintf("From: customer%d@mail.test\r\nTo: %s\r\nSubject: Question %d\r\nMessage-ID: <soak-%d@mail.test>\r\nDate: %s\r\n\r\nWhere is parcel %d?\r\n", n%50, mailtest.Login, n, n, time.Now().Format(time.RFC1123Z), n))
			}
		}
	})
	defer posting.Wait()
	defer cancel()

	cmd := exec.Command(load, "-base", p.Base, "-pid", fmt.Sprint(p.cmd.Process.Pid), "-visitors", "200", "-rate", "10", "-for", soakFor.String(), "-agents", strings.Join(s.tokens, ","))
	cmd.Stderr = os.Stderr
	type result struct {
		out []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		out, err := cmd.Output()
		done <- result{out, err}
	}()
	time.Sleep(min(15*time.Second, *soakFor/3)) // everybody is connected
	begun := time.Now()
	var seen []vitals
	look := func() {
		seen = append(seen, p.vitals(s.admin, replica, begun))
		b.Log(seen[len(seen)-1])
	}
	look()
	tick := time.NewTicker(max(*soakFor/30, time.Second))
	defer tick.Stop()
	var r result
	for r.out == nil && r.err == nil {
		select {
		case <-tick.C:
			look()
		case r = <-done:
		}
	}
	if r.err != nil {
		b.Fatal(r.err)
	}
	var got struct {
		Sent, Errors, AgentMissing, VisitorMissing, OutOfOrder int
		AgentP99, VisitorP99, PostP99, CPUPerMessage, PeakRSS  float64
	}
	if err := json.Unmarshal(r.out, &got); err != nil {
		b.Fatal(err)
	}
	if got.Errors > 0 || got.AgentMissing != 0 || got.VisitorMissing != 0 || got.OutOfOrder > 0 {
		b.Errorf("%d errors, %d and %d deliveries missing, %d out of order", got.Errors, got.AgentMissing, got.VisitorMissing, got.OutOfOrder)
	}
	first, middle, last := seen[0], seen[len(seen)/2], seen[len(seen)-1]
	if *soakFor >= 10*time.Minute {
		if last.rss > 1.15*middle.rss+10 {
			b.Errorf("memory grew from %.0f to %.0f MB in the second half", middle.rss, last.rss)
		}
		if last.goroutines > first.goroutines+50 || last.files > first.files+50 {
			b.Errorf("from %d goroutines and %d files to %d and %d", first.goroutines, first.files, last.goroutines, last.files)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(got.Sent), "messages")
	b.ReportMetric(first.rss, "first-rss-MB")
	b.ReportMetric(seen[len(seen)/6].rss, "sixth-rss-MB")
	b.ReportMetric(middle.rss, "half-rss-MB")
	b.ReportMetric(last.rss, "last-rss-MB")
	b.ReportMetric(got.PeakRSS, "peak-rss-MB")
	b.ReportMetric(float64(last.goroutines-first.goroutines), "more-goroutines")
	b.ReportMetric(float64(last.files-first.files), "more-files")
	b.ReportMetric(last.database, "database-MB")
	b.ReportMetric(got.CPUPerMessage, "cpu-ms/message")
	b.ReportMetric(got.PostP99, "post-p99-ms")
}

// replicate makes the shop's first place continuous, as the change says.
func (s *staff) replicate(tb testing.TB, change map[string]any) {
	tb.Helper()
	app := hookstest.Open(tb, s.dir)
	defer app.Stop()
	r, err := app.FindRecordById(schema.BackupPlaces, "shohay_place001")
	if err != nil {
		tb.Fatal(err)
	}
	r.Load(change)
	r.Set(schema.PlaceContinuous, true)
	if err := app.Save(r); err != nil {
		tb.Fatal(err)
	}
	s.copied = true
}
