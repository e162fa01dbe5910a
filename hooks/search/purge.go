package search

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
)

// purgeStep is how many pages of the index one transaction rewrites: a write
// of somebody else waits some milliseconds for it.
const purgeStep = 500

// Purge rewrites the index until nothing of the rows that were removed from it
// is left. FTS5 only marks those: their words stay in the file, and among the
// words that are offered while somebody types, until their part of the index
// is merged. Not inside a transaction. Writes of others go on in between.
func (ix Index) Purge(ctx context.Context, s Store) error {
	return ix.merge(ctx, s, purgeStep, 5*time.Millisecond)
}

// merge makes the parts of an index one, some pages at a time with a rest
// between.
func (ix Index) merge(ctx context.Context, s Store, step int, rest time.Duration) error {
	merge := "INSERT INTO " + ix.table + " (" + ix.table + ", rank) VALUES ('merge', {:n})"
	for n := -step; ctx.Err() == nil; n = step {
		// Whether there is more to do is told by the number of changes (the
		// documentation of FTS5, "merge").
		var before, after int64
		if err := s.DB().NewQuery("SELECT total_changes()").Row(&before); err != nil {
			return fmt.Errorf("merge index %s: %w", ix.Name, err)
		}
		if _, err := s.DB().NewQuery(merge).Bind(dbx.Params{"n": n}).Execute(); err != nil {
			return fmt.Errorf("merge index %s: %w", ix.Name, err)
		}
		if err := s.DB().NewQuery("SELECT total_changes()").Row(&after); err != nil {
			return fmt.Errorf("merge index %s: %w", ix.Name, err)
		}
		if after-before < 2 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return ctx.Err()
}

// An index grows in parts, and each look-up of a word asks every one of them:
// ten parts make a search several times slower than one. FTS5 merges small
// parts with what is written, never the large ones of years.
const (
	tidyLeast = 4_000 // pages (of 4 KB) of an index that is worth it
	tidyParts = 5     // parts that are a twentieth of all at least
	tidyStep  = 100   // pages a transaction: others wait a few milliseconds
	tidyRest  = 50 * time.Millisecond
)

// Tidy merges an index that lies in many large parts, slowly, and tells
// whether it did. It comes to that again when the index has grown by a fifth
// and more. Not inside a transaction.
func (ix Index) Tidy(ctx context.Context, s Store) (bool, error) {
	return ix.tidy(ctx, s, tidyLeast)
}

func (ix Index) tidy(ctx context.Context, s Store, least int64) (bool, error) {
	var parts []int64 // pages of each
	if err := whole.Column(ctx, s.DB().NewQuery("SELECT MAX(pgno) / 2 FROM "+ix.table+"_idx GROUP BY segid"), &parts); err != nil {
		return false, fmt.Errorf("parts of index %s: %w", ix.Name, err)
	}
	var all int64
	for _, n := range parts {
		all += n
	}
	large := 0
	for _, n := range parts {
		if n*20 >= all {
			large++
		}
	}
	if all < least || large < tidyParts {
		return false, nil
	}
	return true, ix.merge(ctx, s, tidyStep, tidyRest)
}
