package eval

import (
	"context"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/search/sample"
)

// What the bot answers today it answers tomorrow, and it does not begin to
// answer what nobody can.
func TestTheBotStaysAsGoodAsItIs(t *testing.T) {
	entries, err := sample.Entries()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		read                  func() ([]sample.Question, error)
		asked, none           int
		helped, wrong, wrongs int // at least; at most
	}{
		"sample": {sample.Questions, 164, 30, 125, 14, 2},
		"held":   {sample.Held, 120, 24, 70, 16, 4},
	} {
		questions, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Measure(context.Background(), entries, questions, sample.Synonyms())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		Print(&b, rows, true)
		all, none := rows[len(rows)-2], rows[len(rows)-1]
		if all.Asked != c.asked || none.Asked != c.none || all.Answered+all.Offered < c.helped || all.Wrong > c.wrong || none.Wrong > c.wrongs {
			t.Errorf("%s:\n%s", name, b.String())
		}
		if all.Answered+all.Offered+all.Handed+all.Wrong+all.Misled != all.Asked {
			t.Errorf("%s: they do not add up\n%s", name, b.String())
		}
	}
}
