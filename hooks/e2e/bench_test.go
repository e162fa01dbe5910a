package e2e

import (
	"encoding/json/v2"
	"flag"
	"fmt"
	"os"
	"os/exec"
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
	b.ReportMetric(r.IdleCPU, "idle-cpu-%")
	b.ReportMetric(r.RSS, "rss-MB")
	b.ReportMetric(r.PeakRSS, "peak-rss-MB")
}
