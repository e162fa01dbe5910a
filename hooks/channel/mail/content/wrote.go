package content

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wroteLine looks for an "On <date> <name> wrote:" line that line i is part of.
// Mailers wrap it, up to four lines. It returns where it starts and how many
// lines it has, 0 for none.
//
// The shortest run of lines that ends with a colon and has what it needs is
// taken, so that a sentence above it is not swallowed; then the lines above
// that can only belong to it.
func wroteLine(lines []string, i int) (start, n int) {
	joined := ""
	for k := i; k < len(lines) && k < i+maxAttribute; k++ {
		part := bare(lines[k])
		if part == "" {
			// Bangla Gmail sometimes leaves an empty line before the verb.
			if k > i && k+1 < len(lines) && banglaVerb.MatchString(lines[k+1]) && len(lines[k+1]) < 60 {
				continue
			}
			return 0, 0
		}
		if len(part) > maxLine {
			return 0, 0
		}
		joined = strings.TrimSpace(joined + " " + part)
		if len([]rune(joined)) > maxCandidate {
			return 0, 0
		}
		if !attributes(joined, lines[k+1:]) {
			continue
		}
		// Does a later line alone do? Then the first ones are text.
		start = i
		for s := i + 1; s <= k; s++ {
			if rest := join(lines[s : k+1]); attributes(rest, lines[k+1:]) && whole(joined, rest) {
				start = s
			}
		}
		for start > i && belongs(bare(lines[start-1])) {
			start--
		}
		return start, k + 1 - start
	}
	return 0, 0
}

// whole says whether rest, the end of s, has all of the line about who wrote:
// what s has beyond it is then something else.
func whole(s, rest string) bool {
	if wroteVerb.MatchString(s) && !wroteVerb.MatchString(rest) {
		return false
	}
	return address.MatchString(rest) || !address.MatchString(s) || wroteStart.MatchString(rest) && calendar.MatchString(digits(rest))
}

// bare is a line without quote marks and blanks.
func bare(line string) string {
	return strings.TrimFunc(strings.TrimLeft(line, "> "), func(r rune) bool {
		return unicode.IsSpace(r) || isMark(r)
	})
}

// isMark is true for invisible characters of direction.
func isMark(r rune) bool {
	return r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == 0x200b
}

func join(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(" " + bare(l))
	}
	return strings.TrimSpace(b.String())
}

// belongs is true for a line that can only be the beginning of "On … wrote:":
// a name with its address, or the date behind its first word.
func belongs(line string) bool {
	if line == "" || len(line) > 200 {
		return false
	}
	plain := digits(line)
	if strings.HasSuffix(line, ">") && strings.Contains(line, "<") && address.MatchString(line) {
		return true
	}
	if address.MatchString(line) && calendar.MatchString(plain) && clock.MatchString(plain) {
		return true
	}
	if strings.HasSuffix(line, ".") || strings.HasSuffix(line, "!") || !wroteStart.MatchString(line) {
		return false
	}
	return calendar.MatchString(plain) || shortDate.MatchString(plain)
}

// attributes is true when s says who wrote what follows, and when.
func attributes(s string, after []string) bool {
	colon := strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
	if !colon {
		trimmed := strings.TrimRight(s, " -–—*_:")
		if strings.HasSuffix(s, "--") && strings.HasSuffix(strings.ToLower(trimmed), " wrote") {
			colon = true // Zoho: "---- On … wrote ----"
		}
	}
	if !colon && !mayEndOtherwise(s) {
		return false
	}
	quoted := false
	for i := 0; i < len(after) && i < 3; i++ {
		if t := strings.TrimSpace(after[i]); t != "" {
			quoted = strings.HasPrefix(t, ">")
			break
		}
	}
	if !colon && !quoted {
		return yahooMobile(s) || uncoloned(s)
	}
	plain := digits(s)
	hasAddress := address.MatchString(s)
	day := calendar.MatchString(plain)
	if !colon {
		return day && hasAddress || yahooMobile(s)
	}
	hour := clock.MatchString(plain)
	// The verbs of all languages are a long pattern: only where they count.
	verb := (hasAddress || day || quoted) && wroteVerb.MatchString(s)
	switch {
	case banglaVerb.MatchString(s):
		// "আপনি লিখেছেন: …" is a sentence; a header has a date and an address
		// (rule 48).
		return (day || hour || strings.Contains(s, "তারিখ")) && (hasAddress || quoted || strings.ContainsAny(s, "<>"))
	case verb && hasAddress && (quoted || day || hour || bracketed.MatchString(s)):
		return true
	case verb && day:
		return wroteStart.MatchString(s) || hour || quoted
	case verb:
		return quoted
	case hasAddress && (day || hour) && quoted:
		return true
	case hasAddress && day && hour:
		// Some languages have no verb there. A sentence begins otherwise.
		first, _ := utf8.DecodeRuneInString(s)
		return first >= 0x80 || first >= '0' && first <= '9' || wroteStart.MatchString(s)
	}
	return quoted && day && hour
}

// mayEndOtherwise lets forms without a colon at the end through.
func mayEndOtherwise(s string) bool {
	return len(s) < 300 && strings.Contains(s, "@")
}

// yahooMobile knows "On …, X<x@y> wrote:   the text goes on".
func yahooMobile(s string) bool {
	i := strings.Index(s, "> wrote:   ")
	return i > 0 && i < 250 && wroteStart.MatchString(s) && calendar.MatchString(digits(s[:i]))
}

// uncoloned knows "On <date> <time> X <x@y> wrote", of mailers that leave out
// the colon: all that such a line has must be there.
func uncoloned(s string) bool {
	i := strings.LastIndexByte(s, '>')
	if i < 0 || len(s)-i > 40 || !wroteVerb.MatchString(s[i+1:]) || len(strings.Fields(s[i+1:])) > 2 {
		return false
	}
	plain := digits(s)
	return bracketed.MatchString(s) && wroteStart.MatchString(s) && calendar.MatchString(plain) && clock.MatchString(plain)
}
