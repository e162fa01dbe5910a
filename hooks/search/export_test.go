package search

import "context"

// TidyFrom is Tidy for an index of so many pages at least.
func (ix Index) TidyFrom(ctx context.Context, s Store, least int64) (bool, error) {
	return ix.tidy(ctx, s, least)
}
