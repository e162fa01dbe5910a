package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json/v2"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
)

var (
	benchVisitors = flag.Int("visitors", 1000, "visitors of BenchmarkChat")
	benchRate     = flag.Float64("rate", 50, "messages a second of BenchmarkChat")
	benchFor      = flag.Duration("during", 30*time.Second, "how long BenchmarkChat writes")
)

// BenchmarkChat is a busy shop: 1,000 visitors connected, 5 agents at their
// desks, 50 messages a second in both directions for 30 s, from a client in a
// process of its own. Times are from before the request to the event at the
// other side; CPU is all that the server used meanwhile, pings and presence
// included.
func BenchmarkChat(b *testing.B) {
	load, err := buildLoad()
	if err != nil {
		b.Fatal(err)
	}
	var base string
	var pid int
	var s *staff
	if *inProcess {
		s = prepare(b, 5, nil)
		base, pid = hookstest.Open(b, s.dir).Serve(), os.Getpid()
	} else {
		s = prepare(b, 5, nil)
		p := serve(b, s.dir)
		base, pid = p.Base, p.cmd.Process.Pid
	}
	cmd := exec.Command(load, "-base", base, "-pid", fmt.Sprint(pid), "-visitors", fmt.Sprint(*benchVisitors), "-rate", fmt.Sprint(*benchRate), "-for", benchFor.String(), "-agents", strings.Join(s.tokens, ","))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var r struct {
		Sent, Errors, AgentMissing, VisitorMissing, OutOfOrder int
		AgentP50, AgentP99, VisitorP50, VisitorP99, Max        float64
		PostP50, PostP99, CPUPerMessage, RSS, PeakRSS, IdleCPU float64
		SystemPerMessage                                       float64
	}
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatal(err)
	}
	if r.Errors > 0 || r.AgentMissing != 0 || r.VisitorMissing != 0 || r.OutOfOrder > 0 {
		b.Errorf("%d errors, %d and %d deliveries missing, %d out of order", r.Errors, r.AgentMissing, r.VisitorMissing, r.OutOfOrder)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.AgentP50, "agent-p50-ms")
	b.ReportMetric(r.AgentP99, "agent-p99-ms")
	b.ReportMetric(r.VisitorP50, "visitor-p50-ms")
	b.ReportMetric(r.VisitorP99, "visitor-p99-ms")
	b.ReportMetric(r.Max, "max-ms")
	b.ReportMetric(r.PostP50, "post-p50-ms")
	b.ReportMetric(r.PostP99, "post-p99-ms")
	b.ReportMetric(r.CPUPerMessage, "cpu-ms/message")
	b.ReportMetric(r.SystemPerMessage, "system-cpu-ms/message")
	b.ReportMetric(r.IdleCPU, "idle-cpu-%")
	b.ReportMetric(r.RSS, "rss-MB")
	b.ReportMetric(r.PeakRSS, "peak-rss-MB")
}

// BenchmarkProgram is what the executable costs before anybody comes: its
// size, the time from starting the process to its first answer on a database
// of last time, the memory it keeps when nothing happens, the time to stop.
func BenchmarkProgram(b *testing.B) {
	s := prepare(b, 2, nil)
	p := newProgram(b, s.dir)
	info, err := os.Stat(p.exe)
	if err != nil {
		b.Fatal(err)
	}
	var starts, stops []float64
	for range 9 {
		begun := time.Now()
		p.start()
		p.await()
		starts = append(starts, float64(time.Since(begun).Microseconds())/1000)
		stops = append(stops, float64(p.stop().Microseconds())/1000)
	}
	p.start()
	p.await()
	time.Sleep(5 * time.Second)
	slices.Sort(starts)
	slices.Sort(stops)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(info.Size())/(1<<20), "executable-MB")
	b.ReportMetric(starts[len(starts)/2], "start-ms")
	b.ReportMetric(starts[len(starts)-1], "slowest-start-ms")
	b.ReportMetric(stops[len(stops)/2], "stop-ms")
	b.ReportMetric(memory(b, p.cmd.Process.Pid, "VmRSS"), "idle-rss-MB")
}

// BenchmarkPages is what a browser fetches, compressed as the program sends
// it: the widget's script, and everything the desk's sign-in page loads first.
func BenchmarkPages(b *testing.B) {
	p := serve(b, prepare(b, 1, nil).dir)
	widget := p.gzipped(b, "/widget.js")
	desk, files := p.firstLoad(b, "/desk/", "/i18n/bn.json?only=time,common,desk", "/shared/icons.svg")
	portal, portalFiles := p.firstLoad(b, "/")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(widget)/1024, "widget-KB")
	b.ReportMetric(float64(desk)/1024, "desk-KB")
	b.ReportMetric(float64(files), "desk-files")
	b.ReportMetric(float64(portal)/1024, "portal-KB")
	b.ReportMetric(float64(portalFiles), "portal-files")
}

// gzipped is how many bytes of body come over the line for a browser.
func (p *program) gzipped(tb testing.TB, path string) int {
	tb.Helper()
	raw, _ := p.fetch(tb, path)
	return raw
}

func (p *program) fetch(tb testing.TB, path string) (raw int, text string) {
	tb.Helper()
	req, err := http.NewRequest(http.MethodGet, p.Base+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	raw = len(body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		if body, err = io.ReadAll(r); err != nil {
			tb.Fatal(err)
		}
	}
	return raw, string(body)
}

var (
	linked   = regexp.MustCompile(`<(?:link|script)[^>]+(?:href|src)="(/[^"]+)"`)
	imported = regexp.MustCompile(`(?m)^(?:import|export)[^;]*?from "(\.[^"]+)"`)
)

// firstLoad is what a page needs before it is drawn: itself, what its head
// names, what its modules import, and more that its modules fetch.
func (p *program) firstLoad(tb testing.TB, page string, more ...string) (size, files int) {
	tb.Helper()
	seen := map[string]bool{}
	var take func(at string)
	take = func(at string) {
		plain, _, _ := strings.Cut(at, "?")
		if seen[plain] {
			return
		}
		seen[plain] = true
		raw, text := p.fetch(tb, at)
		size += raw
		files++
		switch {
		case strings.HasSuffix(plain, "/"):
			for _, m := range linked.FindAllStringSubmatch(text, -1) {
				take(html.UnescapeString(m[1]))
			}
		case strings.HasSuffix(plain, ".js"):
			for _, m := range imported.FindAllStringSubmatch(text, -1) {
				take(path.Join(path.Dir(plain), m[1]))
			}
		}
	}
	for _, at := range append([]string{page}, more...) {
		take(at)
	}
	return size, files
}
