package site

import (
	"maps"
	"slices"
)

// LongAnswers are the routes whose answers are compressed.
func LongAnswers() []string { return slices.Sorted(maps.Keys(longAnswers)) }
