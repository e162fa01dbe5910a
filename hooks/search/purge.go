package search

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
)

// purgeStep is how many pages of the index one transaction rewrites: a write
// of somebody else waits some milliseconds for it.
const purgeStep = 500

// Purge rewrites the index until nothing of the rows that were removed from it
// is left. FTS5 only marks those: their words stay in the file, and among the
// words that are offered while somebody types, until their part of the index
// is merged. Not inside a transaction. Writes of others go on in between.
func (ix Index) Purge(ctx context.Context, s Store) error {
	merge := "INSERT INTO " + ix.table + " (" + ix.table + ", rank) VALUES ('merge', {:n})"
	for n := -purgeStep; ctx.Err() == nil; n = purgeStep {
		// Whether there is more to do is told by the number of changes (the
		// documentation of FTS5, "merge").
		var before, after int64
		if err := s.DB().NewQuery("SELECT total_changes()").Row(&before); err != nil {
			return fmt.Errorf("purge index %s: %w", ix.Name, err)
		}
		if _, err := s.DB().NewQuery(merge).Bind(dbx.Params{"n": n}).Execute(); err != nil {
			return fmt.Errorf("purge index %s: %w", ix.Name, err)
		}
		if err := s.DB().NewQuery("SELECT total_changes()").Row(&after); err != nil {
			return fmt.Errorf("purge index %s: %w", ix.Name, err)
		}
		if after-before < 2 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
	return ctx.Err()
}
