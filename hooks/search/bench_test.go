package search_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/shohay/shohay/hooks/search"
)

// said are messages as customers write them.
var said = []string{
	"আমার অর্ডারটা এখনো পাইনি, কবে পাব একটু জানাবেন? অর্ডার নম্বর %d",
	"vai parcel ta ekhono ashe nai, delivery man phone o dhore na. order %d",
	"Hello, I ordered the navy panjabi in size 42 but it is a bit tight. Can I change it to 44? My order is %d",
	"বিকাশে পেমেন্ট করেছি কিন্তু কনফার্মেশন আসেনি, ট্রানজেকশন %d",
	"Thank you, we have sent it by courier today. It should reach you tomorrow between 3 and 6 pm. Tracking %d",
}

// What a message costs the transaction that writes it.
func BenchmarkPut(b *testing.B) {
	s := open(b, talk)
	n := int64(0)
	for b.Loop() {
		n++
		scope := []string{search.Mark('c', fmt.Sprint("v", n/10)), search.Mark('k', "incoming"), search.Mark('d', "20261122"), search.Mark('d', "202611"), search.Mark('d', "2026")}
		if err := talk.PutNumber(s, n, scope, fmt.Sprintf(said[n%int64(len(said))], n)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnalyse(b *testing.B) {
	text := ""
	for i := range 20 {
		text += fmt.Sprintf(said[i%len(said)], i) + "\n"
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		search.Analyse(text)
	}
}

// A help centre of 10,000 entries, asked as somebody types.
func BenchmarkRank10000(b *testing.B) {
	s := open(b, help)
	for i := range 10_000 {
		if err := help.Put(s, fmt.Sprint("e", i), fmt.Sprintf(said[i%len(said)], i%700), fmt.Sprintf(said[(i+1)%len(said)]+" "+said[(i+2)%len(said)], i%900, i)); err != nil {
			b.Fatal(err)
		}
	}
	questions := []string{"parcel ashe nai", "বিকাশে পেমেন্ট", "change size 44", "delivry man phon", "order kobe pabo", "tracking 77"}
	n := 0
	for b.Loop() {
		n++
		if _, _, err := help.Rank(context.Background(), s, search.Query{Text: questions[n%len(questions)], Typing: true, Limit: 5}); err != nil {
			b.Fatal(err)
		}
	}
}
