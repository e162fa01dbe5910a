package search

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
)

// Shortest words that are repaired: below, one letter more is another word.
const (
	shortestWord = 4
	shortestKey  = 4
)

// soundDoubt is what a word weighs less when only its sound is near another's:
// some words of every article sound nearly like a word that none has.
const soundDoubt = 0.65

// Repair gives a term the words of the vocabulary that are one letter away
// (one more, one less, another one, or two exchanged), or else the keys that
// are. In a large index only words with the same first letter are looked at:
// in years of messages the others are found by accident.
func (ix Index) Repair(ctx context.Context, s Store, t *Term, large bool) error {
	near, err := ix.near(ctx, s, t.Stem, shortestWord, "", large)
	if err == nil && len(near) == 0 {
		near, err = ix.near(ctx, s, t.Key, shortestKey, "_key", large)
		t.doubt = soundDoubt
	}
	t.Near = near
	return err
}

// mostNear is how many words one letter away are compared in a large index,
// and mostCounted how many rows of each are counted.
const (
	mostNear    = 24
	mostCounted = 500
	mostKept    = 3 // words that stand for one that is misspelt
)

// near makes the words one letter away and asks which of them there are. To
// read the vocabulary instead takes seconds where there are thousands of
// entries: its counts are made from all rows.
func (ix Index) near(ctx context.Context, s Store, word string, shortest int, columns string, large bool) ([]string, error) {
	if letters(word) < shortest {
		return nil, nil
	}
	from, most := 0, len(word)*200
	if large {
		from, most = 1, mostNear
	}
	known, err := ix.known(ctx, s, neighbours(word, from), most)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	in := ix.words
	if columns != "" {
		in = ix.keys
	}
	counted := mostCounted
	if len(known) <= mostKept {
		counted = 1 // nothing to choose from; but it may stand in other columns only
	}
	docs := map[string]int64{}
	for _, w := range known {
		n, err := ix.number(ctx, s, "SELECT COUNT(*) FROM (SELECT rowid FROM "+ix.table+" WHERE "+ix.table+" MATCH {:match} LIMIT "+strconv.Itoa(counted)+")",
			dbx.Params{"match": in + quote(w)})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			docs[w] = n
		}
	}
	known = slices.DeleteFunc(known, func(w string) bool { return docs[w] == 0 })
	slices.SortFunc(known, func(a, b string) int {
		if docs[a] != docs[b] {
			return int(docs[b] - docs[a])
		}
		return strings.Compare(a, b)
	})
	return known[:min(len(known), mostKept)], nil
}

// known are those of some words that the vocabulary has, limit at most. Each
// is asked for by itself: asking for the next there is reads through all rows
// of a common word that stands before.
func (ix Index) known(ctx context.Context, s Store, words []string, limit int) (found []string, err error) {
	list, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	err = whole.Column(ctx, s.DB().NewQuery(fmt.Sprintf(`SELECT j.value FROM json_each({:words}) j WHERE EXISTS (SELECT 1 FROM %s_terms t WHERE t.term = j.value) LIMIT %d`, ix.table, limit)).
		Bind(dbx.Params{"words": string(list)}), &found)
	return found, err
}

// Letters that may be missing or wrong in a word.
var (
	latinLetters  = []rune("abcdefghijklmnopqrstuvwxyz")
	banglaLetters = []rune("অআইঈউঊঋএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহৎংঃঁ\u09bc\u09be\u09bf\u09c0\u09c1\u09c2\u09c3\u09c7\u09c8\u09cb\u09cc\u09cd")
)

// neighbours are the words one letter away from a word that are as it is up to
// a letter.
func neighbours(word string, from int) (list []string) {
	r := []rune(word)
	letters := latinLetters
	if slices.ContainsFunc(r, bangla) {
		letters = banglaLetters
	}
	seen := map[string]bool{word: true}
	add := func(parts ...[]rune) {
		w := string(slices.Concat(parts...))
		if !seen[w] {
			seen[w] = true
			list = append(list, w)
		}
	}
	for i := from; i <= len(r); i++ {
		if i < len(r) {
			add(r[:i], r[i+1:])
			if i+1 < len(r) {
				add(r[:i], []rune{r[i+1], r[i]}, r[i+2:])
			}
		}
		for _, l := range letters {
			add(r[:i], []rune{l}, r[i:])
			if i < len(r) {
				add(r[:i], []rune{l}, r[i+1:])
			}
		}
	}
	return list
}
