package e2e

import (
	"bytes"
	"encoding/json/v2"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/bucket"
	"github.com/shohay/shohay/hooks/schema"
)

var (
	replicaKills = flag.Int("replicakills", 6, "how often TestKillUnderReplication kills the program")
	vanishings   = flag.Int("vanishings", 2, "how often TestTheMachineVanishesUnderLoad lets the machine vanish")
)

// where is a place that a replica is written to.
type where struct {
	name   string
	change map[string]any // of the place's record
	from   string         // as restore is told
	env    []string
}

const replicaSecret = "correct horse battery"

func inFolder(tb testing.TB) where {
	dir := filepath.Join(tb.TempDir(), "replica")
	return where{name: "folder", change: map[string]any{schema.PlaceFolder: dir}, from: dir}
}

// inBucket is storage in a process of the test's, encrypted.
func inBucket(tb testing.TB) where {
	b := bucket.Serve(tb)
	b.Pages(1000)
	return where{
		name: "bucket",
		change: map[string]any{
			schema.PlaceKind: schema.PlaceKindBucket, schema.PlaceEndpoint: b.URL, schema.PlaceBucket: bucket.Name, schema.PlaceRegion: bucket.Region,
			schema.PlaceAccessKey: bucket.AccessKey, schema.PlaceSecretKey: bucket.SecretKey, schema.PlacePathStyle: true,
			schema.PlacePrefix: "shop", schema.PlacePassphrase: replicaSecret,
		},
		from: "s3://" + bucket.Name + "/shop?path_style=1&region=" + bucket.Region + "&endpoint=" + b.URL,
		env:  []string{"SHOHAY_S3_ACCESS_KEY=" + bucket.AccessKey, "SHOHAY_S3_SECRET_KEY=" + bucket.SecretKey, "SHOHAY_PASSPHRASE=" + replicaSecret},
	}
}

// restore brings the shop back into a new folder, as an owner would.
func (w where) restore(tb testing.TB, exe string) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "new")
	cmd := exec.Command(exe, "restore", "--from", w.from, "--dir", dir)
	cmd.Env = append(os.Environ(), w.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("restore: %v: %s", err, out)
	}
	return dir
}

// TestKillUnderReplication is TestKill while everything is copied. What comes
// back from the replica is then compared: every row of every table, every file.
// What was deleted may be there too.
func TestKillUnderReplication(t *testing.T) {
	for _, place := range []func(testing.TB) where{inFolder, inBucket} {
		w := place(t)
		t.Run(w.name, func(t *testing.T) {
			b := batter(t, *replicaKills, func(s *staff) { s.replicate(t, w.change) }, func(dir string) {
				// A program that is stopped copies what came at the end, not for
				// minutes what none of its short lives had the time for.
				hookstest.Until(t, "every file in the replica", 3*time.Minute, func() bool { return hookstest.Has(w.restore(t, built(t)), dir) })
			})
			dir := w.restore(t, b.p.exe)
			hookstest.Back(t, b.p.dir, dir, schema.BackupPlaces) // how the copying goes is noted there, also of the last copy
			if t.Failed() {
				return
			}
			rows, files := hookstest.Dump(t, dir), 0
			_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
				if err == nil && e.Type().IsRegular() {
					files++
				}
				return nil
			})
			t.Logf("%d tables are the same and %d files are there; messages: %s", len(rows), files, rows[schema.Messages])
			serve(t, dir)
		})
	}
}

// said is a message that was acknowledged, and when.
type acknowledged struct {
	text string
	file bool
	at   time.Time
}

