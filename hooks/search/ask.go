package search

import (
	"slices"
	"strings"
)

// mostTerms is how many words of a question count; a person who pastes a
// letter asks about its beginning.
const mostTerms = 24

// Term is one thing that a question asks for.
type Term struct {
	Token
	Typing bool // the end of the question: it may go on
	// Beside are the phrases of the synonym groups it belongs to.
	Beside []Phrase
	// Marks are those of rows that have the term without saying it.
	Marks []string
	// Weak terms help to choose between entries and count for nothing else:
	// where, when, how much.
	Weak bool
	// Near are words of the vocabulary that stand for one the index does not
	// know; see Index.repair.
	Near  []string
	doubt float64 // from 0 to 1: how little the near ones may have to do with it
	// Ends are the words and the keys that the index has for one that is still
	// being typed; see [Index.Complete]. Nil asks by the beginning.
	Ends *Ends
}

// Ends are completions of a word and of its key.
type Ends struct{ Words, Keys []string }

// Phrase is tokens one after the other.
type Phrase []Token

// Synonyms are groups of phrases that mean the same to those who ask.
type Synonyms struct {
	groups [][]Phrase
	first  map[string][]place // where phrases begin with a stem or a key
}

type place struct{ group, phrase int }

// NewSynonyms reads groups of phrases in any of the three ways of writing.
func NewSynonyms(groups [][]string) *Synonyms {
	s := &Synonyms{first: map[string][]place{}}
	for _, group := range groups {
		var phrases []Phrase
		for _, text := range group {
			if p := Phrase(Analyse(text)); len(p) > 0 {
				phrases = append(phrases, p)
			}
		}
		if len(phrases) < 2 {
			continue
		}
		for i, p := range phrases {
			s.first[p[0].Stem] = append(s.first[p[0].Stem], place{len(s.groups), i})
		}
		s.groups = append(s.groups, phrases)
	}
	return s
}

// beside finds the groups that have a phrase at the beginning of the tokens
// and how many tokens it covers.
func (s *Synonyms) beside(tokens []Token) (found []Phrase, covered int) {
	if s == nil {
		return nil, 0
	}
	for _, at := range s.first[tokens[0].Stem] {
		p := s.groups[at.group][at.phrase]
		if len(p) > len(tokens) || !slices.EqualFunc(p, tokens[:len(p)], func(a, b Token) bool { return a.Stem == b.Stem }) {
			continue
		}
		covered = max(covered, len(p))
		for i, other := range s.groups[at.group] {
			if i != at.phrase {
				found = append(found, other)
			}
		}
	}
	return found, covered
}

// Ask makes the terms of a question. Stop words are left out unless there is
// nothing else; synonyms may be nil. With typing, the last word may go on.
func Ask(question string, synonyms *Synonyms, typing bool) []Term {
	tokens := Analyse(question)
	typing = typing && len(tokens) > 0 && tokens[len(tokens)-1].End == len(question)
	beside := make([][]Phrase, len(tokens))
	kept := make([]bool, len(tokens))
	for i := range tokens {
		found, covered := synonyms.beside(tokens[i:])
		for j := range covered {
			beside[i+j] = append(beside[i+j], found...)
			kept[i+j] = kept[i+j] || covered > 1 // in a phrase even a stop word says something
		}
	}
	var terms, weak, all []Term
	seen := map[string]bool{}
	for i, t := range tokens {
		if seen[t.Stem] || len(all) == mostTerms {
			continue
		}
		seen[t.Stem] = true
		term := Term{Token: t, Typing: typing && i == len(tokens)-1, Beside: append(beside[i], kinds[t.Stem]...)}
		all = append(all, term)
		switch others, asks := asking[t.Word]; {
		case kept[i] || !IsStop(t.Word) || term.Typing && len(tokens) == 1:
			terms = append(terms, term)
		case asks:
			term.Weak, term.Beside = true, others
			weak = append(weak, term)
		}
	}
	if len(terms) == 0 {
		for i := range all {
			all[i].doubt = emptyDoubt
		}
		return all
	}
	return append(terms, weak...)
}

