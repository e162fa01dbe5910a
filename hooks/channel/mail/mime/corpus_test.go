package mime_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/forward"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/report"
	"github.com/shohay/shohay/hooks/i18n"
)

// wanted is what a mail of the corpus must read as: the file beside it. What
// is not named there is not asked.
type wanted struct {
	Rules   []int
	Subject *string
	From    *string
	Name    *string
	Text    *string

	Verdict   mime.Verdict
	AutoReply bool  `json:"auto_reply"`
	NoAck     *bool `json:"no_ack"`
	Signed    bool
	Encrypted bool

	Attachments []string // "name type size", and " inline"

	Visible   *string
	Signature *string
	Quoted    *string

	Event   string
	Forward *struct {
		From, Subject, Text string
		Name, Note, HTML    *string
		Date                string
	}
	Report *struct {
		Form                       report.Form
		Recipient, Key, ID, Status string
		Kind                       report.Kind
	}
}

// Every mail of the corpus is read as its neighbour says. The rules are those
// of the design; each must have a mail.
func TestCorpus(t *testing.T) {
	catalogue, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	i18n.Use(catalogue)
	files, err := filepath.Glob("testdata/corpus/*.eml")
	if err != nil || len(files) < 150 {
		t.Fatalf("%d mails in the corpus: %v", len(files), err)
	}
	right, rules := 0, map[int]int{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		beside, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want wanted
		d := json.NewDecoder(strings.NewReader(string(beside)))
		d.DisallowUnknownFields()
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, n := range want.Rules {
			rules[n]++
		}
		if t.Run(name, func(t *testing.T) { want.check(t, raw) }) {
			right++
		}
	}
	t.Logf("%d of %d mails are read as they should be", right, len(files))
	for _, n := range []int{21, 33, 34, 35, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 53, 54, 56, 57, 58, 59, 60} {
		if rules[n] == 0 {
			t.Errorf("rule %d has no mail", n)
		}
	}
}

func (want *wanted) check(t *testing.T, raw []byte) {
	m := mime.Parse(raw)
	is := func(what, got string, want *string) {
		t.Helper()
		if want != nil && got != *want {
			t.Errorf("%s\n got %q\nwant %q", what, got, *want)
		}
	}
	if len(m.Problems) > 0 {
		t.Errorf("problems %v", m.Problems)
	}
	is("subject", m.Subject, want.Subject)
	is("from", m.From.Addr, want.From)
	is("name", m.From.Name, want.Name)
	is("text", m.Text, want.Text)
	if m.Verdict != want.Verdict {
		t.Errorf("verdict %s (%s), want %s", m.Verdict, m.Reason, want.Verdict)
	}
	if m.AutoReply != want.AutoReply && want.Verdict == mime.VerdictAutomatic && want.AutoReply {
		t.Error("not seen as an automatic reply")
	}
	if want.NoAck != nil && m.NoAck != *want.NoAck {
		t.Errorf("no acknowledgement: %v", m.NoAck)
	}
	if m.Signed != want.Signed || m.Encrypted != want.Encrypted {
		t.Errorf("signed %v, encrypted %v", m.Signed, m.Encrypted)
	}
	if want.Attachments != nil {
		var parts []string
		for _, p := range m.Parts {
			s := fmt.Sprintf("%s %s %d", p.Name, p.Type, p.Size)
			if p.Inline {
				s += " inline"
			}
			parts = append(parts, s)
		}
		if !slices.Equal(parts, want.Attachments) {
			t.Errorf("attachments\n got %q\nwant %q", parts, want.Attachments)
		}
	}

	r := content.Split(m.Subject, m.Text, m.HTML)
	is("visible", strings.TrimSpace(r.Visible), want.Visible)
	is("signature", strings.TrimSpace(r.Signature), want.Signature)
	is("quoted", r.Quoted, want.Quoted)
	if want.Visible != nil && *want.Visible != m.Text && want.Quoted == nil && r.Quoted == "" && want.Signature == nil {
		t.Error("nothing is folded")
	}
	if strings.TrimSpace(m.Text) != "" && strings.TrimSpace(r.Visible) == "" {
		t.Error("nothing is visible (rule 49)")
	}

	if want.Event != "" {
		dhaka := time.FixedZone("Dhaka", 6*3600)
		if len(m.Events) != 1 {
			t.Fatalf("%d events", len(m.Events))
		}
		is("event", m.Events[0].Text("en", dhaka), &want.Event)
	}
	if f := want.Forward; f != nil {
		got, ok := forward.Open(m, time.FixedZone("Dhaka", 6*3600))
		if !ok {
			t.Fatal("no forwarded mail was found")
		}
		is("inner from", got.From.Addr, &f.From)
		is("inner subject", got.Subject, &f.Subject)
		is("inner text", got.Text, &f.Text)
		is("inner name", got.From.Name, f.Name)
		is("note", got.Note, f.Note)
		if f.HTML != nil {
			is("inner page", content.TextOf(got.HTML), &f.Text)
		}
		if f.Date != "" && got.Date.Format(time.RFC3339) != f.Date {
			t.Errorf("inner date %s (%q), want %s", got.Date.Format(time.RFC3339), got.DateText, f.Date)
		}
	}
	got, isReport := report.Read(m)
	if isReport != (want.Report != nil) {
		t.Fatalf("a report: %v", isReport)
	}
	if w := want.Report; w != nil {
		if got.Form != w.Form || got.Kind != w.Kind && w.Kind != "" || got.Key != w.Key {
			t.Errorf("report %s %s %s, want %s %s %s", got.Form, got.Kind, got.Key, w.Form, w.Kind, w.Key)
		}
		to, status := "", ""
		if worst := got.Worst(); worst != nil {
			to, status = worst.Address, worst.Status
		}
		is("reported recipient", to, &w.Recipient)
		if w.Status != "" {
			is("status", status, &w.Status)
		}
		id := ""
		if len(got.IDs) > 0 {
			id = got.IDs[0]
		}
		is("reported id", id, &w.ID)
		if i18n.T("en", got.Key, i18n.V{"address": "x"}) == got.Key {
			t.Errorf("no words for %s", got.Key)
		}
	}
}