// TestTheMachineVanishesUnderLoad kills the program at a random instant while
// 20 messages a second come in, a fifth of them with a file, and brings the
// shop back from the replica alone. Lost is what was acknowledged and is not
// there; how much is told in seconds before the end.
func TestTheMachineVanishesUnderLoad(t *testing.T) {
	for _, place := range []func(testing.TB) where{inFolder, inBucket} {
		w := place(t)
		t.Run(w.name, func(t *testing.T) {
			s := prepare(t, 1, nil)
			s.replicate(t, w.change)
			var lost, took []time.Duration
			missing, files, all := 0, 0, 0
			for round := range *vanishings {
				said, end, p := vanish(t, s, round)
				begun := time.Now()
				dir := w.restore(t, p.exe)
				took = append(took, time.Since(begun))
				there := found(t, dir)
				var worst time.Duration
				for _, m := range said {
					all++
					stored, ok := there[m.text]
					if !ok {
						missing++
					} else if m.file && stored == "" {
						files++
					}
					if !ok || m.file && stored == "" {
						worst = max(worst, end.Sub(m.at))
					}
				}
				lost = append(lost, worst)
			}
			slices.Sort(lost)
			slices.Sort(took)
			p50, most := lost[len(lost)/2], lost[len(lost)-1]
			t.Logf("%d vanishings, %d messages acknowledged, %d of them and %d files of others lost; seconds lost: p50 %.2f, max %.2f; back in p50 %.1f s, max %.1f s",
				len(lost), all, missing, files, p50.Seconds(), most.Seconds(), took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
			if all == 0 {
				t.Error("nothing was said")
			}
			if most > 30*time.Second { // the aim of 2 s is measured on a calm machine
				t.Errorf("%s are lost", most)
			}
		})
	}
}

// vanish starts the program, writes, and kills it. It answers what was
// acknowledged in order and when the end was.
func vanish(t *testing.T, s *staff, round int) (said []acknowledged, end time.Time, p *program) {
	t.Helper()
	p = serve(t, s.dir)
	// A new shop's first copy has to be whole before anything can be lost.
	hookstest.Until(t, "the replica to be complete", 2*time.Minute, func() bool {
		var r struct {
			Items []struct{ Live_good, Live_error string }
		}
		p.client(s.admin).Must(http.StatusOK, http.MethodGet, "/api/collections/backup_places/records?filter=continuous%3Dtrue", nil).JSON(t, &r)
		return len(r.Items) == 1 && r.Items[0].Live_good != "" && r.Items[0].Live_error == ""
	})
	var mu sync.Mutex
	var over atomic.Bool
	var wg sync.WaitGroup
	const writers = 4
	for w := range writers {
		wg.Go(func() {
			token := begin(p.Base)
			for i := 0; !over.Load() && token != ""; i++ {
				m := acknowledged{text: fmt.Sprintf("round %d writer %d says %d", round, w, i), file: i%5 == 4}
				if !tell(p.Base, token, m) {
					return // it vanished, and nobody was told that this arrived
				}
				m.at = time.Now()
				mu.Lock()
				said = append(said, m)
				mu.Unlock()
				time.Sleep(writers * time.Second / 20)
			}
		})
	}
	time.Sleep(3*time.Second + rand.N(3*time.Second))
	over.Store(true)
	end = time.Now()
	p.kill()
	wg.Wait()
	said = slices.DeleteFunc(said, func(m acknowledged) bool { return m.at.After(end) })
	return said, end, p
}

func begin(base string) string {
	var a answered
	res, err := http.Post(base+"/api/chat/start", "application/json", strings.NewReader("{}"))
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	if json.UnmarshalRead(res.Body, &a) != nil {
		return ""
	}
	return a.Token
}

// tell sends a message and tells whether it was acknowledged.
func tell(base, token string, m acknowledged) bool {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("client_id", strings.ReplaceAll(m.text, " ", "-")) // a buffer takes everything
	_ = form.WriteField("text", m.text)
	if m.file {
		f, _ := form.CreateFormFile("files", "note.txt")
		_, _ = io.WriteString(f, m.text)
	}
	_ = form.Close()
	req, err := http.NewRequest(http.MethodPost, base+"/api/chat/messages", &body)
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.StatusCode == http.StatusOK
}

// found are the messages of a folder, with the path of the file of each, if
// that is there.
func found(t *testing.T, dir string) map[string]string {
	t.Helper()
	app := hookstest.Open(t, dir)
	defer app.Stop()
	records, err := app.FindAllRecords(schema.Messages)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for _, r := range records {
		stored := ""
		for _, name := range r.GetStringSlice(schema.MsgFiles) {
			at := filepath.Join(dir, "storage", r.BaseFilesPath(), name)
			if raw, err := os.ReadFile(at); err == nil && string(raw) == r.GetString(schema.MsgText) {
				stored = at
			}
		}
		there[r.GetString(schema.MsgText)] = stored
	}
	return there
}

// BenchmarkReplicaCost is what continuous replication costs: a shop with 100
// visitors at 10 messages a second for 30 s, and then nobody, without a replica,
// with one in a folder, and with an encrypted one in a bucket.
func BenchmarkReplicaCost(b *testing.B) {
	load, err := buildLoad()
	if err != nil {
		b.Fatal(err)
	}
	for _, w := range []where{{name: "without"}, inFolder(b), inBucket(b)} {
		b.Run(w.name, func(b *testing.B) {
			s := prepare(b, 5, nil)
			if w.change != nil {
				s.replicate(b, w.change)
			}
			p := serve(b, s.dir)
			time.Sleep(5 * time.Second) // the first copy is made
			pid := p.cmd.Process.Pid
			cmd := exec.Command(load, "-base", p.Base, "-pid", fmt.Sprint(pid), "-visitors", "100", "-rate", "10", "-for", benchFor.String(), "-agents", strings.Join(s.tokens, ","))
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				b.Fatal(err)
			}
			var r struct {
				Sent, Errors                int
				CPUPerMessage, RSS, PeakRSS float64
				PostP99                     float64
			}
			if err := json.Unmarshal(out, &r); err != nil || r.Errors > 0 {
				b.Fatal(r.Errors, " errors, ", err)
			}
			time.Sleep(5 * time.Second)
			const idle = 20 * time.Second
			before := processorTime(b, pid)
			time.Sleep(idle)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.CPUPerMessage*10/10, "cpu-%-at-10/s") // ms a message × 10 messages a second, of 1,000 ms
			b.ReportMetric((processorTime(b, pid)-before).Seconds()/idle.Seconds()*100, "idle-cpu-%")
			b.ReportMetric(r.RSS, "rss-MB")
			b.ReportMetric(r.PeakRSS, "peak-rss-MB")
			b.ReportMetric(memory(b, pid, "VmRSS"), "idle-rss-MB")
			b.ReportMetric(r.PostP99, "post-p99-ms")
		})
	}
}

