package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Verbs of Bangla are asked for in one form and answered in another (বদলাব,
// বদলানো, বদলে; bodlabo, bodlano). A word that ends like one has a root beside
// its stem and key: the consonants of what is left without the ending. A noun
// that happens to end so has one that hardly anything else shares.

// Endings of verbs, the longest first; they follow the root and, in the
// causative, its আ.
var (
	verbBangla = byLength(`ছিলাম ছিলেন ছিলো ছিল চ্ছিলাম চ্ছিল চ্ছেন চ্ছি চ্ছে ছেন ছি ছে বেন বো ব বে বি তে তাম লাম লেন লো ল লে নোর নো
		েছিলাম েছিল েছেন েছি েছে িয়েছেন িয়েছি িয়েছে িয়ে ইনি ায়নি য়নি িনি েনি নি ওয়ার ওয়া উন ুন ান েন ার া াই ে ি ো`)
	verbLatin = byLength(`chilam chilen chilo chhi chhe cchen cchi cche chen chi che sen si se ben bo be bi te tam lam len lo le nor no
		echilam echilo echen echi eche iyechen iyechi iyeche iye isi ise aisen aise aisi ini ayni yni eni ni awar awa oar oa un an en ar a ai e i o`)
)

func byLength(words string) []string {
	list := strings.Fields(words)
	for i := range list {
		list[i] = Fold(list[i])
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// root is the mark of a folded word's root, or ""; no key has a digit.
func root(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	endings := verbLatin
	switch {
	case bangla(r):
		endings = verbBangla
	case r >= utf8.RuneSelf:
		return ""
	}
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(word, e); ok {
			if key, _ := keys(rest); key != "" {
				return "1" + key
			}
		}
	}
	if key, _ := keys(word); key != "" {
		return "1" + key
	}
	return ""
}
