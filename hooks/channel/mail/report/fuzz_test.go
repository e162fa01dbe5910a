package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// FuzzRead: whatever calls itself a report is read in a moment, yields text
// that can be stored and addresses that are ones.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("../mime/testdata/corpus/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	n := 0
	for _, name := range files {
		base := filepath.Base(name)
		if !strings.HasPrefix(base, "bounce-") && !strings.HasPrefix(base, "complaint-") && !strings.HasPrefix(base, "receipt-") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		n++
	}
	if n < 40 {
		f.Fatalf("only %d reports to begin with", n)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mime.Parse(raw)
		began := time.Now()
		for _, v := range []mime.Verdict{mime.VerdictBounce, mime.VerdictReceipt, mime.VerdictComplaint} {
			m.Verdict = v
			r, ok := Read(m)
			if !ok {
				t.Fatal("a report is not read")
			}
			if v == mime.VerdictBounce && (len(r.Recipients) == 0 || r.Kind == "" || !strings.HasPrefix(r.Key, "mail.")) {
				t.Errorf("a report without a verdict: %+v", r)
			}
			for _, p := range r.Recipients {
				if !utf8.ValidString(p.Diagnostic) || strings.ContainsAny(p.Diagnostic, "\r\n\x00") {
					t.Errorf("words %q", p.Diagnostic)
				}
				if p.Address != "" && mime.NormalAddress(p.Address) != p.Address {
					t.Errorf("address %q", p.Address)
				}
				if c := p.Class(); v == mime.VerdictBounce && c != 2 && c != 4 && c != 5 {
					t.Errorf("status %q", p.Status)
				}
			}
			for _, id := range r.IDs {
				if strings.ContainsAny(id, " <>\r\n") {
					t.Errorf("id %q", id)
				}
			}
		}
		if d := time.Since(began); d > 15*time.Second {
			t.Errorf("took %v", d)
		}
	})
}
