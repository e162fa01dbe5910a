package gate

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// What Pattern says is what the regular expression says, of whatever text.
func TestAPatternSaysWhatItsExpressionSays(t *testing.T) {
	for _, source := range []string{
		`(?i)^\W*(?:auto(?:matic)?[ -]*re(?:ply|sponse)|out of (?:the )?office)(?:\W*$|\s+until\b)`,
		`(?im)^[> ]*(?:message-id:|received: )|copy of (?:the|your) mail|\b[45]\.[1-7]\.\d{1,2}\b|\b55[0-4][ -][5A-Za-z]`,
		`(?i)\b(?:i am|i'm|\w{2,20} (?:is|will be)) (?:now )?(?:out of (?:the |my )?office|on (?:annual )?(?:leave|vacation)|away (?:until|from))`,
		`(?i)(?:held|queued)[^.]{0,40}(?:confirm|click)|kann .{0,9}html|straße|ΣΊΣΥΦΟΣ|Kelvin`,
		`(?im)^[^\pL\n]*your mail was[^@\n]{0,20}(?:\s{1,3}<?[^\s@<>]{1,9}@[^\s@]{1,9})`,
		`আপনার (?:ইমেইল|মেইল)(?:টি)? (?:পেয়েছি|গৃহীত)|不在(?:通知|のお知らせ)`,
	} {
		p, re := New(source), regexp.MustCompile(source)
		var words []string
		for _, list := range p.words {
			for _, w := range list {
				words = append(words, w.text)
			}
		}
		words = append(words, strings.FieldsFunc(source, func(r rune) bool { return strings.ContainsRune(`()|?:[]\{}.*^$`, r) })...)
		words = append(words, "I am", "out of office", "on leave", "away until", "auto-reply", "OUT OF THE OFFICE until", "4.2.2", "5.1.10", "x@y.z", "<x@y>", "ſtrasse", "STRASSE", "Kelvin", "σίσυφος", "10")
		r := rand.New(rand.NewPCG(1, 2))
		found := 0
		for range 20_000 {
			s := ""
			for range 1 + r.IntN(5) {
				s += words[r.IntN(len(words))] + []string{"", " ", "\n", "-", ".", "\r\n> "}[r.IntN(6)]
			}
			if r.IntN(3) == 0 {
				s = strings.ToUpper(s)
			}
			want := re.MatchString(s)
			if want {
				found++
			}
			if p.MatchString(s) != want {
				t.Fatalf("%s\nsays %v of %q", source, !want, s)
			}
		}
		if found < 50 {
			t.Errorf("%s matched only %d times", source, found)
		}
	}
}

func TestAPatternWithoutWordsIsAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was made")
		}
	}()
	New(`delivery|\d+`)
}
