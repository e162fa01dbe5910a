package search_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/shohay/shohay/hooks/search"
)

func TestAWordIsMoreThanItsConsonants(t *testing.T) {
	for _, c := range []struct {
		question, text string
		want           bool
	}{
		{"ফেরত", "পণ্য ফেরত দেওয়ার নিয়ম", true},
		{"ফেরত", "প্রতি কেজি ২০ টাকা", false},
		{"ferot", "পণ্য ফেরৎ নিন", true},
		{"ferot", "প্রতি কেজি ২০ টাকা", false},
		{"delivery", "ডেলিভারি চার্জ", true},
		{"ওয়ারেন্টি", "the warranty card", true},
		{"saree", "we are sorry", false},
		{"saree", "নীল শাড়ি", true},
		{"bodlabo", "সাইজ বদলানো যায়", true},
		{"return bus", "a return", true},
		{"hospital", "a return", false},
	} {
		terms := search.Ask(c.question, nil, false)
		if got := search.Says(terms, c.text); got != c.want {
			t.Errorf("%q says %q: %v", c.text, c.question, got)
		}
	}
	group := search.NewSynonyms([][]string{{"return", "পছন্দ হয়নি"}})
	terms := search.Ask("return", group, false)
	if search.Says(terms, "পছন্দ করুন") || !search.Says(terms, "পছন্দ না হলে, মানে হয়নি") {
		t.Error("a phrase is all of its words")
	}
	if !search.Says(search.Ask("ware", nil, true), "ওয়ারেন্টি", "warehouse") {
		t.Error("a word that is still typed is found by its beginning")
	}
}

func TestAShortQuestionIsAboutItsWord(t *testing.T) {
	s := open(t, help)
	for id, texts := range map[string][2]string{
		"return":  {"পণ্য ফেরত দেওয়ার নিয়ম কী?", "সাত দিনের মধ্যে পণ্য ফেরত দিন।"},
		"points":  {"পয়েন্ট কীভাবে জমে?", "পণ্য ফেরত দিলে পয়েন্ট কমে। পয়েন্ট কীভাবে দেখবেন?"},
		"sorry":   {"You sent the wrong product", "We are sorry. Tell us within seven days with a picture of what came, and our rider collects it at your door; you may return it or wait for the right one."},
		"returns": {"What is the return policy?", "Within seven days."},
		"charge":  {"ডেলিভারি চার্জ কত?", "প্রতি কেজি ২০ টাকা"},
	} {
		must(t, help.Put(s, id, texts[0], texts[1]))
	}
	for i := range 6 {
		must(t, help.Put(s, fmt.Sprint("other", i), "Do you ship abroad?", "Write to us with the country and the weight."))
	}
	for question, want := range map[string]string{"ferot kivabe": "return", "return a saree": "returns"} {
		hits, _, err := help.Rank(context.Background(), s, search.Query{Text: question, Limit: 5})
		if err != nil || len(hits) == 0 || hits[0].ID != want {
			t.Errorf("%q finds %v %v", question, hits, err)
		}
	}
}
