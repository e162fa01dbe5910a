package spam

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// sample is one mail of testdata/mails.txt.
type sample struct {
	spam     bool
	language string // en, bn, bl (Bangla in Latin letters)
	subject  string
	features Features
}

func samples(t testing.TB) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/mails.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for _, block := range strings.Split("\n"+string(data), "\n== ")[1:] {
		head, body, _ := strings.Cut(block, "\n")
		kind, rest, _ := strings.Cut(head, " | ")
		from, subject, ok := strings.Cut(rest, " | ")
		verdict, language, _ := strings.Cut(kind, " ")
		if !ok || verdict != "ham" && verdict != "spam" {
			t.Fatalf("%q", head)
		}
		m := mime.Parse([]byte("From: " + from + "\r\nTo: help@clayhouse.example\r\nSubject: " + subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body))
		if m.From.Addr == "" {
			t.Fatalf("no sender in %q", head)
		}
		all = append(all, sample{verdict == "spam", language, subject, Of(m)})
	}
	return all
}

// The classifier on mails that it has not seen: ten times five parts, each
// part judged by what was learned from the other four.
func TestEvaluation(t *testing.T) {
	all := samples(t)
	languages := map[string]int{}
	for _, s := range all {
		languages[fmt.Sprint(s.language, " ", s.spam)]++
	}
	if len(all) < 130 || len(languages) != 6 {
		t.Fatalf("%d mails: %v", len(all), languages)
	}
	type count struct{ hit, miss, false_, right int }
	per := map[string]*count{"en": {}, "bn": {}, "bl": {}}
	var sum count
	wrong := map[string]int{}
	const rounds, parts = 10, 5
	for round := range rounds {
		order := rand.New(rand.NewPCG(7, uint64(round))).Perm(len(all))
		for part := range parts {
			m := New()
			for i, n := range order {
				if i%parts != part {
					m.Train(fmt.Sprint(n), all[n].features, all[n].spam)
				}
			}
			for i, n := range order {
				if i%parts != part {
					continue
				}
				s := all[n]
				for _, c := range []*count{&sum, per[s.language]} {
					switch said := m.Spam(s.features); {
					case s.spam && said:
						c.hit++
					case s.spam:
						c.miss++
					case said:
						c.false_++
						wrong[s.subject]++
					default:
						c.right++
					}
				}
			}
		}
	}
	report := func(name string, c *count) (precision, recall, falsely float64) {
		precision = float64(c.hit) / float64(max(1, c.hit+c.false_))
		recall = float64(c.hit) / float64(c.hit+c.miss)
		falsely = float64(c.false_) / float64(c.false_+c.right)
		t.Logf("%-6s %4d wanted %4d unwanted: precision %.3f recall %.3f wanted taken for spam %.2f%%", name, (c.false_+c.right)/rounds, (c.hit+c.miss)/rounds, precision, recall, 100*falsely)
		return
	}
	for _, l := range []string{"en", "bn", "bl"} {
		report(l, per[l])
	}
	precision, recall, falsely := report("all", &sum)
	if falsely > 0.01 {
		t.Errorf("%.2f%% of wanted mails are taken for spam: %v", 100*falsely, wrong)
	}
	if precision < 0.98 || recall < 0.7 {
		t.Errorf("precision %.3f, recall %.3f", precision, recall)
	}
}

// With as little as it asks for, the model is cautious rather than wrong.
func TestFewExamples(t *testing.T) {
	all := samples(t)
	judged, falsely, hits, unwanted := 0, 0, 0, 0
	for round := range 40 {
		m := New()
		var rest []sample
		for _, n := range rand.New(rand.NewPCG(9, uint64(round))).Perm(len(all)) {
			ham, spam := m.Learned()
			if s := all[n]; s.spam && spam < MinExamples || !s.spam && ham < MinExamples {
				if m.Ready() || m.Spam(s.features) {
					t.Fatal("speaks too early")
				}
				m.Train(fmt.Sprint(n), s.features, s.spam)
			} else {
				rest = append(rest, s)
			}
		}
		if !m.Ready() {
			t.Fatal("not ready")
		}
		for _, s := range rest {
			said := m.Spam(s.features)
			switch {
			case !s.spam:
				judged++
				if said {
					falsely++
				}
			default:
				unwanted++
				if said {
					hits++
				}
			}
		}
	}
	t.Logf("after %d of each: recall %.2f, %d of %d wanted mails taken for spam", MinExamples, float64(hits)/float64(unwanted), falsely, judged)
	if float64(falsely)/float64(judged) > 0.01 {
		t.Errorf("%d of %d wanted mails taken for spam", falsely, judged)
	}
}