// processorTime is what a process has used, in user and in system mode.
func processorTime(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		tb.Skip("processor time is measured on Linux only: ", err)
	}
	// The name, in brackets, may hold spaces; utime and stime are the 14th and 15th.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// A second machine follows, is refused while it does, and with one command is
// the shop when the first is gone; the first, come back, does not write over it.
func TestASecondMachineTakesOverByOneCommand(t *testing.T) {
	w := inFolder(t)
	s := prepare(t, 1, nil)
	s.replicate(t, w.change)
	first := serve(t, s.dir)
	token := begin(first.Base)
	if token == "" || !tell(first.Base, token, acknowledged{text: "said to the first", file: true}) {
		t.Fatal("the first machine takes nothing in")
	}
	dir := filepath.Join(t.TempDir(), "standby")
	said := &tail{}
	follow := exec.Command(first.exe, "standby", "--from", w.from, "--dir", dir)
	follow.Stdout, follow.Stderr = said, said
	// The replica has to be there to be followed.
	hookstest.Until(t, "the replica", time.Minute, func() bool {
		found, _ := filepath.Glob(filepath.Join(w.from, "live", "g*", "db", "0000", "*"))
		return len(found) > 0
	})
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = follow.Process.Kill() }) // it may have ended
	hookstest.Until(t, "what the second machine follows", 2*time.Minute, func() bool {
		_, err := os.Stat(filepath.Join(dir, "data.db-txid"))
		return err == nil
	})
	if out, err := exec.Command(first.exe, "serve", "--dir", dir, "--http", freeAddress(t)).CombinedOutput(); err == nil || !strings.Contains(string(out), "takeover") {
		t.Errorf("a folder that follows is served: %v: %s", err, out)
	}
	if !tell(first.Base, token, acknowledged{text: "said while it follows", file: true}) {
		t.Fatal("the first machine takes nothing in")
	}
	hookstest.Until(t, "all of it in the replica", 2*time.Minute, func() bool {
		return found(t, w.restore(t, first.exe))["said while it follows"] != ""
	})
	first.kill()

	begun := time.Now()
	second := newProgram(t, dir)
	second.verb = "takeover"
	second.start()
	second.await()
	t.Logf("the second machine serves %.1f s after it was told to", time.Since(begun).Seconds())
	if err := follow.Wait(); err != nil {
		t.Errorf("the one that followed: %v: %s", err, said)
	}
	if !tell(second.Base, token, acknowledged{text: "said to the second"}) {
		t.Error("the second machine does not know the visitor")
	}
	second.stop()
	there := found(t, dir)
	for _, text := range []string{"said to the first", "said while it follows", "said to the second"} {
		if stored, ok := there[text]; !ok || stored == "" && text != "said to the second" {
			t.Errorf("%q is missing, or its file: %t %q; the follower said %s", text, ok, stored, said)
		}
	}
	// A third machine, which has nothing yet, is the shop by the replica alone.
	again := filepath.Join(t.TempDir(), "third")
	if out, err := exec.Command(first.exe, "takeover", "--dir", again, "--http", freeAddress(t)).CombinedOutput(); err == nil || !strings.Contains(string(out), "--from") {
		t.Errorf("nobody said where the replica is: %v: %s", err, out)
	}
	third := newProgram(t, again)
	third.verb, third.more = "takeover", []string{"--from", w.from}
	third.start()
	third.await()
	if !tell(third.Base, token, acknowledged{text: "said to the third"}) {
		t.Error("the third machine does not know the visitor")
	}
	third.stop()
	there = found(t, again)
	for _, text := range []string{"said to the first", "said while it follows", "said to the second", "said to the third"} {
		if stored, ok := there[text]; !ok || stored == "" && !strings.HasPrefix(text, "said to the second") && !strings.HasPrefix(text, "said to the third") {
			t.Errorf("%q is missing at the third machine, or its file: %t %q", text, ok, stored)
		}
	}
}
