// Package eval measures the bot on questions whose right entries are known,
// and on those that nothing answers: its own intents and judgement over the
// search of a shop that has the sample entries.
package eval

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/bot/intent"
	"github.com/shohay/shohay/hooks/bot/judge"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/search/sample"
	_ "modernc.org/sqlite" // the driver
)

// Row counts what became of the questions of a set.
type Row struct {
	Name  string
	Asked int
	// Answered says the right thing; Offered has it among its choices; Handed
	// passes to a person; Wrong answers something else; Misled offers choices
	// without the right one.
	Answered, Offered, Handed, Wrong, Misled int
	Mistakes                                 []string
}

type memory struct{ db dbx.Builder }

func (m memory) DB() dbx.Builder { return m.db }

// bot is what is measured: the index of a shop, and its synonyms.
type bot struct {
	db       *dbx.DB
	store    memory
	index    search.Index
	synonyms *search.Synonyms
}

// meant are the entries that intents stand for: they say the same as the entry
// would, or do what it promises.
var meant = map[intent.Intent][]string{
	intent.Order: {"track-order", "late-delivery"}, intent.Hours: {"office-hours"}, intent.Refund: nil,
}

// open fills an index as the help centre does: a row for each language of an
// entry.
func open(entries []sample.Entry, synonyms [][]string) (*bot, error) {
	db, err := dbx.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.DB().SetMaxOpenConns(1)
	b := &bot{db, memory{db}, search.NewIndex("help", search.Column{Name: "title", Weight: 4, KeyWeight: 3}, search.Column{Name: "text", Weight: 1, KeyWeight: 0.8}), search.NewSynonyms(synonyms)}
	for _, query := range b.index.Schema() {
		if _, err := db.NewQuery(query).Execute(); err != nil {
			return nil, err
		}
	}
	// At once: an index filled row by row is in many pieces, and every question
	// has to look into each.
	err = db.Transactional(func(tx *dbx.Tx) error {
		for _, e := range entries {
			if err := b.index.Put(memory{tx}, e.ID+" "+e.Language, e.Title, e.Body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

const mostFound = 6

// find is the search of the help centre: an entry counts once, in whatever
// language it was found best.
func (b *bot) find(ctx context.Context, question string) (ids []string, list []judge.Candidate, err error) {
	hits, _, err := b.index.Rank(ctx, b.store, search.Query{Text: question, Synonyms: b.synonyms, Limit: 2 * mostFound})
	for _, h := range hits {
		id, _, _ := strings.Cut(h.ID, " ")
		if !slices.Contains(ids, id) && len(ids) < mostFound {
			ids = append(ids, id)
			list = append(list, judge.Candidate{Sure: h.Sure, Score: h.Score})
		}
	}
	return ids, list, err
}

// ask puts a question to the bot and counts what becomes of it.
func (b *bot) ask(ctx context.Context, q sample.Question, r *Row) error {
	r.Asked++
	mistake := func(what string) {
		r.Mistakes = append(r.Mistakes, fmt.Sprintf("%s: %s (%s)", r.Name, q.Question, what))
	}
	wants := intent.Of(q.Question)
	switch wants {
	case intent.Person, intent.Anger:
		r.Handed++
		return nil
	case intent.Order, intent.Hours:
		if slices.ContainsFunc(meant[wants], func(id string) bool { return slices.Contains(q.Entries, id) }) {
			r.Answered++
		} else {
			r.Wrong++
			mistake("taken for " + string(wants))
		}
		return nil
	case intent.Greeting, intent.Thanks, intent.Yes, intent.No:
		r.Wrong++
		mistake("taken for " + string(wants))
		return nil
	}
	ids, list, err := b.find(ctx, q.Question)
	if err != nil {
		return err
	}
	verdict, n := judge.Of(list)
	right := slices.IndexFunc(ids, func(id string) bool { return slices.Contains(q.Entries, id) })
	switch {
	case verdict == judge.Answer && right == 0:
		r.Answered++
	case verdict == judge.Answer && wants != intent.Refund, verdict == judge.Answer && len(q.Entries) == 0:
		r.Wrong++
		mistake("answered with " + ids[0])
	case verdict == judge.Nothing || wants == intent.Refund: // money: a person answers
		r.Handed++
	case right >= 0 && right < n:
		r.Offered++
	default:
		r.Misled++
		mistake("offered " + strings.Join(ids[:n], ", "))
	}
	return nil
}

// Measure asks the questions, each class a row, those without an answer last.
func Measure(ctx context.Context, entries []sample.Entry, questions []sample.Question, synonyms [][]string) ([]Row, error) {
	b, err := open(entries, synonyms)
	if err != nil {
		return nil, err
	}
	defer b.db.Close()
	rows, all, none := []Row{}, Row{Name: "all"}, Row{Name: "none"}
	for _, q := range questions {
		if len(q.Entries) == 0 {
			if err := b.ask(ctx, q, &none); err != nil {
				return nil, err
			}
			continue
		}
		at := slices.IndexFunc(rows, func(r Row) bool { return r.Name == q.Class })
		if at < 0 {
			rows = append(rows, Row{Name: q.Class})
			at = len(rows) - 1
		}
		if err := b.ask(ctx, q, &rows[at]); err != nil {
			return nil, err
		}
	}
	for _, r := range rows {
		all.Asked, all.Answered, all.Offered = all.Asked+r.Asked, all.Answered+r.Answered, all.Offered+r.Offered
		all.Handed, all.Wrong, all.Misled = all.Handed+r.Handed, all.Wrong+r.Wrong, all.Misled+r.Misled
	}
	return append(rows, all, none), nil
}

// Print writes the table.
func Print(w io.Writer, rows []Row, mistakes bool) {
	fmt.Fprintf(w, "%-20s %8s %8s %8s %8s %8s %8s\n", "", "asked", "answered", "offered", "handed", "wrong", "misled")
	for _, r := range rows {
		name := r.Name
		if name == "none" {
			name = "without an answer"
		}
		fmt.Fprintf(w, "%-20s %8d %8d %8d %8d %8d %8d\n", name, r.Asked, r.Answered, r.Offered, r.Handed, r.Wrong, r.Misled)
	}
	for _, r := range rows {
		for _, m := range r.Mistakes {
			if mistakes {
				fmt.Fprintln(w, m)
			}
		}
	}
}
