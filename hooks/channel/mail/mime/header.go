package mime

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Field is one header field: the name as written, the value unfolded and
// otherwise raw.
type Field struct{ Name, Value string }

// Header is the fields of a mail in order.
type Header []Field

// Get returns the first field of that name, "" if there is none.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has says whether there is a field of that name.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// All returns every value of that name.
func (h Header) All(name string) []string {
	var all []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// ReadHeader reads the fields at the beginning of raw, of a mail or of what a
// delivery report returns of one.
func ReadHeader(raw []byte) Header {
	s := splitter{raw: raw, headOnly: true}
	h, _ := s.readHeader(s.skipPrelude(), false)
	return h
}

// IDs reads Message-IDs from a raw value, without their brackets.
func IDs(raw string) []string { return parseIDs(raw) }

// decodeText reads a header value for people: encoded words (RFC 2047,
// leniently), raw 8-bit text, no control characters, at most maxField runes.
// charset is what the body declares; mails with raw 8-bit headers mean it.
func decodeText(raw, charset string) string {
	return cleanLine(decodeWords(raw, charset), maxField)
}

// Text reads a raw header value for people.
func Text(raw string) string { return decodeText(raw, "") }

// decodeWords replaces encoded words. Neighbouring words of one charset are
// joined as bytes before they are decoded, because mailers cut characters in
// two. The search for the end of a word never goes back, so it is linear in
// the worst case.
func decodeWords(raw, charset string) string {
	if !strings.Contains(raw, "=?") {
		return decodeRaw(raw, charset)
	}
	var out strings.Builder
	var word []byte // bytes of the run of encoded words so far
	wordSet := ""   // their charset
	inRun := false
	flush := func() {
		if inRun {
			out.WriteString(decodeBytes(word, wordSet))
			word, inRun = nil, false
		}
	}

	end := -1 // the next "?=" at or after the position searched from; -2: none
	pos := 0
	for pos < len(raw) {
		i := strings.Index(raw[pos:], "=?")
		if i < 0 {
			break
		}
		start := pos + i
		set, enc, text, ok := wordStart(raw, start)
		if ok {
			if end != -2 && end < text {
				if j := strings.Index(raw[text:], "?="); j >= 0 {
					end = text + j
				} else {
					end = -2
				}
			}
			ok = end != -2
		}
		if !ok {
			flush()
			out.WriteString(decodeRaw(raw[pos:start+2], charset))
			pos = start + 2
			continue
		}
		between := raw[pos:start]
		if strings.TrimLeft(between, " \t") != "" || !inRun {
			flush()
			out.WriteString(decodeRaw(between, charset))
		}
		if inRun && !strings.EqualFold(set, wordSet) {
			flush()
		}
		wordSet, inRun = set, true
		word = append(word, decodeWordText(raw[text:end], enc)...)
		pos = end + 2
	}
	if inRun {
		flush()
	}
	out.WriteString(decodeRaw(raw[pos:], charset))
	return out.String()
}

// wordStart reads "=?charset?x?" at start and returns where the text begins.
func wordStart(raw string, start int) (charset string, enc byte, text int, ok bool) {
	rest := raw[start+2:]
	if len(rest) > 64 {
		rest = rest[:64]
	}
	q := strings.IndexByte(rest, '?')
	if q < 0 || q+2 >= len(rest) || rest[q+2] != '?' {
		return "", 0, 0, false
	}
	enc = rest[q+1] | 0x20
	if enc != 'b' && enc != 'q' {
		return "", 0, 0, false
	}
	charset, _, _ = strings.Cut(rest[:q], "*") // RFC 2231 language suffix
	return strings.TrimSpace(charset), enc, start + 2 + q + 3, true
}

func decodeWordText(text string, enc byte) []byte {
	if enc == 'b' {
		return decodeBase64([]byte(text))
	}
	return decodeQuoted([]byte(strings.ReplaceAll(text, "_", " ")), true)
}

// decodeRaw reads header bytes that are not encoded words.
func decodeRaw(raw, charset string) string {
	if strings.Contains(raw, "\x1b$") || strings.Contains(raw, "\x1b(") {
		return decodeBytes([]byte(raw), "iso-2022-jp") // of Japanese providers' machines
	}
	if utf8.ValidString(raw) {
		return raw
	}
	return decodeBytes([]byte(raw), charset)
}

// cleanLine makes one line of s: control characters become blanks, runs of
// blanks one, and at most limit runes are kept.
func cleanLine(s string, limit int) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			blank = true
			continue
		case r < ' ' || r >= 0x7f && r < 0xa0 || isBidi(r):
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
			n++
		}
		blank = false
		if n >= limit {
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// isBidi is true for the characters that turn the reading direction of what
// follows: they make a name read as another one.
func isBidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

var dateLayouts = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 MST",
	"2 Jan 2006 15:04:05 MST",
	"Mon, 2 Jan 2006 15:04 -0700",
	"2 Jan 2006 15:04 -0700",
	"Mon, 2 Jan 06 15:04:05 -0700",
	"2 Jan 06 15:04:05 -0700",
	"Mon Jan 2 15:04:05 2006",
	"Mon Jan 2 15:04:05 2006 -0700",
	time.RFC3339,
}

// ParseDate reads a date as fields hold it; the zero time if it cannot be read.
func ParseDate(raw string) time.Time { return parseDate(raw) }

// parseDate reads a Date field, the zero time if it cannot be read.
func parseDate(raw string) time.Time {
	if i := strings.IndexByte(raw, '('); i >= 0 {
		raw = raw[:i]
	}
	raw = strings.Join(strings.Fields(raw), " ")
	if len(raw) > 64 {
		return time.Time{}
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
