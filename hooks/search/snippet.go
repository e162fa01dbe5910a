package search

import (
	"strings"
	"unicode/utf8"
)

// Piece is a part of a snippet: plain text, to be escaped like any other. Hit
// marks what was asked for.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// mostRead is how much of a text a snippet is looked for in.
const mostRead = 40_000

// Snippet is the part of a text, about width characters long, that has most of
// the terms, cut between words and with the words found apart. It also says
// how many of the terms that part has. A text without any begins the snippet
// with its beginning.
func Snippet(text string, terms []Term, width int) ([]Piece, int) {
	if len(text) > mostRead {
		text = strings.ToValidUTF8(text[:mostRead], "")
	}
	found := newFinder(terms).find(text)
	from, has := window(found, width)
	start := 0
	if len(found) > 0 {
		start = back(text, found[from].start, width/4)
	}
	end := forward(text, start, width)
	var pieces []Piece
	add := func(s string, hit bool) {
		if s = squeeze(s, len(pieces) > 0 && strings.HasSuffix(pieces[len(pieces)-1].Text, " ")); s != "" {
			pieces = append(pieces, Piece{s, hit})
		}
	}
	if start > 0 {
		add("…", false)
	}
	at := start
	for _, f := range found {
		if f.start < at || f.end > end {
			continue
		}
		add(text[at:f.start], false)
		add(text[f.start:f.end], true)
		at = f.end
	}
	add(text[at:end], false)
	if end < len(text) {
		add("…", false)
	}
	return pieces, has
}

type span struct {
	start, end, term int
	loose            bool
}

// window is where the spans with the most different terms begin that fit into
// the width.
func window(found []span, width int) (from, has int) {
	for i := range found {
		seen := map[int]bool{}
		for _, f := range found[i:] {
			// Letters of Bangla have three bytes; the width is one of characters.
			if f.end-found[i].start > width*2 {
				break
			}
			seen[f.term] = true
		}
		if len(seen) > has {
			from, has = i, len(seen)
		}
		if i > 400 {
			break
		}
	}
	return from, has
}

// back is up to n characters before at, at the beginning of a word or line.
func back(text string, at, n int) int {
	i := at
	for ; i > 0 && n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
	}
	if i == 0 {
		return 0
	}
	if line := strings.LastIndexByte(text[i:at], '\n'); line >= 0 {
		return i + line + 1
	}
	if space := strings.IndexByte(text[i:at], ' '); space >= 0 {
		return i + space + 1
	}
	return at
}

// forward is n characters on, at the end of a word.
func forward(text string, at, n int) int {
	i := at
	for ; i < len(text) && n > 0; n-- {
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	if i == len(text) {
		return i
	}
	if space := strings.LastIndexAny(text[at:i], " \n"); space > (i-at)/2 {
		return at + space
	}
	for i < len(text) { // one word of that length: it goes whole or it is cut between letters
		if r, _ := utf8.DecodeRuneInString(text[i:]); !inWord(r) || utf8.RuneCountInString(text[at:i]) > 2*n+200 {
			break
		} else {
			i += utf8.RuneLen(r)
		}
	}
	return i
}

// squeeze makes one space of any white space.
func squeeze(s string, spaced bool) string {
	var b strings.Builder
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' {
			if spaced {
				continue
			}
			r, spaced = ' ', true
		} else {
			spaced = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
