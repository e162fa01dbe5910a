package intent

import (
	"strings"

	"github.com/shohay/shohay/hooks/search"
)

// Intent is what a visitor wants.
type Intent string

// Intents; None is a question, or nothing that is known.
const (
	None     Intent = ""
	Person   Intent = "person"
	Anger    Intent = "anger"
	Refund   Intent = "refund"
	Order    Intent = "order"
	Hours    Intent = "hours"
	Greeting Intent = "greeting"
	Thanks   Intent = "thanks"
	Yes      Intent = "yes"
	No       Intent = "no"
	Robot    Intent = "robot" // whether a person or a machine answers
)

// table is the phrases of an intent.
type table struct {
	intent  Intent
	phrases [][]search.Token
	not     []search.Token
	alone   bool // nothing else may be said
}

func read(intent Intent, phrases, not string, alone bool) table {
	t := table{intent: intent, alone: alone, not: search.Analyse(not)}
	for line := range strings.SplitSeq(phrases, "\n") {
		if tokens := search.Analyse(line); len(tokens) > 0 {
			t.phrases = append(t.phrases, tokens)
		}
	}
	return t
}

// tables are looked through in this order: who wants a person gets one,
// whatever else they say, unless they only ask whether one answers.
var (
	tables = []table{
		read(Robot, robot, "", true), read(Person, person, "", false), read(Anger, anger, "", false), read(Refund, refund, "", false),
		read(Order, order, notOrder, false), read(Hours, hours, notHours, false),
		read(Thanks, thanks, "", true), read(Greeting, greeting, "", true), read(No, no, "", true), read(Yes, yes, "", true),
	}
	filling = search.Analyse(fill)
)

// spread is how many words may stand between the first and the last of a
// phrase beyond its own.
const spread = 4

// Of is what a message wants.
func Of(text string) Intent {
	tokens := search.Analyse(text)
	if len(tokens) == 0 {
		return None
	}
	for _, t := range tables {
		if t.fits(tokens) {
			return t.intent
		}
	}
	return None
}

func (t table) fits(tokens []search.Token) bool {
	for _, n := range t.not {
		if find(tokens, n) >= 0 {
			return false
		}
	}
	for _, p := range t.phrases {
		if t.alone {
			if wholly(tokens, p) {
				return true
			}
		} else if near(tokens, p) {
			return true
		}
	}
	return false
}

// near tells whether all words of a phrase are said close together.
func near(tokens, phrase []search.Token) bool {
	first, last := len(tokens), -1
	for _, p := range phrase {
		at := find(tokens, p)
		if at < 0 {
			return false
		}
		first, last = min(first, at), max(last, at)
	}
	return last-first < len(phrase)+spread
}

// wholly tells whether a phrase is said and nothing beside it that counts.
func wholly(tokens, phrase []search.Token) bool {
	if !near(tokens, phrase) {
		return false
	}
	for _, t := range tokens {
		if find(phrase, t) < 0 && find(filling, t) < 0 {
			return false
		}
	}
	return true
}

func find(tokens []search.Token, want search.Token) int {
	for i, t := range tokens {
		if alike(t, want) {
			return i
		}
	}
	return -1
}

// alike compares two words: the same stem, or the same sound in either script.
// Keys alone would make one word of too many; short ones need their vowels.
func alike(a, b search.Token) bool {
	if a.Stem == b.Stem {
		return true
	}
	if a.Key == "" || a.Key != b.Key {
		return false
	}
	return a.Sound == b.Sound || len(a.Key) >= 4
}
