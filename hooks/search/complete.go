package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	shortestPrefix = 2   // characters of the shortest beginning that the index holds as such
	longestPrefix  = 3   // and of the longest
	mostBegun      = 120 // words of the vocabulary that are looked at
	mostEnds       = 40  // of these the shortest are asked for
)

// Complete gives a term that is still being typed the words that begin so, the
// shortest, and the keys.
//
// FTS5 answers a beginning that is longer than the prefixes it keeps by reading
// all rows of all such words before it gives the first; for a common word in a
// million messages that takes many seconds. Single words it reads from the
// newest row down, only as far as is asked.
func (ix Index) Complete(ctx context.Context, s Store, t *Term) error {
	if !t.Typing {
		return nil
	}
	if utf8.RuneCountInString(t.Stem) < shortestPrefix {
		t.Typing = false // half of all words begin so
		return nil
	}
	words, err := ix.begun(ctx, s, t.Stem)
	if err != nil {
		return err
	}
	keys, err := ix.begun(ctx, s, t.Key)
	if err != nil {
		return err
	}
	t.Ends = &Ends{words, keys}
	return nil
}

// begun are words of the vocabulary with a beginning, which itself is one of
// them; nil for a beginning that the index finds at once. From word to word it
// skips, so that the rows of none are read.
func (ix Index) begun(ctx context.Context, s Store, beginning string) ([]string, error) {
	if utf8.RuneCountInString(beginning) <= longestPrefix {
		return nil, nil
	}
	var found []string
	err := whole.Column(ctx, s.DB().NewQuery(fmt.Sprintf(`WITH RECURSIVE w(t) AS (
		SELECT (SELECT term FROM %[1]s_terms WHERE term >= {:from} AND term < {:to} LIMIT 1)
		UNION ALL SELECT (SELECT term FROM %[1]s_terms WHERE term >= w.t || char(1) AND term < {:to} LIMIT 1) FROM w WHERE t IS NOT NULL)
		SELECT t FROM w WHERE t IS NOT NULL LIMIT `+strconv.Itoa(mostBegun), ix.table)).
		Bind(dbx.Params{"from": beginning, "to": beginning + "\U0010ffff"}), &found)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	found = found[:min(len(found), mostEnds)]
	if len(found) == 0 {
		found = []string{beginning} // no word begins so
	}
	return found, nil
}