// emptyDoubt is what words weigh less that say nothing, where a question has no
// other ones.
const emptyDoubt = 0.7

// Strong are the terms that are not weak.
func Strong(terms []Term) []Term {
	return slices.DeleteFunc(slices.Clone(terms), func(t Term) bool { return t.Weak })
}

// rootless is the term without roots of two consonants, which are found in too
// many words to say that an entry is about it.
func (t Term) rootless() Term {
	short := func(token Token) Token {
		if len(token.Root) <= longKey {
			token.Root = ""
		}
		return token
	}
	t.Token = short(t.Token)
	beside := make([]Phrase, len(t.Beside))
	for i, p := range t.Beside {
		for _, token := range p {
			beside[i] = append(beside[i], short(token))
		}
	}
	t.Beside = beside
	return t
}

// few is how many words a short question has.
const few = 2

// Short tells whether a question has so few words that one of them, found by
// accident, would be half of it.
func Short(terms []Term) bool { return len(Strong(terms)) <= few }

// Matching chooses what counts as a word being found.
type Matching int

// Words are found by stem or key; by a key only if it is no accident, being
// long enough or having its vowels; or by stem alone.
const (
	ByKey Matching = iota
	ByLongKey
	ByWord
)

const longKey = 3

// quote makes a string of FTS5's query language.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// expression asks for one token in the columns of words and of keys.
func (ix Index) expression(t Token, typing bool, ends *Ends, m Matching) string {
	parts := []string{ix.words + quote(t.Stem)}
	switch {
	case typing && ends != nil && len(ends.Words) > 0:
		parts[0] = ix.words + anyOf(ends.Words)
	case typing:
		parts[0] += " *"
	default:
		for _, v := range variants(t.Stem) {
			parts = append(parts, ix.words+quote(v))
		}
	}
	if t.Key != "" && m != ByWord {
		p := ix.keys + quote(t.Key)
		switch {
		case len(t.Key) >= longKey && typing && ends != nil && len(ends.Keys) > 0:
			p = ix.keys + anyOf(ends.Keys)
		case len(t.Key) >= longKey && typing:
			p += " *"
		case len(t.Key) < longKey && (m == ByLongKey || ix.Numbered):
			p = ix.keys + quote(t.sounds())
		}
		parts = append(parts, p)
	}
	// A root of two consonants helps to find and to order; how sure it is must
	// not rest on it.
	if m != ByWord && !ix.Numbered && !IsStop(t.Word) && (len(t.Root) > longKey || t.Root != "" && m == ByLongKey) {
		parts = append(parts, ix.keys+quote(t.Root))
	}
	return either(parts)
}

// sounds is the mark of a short key with its vowels; no key has a digit.
func (t Token) sounds() string { return "0" + t.Sound }

// anyOf asks for one of some words at least.
func anyOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return "(" + strings.Join(quoted, " OR ") + ")"
}

func either(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// termExpression asks for a term or what stands beside it.
func (ix Index) termExpression(t Term, m Matching) string {
	if t.Weak {
		m = ByWord
	}
	parts := []string{ix.expression(t.Token, t.Typing, t.Ends, m)}
	for _, near := range t.Near {
		parts = append(parts, either([]string{ix.words + quote(near), ix.keys + quote(near)}))
	}
	for _, p := range t.Beside {
		parts = append(parts, ix.phraseExpression(p, m))
	}
	if len(t.Marks) > 0 {
		parts = append(parts, anyMark(t.Marks))
	}
	return either(parts)
}

// phraseExpression asks for all tokens of a phrase, in any order.
func (ix Index) phraseExpression(p Phrase, m Matching) string {
	parts := make([]string, 0, len(p))
	for _, t := range p {
		parts = append(parts, ix.expression(t, false, nil, m))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}
