package search

import (
	"slices"
	"strings"
)

// aim is what a token of a text can be found as: a token of a term or of what
// stands beside it.
type aim struct {
	term   int
	phrase int // of the finder's phrases
	token  int // of the phrase
	sound  string
}

// finder tells which term a token belongs to.
type finder struct {
	stems, keys, roots map[string][]aim
	begun              []aim // of a word that is still typed
	begins             []Token
	sizes              []int // tokens of each phrase
}

func newFinder(terms []Term) finder {
	f := finder{stems: map[string][]aim{}, keys: map[string][]aim{}, roots: map[string][]aim{}}
	add := func(t Token, a aim) {
		a.sound = t.Sound
		f.stems[t.Stem] = append(f.stems[t.Stem], a)
		for _, v := range variants(t.Stem) {
			f.stems[v] = append(f.stems[v], a)
		}
		if len(t.Key) >= longKey {
			f.keys[t.Key] = append(f.keys[t.Key], a)
		} else if t.Key != "" {
			f.keys[t.sounds()] = append(f.keys[t.sounds()], a)
		}
		if len(t.Root) > longKey && !IsStop(t.Word) {
			f.roots[t.Root] = append(f.roots[t.Root], a)
		}
	}
	phrase := func(size int) int {
		f.sizes = append(f.sizes, size)
		return len(f.sizes) - 1
	}
	for i, t := range terms {
		own := aim{term: i, phrase: phrase(1)}
		add(t.Token, own)
		for _, p := range t.Beside {
			at := phrase(len(p))
			for j, token := range p {
				add(token, aim{term: i, phrase: at, token: j})
			}
		}
		for _, near := range t.Near {
			f.stems[near], f.keys[near] = append(f.stems[near], own), append(f.keys[near], own)
		}
		if t.Typing {
			f.begun, f.begins = append(f.begun, own), append(f.begins, t.Token)
		}
	}
	return f
}

// of are the aims that a token fits; loose if all it has of them is a key or a
// root with other vowels.
func (f finder) of(t Token) (aims []aim, loose bool) {
	if aims = f.stems[t.Stem]; len(aims) > 0 {
		return aims, false
	}
	for i, b := range f.begins {
		if strings.HasPrefix(t.Stem, b.Stem) {
			return f.begun[i : i+1], false
		}
	}
	var far []aim
	sort := func(list []aim, sound string) {
		for _, a := range list {
			if a.sound == "" || alike(a.sound, sound) {
				aims = append(aims, a)
			} else {
				far = append(far, a)
			}
		}
	}
	switch {
	case len(t.Key) >= longKey:
		sort(f.keys[t.Key], t.Sound)
	case t.Key != "":
		aims = f.keys[t.sounds()]
	}
	if len(t.Root) > longKey && !IsStop(t.Word) {
		sort(f.roots[t.Root], t.Sound)
	}
	for i, b := range f.begins {
		if len(b.Key) >= longKey && strings.HasPrefix(t.Key, b.Key) {
			a := f.begun[i]
			a.sound = b.Sound
			sort([]aim{a}, t.Sound[:min(len(t.Sound), len(b.Sound))])
		}
	}
	if len(aims) > 0 {
		return aims, false
	}
	return far, len(far) > 0
}

// alike tells whether words that share their consonants are near each other
// with their vowels too: ডেলিভারি and delivery are, ফেরত and প্রতি are not.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	return Distance(a, b) <= max(len(a), len(b))/3
}

// Distance is how many letters are to be changed, left out or put in to make one
// text of another (Levenshtein).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		before := row[0]
		row[0] = i + 1
		for j, s := range y {
			change := before
			if r != s {
				change++
			}
			before, row[j+1] = row[j+1], min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}

// find are the places of the terms in a text; those that are loose only of a
// term that the text has no better.
func (f finder) find(text string) (spans []span) {
	if len(f.stems) == 0 {
		return nil
	}
	better := map[int]bool{}
	for _, t := range Analyse(text) {
		aims, loose := f.of(t)
		for _, a := range aims {
			// Of a phrase beside a term the small words say nothing by themselves.
			if f.sizes[a.phrase] > 1 && IsStop(t.Word) {
				continue
			}
			better[a.term] = better[a.term] || !loose
			spans = append(spans, span{t.Start, t.End, a.term, loose})
			break
		}
	}
	return slices.DeleteFunc(spans, func(s span) bool { return s.loose && better[s.term] })
}

// Says tells whether a text has one of the terms, or a whole phrase beside
// one, by more than consonants that other words share.
func Says(terms []Term, texts ...string) bool {
	f := newFinder(Strong(terms))
	has := map[aim]bool{}
	count := make([]int, len(f.sizes))
	for _, text := range texts {
		for _, t := range Analyse(text) {
			aims, loose := f.of(t)
			if loose {
				continue
			}
			for _, a := range aims {
				if a.sound = ""; has[a] {
					continue
				}
				has[a] = true
				if count[a.phrase]++; count[a.phrase] == f.sizes[a.phrase] {
					return true
				}
			}
		}
	}
	return false
}
