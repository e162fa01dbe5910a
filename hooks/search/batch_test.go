package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/search"
)

// What is put together is there afterwards as if it had come one by one.
func TestTogetherIsLikeOneByOne(t *testing.T) {
	s, one := open(t, help, talk), open(t, help, talk)
	put := func(s memory) func() error {
		return func() error {
			for i := range 60 {
				n := int64(i + 1)
				scope := []string{search.Mark('c', fmt.Sprint("conv", i%3))}
				if err := talk.PutNumber(s, n, scope, fmt.Sprint("পার্সেল parcel word", i, " \"quoted7\" \xff\u200d")); err != nil {
					return err
				}
			}
			if err := talk.PutNumber(s, 7, nil, "zinc7 else"); err != nil { // in place of the first
				return err
			}
			if err := talk.RemoveNumber(s, 8); err != nil {
				return err
			}
			if err := talk.PutNumber(s, 61, nil, strings.Repeat("long ", 300_000)); err != nil {
				return err
			}
			return errors.Join(help.Add(s, "a", "fruit1", "red"), help.Put(s, "a", "fruit2", "green"), help.Add(s, "b", "fruit1", "green"))
		}
	}
	must(t, search.Together(s, put(s)))
	must(t, put(one)())
	ctx := context.Background()
	for _, match := range []string{"parcel", "word6", "word7", "word59", "zinc7", "long", "quoted7", `"` + search.Mark('c', "conv1") + `"`, "পার্সেল"} {
		a, err := talk.Newest(ctx, s, match, 0, 0, 100)
		must(t, err)
		b, err := talk.Newest(ctx, one, match, 0, 0, 100)
		must(t, err)
		if !slices.Equal(a, b) || len(b) == 0 && match != "word6" && match != "word7" {
			t.Errorf("%s: together %v, one by one %v", match, a, b)
		}
	}
	for match, want := range map[string][]string{"fruit1": {"b"}, "green": {"b", "a"}, "red": nil} {
		if got, err := help.IDs(ctx, s, match, 10); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s finds %v, %v", match, got, err)
		}
	}
	// A failure is told, and nothing is kept for later.
	failed := errors.New("no")
	if err := search.Together(s, func() error { return errors.Join(help.Add(s, "c", "fruit3", ""), failed) }); !errors.Is(err, failed) {
		t.Error(err)
	}
	must(t, help.Put(s, "d", "fruit4", ""))
	if got, err := help.IDs(ctx, s, "fruit3", 10); err != nil || len(got) != 0 {
		t.Errorf("found %v, %v", got, err)
	}
}
