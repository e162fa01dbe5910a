package forward

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// FuzzOpen: whatever a forwarded mail holds, its inner one is storable.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{"---------- Forwarded message ---------\nFrom: K <k@x.test>\nDate: Sun, 15 Feb 2026 at 10:54\nSubject: p\n\nbody", "From: K\nSent: Sunday, February 15, 2026 10:54 AM\nTo: x\nSubject: p\n\nb", "Begin forwarded message:\n\n> From: k@x\n> Subject: p\n> \n> b",
		"<div>---- Forwarded message ----<br>From: <b>K</b> &lt;k@x&gt;<br>Subject: p<br></div>b"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, page string) {
		m := &mime.Mail{Subject: "Fwd: x", Text: strings.ToValidUTF8(text, ""), HTML: strings.ToValidUTF8(page, "")}
		began := time.Now()
		got, ok := Open(m, time.UTC)
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("took %v", d)
		}
		if !ok {
			return
		}
		for _, s := range []string{got.From.Name, got.Subject, got.Text, got.Note, got.DateText} {
			if !utf8.ValidString(s) {
				t.Errorf("%q", s)
			}
		}
		if got.From.Addr != "" && mime.NormalAddress(got.From.Addr) != got.From.Addr {
			t.Errorf("address %q", got.From.Addr)
		}
		if strings.ContainsAny(got.From.Name, "\r\n") {
			t.Errorf("name %q", got.From.Name)
		}
	})
}
