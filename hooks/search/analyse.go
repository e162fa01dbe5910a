package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Token is a word of a text. Start and End are its bytes in the text.
type Token struct {
	Start, End int
	Word       string
	Stem       string
	Key        string // "" for numbers and what has fewer than two consonants
	Sound      string // with vowels; see keys
	Root       string // of a verb; see root
}

// longest is how many bytes of a word count; what is longer is no word.
const longest = 96

// Analyse cuts a text into its tokens.
func Analyse(text string) []Token {
	tokens := make([]Token, 0, len(text)/6+1)
	scan(text, func(start, end int) bool {
		word := Fold(text[start:min(end, start+longest)])
		if word == "" {
			return true
		}
		stem := Stem(word)
		key, sound := keys(stem)
		tokens = append(tokens, Token{start, end, word, stem, key, sound, root(word)})
		return true
	})
	return tokens
}

func joins(r rune) bool { return r == '\u200c' || r == '\u200d' || r == '\ufeff' || r == '\u00ad' }

func apostrophe(r rune) bool { return r == '\'' || r == '\u2019' || r == '\u02bc' }

func bangla(r rune) bool { return r >= 0x0980 && r <= 0x09ff }

func inWord(r rune) bool {
	return r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)) && r != utf8.RuneError
}

// scan calls f with the bounds of each word until f says false. A number and
// the Bangla word written against it (৫০০টাকা) are two words.
func scan(text string, f func(start, end int) bool) {
	start, end := -1, 0
	var last rune
	for i, r := range text {
		digit := unicode.IsDigit(r)
		switch {
		case inWord(r):
			if start >= 0 && (digit && bangla(last) && unicode.IsLetter(last) || unicode.IsDigit(last) && bangla(r) && unicode.IsLetter(r)) {
				if !f(start, end) {
					return
				}
				start = -1
			}
			if start < 0 {
				if unicode.IsMark(r) {
					continue // a mark without a letter is no word
				}
				start = i
			}
			end = i + utf8.RuneLen(r)
			if !unicode.IsMark(r) {
				last = r
			}
		case start >= 0 && (joins(r) || apostrophe(r) && end == i && letterFollows(text[i:])):
		case start >= 0:
			if !f(start, end) {
				return
			}
			start = -1
		}
	}
	if start >= 0 {
		f(start, end)
	}
}

// letterFollows tells whether a letter stands behind the first character.
func letterFollows(s string) bool {
	_, n := utf8.DecodeRuneInString(s)
	r, _ := utf8.DecodeRuneInString(s[n:])
	return unicode.IsLetter(r)
}

// Fold brings a text to the form it is compared in; see the package comment.
func Fold(s string) string {
	if plain(s) {
		return strings.ToLower(s)
	}
	s = strings.ToValidUTF8(s, "")
	if accented(s) {
		s = strings.Map(func(r rune) rune {
			if r >= 0x300 && r <= 0x36f {
				return -1
			}
			return r
		}, norm.NFD.String(s))
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case joins(r), apostrophe(r):
			return -1
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(s))
	// Lower case may have taken a letter apart (İ).
	return norm.NFC.String(s)
}

// plain tells whether a text has only letters and digits of ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '\'' {
			return false
		}
	}
	return true
}

// accented tells whether a text has Latin letters beyond ASCII or marks that
// belong to Latin letters.
func accented(s string) bool {
	for _, r := range s {
		if r >= 0xc0 && r <= 0x36f || r >= 0x1e00 && r <= 0x1eff {
			return true
		}
	}
	return false
}

// Bangla endings, the longest first: plural and article with their cases, the
// cases alone, and the particles ই and ও.
var banglaEndings = []string{
	"গুলোতে", "গুলোকে", "গুলোর", "গুলিতে", "গুলির", "গুলো", "গুলি", "দেরকে", "দের", "টিতে", "টাতে", "টিকে", "টাকে", "টির", "টার", "টি", "টা",
	"য়ের", "ের", "এর", "তে", "কে", "য়ে", "য়", "ে", "ই", "ও",
}

// Stem takes light endings off a folded word.
func Stem(word string) string {
	if word == "" {
		return ""
	}
	if word[0] < utf8.RuneSelf {
		return stemEnglish(word)
	}
	if r, _ := utf8.DecodeRuneInString(word); bangla(r) {
		return spelling.Replace(stemBangla(word))
	}
	return word
}

// spelling makes one of letters that are said alike and often taken for each
// other: ডেলীভারি, ফেরৎ.
var spelling = strings.NewReplacer("ী", "ি", "ূ", "ু", "ঈ", "ই", "ঊ", "উ", "ৎ", "ত", "ণ", "ন")

// stemBangla strips endings one after the other (অর্ডার-গুলো-র), as long as two
// letters are left.
func stemBangla(word string) string {
	for range 3 {
		shorter := word
		for _, ending := range banglaEndings {
			if s, ok := strings.CutSuffix(word, ending); ok && letters(s) >= 2 && !strings.HasSuffix(s, "\u09cd") {
				shorter = s
				break
			}
		}
		// The genitive of words that end in a vowel (ডেলিভারির), but for -ার,
		// which ends as many words of their own (অর্ডার): see variants.
		if s, ok := strings.CutSuffix(shorter, "র"); ok && shorter == word && letters(s) >= 2 {
			if r, _ := utf8.DecodeLastRuneInString(s); r > 'া' && r <= 'ৌ' || r >= 'অ' && r <= 'ঔ' {
				shorter = s
			}
		}
		if shorter == word {
			break
		}
		word = shorter
	}
	return word
}

// variants are other stems of the same word: the genitive of words that end in
// -া cannot be told from words that end in -ার, so a question asks for both.
func variants(stem string) []string {
	switch {
	case strings.HasSuffix(stem, "ার") && letters(stem) >= 3:
		return []string{strings.TrimSuffix(stem, "র")}
	case strings.HasSuffix(stem, "া") && letters(stem) >= 2:
		return []string{stem + "র"}
	}
	return nil
}

func letters(s string) (n int) {
	for _, r := range s {
		if !unicode.IsMark(r) {
			n++
		}
	}
	return n
}

func stemEnglish(w string) string {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return w
		}
	}
	n := len(w)
	switch {
	case n > 4 && strings.HasSuffix(w, "ies"):
		w = w[:n-3] + "y"
	case n > 4 && (strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes")):
		w = w[:n-2]
	case n > 3 && w[n-1] == 's' && w[n-2] != 's' && w[n-2] != 'u' && w[n-2] != 'i':
		w = w[:n-1]
	}
	n = len(w)
	switch {
	case n > 5 && strings.HasSuffix(w, "ing"):
		w = single(w[:n-3])
	case n > 4 && strings.HasSuffix(w, "ed") && w[n-3] != 'e':
		w = single(w[:n-2])
	}
	if n = len(w); n > 4 && w[n-1] == 'e' && w[n-2] != 'e' {
		w = w[:n-1]
	}
	return w
}

// single undoes the doubling before -ing and -ed: shipp, cancell.
func single(w string) string {
	if n := len(w); n > 3 && w[n-1] == w[n-2] && !strings.ContainsRune("aeiouys", rune(w[n-1])) {
		return w[:n-1]
	}
	return w
}
