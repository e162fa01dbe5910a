package content

import "strings"

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
		}
	}
	return cut
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
