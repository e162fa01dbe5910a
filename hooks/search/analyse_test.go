package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func words(text string) (list []string) {
	for _, t := range Analyse(text) {
		list = append(list, t.Word)
	}
	return list
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"আমার অর্ডার কোথায়?":        "আমার অর্ডার কোথায়",
		"ড় ঢ় য়":                   "ড় ঢ় য়",
		"কো\u09c7\u09be":             "কো\u09cb",
		"র\u200d্যাপ ক্\u200cষ":      "র্যাপ ক্ষ",
		"৫০০টাকা ১২৩":                "500 টাকা 123",
		"Don't, it’s the shop's":     "dont its the shops",
		"'quoted' rock 'n' roll":     "quoted rock n roll",
		"Café MÜLLER naïve":          "cafe muller naive",
		"rahim@mail.test (01711-22)": "rahim mail test 01711 22",
		"\ufeffhello a_b c-d":        "hello a b c d",
		"\u09be\u09cd ক":             "ক",
		"  \n ":                      "",
		"bkash\xffpay":               "bkash pay",
	} {
		want := strings.Fields(Fold(want))
		if got := words(text); !slices.Equal(got, want) {
			t.Errorf("%q is %q instead of %q", text, got, want)
		}
	}
}

func TestStems(t *testing.T) {
	for _, same := range []string{
		"অর্ডার অর্ডারের অর্ডারটা অর্ডারগুলোর অর্ডারে অর্ডারই অর্ডারটির",
		"ডেলিভারি ডেলিভারির ডেলিভারিতে ডেলিভারিও",
		"ঢাকা ঢাকায় ঢাকাতে", "বিকাশ বিকাশে বিকাশের", "পার্সেল পার্সেলটা পার্সেলের",
		"return returns returning returned", "ship shipping shipped", "charge charges charged charging",
		"box boxes", "delivery deliveries", "size sizes",
	} {
		list := strings.Fields(same)
		for _, w := range list {
			if got, want := Stem(Fold(w)), Stem(Fold(list[0])); got != want {
				t.Errorf("the stem of %s is %s, that of %s %s", w, got, list[0], want)
			}
		}
	}
	for _, w := range []string{"ওয়ারেন্টি", "টাকা", "ঘড়ি", "bus", "bkash", "less", "this1s", "need"} {
		if got := Stem(Fold(w)); got != Fold(w) {
			t.Errorf("the stem of %s is %s", w, got)
		}
	}
	if got := variants(Fold("টাকার")); !slices.Contains(got, Fold("টাকা")) {
		t.Errorf("the variants of টাকার are %q", got)
	}
}

func TestKeys(t *testing.T) {
	for words, want := range map[string]string{
		"ferot ফেরত pherot": "prt", "delivery ডেলিভারি dilivari": "dlbr", "warranty ওয়ারেন্টি waranti": "arnt", "bkash বিকাশ bikas": "bks",
		"exchange এক্সচেঞ্জ": "akscng", "bangla বাংলা": "bngl", "jogajog যোগাযোগ": "gggg", "website ওয়েবসাইট": "abst", "shikkha শিক্ষা": "sk",
		"bank ব্যাংক": "bnk", "product প্রোডাক্ট": "prdkt", "cancel ক্যানসেল": "knsl", "bari বাড়ি": "br", "hat হাত": "ht", "thikana ঠিকানা": "tkn",
		"nogod নগদ": "ngd", "vai ভাই": "", "a আ": "", "order2": "", "বিশ্ব": "bs", "জ্ঞান": "gn", "size সাইজ": "sg", "customer কাস্টমার": "kstmr",
	} {
		for _, w := range strings.Fields(words) {
			if got := Key(Fold(w)); got != want {
				t.Errorf("the key of %s is %q instead of %q", w, got, want)
			}
		}
	}
}

func TestSoundsTellShortWordsApart(t *testing.T) {
	for _, c := range []struct {
		words string
		same  bool
	}{
		{"saree sari শাড়ি শাড়িটা sarees", true}, {"taka টাকা টাকাটা", true}, {"dam দাম দামটা", true}, {"size সাইজ সাইজের", true}, {"jama জামা", true},
		{"bag ব্যাগ", true}, {"dor দর", true}, {"ghori ঘড়ি", true}, {"juta জুতা", true}, {"sir শাড়ি", false}, {"dam দম", false}, {"taka টিকা", false},
	} {
		list := Analyse(c.words)
		for _, token := range list[1:] {
			if (token.Sound == list[0].Sound) != c.same {
				t.Errorf("%s sounds like %s, %s like %s", list[0].Word, list[0].Sound, token.Word, token.Sound)
			}
		}
	}
}

