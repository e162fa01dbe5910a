package search

import (
	"strings"
	"unicode/utf8"
)

// Key is the skeleton of a folded word in either script: its consonants, in
// letters that stand for a family of sounds each.
//
//	k  ক খ ক্ষ, c (before a, o, u and consonants), k, q
//	g  গ ঘ জ ঝ য, g, j, z
//	c  চ ছ, ch
//	t  ট ঠ ত থ ৎ, t        d  ড ঢ দ ধ, d
//	n  ন ণ ঞ, n            ng ং ঙ (n before ক)
//	p  প ফ, p, f           b  ব ভ, b, v
//	m r (ড় ঢ়) l           s  শ ষ স, s, c (before e, i, y)
//	h  only at the start   ks x
//
// Vowels are dropped, also y, w, য় and য-ফলা; one at the start is a. Doubled
// consonants are one. A skeleton of one letter says nothing and is "", and so
// is that of a word with digits.
func Key(word string) string {
	key, _ := keys(word)
	return key
}

// keys are a word's skeleton and how it sounds with its vowels: a (আ), i (ই এ
// and ai), u (উ), o (ও and the vowel that is not written). For words of two
// consonants, which too many share, the sound tells more: saree and শাড়ি are
// both sari, taka and টাকা taka.
func keys(word string) (skeleton, sound string) {
	r, _ := utf8.DecodeRuneInString(word)
	var k key
	switch {
	case r < utf8.RuneSelf:
		k.latin(word)
	case bangla(r):
		k.bangla(word)
	}
	if len(k.b) < 2 {
		return "", ""
	}
	return string(k.b), strings.ReplaceAll(string(k.heard), "ai", "i")
}

type key struct {
	b     []byte
	heard []byte
	apart bool // a vowel stands between the last consonant and the next
}

func (k *key) put(letters string) {
	for i := range len(letters) {
		c := letters[i]
		if n := len(k.b); n > 0 && k.b[n-1] == c && !k.apart {
			continue
		}
		k.b, k.heard = append(k.b, c), append(k.heard, c)
		k.apart = false
	}
}

// vowel is one that is heard as v, or 0 for one that is not.
func (k *key) vowel(v byte) {
	if len(k.b) == 0 {
		k.b = append(k.b, 'a')
	}
	if n := len(k.heard); v != 0 && (n == 0 || k.heard[n-1] != v) {
		k.heard = append(k.heard, v)
	}
	k.apart = true
}

// vowels are how the vowels of both scripts are heard.
var vowels = map[rune]byte{
	'a': 'a', 'e': 'i', 'i': 'i', 'y': 'i', 'o': 'o', 'u': 'u',
	'অ': 'o', 'আ': 'a', 'ই': 'i', 'ঈ': 'i', 'উ': 'u', 'ঊ': 'u', 'ঋ': 'i', 'এ': 'i', 'ঐ': 'i', 'ও': 'o', 'ঔ': 'o',
	'া': 'a', 'ি': 'i', 'ী': 'i', 'ু': 'u', 'ূ': 'u', 'ৃ': 'i', 'ে': 'i', 'ৈ': 'i', 'ো': 'o', 'ৌ': 'o',
}

var latinKeys = map[byte]string{
	'b': "b", 'v': "b", 'd': "d", 'f': "p", 'p': "p", 'g': "g", 'j': "g", 'z': "g", 'k': "k", 'q': "k",
	'l': "l", 'm': "m", 'n': "n", 'r': "r", 's': "s", 't': "t", 'x': "ks",
}

func (k *key) latin(word string) {
	for i := 0; i < len(word); i++ {
		c := word[i]
		next := byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		switch {
		case c >= '0' && c <= '9' || c >= utf8.RuneSelf:
			k.b = nil
			return
		case c == 'c' && next == 'h':
			k.put("c")
			i++
		case c == 'c' && next != 0 && strings.IndexByte("eiy", next) >= 0:
			k.put("s")
		case c == 'c':
			k.put("k")
		case c == 'h':
			if i == 0 {
				k.put("h")
			}
		case latinKeys[c] != "":
			k.put(latinKeys[c])
		case c == 'e' && next == 0 && i > 1 && vowels[rune(word[i-1])] == 0:
			k.vowel(0) // silent: size
		default: // a e i o u w y
			k.vowel(vowels[rune(c)])
		}
	}
}

var banglaKeys = map[rune]string{
	'ক': "k", 'খ': "k", 'গ': "g", 'ঘ': "g", 'ঙ': "ng", 'ং': "ng", 'চ': "c", 'ছ': "c", 'জ': "g", 'ঝ': "g", 'য': "g", 'ঞ': "n",
	'ট': "t", 'ঠ': "t", 'ত': "t", 'থ': "t", 'ৎ': "t", 'ড': "d", 'ঢ': "d", 'দ': "d", 'ধ': "d", 'ন': "n", 'ণ': "n",
	'প': "p", 'ফ': "p", 'ব': "b", 'ভ': "b", 'ম': "m", 'র': "r", 'ৰ': "r", 'ল': "l", 'শ': "s", 'ষ': "s", 'স': "s",
}

const (
	hasanta = '\u09cd'
	nukta   = '\u09bc'
)

func (k *key) bangla(word string) {
	runes := []rune(word)
	at := func(i int) rune {
		if i >= 0 && i < len(runes) {
			return runes[i]
		}
		return 0
	}
	for i, r := range runes {
		joined := at(i-1) == hasanta
		switch {
		case r >= '0' && r <= '9':
			k.b = nil
			return
		case r == hasanta, r == nukta, r == 'ঁ', r == 'ঃ':
		case r == 'য' && at(i+1) == nukta: // য়
			k.vowel(0)
		case (r == 'ড' || r == 'ঢ') && at(i+1) == nukta: // ড় ঢ়
			k.consonant("r", joined)
		case r == 'য' && joined: // য-ফলা
		case joined && at(i-2) == 'ক' && r == 'ষ', joined && at(i-2) == 'জ' && r == 'ঞ': // ক্ষ, জ্ঞ
		case joined && r == 'ব' && strings.ContainsRune("সশজত", at(i-2)): // ব-ফলা is not heard
		case r == 'হ':
			if i == 0 {
				k.put("h")
			}
			k.apart = false
		case (r == 'ং' || r == 'ঙ') && (at(i+1) == 'ক' || at(i+1) == 'খ' || at(i+1) == hasanta && at(i+2) == 'ক'): // ব্যাংক, অঙ্ক
			k.consonant("n", true)
		case banglaKeys[r] != "":
			k.consonant(banglaKeys[r], joined || r == 'ং' || r == 'ৎ')
		default:
			k.vowel(vowels[r])
		}
	}
}

// consonant puts one after the last; unless they are joined a vowel is heard
// between them, written or not.
func (k *key) consonant(letters string, joined bool) {
	if n := len(k.heard); !joined && n > 0 && !k.apart {
		k.vowel('o') // the vowel of a consonant without another
	}
	k.put(letters)
}
