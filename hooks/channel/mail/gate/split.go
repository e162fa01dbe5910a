package gate

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// foldRune is the least of the letters that are the same as r but for their
// case, as a small one if it is of ASCII.
func foldRune(r rune) rune {
	switch {
	case r >= 0x0900 && r < 0x10a0, r >= 0x3000 && r < 0xa640: // scripts of India, China, Japan have one case
		return r
	case r >= utf8.RuneSelf:
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
}

// splitter takes one pattern apart and remembers what it found of its parts,
// which stand in many of the alternatives.
type splitter struct {
	needs, exacts map[*syntax.Regexp][]string
}

func newSplitter() *splitter {
	return &splitter{map[*syntax.Regexp][]string{}, map[*syntax.Regexp][]string{}}
}

// split lists patterns of which one matches where the whole does. The part of a
// sequence that is taken apart is the one whose words tell most.
func (sp *splitter) split(re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return sp.split(re.Sub[0])
	case syntax.OpAlternate:
		var all []*syntax.Regexp
		for _, sub := range re.Sub {
			all = append(all, sp.split(sub)...)
		}
		return all
	case syntax.OpConcat:
		best, _ := sp.telling(re)
		if best < 0 {
			break
		}
		parts := sp.split(re.Sub[best])
		if len(parts) < 2 {
			break
		}
		all := make([]*syntax.Regexp, len(parts))
		for i, part := range parts {
			one := *re
			one.Sub = slices.Clone(re.Sub)
			one.Sub[best] = part
			all[i] = &one
		}
		return all
	}
	return []*syntax.Regexp{re}
}

// telling finds the part of a sequence with the longest words. Several parts
// that follow each other may tell more together; then at is -1.
func (sp *splitter) telling(re *syntax.Regexp) (at int, words []string) {
	better := func(r []string) bool {
		return r != nil && (words == nil || shortest(r) > shortest(words) || shortest(r) == shortest(words) && len(r) < len(words))
	}
	at = -1
	for i, sub := range re.Sub {
		if r := sp.required(sub); better(r) {
			at, words = i, r
		}
	}
	var run []string
	for _, sub := range re.Sub {
		only := sp.exact(sub)
		switch {
		case only == nil:
			run = nil
		case run == nil || len(run)*len(only) > most:
			run = only
		default:
			var joined []string
			for _, a := range run {
				for _, b := range only {
					joined = append(joined, a+b)
				}
			}
			run = joined
		}
		if run != nil && shortest(run) > 0 && better(run) {
			at, words = -1, run
		}
	}
	return at, words
}

// most is how many texts are worth being looked for in place of a pattern.
const most = 24

// exact lists all that a small pattern matches, folded; nil if that is too much.
func (sp *splitter) exact(re *syntax.Regexp) []string {
	if known, ok := sp.exacts[re]; ok {
		return known
	}
	r := sp.findExact(re)
	sp.exacts[re] = r
	return r
}

func (sp *splitter) findExact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass:
		return sp.required(re)
	case syntax.OpCapture:
		return sp.exact(re.Sub[0])
	case syntax.OpWordBoundary, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpEmptyMatch:
		return []string{""}
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			r := sp.exact(sub)
			if all = append(all, r...); r == nil || len(all) > most {
				return nil
			}
		}
		return all
	}
	return nil
}

// required lists folded texts of which one is in every match, nil if there are
// none.
func (sp *splitter) required(re *syntax.Regexp) []string {
	if known, ok := sp.needs[re]; ok {
		return known
	}
	r := sp.findRequired(re)
	sp.needs[re] = r
	return r
}

func (sp *splitter) findRequired(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{Fold(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return sp.required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return sp.required(re.Sub[0])
		}
	case syntax.OpConcat:
		_, words := sp.telling(re)
		return words
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			r := sp.required(sub)
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
				if all = append(all, Fold(string(r))); len(all) > 12 {
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

// inLine tells whether a pattern says the same of a text as of its lines: no
// part of it matches the end of a line, and none asks for the ends of the text.
func inLine(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpAnyChar:
		return false
	case syntax.OpLiteral:
		return !strings.ContainsRune(string(re.Rune), '\n')
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1] {
				return false
			}
		}
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !inLine(sub) })
}
