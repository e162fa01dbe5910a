package mime

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A gate lets through whatever its pattern finds.
func TestAGateHidesNothing(t *testing.T) {
	patterns := map[string]*gated{"bounce subject": bounceSubject, "bounce text": bounceText, "automatic subject": autoSubject, "returned": anyReturned, "no HTML": noHTML, "daemon": daemonName}
	for name, g := range patterns {
		t.Logf("%s: %d words, the shortest %q", name, len(g.needs), g.needs[0])
	}
	var texts []string
	files, err := filepath.Glob("testdata/corpus/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := Parse(raw)
		texts = append(texts, m.Subject, m.Text)
		for line := range strings.Lines(m.Text) {
			texts = append(texts, line)
		}
	}
	// Words of the patterns themselves, put together at random.
	r := rand.New(rand.NewPCG(1, 2))
	var words []string
	for _, g := range patterns {
		words = append(words, g.needs...)
		words = append(words, strings.FieldsFunc(g.String(), func(r rune) bool { return strings.ContainsRune(`()|?:[]\{}.*^$`, r) })...)
	}
	for range 1_500 {
		s := ""
		for range 1 + r.IntN(4) {
			s += words[r.IntN(len(words))] + []string{"", " ", "-", "s "}[r.IntN(4)]
		}
		texts = append(texts, s, strings.ToUpper(s))
	}
	found := 0
	for _, s := range texts {
		for name, g := range patterns {
			plain := g.Regexp.MatchString(s)
			if plain {
				found++
			}
			if g.MatchString(s) != plain {
				t.Errorf("%s: the gate says %v of %q", name, !plain, s)
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d matches were tried", found)
	}
}
