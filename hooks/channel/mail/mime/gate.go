package mime

import "strings"

// Machines do not ask: a question is a gate that no pattern of theirs passes.

// asksFirst tells whether a question stands in the first words of a mail, which
// no server asks: somebody writes of a mail that came back.
func asksFirst(text string) bool {
	return questionMark.MatchString(links.ReplaceAllString(strings.ToValidUTF8(text[:min(len(text), 400)], ""), ""))
}

// asks tells whether a subject is a question: "Out of office chairs?"
func asks(subject string) bool {
	s := strings.TrimRight(subject, " !.")
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "؟")
}
