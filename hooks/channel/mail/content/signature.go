package content

import (
	"regexp"
	"strings"
)

// SplitSignature cuts the signature off a text, for display only (rule 50):
// "-- " (RFC 3676), "Sent from my …" and the like, in the last lines, and what
// lawyers put below.
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
	cut := legalFooter(lines[:last])
	if cut >= 0 {
		last = cut
		for last > 0 && strings.TrimSpace(lines[last-1]) == "" {
			last--
		}
	}
	for i := last - 1; i >= 0 && i >= last-25; i-- {
		near := i >= last-11
		t := canon(strings.TrimSpace(lines[i][:min(len(lines[i]), maxLine)]))
		switch {
		case len(t) > 200:
		case lines[i] == "-- " || lines[i] == "--\u00a0" || near && (t == "--" || t == "—"):
			cut = i
		case near && i >= last-5 && mobileMark.MatchString(t):
			cut = i
		case i == last-1 && i > 1 && strings.TrimSpace(lines[i-1]) == "" && anyDevice.MatchString(t):
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

// anyDevice is the line of a device that nobody has heard of, below an empty
// line.
var anyDevice = regexp.MustCompile(`^Sent from my [\pL\pN'’-]+(?: [\pL\pN'’-]+){0,2}$`)

const (
	legalLines  = 30    // the longest text of lawyers below a mail, wrapped
	legalLength = 6_000 // bytes
)

var (
	// legalMark begins the paragraph that companies put below every mail.
	legalMark = regexp.MustCompile(`(?i)^[*_\s]*(?:(?:notice|note|please note|attention|warning|hinweis|achtung|avis|aviso|avviso)\s*[:!–-]+[*_\s]*)?(?:` +
		`(?:confidentiality|privacy|legal|important)\s+(?:notice|note|statement|disclaimer)\b|(?:e-?mail |legal )?(?:disclaimer|confidentiality)\s*[:*_-]|(?:disclaimer|confidential(?:ity)?)[*_\s]*$` +
		`|(?:(?:the|any) (?:information|contents?|material)[^.]{0,40} (?:in|of) )?(?:this|the) (?:e-?mail|electronic mail|message|communication|transmission)\b` +
		`|diese (?:e-?mail|nachricht)\b|ce(?:tte|t)? (?:message|courriel|courrier|e-?mail)\b|este (?:mensaje|correo|e-?mail)\b|est[ae] mensagem\b|questo? (?:messaggio|e-?mail)\b|dit (?:e-?mail)?bericht\b` +
		`|এই (?:ই-?মেইল|ইমেল|বার্তা)(?:টি|র)?(?:\s|$))`)

	// legalWords are what such a paragraph speaks of. Two of the three have to
	// be there: a customer may well write that something is confidential.
	legalWords = [...]*regexp.Regexp{
		regexp.MustCompile(`(?i)confidential|privileged|proprietary|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk|গোপনীয়`),
		regexp.MustCompile(`(?i)intended|recipient|addressee|addressed|empfänger|bestimmt|destinat|bestemd|geadresseerde|প্রাপক`),
		regexp.MustCompile(`(?i)delete|destroy|notify|disclos|disseminat|distribut|copying|unauthori[sz]ed|prohibited|liab(?:le|ility)|lösch|vernicht|unzulässig|détrui|supprim|interdit|elimin|borr(?:ar|e)|prohibid|apag(?:ar|ue)|cancell|vietat|verwijder|মুছে|নিষিদ্ধ`),
	}
)

// legalFooter returns the line at which the lawyers' paragraph below a mail
// begins, -1 if there is none. It ends the text, and asks nothing.
func legalFooter(lines []string) int {
	size := 0
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-legalLines; i-- {
		if size += len(lines[i]); size > legalLength {
			break
		}
		if i > 0 && strings.TrimSpace(lines[i-1]) != "" && !ruler.MatchString(lines[i-1]) || !legalMark.MatchString(lines[i]) {
			continue
		}
		text := canon(strings.Join(lines[i:], " "))
		found := 0
		for _, words := range legalWords {
			if words.MatchString(text) {
				found++
			}
		}
		if found < 2 || strings.ContainsAny(text, "?？") {
			continue
		}
		if i > 0 && ruler.MatchString(lines[i-1]) {
			i--
		}
		return i
	}
	return -1
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