func TestTrainingIsIdempotent(t *testing.T) {
	all := samples(t)
	m := New()
	for i, s := range all {
		if !m.Train(fmt.Sprint(i), s.features, s.spam) {
			t.Fatal("nothing learned")
		}
	}
	before := string(m.Blob())
	for i, s := range all {
		if m.Train(fmt.Sprint(i), s.features, s.spam) {
			t.Fatal("learned twice")
		}
	}
	if string(m.Blob()) != before {
		t.Error("the model changed")
	}

	// One more, and taken back.
	f := Features{1, 2, 3, all[0].features[0]}
	ham, spam := m.Learned()
	m.Train("x", f, true)
	if _, s := m.Learned(); s != spam+1 {
		t.Errorf("%d unwanted mails", s)
	}
	if !m.Train("x", f, false) {
		t.Error("a changed mind is not heard")
	}
	if h, s := m.Learned(); h != ham+1 || s != spam {
		t.Errorf("%d, %d after a change of mind", h, s)
	}
	if !m.Untrain("x", f) || m.Untrain("x", f) || m.Untrain("never", f) {
		t.Error("taken back not once")
	}
	if h, s := m.Learned(); h != ham || s != spam {
		t.Errorf("%d, %d in the end", h, s)
	}
	if _, left := m.words[1]; left {
		t.Error("words of the mail are left")
	}

	// Everything taken back leaves nothing, even with other words than then.
	for i, s := range all {
		m.Untrain(fmt.Sprint(i), append(Features{77}, s.features...))
	}
	if h, s := m.Learned(); h != 0 || s != 0 || len(m.words) != 0 || len(m.mails) != 0 || len(m.order) != 0 {
		t.Errorf("%d %d, %d words, %d mails are left", h, s, len(m.words), len(m.mails))
	}
	if _, known := m.Score(all[0].features); known {
		t.Error("an empty model speaks")
	}
}

func TestModelStaysSmall(t *testing.T) {
	m := New()
	r := rand.New(rand.NewPCG(1, 2))
	often := Features{5, 6, 7, 8, 9, 10, 11, 12}
	for i := range maxMails + 500 {
		f := append(Features{}, often...)
		for range 40 * (i % 4 / 3) { // every fourth mail is of words never seen
			f = append(f, r.Uint32()|1<<20)
		}
		m.Train(fmt.Sprint(i), f, i%2 == 0)
		if i%1000 == 0 && len(m.Blob()) > MaxBlob {
			t.Fatalf("%d bytes", len(m.Blob()))
		}
	}
	blob := m.Blob()
	if len(blob) > MaxBlob || len(m.words) > maxWords || len(m.mails) != maxMails || len(m.order) != maxMails {
		t.Errorf("%d bytes, %d words, %d mails", len(blob), len(m.words), len(m.mails))
	}
	for _, w := range often {
		if e := m.words[w]; e.ham == 0 || e.spam == 0 {
			t.Errorf("the word %d of every mail is forgotten", w)
		}
	}
	if got, err := Load(blob); err != nil || string(got.Blob()) != string(blob) {
		t.Errorf("it does not come back: %v", err)
	}
	// Counts never overflow.
	m = New()
	for i := range maxCount + maxCount/2 {
		m.Train(fmt.Sprint(i), often, true)
	}
	if e := m.words[5]; int(e.spam) > maxCount || e.spam < maxCount/4 || m.spam > maxCount {
		t.Errorf("%+v of %d", e, m.spam)
	}
}

func TestBlob(t *testing.T) {
	m := New()
	for i, s := range samples(t) {
		m.Train(fmt.Sprint(i), s.features, s.spam)
	}
	blob := m.Blob()
	got, err := Load(blob)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples(t) {
		a, x := m.Score(s.features)
		b, y := got.Score(s.features)
		if a != b || x != y {
			t.Fatalf("%v %v, %v %v", a, x, b, y)
		}
	}
	if got.Train("0", nil, samples(t)[0].spam) {
		t.Error("forgot what it had learned")
	}
	if empty, err := Load(nil); err != nil || empty.Ready() {
		t.Errorf("%v", err)
	}
	for name, bad := range map[string][]byte{
		"short": blob[:10], "cut": blob[:len(blob)-1], "long": append(append([]byte{}, blob...), 0), "another version": append([]byte("shohay spam 0"), blob[len(sign):]...), "text": []byte("{}"),
	} {
		if _, err := Load(bad); err == nil {
			t.Errorf("%s is loaded", name)
		}
	}
}

func FuzzLoad(f *testing.F) {
	m := New()
	m.Train("a", Features{1, 2, 3}, true)
	m.Train("b", Features{3, 4}, false)
	f.Add(m.Blob())
	f.Add([]byte(sign))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, blob []byte) {
		m, err := Load(blob)
		if err != nil {
			return
		}
		if len(blob) > 0 && string(m.Blob()) != string(blob) {
			t.Error("it is stored otherwise than it was loaded")
		}
		f := Features{1, 2, 3, 4, 5, 6, 7}
		m.Train("n", f, true)
		m.Untrain("n", f)
		if s, _ := m.Score(f); math.IsNaN(s) || s < 0 || s > 1 {
			t.Errorf("score %v", s)
		}
	})
}

func TestModelIsSharedByGoroutines(t *testing.T) {
	all := samples(t)
	m := New()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i, s := range all {
				if i%4 == g {
					m.Train(fmt.Sprint(i), s.features, s.spam)
				}
				m.Score(s.features)
				if i%50 == 0 {
					m.Blob()
				}
			}
		})
	}
	wg.Wait()
	if ham, spam := m.Learned(); ham+spam != len(all) {
		t.Errorf("%d and %d learned", ham, spam)
	}
}
