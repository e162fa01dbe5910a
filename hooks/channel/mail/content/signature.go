package content

import (
	"regexp"
	"strings"
)

// SplitSignature cuts the signature off a text, for display only (rule 50):
// "-- " (RFC 3676), "Sent from my …" and the like, in the last lines.
func SplitSignature(text string) (body, signature string) {
	lines := strings.Split(text, "\n")
	cut := signatureLine(lines)
	if cut < 0 {
		return text, ""
	}
	body = strings.TrimRight(strings.Join(lines[:cut], "\n"), " \t\n")
	if blankText(body) {
		return text, ""
	}
	return body, strings.Join(lines[cut:], "\n")
}

// signatureLine returns the line at which the signature begins, -1 for none.
func signatureLine(lines []string) int {
	last := len(lines)
	for last > 0 && strings.TrimSpace(lines[last-1]) == "" {
		last--
	}
	cut := -1
	for i := last - 1; i >= 0 && i >= last-25; i-- {
		near := i >= last-11
		t := canon(strings.TrimSpace(lines[i][:min(len(lines[i]), maxLine)]))
		switch {
		case len(t) > 200:
		case lines[i] == "-- " || lines[i] == "--\u00a0" || near && (t == "--" || t == "—"):
			cut = i
		case near && i >= last-5 && mobileMark.MatchString(t):
			cut = i
		case near && strings.HasPrefix(t, "-----BEGIN PGP SIGNATURE-----"):
			cut = i
		case near && i+1 < last && startsWithDash(t) && ruler.MatchString(t) &&
			(listFooter(lines[i+1:last]) || i >= 1 && mobileMark.MatchString(canon(strings.TrimSpace(lines[i+1])))):
			cut = i
		case near && i > 0 && i+1 < last && last-i <= 9 && startsWithDash(t) && dashes.MatchString(t) && card(lines[i+1:last]):
			cut = i
		}
	}
	return cut
}

// dashes is a line of them, of any kind.
var dashes = regexp.MustCompile(`^[_\-\x{2010}-\x{2015}─━]{3,}$`)

// reached is how a person can be: an address, a telephone, a page.
var reached = regexp.MustCompile(`[^\s@]@[\pL\pN-]+\.\pL|(?:\+|\b0)\d[\d\s()-]{6,}\d|\bwww\.|https?://`)

// card says whether lines are a person's card: a name and how to reach them,
// in short lines of which none is a sentence.
func card(lines []string) bool {
	contact, some := false, 0
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if l == "" {
			continue
		}
		if some++; len(l) > 120 || strings.HasPrefix(l, ">") || strings.HasSuffix(l, "?") || strings.HasSuffix(l, ":") || strings.HasSuffix(l, "।") ||
			strings.HasSuffix(l, ".") && strings.Count(l, " ") > 3 {
			return false
		}
		contact = contact || reached.MatchString(digits(l))
	}
	return contact && some >= 2
}

// listFooter says whether the lines below a ruler are what a mailing list puts
// under each mail.
func listFooter(lines []string) bool {
	for _, l := range lines {
		if len(l) > 200 {
			return false
		}
		l = strings.ToLower(l)
		for _, mark := range [...]string{" mailing list", "/listinfo/", "unsubscribe", "mailinglist", "/mailman3/"} {
			if strings.Contains(l, mark) {
				return true
			}
		}
	}
	return false
}
