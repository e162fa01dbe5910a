package gate

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Pattern says the same as the regular expression that it was made from.
type Pattern struct {
	pieces []*piece
	table  []uint64 // bits of the first two bytes that words begin with
	words  map[uint16][]word
}

// word is a folded text and the pieces that it stands in every match of.
type word struct {
	text   string
	pieces []int
}

// piece is an alternative of a pattern.
type piece struct {
	form  *syntax.Regexp // nil when it is compiled
	lines bool           // no match has the end of a line in it
	once  sync.Once
	re    *regexp.Regexp
}

func (p *piece) match(s string) bool {
	p.once.Do(func() { p.re, p.form = regexp.MustCompile(p.form.String()), nil }) // writing it out takes a millisecond
	return p.re.MatchString(s)
}

// New takes a pattern apart. It panics when some alternative has no word of
// two bytes that is in its every match. What a pattern is asked of is in the
// composed form of Unicode (NFC).
func New(pattern string) *Pattern {
	parsed, err := syntax.Parse(norm.NFC.String(pattern), syntax.Perl)
	if err != nil {
		panic(err)
	}
	p := &Pattern{table: make([]uint64, 1<<16/64), words: map[uint16][]word{}}
	holds := map[string][]int{}
	sp := newSplitter()
	for _, alternative := range sp.split(parsed) {
		needs := sp.required(alternative)
		if needs == nil || shortest(needs) < 2 {
			panic("no word is in every match of " + alternative.String())
		}
		for _, n := range needs {
			if at := len(p.pieces); !slices.Contains(holds[n], at) {
				holds[n] = append(holds[n], at)
			}
		}
		p.pieces = append(p.pieces, &piece{form: alternative, lines: inLine(alternative)})
	}
	for text, pieces := range holds {
		k := key(text, 0)
		p.table[k/64] |= 1 << (k % 64)
		p.words[k] = append(p.words[k], word{text, pieces})
	}
	return p
}

func key(s string, at int) uint16 { return uint16(s[at])<<8 | uint16(s[at+1]) }

// MatchString is that of the regular expression.
func (p *Pattern) MatchString(s string) bool { return p.Match(Of(s)) }

// Match is MatchString of a text that several patterns are asked of.
func (p *Pattern) Match(t Text) bool {
	var done map[int]bool // pieces that were asked of the whole text
	type place struct{ piece, line int }
	var seen map[place]bool
	for at := 0; at+1 < len(t.folded); at++ {
		k := key(t.folded, at)
		if p.table[k/64]&(1<<(k%64)) == 0 {
			continue
		}
		for _, w := range p.words[k] {
			if !strings.HasPrefix(t.folded[at:], w.text) {
				continue
			}
			for _, n := range w.pieces {
				one := p.pieces[n]
				if !one.lines {
					if !done[n] {
						if one.match(t.text) {
							return true
						}
						if done == nil {
							done = map[int]bool{}
						}
						done[n] = true
					}
					continue
				}
				line, text := t.line(at)
				if at := (place{n, line}); !seen[at] {
					if one.match(text) {
						return true
					}
					if seen == nil {
						seen = map[place]bool{}
					}
					seen[at] = true
				}
			}
		}
	}
	return false
}

// Text is a text that patterns are asked of.
type Text struct {
	text, folded string
	ends         *lineEnds
}

// lineEnds are the ends of the lines of a text and of its folded form.
type lineEnds struct{ text, folded []int }

// Of prepares a text for several patterns.
func Of(s string) Text { return Text{s, Fold(s), &lineEnds{}} }

// String is the text.
func (t Text) String() string { return t.text }

// Contains tells whether a word, in small letters, stands in the text.
func (t Text) Contains(word string) bool { return strings.Contains(t.folded, word) }

// line returns the line of the text that has the byte of the folded form.
func (t Text) line(at int) (int, string) {
	if t.ends.text == nil {
		t.ends.text, t.ends.folded = endsOf(t.text), endsOf(t.folded)
	}
	n, _ := slices.BinarySearch(t.ends.folded, at)
	from := 0
	if n > 0 {
		from = t.ends.text[n-1] + 1
	}
	return n, t.text[from:t.ends.text[n]]
}

func endsOf(s string) []int {
	ends := make([]int, 0, 1+strings.Count(s, "\n"))
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			ends = append(ends, i)
		}
	}
	return append(ends, len(s))
}

// Fold makes letters that patterns hold for the same the same.
func Fold(s string) string {
	b := make([]byte, 0, len(s)+4)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		b = utf8.AppendRune(b, foldRune(r))
	}
	return string(b)
}
