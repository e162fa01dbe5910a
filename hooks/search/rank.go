package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
)

// Sureness from which an entry answers a question, and from which it is worth
// offering; below, nobody knows.
const (
	SureEnough  = 0.6
	WorthAsking = 0.4
)

const (
	mostRanked  = 20_000 // rows that bm25 is computed for, the newest
	mostOfMany  = 800    // the same in an index of thousands
	mostListed  = 1000   // rows that are read to know which have a word
	mostJudged  = 16     // of these the best are looked at closely
	fewEntries  = 1000   // rows up to which all words that begin like one are asked for
	mostBeside  = 5      // phrases of a group that are asked for in more than these
	smallEnough = 20_000 // rows up to which a word may be misspelt in its first letter
)

// Query is a question to an index of records.
type Query struct {
	Text     string
	Synonyms *Synonyms
	Typing   bool // the last word may go on
	Limit    int

	// Less than the index can do, for measuring what each part brings.
	Matching Matching
	NoRepair bool
}

// Hit is an entry that was found. Sure is between 0 and 1: the share of the
// question's weight that the entry has.
type Hit struct {
	ID    string
	Score float64
	Sure  float64
}

// Rank finds the entries that fit a question best, the best first, and the
// terms it asked for, which mark the snippets.
func (ix Index) Rank(ctx context.Context, s Store, q Query) ([]Hit, []Term, error) {
	terms := Ask(q.Text, q.Synonyms, q.Typing)
	if len(terms) == 0 {
		return nil, nil, nil
	}
	total, err := ix.number(ctx, s, "SELECT COUNT(*) FROM "+ix.table+"_rows", nil)
	if err != nil {
		return nil, nil, err
	}
	// Of a word that is just begun nothing is known yet; and in many entries the
	// words that begin like one are looked up rather than read (see Complete).
	if len(terms) > 1 {
		terms = slices.DeleteFunc(terms, func(t Term) bool { return t.Typing && utf8.RuneCountInString(t.Stem) < shortestPrefix })
	}
	for i := range terms {
		if total > fewEntries && terms[i].Typing {
			if err := ix.Complete(ctx, s, &terms[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	short := Short(terms) && total <= fewEntries // in thousands what follows from it takes too long
	weights, has, sounds := make([]float64, len(terms)), make([][]int64, len(terms)), make([][]int64, len(terms))
	counts := make([]int64, len(terms))
	var asked, plain []string // with what stands beside the terms, and without
	var weak, strong []string // of those asked, the ones that only choose, and the others
	aside := false
	for i := range terms {
		if terms[i].Weak {
			asked = append(asked, "{"+ix.Columns[0].Name+"} : "+ix.termExpression(terms[i], ByWord))
			plain, weak = append(plain, asked[len(asked)-1]), append(weak, asked[len(asked)-1])
			continue
		}
		beside := terms[i].Beside
		if total > fewEntries {
			// In thousands of entries a word that stands in some of them finds
			// enough by itself; its group would bring half of all entries.
			terms[i].Beside = nil
		}
		n, rows, err := ix.having(ctx, s, terms[i], q.Matching)
		if err == nil && n < mostJudged && terms[i].Beside == nil && len(beside) > 0 {
			terms[i].Beside = beside[:min(len(beside), mostBeside)]
			n, rows, err = ix.having(ctx, s, terms[i], q.Matching)
		}
		if err != nil {
			return nil, nil, err
		}
		if n == 0 && !q.NoRepair {
			if err := ix.Repair(ctx, s, &terms[i], total > smallEnough); err != nil {
				return nil, nil, err
			}
			if len(terms[i].Near) > 0 {
				if n, rows, err = ix.having(ctx, s, terms[i], q.Matching); err != nil {
					return nil, nil, err
				}
			}
		}
		if sounds[i] = rows; short && n > 0 && terms[i].Key != "" && len(terms[i].Key) < longKey {
			if _, sounds[i], err = ix.having(ctx, s, terms[i].rootless(), tight(q.Matching)); err != nil {
				return nil, nil, err
			}
		}
		counts[i] = n
		has[i], weights[i] = rows, math.Log(1+(float64(total-n)+0.5)/(float64(n)+0.5))
		asked = append(asked, ix.termExpression(terms[i], tight(q.Matching)))
		strong = append(strong, ix.termExpression(terms[i].rootless(), tight(q.Matching)))
		alone := terms[i]
		alone.Beside = nil
		plain = append(plain, ix.termExpression(alone, tight(q.Matching)))
		aside = aside || len(terms[i].Beside) > 0
	}
	if len(weak) == len(asked) { // nothing but where and when
		return nil, terms, nil
	}
	var found []row
	if total > fewEntries {
		found, err = ix.bestOfMany(ctx, s, asked, counts)
	} else {
		found, err = ix.best(ctx, s, strings.Join(asked, " OR "), mostRanked)
	}
	if err != nil || len(found) == 0 {
		return nil, terms, err
	}
	if aside {
		if err := ix.temper(ctx, s, strings.Join(plain, " OR "), found); err != nil {
			return nil, nil, err
		}
	}
	if short && len(weak) > 0 {
		if err := ix.bound(ctx, s, weak, strong, found); err != nil {
			return nil, nil, err
		}
	}
	if err := ix.judge(ctx, s, terms, weights, has, sounds, found, q.Matching); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(found, func(a, b row) int {
		switch {
		case a.score() > b.score():
			return -1
		case a.score() < b.score():
			return 1
		}
		return 0
	})
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	hits := make([]Hit, len(found))
	for i, r := range found {
		hits[i] = Hit{r.ID, r.score(), r.sure}
	}
	return hits, terms, nil
}

// tight is how entries are found and ordered: short keys by their sound. How
// sure it is may rest on the consonants alone.
func tight(m Matching) Matching {
	if m == ByKey {
		return ByLongKey
	}
	return m
}

type row struct {
	N    int64   `db:"n"`
	ID   string  `db:"id"`
	BM25 float64 `db:"bm25"` // SQLite's: the lower the better
	sure float64
	fits float64 // sure, without what is found by two consonants of a short question
}

// score puts how much of the question an entry has beside how often it has it.
func (r row) score() float64 { return -r.BM25 * (0.5 + r.fits) }

// best are the rows with the best bm25. It is computed for the newest rows
// only, so that a common word in a large index cannot hold up the rest.
func (ix Index) best(ctx context.Context, s Store, match string, most int) (found []row, err error) {
	err = whole.All(ctx, s.DB().NewQuery("SELECT f.n, r.id, f.bm25 FROM (SELECT rowid AS n, "+ix.weigh+" AS bm25 FROM "+ix.table+" WHERE "+ix.table+
		" MATCH {:match} ORDER BY rowid DESC LIMIT "+strconv.Itoa(most)+") f JOIN "+ix.table+"_rows r ON r.n = f.n ORDER BY f.bm25 LIMIT "+strconv.Itoa(mostJudged)).
		Bind(dbx.Params{"match": match}), &found)
	return found, err
}

// bestOfMany is best in an index of thousands, where a question's words stand
// in most rows: bm25 is computed for those that have its rare words, which the
// others cannot outdo, and for those that have all. counts are the rows of
// each term, 0 for what is not counted.
func (ix Index) bestOfMany(ctx context.Context, s Store, asked []string, counts []int64) ([]row, error) {
	var order []int // the rarest first
	for i, n := range counts {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(counts[a], counts[b]) })
	match := strings.Join(asked, " OR ") // all words count, whichever a row was chosen by
	if len(order) == 0 {
		return ix.best(ctx, s, match, mostOfMany)
	}
	var rare, all []string
	sum := int64(0)
	for _, i := range order {
		if all = append(all, asked[i]); len(rare) == 0 || sum+counts[i] <= mostOfMany {
			rare = append(rare, asked[i])
			sum += counts[i]
		}
	}
	if len(rare) < len(all) {
		match = "(" + strings.Join(rare, " OR ") + ") AND (" + match + ")"
	}
	found, err := ix.best(ctx, s, match, mostOfMany)
	if err != nil || sum <= mostOfMany || len(all) == 1 {
		return found, err
	}
	// Even the rarest is everywhere, and only the newest of its rows were looked at.
	more, err := ix.best(ctx, s, strings.Join(all, " AND "), mostOfMany)
	for _, r := range more {
		if !slices.ContainsFunc(found, func(f row) bool { return f.N == r.N }) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b row) int { return cmp.Compare(a.BM25, b.BM25) })
	return found[:min(len(found), mostJudged)], err
}

// besides is what a word of a synonym group is worth, the asked word being 1.
const besides = 0.25

// temper takes back part of what synonyms brought: an entry that has many of a
// group is no better than one that has the word.
func (ix Index) temper(ctx context.Context, s Store, match string, found []row) error {
	var plain []row
	err := whole.All(ctx, s.DB().NewQuery("SELECT rowid AS n, "+ix.weigh+" AS bm25 FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match}"+among(found)).
		Bind(dbx.Params{"match": match}), &plain)
	for i := range found {
		was := 0.0
		if at := slices.IndexFunc(plain, func(r row) bool { return r.N == found[i].N }); at >= 0 {
			was = plain[at].BM25
		}
		found[i].BM25 = besides*found[i].BM25 + (1-besides)*was
	}
	return err
}

// chooses is how much the words that only choose between entries may add to
// what an entry has of a short question.
const chooses = 0.4

// bound keeps what weak terms brought below a part of what the strong ones did,
// and takes it all where the title has not the one word that is asked for:
// "return how" is about returning, and an entry that says how to do something
// else is no better for it.
func (ix Index) bound(ctx context.Context, s Store, weak, strong []string, found []row) error {
	var brought []row
	title := ix.Columns[0].Name
	match := strings.Join(weak, " OR ")
	err := whole.All(ctx, s.DB().NewQuery("SELECT rowid AS n, "+ix.weigh+" AS bm25 FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match}"+among(found)).
		Bind(dbx.Params{"match": match}), &brought)
	if err != nil || len(brought) == 0 {
		return err
	}
	var about []int64
	err = whole.Column(ctx, s.DB().NewQuery("SELECT rowid FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match}"+among(found)).
		Bind(dbx.Params{"match": "{" + title + " " + title + "_key} : (" + strings.Join(strong, " OR ") + ")"}), &about)
	for i := range found {
		if at := slices.IndexFunc(brought, func(r row) bool { return r.N == found[i].N }); at >= 0 {
			rest := found[i].BM25 - brought[at].BM25 // bm25 is a sum, and below zero
			if found[i].BM25 = rest; len(strong) > 1 || slices.Contains(about, found[i].N) {
				found[i].BM25 += max(brought[at].BM25, chooses*rest)
			}
		}
	}
	return err
}

// among narrows to some rows. FTS5 would look up every one of a list of rowids
// by itself, with all words once more: it is given the stretch they lie in, and
// the list is looked at behind it.
func among(found []row) string {
	numbers := make([]string, len(found))
	least, most := found[0].N, found[0].N
	for i, r := range found {
		numbers[i] = strconv.FormatInt(r.N, 10)
		least, most = min(least, r.N), max(most, r.N)
	}
	return fmt.Sprintf(" AND rowid BETWEEN %d AND %d AND +rowid IN (%s)", least, most, strings.Join(numbers, ","))
}

// judge finds out which terms each of the rows has. Where two consonants are
// half of a question, saree is found in sorry: sounds are the rows that have a
// term by more, and only those are put in front for it.
func (ix Index) judge(ctx context.Context, s Store, terms []Term, weights []float64, has, sounds [][]int64, found []row, m Matching) error {
	var all float64
	for i, t := range terms {
		if all += weights[i]; t.Weak {
			continue
		}
		rows := has[i]
		if len(rows) == mostListed { // cut off: asked again for these rows alone
			err := whole.Column(ctx, s.DB().NewQuery("SELECT rowid FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match}"+among(found)).
				Bind(dbx.Params{"match": ix.termExpression(t, m)}), &rows)
			if err != nil {
				return err
			}
		}
		for j := range found {
			if !slices.Contains(rows, found[j].N) {
				continue
			}
			share := weights[i] * (1 - t.doubt)
			if found[j].sure += share; len(sounds[i]) == mostListed || slices.Contains(sounds[i], found[j].N) {
				found[j].fits += share
			}
		}
	}
	for j := range found {
		found[j].sure /= max(all, 1e-9)
		found[j].fits /= max(all, 1e-9)
	}
	return nil
}

// having is how many rows have a term, and which: the first [mostListed].
func (ix Index) having(ctx context.Context, s Store, t Term, m Matching) (n int64, rows []int64, err error) {
	params := dbx.Params{"match": ix.termExpression(t, m)}
	err = whole.Column(ctx, s.DB().NewQuery("SELECT rowid FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match} LIMIT "+strconv.Itoa(mostListed)).
		Bind(params), &rows)
	if n = int64(len(rows)); err == nil && n == mostListed {
		n, err = ix.number(ctx, s, "SELECT COUNT(*) FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match}", params)
	}
	return n, rows, err
}

func (ix Index) number(ctx context.Context, s Store, query string, params dbx.Params) (n int64, err error) {
	err = s.DB().NewQuery(query).Bind(params).WithContext(ctx).Row(&n)
	return n, err
}