func TestQuestionsBecomeTerms(t *testing.T) {
	groups := NewSynonyms([][]string{{"refund", "টাকা ফেরত", "money back"}, {"alone"}})
	for question, want := range map[string]string{
		"amar order kothay":     "order kothay~",
		"What is the price?":    "pric",
		"কোথায় কত":             "কোথা কত", // nothing but stop words: they are asked for
		"OR NOT AND near":       "near",
		"is there a refund":     "refund+2",
		"give money back to me": "give money+2 back+2",
		"":                      "",
		"?!":                    "",
		"order order orders":    "order",
	} {
		var got []string
		for _, term := range Ask(question, groups, false) {
			s := term.Stem
			if term.Weak {
				s += "~"
			} else if len(term.Beside) > 0 {
				s += "+" + string(rune('0'+len(term.Beside)))
			}
			got = append(got, s)
		}
		want := strings.Fields(want)
		for i, w := range want {
			want[i] = strings.ReplaceAll(w, "কোথা", Stem(Fold("কোথায়")))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q asks for %q instead of %q", question, got, want)
		}
	}
	if terms := Ask("deliv", nil, true); !terms[0].Typing {
		t.Error("the last word is not taken as one being typed")
	}
	if terms := Ask("deliv ", nil, true); terms[0].Typing {
		t.Error("a word with a space behind it is taken as one being typed")
	}
}

func TestOneLetterAway(t *testing.T) {
	for _, c := range []struct {
		a, b string
		near bool
	}{
		{"refund", "refnud", true}, {"refund", "refunds", true}, {"refund", "rfund", true}, {"refund", "refand", true}, {"refund", "refund", false},
		{"refund", "rfnd", false}, {"ফেরত", "ফেরৎ", true}, {"ab", "ba", true}, {"abc", "cba", false}, {"", "a", true}, {"", "", false}, {"gefund", "refund", true},
	} {
		if got := slices.Contains(neighbours(c.a, 0), c.b); got != c.near {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
		if got := slices.Contains(neighbours(c.b, 0), c.a); got != c.near && c.a != "" {
			t.Errorf("%q and %q: %t", c.b, c.a, got)
		}
	}
	for _, w := range neighbours("refund", 1) {
		if w[0] != 'r' {
			t.Errorf("%q begins otherwise", w)
		}
	}
}

// marked shows a snippet with its hits in brackets.
func marked(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestSnippets(t *testing.T) {
	long := strings.Repeat("nothing here. ", 60)
	for _, c := range []struct {
		text, question string
		width          int
		want           string
	}{
		{"Please return the parcel.", "returning parcels", 80, "Please [return] the [parcel]."},
		{"টাকা ফেরত দিন", "ferot", 80, "টাকা [ফেরত] দিন"},
		{"<b>bold</b> & bkash", "bkash", 80, "<b>bold</b> & [bkash]"},
		{"one\n\n  two\tthree", "two", 80, "one [two] three"},
		{long + "the refund came late " + long, "refund late", 40, "…the [refund] came [late] nothing here.…"},
		{"no such word", "refund", 80, "no such word"},
		{"", "refund", 80, ""},
	} {
		pieces, _ := Snippet(c.text, Ask(c.question, nil, false), c.width)
		if got := marked(pieces); got != c.want {
			t.Errorf("%q in %.20q: %q instead of %q", c.question, c.text, got, c.want)
		}
	}
}

// Whatever is typed or written, the analyser keeps its promises.
func FuzzAnalyse(f *testing.F) {
	for _, s := range []string{"আমার অর্ডার", "Don't", "৫০০টাকা", "ক\u200d্ষ", "\xff\xfe", "İI", "a'b", "\u09cd\u09cd", strings.Repeat("অ", 200), "x\u0301y"} {
		f.Add(s, "order")
	}
	f.Fuzz(func(t *testing.T, text, question string) {
		end := 0
		for _, token := range Analyse(text) {
			if token.Start < end || token.End <= token.Start || token.End > len(text) {
				t.Fatalf("%q: a token from %d to %d after %d", text, token.Start, token.End, end)
			}
			end = token.End
			if token.Word == "" || token.Stem == "" || !utf8.ValidString(token.Word) || !utf8.ValidString(token.Stem) {
				t.Fatalf("%q: %+v", text, token)
			}
			if Fold(token.Word) != token.Word {
				t.Fatalf("%q is folded to %q, and again to %q", text[token.Start:token.End], token.Word, Fold(token.Word))
			}
			if strings.Trim(token.Key, "abcdghklmnprst") != "" || len(token.Key) == 1 {
				t.Fatalf("%q has the key %q", token.Word, token.Key)
			}
		}
		terms := Ask(question, nil, true)
		if strings.Count(NewIndex("x", Column{Name: "a"}).Match(Wanted{Terms: terms}, ByKey), `"`)%2 != 0 {
			t.Fatalf("%q makes an open quotation", question)
		}
		pieces, _ := Snippet(text, terms, 40)
		for _, p := range pieces {
			if !utf8.ValidString(p.Text) && utf8.ValidString(text) {
				t.Fatalf("%q is cut within a letter: %q", text, p.Text)
			}
		}
	})
}
