// Package eval measures the search on questions whose right entries are known,
// each part of it switched on after the other, and prints the table.
package eval

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/search/sample"
	_ "modernc.org/sqlite" // the driver
)

// Help is the index that help centres use: the weights are those that did best
// on entries with a question and an answer.
var Help = search.NewIndex("help", search.Column{Name: "title", Weight: 4, KeyWeight: 3}, search.Column{Name: "body", Weight: 1, KeyWeight: 0.8})

// setups are what is measured, in the order of the table.
var setups = []struct {
	name     string
	query    search.Query
	synonyms bool
}{
	{"words", search.Query{Matching: search.ByWord, NoRepair: true}, false},
	{"+ consonant keys", search.Query{NoRepair: true}, false},
	{"+ one-letter repair", search.Query{}, false},
	{"+ synonyms", search.Query{}, true},
}

// Score counts questions.
type Score struct{ Asked, First, Three int }

// String is the percentage with the right entry first, and in the first three.
func (s Score) String() string {
	if s.Asked == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", percent(s.First, s.Asked), percent(s.Three, s.Asked))
}

func percent(n, of int) int { return (200*n + of) / (2 * of) }

// Sure is what the sureness does to answers: of the questions with an entry
// that was found first, how many are answered or offered, and of those without,
// how many are answered wrongly.
type Sure struct{ Right, KeptSure, KeptAsking, None, WrongSure, WrongAsking int }

// Result is a measurement.
type Result struct {
	Classes []string
	Rows    []Row
	Halves  [2]Score // of the last row: questions on odd lines and on even ones
	Sure    Sure
	Missed  []string // of the last row: what was not found first
	Slowest time.Duration
	Median  time.Duration
}

// Row is a set-up with its scores by class; the last is of all.
type Row struct {
	Name   string
	Scores []Score
}

type memory struct{ db *dbx.DB }

func (m memory) DB() dbx.Builder { return m.db }

// Measure indexes the entries in memory and asks the questions.
func Measure(ctx context.Context, entries []sample.Entry, questions []sample.Question, synonyms [][]string) (Result, error) {
	db, err := dbx.Open("sqlite", ":memory:")
	if err != nil {
		return Result{}, err
	}
	defer db.Close()
	db.DB().SetMaxOpenConns(1)
	store := memory{db}
	for _, query := range Help.Schema() {
		if _, err := db.NewQuery(query).Execute(); err != nil {
			return Result{}, err
		}
	}
	if err := fill(store, entries); err != nil {
		return Result{}, err
	}
	var r Result
	for _, q := range questions {
		if len(q.Entries) > 0 && !slices.Contains(r.Classes, q.Class) {
			r.Classes = append(r.Classes, q.Class)
		}
	}
	groups := search.NewSynonyms(synonyms)
	for i, setup := range setups {
		if setup.synonyms && len(synonyms) == 0 {
			continue
		}
		last := i == len(setups)-1 || i == len(setups)-2 && len(synonyms) == 0
		if setup.synonyms {
			setup.query.Synonyms = groups
		}
		if err := r.run(ctx, store, setup.name, setup.query, questions, last); err != nil {
			return r, err
		}
	}
	return r, nil
}

// fill puts the texts of each entry together: one is found in every language
// it has.
func fill(store memory, entries []sample.Entry) error {
	titles, bodies := map[string][]string{}, map[string][]string{}
	var ids []string
	for _, e := range entries {
		if !slices.Contains(ids, e.ID) {
			ids = append(ids, e.ID)
		}
		titles[e.ID], bodies[e.ID] = append(titles[e.ID], e.Title), append(bodies[e.ID], e.Body)
	}
	for _, id := range ids {
		if err := Help.Put(store, id, strings.Join(titles[id], "\n"), strings.Join(bodies[id], "\n")); err != nil {
			return err
		}
	}
	return nil
}

func (r *Result) run(ctx context.Context, store memory, name string, query search.Query, questions []sample.Question, last bool) error {
	row := Row{Name: name, Scores: make([]Score, len(r.Classes)+1)}
	var took []time.Duration
	for i, q := range questions {
		query.Text, query.Limit = q.Question, 3
		begun := time.Now()
		hits, _, err := Help.Rank(ctx, store, query)
		if err != nil {
			return fmt.Errorf("%q: %w", q.Question, err)
		}
		took = append(took, time.Since(begun))
		sure := 0.0
		if len(hits) > 0 {
			sure = hits[0].Sure
		}
		if len(q.Entries) == 0 {
			if last {
				r.Sure.None++
				r.Sure.WrongSure += one(sure >= search.SureEnough)
				r.Sure.WrongAsking += one(sure >= search.WorthAsking)
			}
			continue
		}
		at := slices.IndexFunc(hits, func(h search.Hit) bool { return slices.Contains(q.Entries, h.ID) })
		scores := []*Score{&row.Scores[slices.Index(r.Classes, q.Class)], &row.Scores[len(r.Classes)]}
		if last {
			scores = append(scores, &r.Halves[i%2])
			if at == 0 {
				r.Sure.Right++
				r.Sure.KeptSure += one(sure >= search.SureEnough)
				r.Sure.KeptAsking += one(sure >= search.WorthAsking)
			} else {
				first := "nothing"
				if len(hits) > 0 {
					first = hits[0].ID
				}
				r.Missed = append(r.Missed, fmt.Sprintf("%d %s: %s (found %s, wanted %s)", at+1, q.Class, q.Question, first, strings.Join(q.Entries, " ")))
			}
		}
		for _, s := range scores {
			s.Asked++
			s.First += one(at == 0)
			s.Three += one(at >= 0)
		}
	}
	r.Rows = append(r.Rows, row)
	slices.Sort(took)
	if len(took) > 0 {
		r.Median, r.Slowest = took[len(took)/2], took[len(took)-1]
	}
	return nil
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Print writes the table; its last line is "all FIRST/FIRST-THREE".
func (r Result) Print(w io.Writer, missed bool) {
	fmt.Fprintf(w, "right entry first / in the first three, %%\n\n%-20s", "")
	for _, c := range r.Classes {
		fmt.Fprintf(w, " %9s", c)
	}
	fmt.Fprintf(w, " %9s\n", "all")
	var all Score
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%-20s", row.Name)
		for _, s := range row.Scores {
			fmt.Fprintf(w, " %9s", s)
		}
		fmt.Fprintln(w)
		all = row.Scores[len(row.Scores)-1]
	}
	fmt.Fprintf(w, "%-20s", "questions")
	if len(r.Rows) > 0 {
		for _, s := range r.Rows[0].Scores {
			fmt.Fprintf(w, " %9d", s.Asked)
		}
	}
	fmt.Fprintf(w, "\n\nodd lines %s, even lines %s\n", r.Halves[0], r.Halves[1])
	fmt.Fprintf(w, "sure (%.1f): %d of %d right answers kept, %d of %d questions without an answer answered\n", search.SureEnough, r.Sure.KeptSure, r.Sure.Right, r.Sure.WrongSure, r.Sure.None)
	fmt.Fprintf(w, "worth asking (%.1f): %d and %d\n", search.WorthAsking, r.Sure.KeptAsking, r.Sure.WrongAsking)
	fmt.Fprintf(w, "time: median %.1f ms, slowest %.1f ms\n", float64(r.Median.Microseconds())/1000, float64(r.Slowest.Microseconds())/1000)
	if missed {
		fmt.Fprintln(w)
		for _, m := range r.Missed {
			fmt.Fprintln(w, m)
		}
	}
	fmt.Fprintf(w, "all %s\n", all)
}
