package eval

import (
	"context"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/search/sample"
)

// The table never falls: what the search finds of the sample questions today
// it finds tomorrow.
func TestTheSearchStaysAsGoodAsItIs(t *testing.T) {
	entries, err := sample.Entries()
	if err != nil {
		t.Fatal(err)
	}
	questions, err := sample.Questions()
	if err != nil {
		t.Fatal(err)
	}
	texts, asked := map[string]int{}, 0
	for _, e := range entries {
		texts[e.ID]++
		if e.Title == "" || e.Body == "" || e.Category == "" || e.Language != "bn" && e.Language != "en" {
			t.Errorf("%s (%s) is not complete", e.ID, e.Language)
		}
	}
	for id, n := range texts {
		if n != 2 {
			t.Errorf("%s has %d languages", id, n)
		}
	}
	for _, q := range questions {
		if len(q.Entries) > 0 {
			asked++
		}
		for _, id := range q.Entries {
			if texts[id] == 0 {
				t.Errorf("%q asks for %s, which is no entry", q.Question, id)
			}
		}
	}
	if len(texts) < 60 || asked < 150 || len(questions)-asked < 30 {
		t.Fatalf("%d entries, %d questions and %d without an answer", len(texts), asked, len(questions)-asked)
	}
	r, err := Measure(context.Background(), entries, questions, sample.Synonyms())
	if err != nil {
		t.Fatal(err)
	}
	least := map[string][2]int{"+ one-letter repair": {82, 94}, "+ synonyms": {88, 96}}
	for _, row := range r.Rows {
		all := row.Scores[len(row.Scores)-1]
		if want, ok := least[row.Name]; ok && (percent(all.First, all.Asked) < want[0] || percent(all.Three, all.Asked) < want[1]) {
			t.Errorf("%s is %s, below %d/%d", row.Name, all, want[0], want[1])
		}
		delete(least, row.Name)
	}
	if len(least) > 0 {
		t.Errorf("not measured: %v", least)
	}
	if r.Sure.WrongSure > 3 || r.Sure.KeptSure < 95 {
		t.Errorf("sure: %+v", r.Sure)
	}
	var b strings.Builder
	r.Print(&b, true)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "all ") || !strings.Contains(last, "/") {
		t.Errorf("the last line is %q", last)
	}
}

// What was changed for the questions above has to be worth something for those
// that nothing was changed for.
func TestQuestionsThatNothingWasTunedWith(t *testing.T) {
	entries, err := sample.Entries()
	if err != nil {
		t.Fatal(err)
	}
	questions, err := sample.Held()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Measure(context.Background(), entries, questions, sample.Synonyms())
	if err != nil {
		t.Fatal(err)
	}
	all := r.Rows[len(r.Rows)-1].Scores[len(r.Classes)]
	if all.Asked != 120 || percent(all.First, all.Asked) < 73 || percent(all.Three, all.Asked) < 84 {
		t.Errorf("%s of %d", all, all.Asked)
	}
}

func TestFilesOfOthersAreRead(t *testing.T) {
	entries, err := sample.ReadEntries(strings.NewReader("\ufeff{\"id\":\"a\",\"title\":\"Red apples\",\"body\":\"\"}\n\n{\"id\":\"b\",\"title\":\"Yellow bananas\",\"body\":\"ripe\"}\n"))
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	r, err := Measure(context.Background(), entries, []sample.Question{{Question: "apple", Entries: []string{"a"}}, {Question: "bananna", Entries: []string{"b", "c"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.Print(&b, false)
	if !strings.HasSuffix(b.String(), "all 100/100\n") {
		t.Error(b.String())
	}
	for _, bad := range []string{"{", `{"title":"no id"}`, `{"id":"a"}`} {
		if _, err := sample.ReadEntries(strings.NewReader("\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
