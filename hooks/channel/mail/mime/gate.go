package mime

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// gated is a pattern of many words that is asked only of a text in which one
// of the words stands: Go's matcher takes a hundred times as long to find out
// that none does.
type gated struct {
	*regexp.Regexp
	needs []string // folded; one of them is in every match
}

// gate compiles a pattern. A pattern that needs no word cannot be gated.
// What it is asked of is in the composed form of Unicode (NFC).
func gate(pattern string) *gated {
	pattern = norm.NFC.String(pattern)
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	needs := required(parsed.Simplify())
	if needs == nil {
		panic("no word is in every match of " + pattern)
	}
	slices.SortFunc(needs, func(a, b string) int { return len(a) - len(b) })
	least := needs[:0]
	for _, n := range needs { // "delivery" needs no look when "deliver" had one
		if !slices.ContainsFunc(least, func(have string) bool { return strings.Contains(n, have) }) {
			least = append(least, n)
		}
	}
	return &gated{regexp.MustCompile(pattern), least}
}

// MatchString is that of the pattern.
func (g *gated) MatchString(s string) bool { return g.matchFolded(s, fold(s)) }

// matchFolded is MatchString of a text that was folded for several patterns.
func (g *gated) matchFolded(s, folded string) bool {
	for _, n := range g.needs {
		if strings.Contains(folded, n) {
			return g.Regexp.MatchString(s)
		}
	}
	return false
}

// fold makes letters that patterns hold for the same the same.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			least := r
			for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
				least = min(least, o)
			}
			r = least
		}
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// required lists texts of which one is in every match, nil if there are none.
func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{fold(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		// The part with the longest texts tells most.
		var best []string
		for _, sub := range re.Sub {
			if r := required(sub); r != nil && (best == nil || shortest(r) > shortest(best) || shortest(r) == shortest(best) && len(r) < len(best)) {
				best = r
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			r := required(sub)
			if r == nil {
				return nil
			}
			all = append(all, r...)
		}
		return all
	case syntax.OpCharClass:
		var all []string
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if all = append(all, fold(string(r))); len(all) > 12 {
					return nil
				}
			}
		}
		return all
	}
	return nil
}

func shortest(list []string) int {
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}
