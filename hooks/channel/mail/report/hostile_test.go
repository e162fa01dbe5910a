package report

import (
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Reports made to keep a reader busy are read in a moment (test list g).
func TestHostileReports(t *testing.T) {
	status := func(body string) string {
		return "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nfailed\n--x\nContent-Type: message/delivery-status\n\n" + body + "\n--x--\n"
	}
	for name, raw := range map[string]string{
		"recipients":      status(strings.Repeat("Final-Recipient: rfc822; a@b.test\nStatus: 5.1.1\n\n", 50_000)),
		"one long block":  status(strings.Repeat("Final-Recipient: rfc822; a@b.test\n", 50_000)),
		"one long field":  status("Diagnostic-Code: smtp; " + strings.Repeat("550 5.1.1 x ", 100_000)),
		"folds":           status("Diagnostic-Code: smtp;\n" + strings.Repeat(" x\n", 100_000)),
		"addresses":       "From: MAILER-DAEMON\n\n" + strings.Repeat("<a@b.test>: 550 5.1.1 no\n\n", 50_000),
		"other addresses": "From: MAILER-DAEMON\n\n" + strings.Repeat("to a.b.c.d.e.f.g.h@", 50_000),
		"paragraphs":      "From: MAILER-DAEMON\n\n" + strings.Repeat("x\n\n", 200_000),
		"ids":             "From: MAILER-DAEMON\n\n" + strings.Repeat("Message-ID: <a@b>\n", 100_000),
		"open ids":        "From: MAILER-DAEMON\n\n" + strings.Repeat("Message-ID: <", 200_000),
		"dashes":          "From: MAILER-DAEMON\n\n" + strings.Repeat("-", 1_000_000),
		"original marks":  "From: MAILER-DAEMON\n\n" + strings.Repeat("--- original message ---\n", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			m := mime.Parse([]byte(raw))
			began := time.Now()
			r, ok := Read(m)
			if !ok || len(r.Recipients) == 0 {
				t.Fatalf("not read: %v %s", ok, m.Verdict)
			}
			if d := time.Since(began); d > 3*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}
