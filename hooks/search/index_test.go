package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/search"
	_ "modernc.org/sqlite"
)

type memory struct{ db *dbx.DB }

func (m memory) DB() dbx.Builder { return m.db }

func open(t testing.TB, indexes ...search.Index) memory {
	t.Helper()
	db, err := dbx.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.DB().SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, ix := range indexes {
		for _, query := range ix.Schema() {
			if _, err := db.NewQuery(query).Execute(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return memory{db}
}

var (
	help = search.NewIndex("help", search.Column{Name: "title", Weight: 4, KeyWeight: 3}, search.Column{Name: "body", Weight: 1, KeyWeight: 0.8})
	talk = search.NewNumbered("talk", search.Column{Name: "text", Weight: 1, KeyWeight: 0.5})
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ids(hits []search.Hit) (list []string) {
	for _, h := range hits {
		list = append(list, h.ID)
	}
	return list
}

func TestAnEntryIsFoundInEveryWayOfWriting(t *testing.T) {
	s, ctx := open(t, help), context.Background()
	must(t, help.Put(s, "ferot", "পণ্য ফেরত দেওয়ার নিয়ম", "সাত দিনের মধ্যে ফেরত দিন"))
	must(t, help.Put(s, "delivery", "ডেলিভারি চার্জ", "ঢাকায় ৬০ টাকা"))
	must(t, help.Put(s, "bkash", "বিকাশে পেমেন্ট", "মার্চেন্ট নম্বরে পেমেন্ট করুন"))
	for question, want := range map[string]string{
		"ফেরত": "ferot", "ferot kivabe": "ferot", "delivary charge koto": "delivery", "ডেলিভারির চার্জ কত": "delivery", "bikash": "bkash",
		"পেমেনট": "bkash", `payment" OR NOT (title:*`: "bkash", "৬০ টাকা": "delivery", "60": "delivery",
	} {
		hits, _, err := help.Rank(ctx, s, search.Query{Text: question, Limit: 1})
		must(t, err)
		if got := ids(hits); !slices.Equal(got, []string{want}) {
			t.Errorf("%q found %q instead of %s", question, got, want)
		}
	}
	hits, _, err := help.Rank(ctx, s, search.Query{Text: "weather forecast"})
	must(t, err)
	if len(hits) > 0 && hits[0].Sure >= search.WorthAsking {
		t.Errorf("a question that nothing answers is answered: %+v", hits)
	}
	if hits, _, err = help.Rank(ctx, s, search.Query{Text: "deliv", Typing: true}); err != nil || len(hits) == 0 || hits[0].ID != "delivery" {
		t.Errorf("the beginning of a word found %v %v", hits, err)
	}
}

func TestAnIndexFollowsItsRecords(t *testing.T) {
	s, ctx := open(t, help, talk), context.Background()
	find := func(text string) []string {
		t.Helper()
		hits, _, err := help.Rank(ctx, s, search.Query{Text: text, NoRepair: true})
		must(t, err)
		return ids(hits)
	}
	must(t, help.Put(s, "a", "apple", "red"))
	must(t, help.Put(s, "b", "banana", "yellow"))
	must(t, help.Put(s, "a", "cherry", "dark"))
	if got := find("apple red"); len(got) > 0 {
		t.Errorf("what was replaced is found: %q", got)
	}
	if got := find("cherry"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("cherry: %q", got)
	}
	// A VACUUM may give rowids anew; ours are no rowids alone.
	must(t, help.Remove(s, "b"))
	if _, err := s.db.NewQuery("VACUUM").Execute(); err != nil {
		t.Fatal(err)
	}
	if got := find("banana"); len(got) > 0 {
		t.Errorf("what was removed is found: %q", got)
	}
	if got := find("cherry"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("cherry after VACUUM: %q", got)
	}
	must(t, help.Remove(s, "never"))
	must(t, help.Clear(s))
	must(t, help.Put(s, "c", "cherry", ""))
	if got := find("cherry"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("after clearing: %q", got)
	}
	if err := help.Put(s, "d", "one text"); err == nil {
		t.Error("a text for each column was not asked for")
	}
}

func TestNumberedRowsComeNewestFirst(t *testing.T) {
	s, ctx := open(t, talk), context.Background()
	for n := range int64(10) {
		kind := "in"
		if n%2 == 1 {
			kind = "out"
		}
		must(t, talk.PutNumber(s, n+1, []string{search.Mark('k', kind), search.Mark('c', fmt.Sprint("conv", n/5))}, fmt.Sprintf("parcel %d is late in", n)))
	}
	find := func(w search.Wanted, before int64, limit int) []int64 {
		t.Helper()
		got, err := talk.Newest(ctx, s, talk.Match(w, search.ByKey), 0, before, limit)
		must(t, err)
		return got
	}
	ask := func(text string) []search.Term { return search.Ask(text, nil, false) }
	for _, c := range []struct {
		w      search.Wanted
		before int64
		limit  int
		want   []int64
	}{
		{search.Wanted{Terms: ask("parcel late")}, 0, 3, []int64{10, 9, 8}},
		{search.Wanted{Terms: ask("parcel late")}, 3, 3, []int64{2, 1}},
		{search.Wanted{Terms: ask("parcel missing")}, 0, 3, nil},
		{search.Wanted{Terms: ask("parcel"), Any: [][]string{{search.Mark('k', "out")}, {search.Mark('c', "conv0"), search.Mark('c', "conv7")}}}, 0, 9, []int64{4, 2}},
		{search.Wanted{Terms: ask("parcel"), None: []string{search.Mark('k', "in")}}, 0, 2, []int64{10, 8}},
		{search.Wanted{Phrases: []search.Phrase{search.Analyse("is late")}, Without: []search.Phrase{search.Analyse("9 is")}}, 0, 1, []int64{9}},
		{search.Wanted{Phrases: []search.Phrase{search.Analyse("late is")}}, 0, 1, nil},
		{search.Wanted{Any: [][]string{{search.Mark('c', "conv1")}}}, 0, 1, []int64{10}},
		{search.Wanted{}, 0, 1, nil},
	} {
		if got := find(c.w, c.before, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%+v before %d: %d instead of %d", c.w, c.before, got, c.want)
		}
	}
	must(t, talk.RemoveNumber(s, 10))
	must(t, talk.PutNumber(s, 9, nil, "nothing"))
	if got := find(search.Wanted{Terms: ask("parcel")}, 0, 1); !slices.Equal(got, []int64{8}) {
		t.Errorf("after removal: %d", got)
	}
	// What a person types is never a mark.
	if got := find(search.Wanted{Terms: ask("kin convconv1 \ue000kin")}, 0, 1); len(got) > 0 {
		t.Errorf("a mark was typed: %d", got)
	}
}

func TestSearchesAreFew(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{}, 2)
	for range 2 {
		go search.Within(context.Background(), func(context.Context) error { begun <- struct{}{}; <-release; return nil })
	}
	<-begun
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := search.Within(ctx, func(context.Context) error { t.Error("a third search runs"); return nil }); err != search.ErrBusy {
		t.Errorf("a third search got %v", err)
	}
	close(release)
	short, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	if err := search.Within(short, func(ctx context.Context) error { <-ctx.Done(); return errors.New("interrupted") }); err != search.ErrBusy {
		t.Errorf("a search without time got %v", err)
	}
	if err := search.Within(context.Background(), func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("a search may take for ever")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestAWordBeingTypedIsCompletedFromTheVocabulary(t *testing.T) {
	s := open(t, talk)
	for n, text := range []string{"the parcel came", "two parcels", "parchment", "a partner", "পার্সেলটা কই"} {
		if err := talk.PutNumber(s, int64(n+1), nil, text); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{"parc": "[3 2 1]", "parcel": "[5 2 1]", "partn": "[4]", "par": "[4 3 2 1]", "পার্সে": "[5 2 1]", "parx": "[]", "p": "[]"} {
		terms := search.Strong(search.Ask(typed, nil, true))
		for i := range terms {
			if err := talk.Complete(t.Context(), s, &terms[i]); err != nil {
				t.Fatal(err)
			}
		}
		got, err := talk.Newest(t.Context(), s, talk.Match(search.Wanted{Terms: terms}, search.ByLongKey), 0, 0, 10)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s finds %v, not %s (%v)", typed, got, want, err)
		}
	}
}

func TestALargeIndexRepairsAWordWithoutReadingItsVocabulary(t *testing.T) {
	s := open(t, talk)
	for n, text := range []string{"a parcel", "parcel again", "parsnip", "umbrella", "মোবাইল চাই"} {
		if err := talk.PutNumber(s, int64(n+1), nil, text); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{"parcle": "[parcel]", "umbrela": "[umbrella]", "umbrellla": "[umbrella]", "মোবাইন": "[মোবাইল]", "xarcel": "[]"} {
		terms := search.Ask(typed, nil, false)
		if err := talk.Repair(t.Context(), s, &terms[0], true); err != nil || fmt.Sprint(terms[0].Near) != want {
			t.Errorf("%s is repaired to %v, not %s (%v)", typed, terms[0].Near, want, err)
		}
	}
}

func TestAnIndexInManyPartsIsMadeOne(t *testing.T) {
	s, ctx := open(t, talk), context.Background()
	_, err := s.db.NewQuery(`INSERT INTO shohay_search_talk (shohay_search_talk, rank) VALUES ('automerge', 0)`).Execute()
	must(t, err)
	parts := func() (n int) {
		must(t, s.db.NewQuery(`SELECT COUNT(DISTINCT segid) FROM shohay_search_talk_idx`).Row(&n))
		return n
	}
	for n := range int64(10) {
		must(t, talk.PutNumber(s, n+1, nil, fmt.Sprintf("parcel %d of the shop", n)))
	}
	many := parts()
	if many < 8 {
		t.Fatalf("%d parts", many)
	}
	if did, err := talk.Tidy(ctx, s); err != nil || did {
		t.Errorf("a small index is left alone: %v, %v", did, err)
	}
	if did, err := talk.TidyFrom(ctx, s, 1); err != nil || !did || parts() != 1 {
		t.Errorf("%v, %v, %d parts", did, err, parts())
	}
	if did, err := talk.TidyFrom(ctx, s, 1); err != nil || did {
		t.Errorf("once more: %v, %v", did, err)
	}
	must(t, talk.PutNumber(s, 11, nil, "another parcel"))
	found, err := talk.Newest(ctx, s, talk.Match(search.Wanted{Terms: search.Ask("parcel", nil, false)}, search.ByWord), 0, 0, 20)
	if err != nil || len(found) != 11 || found[0] != 11 {
		t.Errorf("found afterwards: %v, %v", found, err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if did, err := talk.TidyFrom(ended, s, 1); err == nil {
		t.Errorf("at the end of the program: %v, no error", did)
	}
}
