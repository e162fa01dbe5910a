package auth

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// twins are letters that look like a Latin one, by that letter. Only those of
// scripts that occur in domains; accents are taken off beforehand.
var twins = func() map[rune]string {
	m := map[rune]string{}
	for latin, others := range map[string]string{
		"a": "аαɑạạ", "b": "ЬьВƄ", "c": "сϲⅽ", "d": "ԁɗⅾ", "e": "еҽєε", "f": "ƒẝ", "g": "ɡցԍ", "h": "һհ", "i": "іιıɩ|ا",
		"j": "јϳ", "k": "кκҝ", "l": "ӏⅼןӀΙ", "m": "мⅿ", "n": "ոпηո", "o": "оοօ০০ഠ೦ంס", "p": "рρϱ", "q": "ԛզ", "r": "гѓ", "s": "ѕʂ",
		"t": "тτ", "u": "υսцʋ", "v": "ѵνⅴ", "w": "ԝшωѡ", "x": "хχⅹ", "y": "уүγʏ", "z": "ᴢʐ",
	} {
		for _, r := range others {
			m[unicode.ToLower(r)] = latin
			m[r] = latin
		}
	}
	return m
}()

// Digits and signs that stand for letters, then letters that together look
// like another one.
var (
	singles = strings.NewReplacer("0", "o", "1", "l", "3", "e", "5", "s", "i", "l", "!", "l", "$", "s", "@", "a")
	doubles = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")
)

// fold makes one form of all writings that look alike.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) && r < 0x0370, r == 0x200b, r == 0x200c, r == 0x200d, r == 0x2060, r == 0xad:
			continue // an accent of Latin letters, or nothing to be seen
		case r == 0x2010, r == 0x2011, r == 0x2012, r == 0x2013, r == 0x2212:
			b.WriteByte('-')
		case twins[r] != "":
			b.WriteString(twins[r])
		default:
			b.WriteRune(r)
		}
	}
	return doubles.Replace(singles.Replace(b.String()))
}

// readable is a domain as people see it, its punycode decoded.
func readable(domain string) string {
	u, err := idna.Punycode.ToUnicode(domain)
	if err != nil {
		return domain
	}
	return u
}

// mixed is true for a word with letters of Latin and of a script whose letters
// pass for Latin ones.
func mixed(word string) bool {
	latin, like := false, false
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			like = true
		}
	}
	return latin && like
}

// oneApart says whether two words differ by one letter changed, added, left
// out, or by two neighbours exchanged.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	same := func(x, y []rune) bool { return string(x) == string(y) }
	if len(x) < len(y) {
		return same(x[i:], y[i+1:])
	}
	if same(x[i+1:], y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && same(x[i+2:], y[i+2:])
}
