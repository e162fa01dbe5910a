package content

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marker is the line above which our mails ask to reply; SplitQuote cuts there
// first.
const Marker = "##- Please type your reply above this line -##"

const (
	maxQuoteLines = 4000
	maxCandidate  = 420  // characters of lines joined to find "On … wrote:"
	maxLine       = 2000 // bytes; longer lines are text
	maxAttribute  = 4    // lines of "On … wrote:"
	maxSignature  = 600  // bytes of one that only the page marks
	maxColons     = 300  // lines that end with a colon and are looked at for it
)

// Reply is a mail's text in three parts, to be shown, folded and folded.
type Reply struct {
	Visible   string // what was written; never empty when there was text
	Signature string
	Quoted    string // the history below
}

// Split takes a reply apart for display (rules 46-50). A forwarded mail, by its
// subject or by its words, stays whole. page is the mail's HTML, asked when the
// text alone does not tell; "" if there is none.
func Split(subject, text, page string) Reply {
	r := Reply{Visible: text}
	if !ForwardSubject(subject) {
		r.Visible, r.Quoted = SplitQuote(text)
		if r.Quoted == "" && page != "" {
			if above, below := SplitHTMLQuote(page); below != "" {
				if v, q := TextOf(above), TextOf(below); !blankText(v) {
					r.Visible, r.Quoted = v, q
				}
			}
		}
	}
	r.Visible, r.Signature = SplitSignature(r.Visible)
	return r
}

// Own returns where the writer's own words end in text: what follows is a
// signature or history, to be folded. It is len(text) when all of it is theirs.
func Own(subject, text, page string) int {
	r := Split(subject, text, page)
	end := ownEnd(text, r.Visible)
	if r.Signature == "" && page != "" && len(page) <= maxHTML {
		if at := beforeMarked(text[:end], page, !ForwardSubject(subject)); at > 0 {
			return at
		}
	}
	return end
}

// beforeMarked is the end of text without the signature that the page marks as
// one; 0 when it marks none, or when its words are not those of the text: a
// word that only the text has is never folded.
func beforeMarked(text, page string, reply bool) int {
	if reply {
		page, _ = SplitHTMLQuote(page)
	}
	at := signatureElement(page)
	if at < 0 {
		return 0
	}
	body, sign := strings.TrimSpace(TextOf(page[:at])), TextOf(page[at:])
	// Some write on inside of it: that is longer, or asks something.
	if len(sign) > maxSignature || strings.ContainsAny(sign, "?？") || blankText(body) || onlyWords(body+sign) != onlyWords(text) {
		return 0
	}
	if end := ownEnd(text, body); end < len(text) {
		return end
	}
	return 0
}

// onlyWords is what is left of a text without all that two forms of it may
// write differently.
func onlyWords(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s)
}

// ownEnd returns where visible, a beginning of text, ends in it.
func ownEnd(text, visible string) int {
	visible = strings.TrimRight(visible, " \t\r\n")
	if strings.HasPrefix(text, visible) {
		if strings.TrimSpace(text[len(visible):]) == "" {
			return len(text)
		}
		return len(visible)
	}
	// Only the page told where, and its words stand otherwise in the text.
	i := 0
	skip := func() {
		for i < len(text) {
			r, n := utf8.DecodeRuneInString(text[i:])
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return
			}
			i += n
		}
	}
	end := 0
	for _, r := range visible {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		skip()
		got, n := utf8.DecodeRuneInString(text[i:])
		if i >= len(text) || got != r {
			return len(text)
		}
		i += n
		end = i
	}
	if skip(); end == 0 || i >= len(text) {
		return len(text)
	}
	// Up to the end of the line: a full stop belongs to what is before it.
	if j := strings.IndexByte(text[end:], '\n'); j >= 0 && j < 8 {
		end += j
	}
	return end
}

// ForwardStart returns the line at which a forwarded mail begins in lines, and
// the line of its first field; ok is false if there is none. bySubject allows
// forms that only the subject tells from a reply: Outlook's.
func ForwardStart(lines []string, bySubject bool) (mark, head int, ok bool) {
	lines = canonAll(lines)
	next := func(i int) int {
		for i < len(lines) && strings.TrimSpace(strings.TrimLeft(lines[i], "> ")) == "" {
			i++
		}
		return i
	}
	for i := 0; i < len(lines) && i < maxQuoteLines; i++ {
		t := strings.TrimSpace(lines[i])
		if t == "" || len(t) > maxLine {
			continue
		}
		if isForwardMark(t) {
			if j := next(i + 1); j < len(lines) && headerBlock(lines[j:], true) {
				return i, j, true
			}
			continue
		}
		if !bySubject {
			continue
		}
		if startsWithDash(t) && (originalMark.MatchString(t) || ruler.MatchString(t)) {
			if j := next(i + 1); j < len(lines) && headerBlock(lines[j:], true) {
				return i, j, true
			}
			continue
		}
		if headerBlock(lines[i:], false) {
			return i, i, true
		}
	}
	return 0, 0, false
}

// Forwarded says whether a mail passes on another, by its subject or words.
func Forwarded(subject, text string) bool {
	if ForwardSubject(subject) {
		return true
	}
	for i, line := range strings.SplitN(text, "\n", 200) {
		if i < 199 && len(line) < maxLine && isForwardMark(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// ForwardSubject says whether a subject begins with "Fwd:" in some language.
func ForwardSubject(subject string) bool { return forwardSubject.MatchString(canon(subject)) }

// SplitQuote cuts a reply into what was written and the quoted history below
// it (rules 46-50). It returns the whole text as visible when it cannot tell,
// when the answers stand between the quoted lines, when the mail is a
// forwarded one, or when nothing would be left.
//
// visible and quoted joined by a newline are the text.
func SplitQuote(text string) (visible, quoted string) {
	lines := strings.Split(text, "\n")
	if len(lines) > maxQuoteLines {
		return text, ""
	}
	cut := quoteStart(lines)
	if cut < 0 {
		return text, ""
	}
	head := strings.TrimRight(strings.Join(lines[:cut], "\n"), " \t\n\r")
	if blankText(head) {
		return text, ""
	}
	return head, strings.TrimLeft(strings.Join(lines[cut:], "\n"), "\n")
}

// blankText is true when there is nothing to read.
func blankText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) && r != '>' && r != '<' && r != '|' && r != '=' && r != '~' && r != '+' || r == '?' || r == '!'
	}) < 0
}

// asksAbove says whether a line is some help desk's marker. The pattern is
// asked only where its words are.
func asksAbove(t string) bool {
	if len(t) > 120 {
		return false
	}
	for _, word := range [...]string{"above this", "ABOVE THIS", "Above This", "dieser ", "de cette ligne", "de esta l"} {
		if strings.Contains(t, word) {
			return markerLine.MatchString(t)
		}
	}
	return false
}

// quoteStart returns the line where the history begins, -1 for none.
func quoteStart(lines []string) int {
	lines = canonAll(lines)
	colons := 0
	answered := false // quoted lines stand above, with text below them
	for i, line := range lines {
		t := strings.TrimSpace(line)
		if t == "" || len(t) > maxLine || answered && strings.HasPrefix(t, ">") {
			continue
		}
		if strings.Contains(t, Marker) || asksAbove(t) {
			return before(lines, i)
		}
		if isForwardMark(t) {
			return -1
		}
		dashes := startsWithDash(t)
		if dashes && originalMark.MatchString(t) || len(t) < 120 && fieldsFollow(lines[i+1:]) && originalBare.MatchString(t) {
			return before(lines, i)
		}
		if dashes && (ruler.MatchString(t) && fieldsFollow(lines[i+1:]) || i+1 < len(lines) && previousMark.MatchString(strings.TrimSpace(lines[i+1]))) {
			return i
		}
		if headerBlock(lines[i:], false) || headOnOneLine(t) {
			return underRuler(lines, i)
		}
		if strings.HasSuffix(t, ":") || strings.HasSuffix(t, "：") {
			colons++
		}
		if colons <= maxColons {
			if start, n := wroteLine(lines, i); n > 0 {
				return attribution(lines, start, n)
			}
		}
		if strings.HasPrefix(t, ">") {
			if trailingQuote(lines, i) {
				return i
			}
			answered = true // to be read, with what it answers; the history may come below
		}
	}
	return -1
}

// startsWithDash says whether a line may be a ruler: the patterns for rulers
// are long, and most lines are text.
func startsWithDash(t string) bool {
	t = strings.TrimLeft(t, "> \t*")
	for _, r := range t {
		return strings.ContainsRune("-_=*~─━", r) || r >= 0x2010 && r <= 0x2015
	}
	return false
}

func isForwardMark(t string) bool {
	if len(t) > maxLine {
		return false
	}
	t = canon(t)
	if !startsWithDash(t) {
		word := strings.TrimLeft(t, "> \t*")
		if len(word) > 200 {
			return false
		}
		if i := strings.IndexAny(word, " \t:"); i > 0 {
			word = word[:i]
		}
		if !forwardFirst[strings.ToLower(word)] && !strings.ContainsAny(t, "转轉転전ה") {
			return false
		}
	}
	return forwardMark.MatchString(t)
}

func canonAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		if out[i] = l; len(l) <= 2*maxLine {
			out[i] = canon(l)
		}
	}
	return out
}

// underRuler steps back over a line of dashes above i.
func underRuler(lines []string, i int) int {
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		t := strings.TrimSpace(lines[k])
		if t == "" {
			continue
		}
		if strings.Trim(t, "-_=*") == "" && len(t) > 2 {
			return k
		}
		break
	}
	return i
}

// fieldsFollow is true when the next line to read begins a block of fields;
// below a ruler the block needs less to be known.
func fieldsFollow(lines []string) bool {
	for i := 0; i < len(lines) && i < 3; i++ {
		if strings.TrimSpace(lines[i]) != "" {
			return headerBlock(lines[i:], true)
		}
	}
	return false
}

// before steps back over an attribution line above a marker.
func before(lines []string, i int) int {
	for k := max(0, i-6); k < i; k++ {
		if strings.TrimSpace(lines[k]) == "" {
			continue
		}
		if start, n := wroteLine(lines, k); n > 0 && start+n <= i && start >= i-6 {
			return start
		}
	}
	return i
}

// attribution decides on an "On … wrote:" line of n lines at i: what follows
// must be quoted or nothing else, not answers between quoted lines and not an
// answer below.
func attribution(lines []string, i, n int) int {
	rest := lines[i+n:]
	quotedSome := false
	for k, line := range rest {
		t := strings.TrimSpace(line)
		if strings.HasPrefix(t, ">") {
			quotedSome = true
			continue
		}
		if t == "" {
			continue
		}
		if !quotedSome {
			return i // history without marks: nothing can be told apart
		}
		if wrapped(rest, k) {
			continue
		}
		if signatureFrom(rest, k) {
			return i
		}
		return -1
	}
	return i
}

// wrapped is true for the end of a quoted line that a mailer broke in two.
func wrapped(lines []string, k int) bool {
	if k == 0 {
		return false
	}
	above := strings.TrimSpace(lines[k-1])
	if brokenLink(above, strings.TrimSpace(lines[k])) {
		return k+1 == len(lines) || strings.HasPrefix(strings.TrimSpace(lines[k+1]), ">")
	}
	if len(strings.TrimSpace(lines[k])) >= 30 {
		return false
	}
	if !strings.HasPrefix(above, ">") || len(above) < 60 {
		return false
	}
	// A full stop ended the line above: this is a sentence of its own.
	if strings.HasSuffix(above, ".") || strings.HasSuffix(above, "?") || strings.HasSuffix(above, "!") {
		return false
	}
	return k+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[k+1]), ">")
}

// brokenLink says whether t is what a mailer broke off the quoted line above
// it with a link: the rest of one in brackets, or one whose line's mark went to
// its end. Nobody writes such a line.
func brokenLink(above, t string) bool {
	if !strings.HasPrefix(above, ">") {
		return false
	}
	if strings.HasPrefix(t, "(http") && strings.HasSuffix(t, ") >") && strings.Count(t, " ") == 1 {
		return true
	}
	open := max(strings.LastIndex(above, "(http"), strings.LastIndex(above, "<http"))
	return open > 0 && !strings.ContainsAny(above[open:], ")> ") && !strings.Contains(t, " ") && strings.IndexAny(t, ")>") == len(t)-1
}

// trailingQuote says whether everything from i on is quoted.
func trailingQuote(lines []string, i int) bool {
	for k := i; k < len(lines); k++ {
		t := strings.TrimSpace(lines[k])
		if t != "" && !strings.HasPrefix(t, ">") && !wrapped(lines, k) {
			return signatureFrom(lines, k)
		}
	}
	return true
}

// signatureFrom is true when the rest of the mail, from line k, is a signature
// or what servers add.
func signatureFrom(lines []string, k int) bool {
	t := strings.TrimSpace(lines[k])
	switch {
	case strings.HasPrefix(t, "-----BEGIN PGP SIGNATURE-----"):
		return true
	case t == "--" || t == "__" || t == "—":
		return len(lines)-k <= 16
	case mobileMark.MatchString(t):
		return len(lines)-k <= 6
	case footerMark.MatchString(t):
		return true
	}
	return false
}

// headerBlock is true when the lines begin with the fields of a quoted mail:
// at least three of different kinds, one of them naming the sender. Below a
// ruler two are enough. Otherwise a subject or an address must be among them:
// "From: Dhaka, To: Khulna, Date: Monday" is an order.
func headerBlock(lines []string, marked bool) bool {
	first, _ := FieldOf(lines[0])
	if first == NoField || first == FieldOther || first == FieldCC {
		return false
	}
	var seen [FieldOther + 1]bool
	kinds, strange := 0, 0
	addressed, sent := false, false
	for i := 0; i < len(lines) && i < 14; i++ {
		t := strings.TrimSpace(strings.TrimLeft(lines[i], "> "))
		if t == "" {
			if kinds >= 3 {
				break
			}
			if strange++; strange > 3 {
				break
			}
			continue
		}
		if len(t) > maxLine {
			t = t[:maxLine]
		}
		kind, value := FieldOf(t)
		if kind == NoField {
			// A value on a line of its own, or one that was wrapped.
			if strange++; strange > 3 {
				break
			}
			value = t
		} else if !seen[kind] {
			seen[kind] = true
			if kind != FieldOther {
				kinds++
			}
		} else if kind == FieldSubject && !marked {
			break
		}
		addressed = addressed || seen[FieldFrom] && address.MatchString(value)
		sent = sent || kind == FieldDate && sentWord.MatchString(t) && dated(value)
	}
	if !seen[FieldFrom] {
		return marked && seen[FieldDate] && seen[FieldSubject] && kinds >= 3
	}
	if marked {
		return kinds >= 3 || kinds == 2 && (addressed || seen[FieldSubject] || seen[FieldDate])
	}
	// Windows Mail names people without addresses, and no subject.
	if sent && seen[FieldTo] {
		return true
	}
	// Forms on web sites write all of it but "To".
	return kinds >= 3 && seen[FieldTo] && (seen[FieldSubject] || addressed) && (seen[FieldDate] || seen[FieldSubject] && addressed)
}

// oneLine is the head of a quoted mail that a page mailer wrote into one line
// of its text.
var oneLine = regexp.MustCompile(`^(?:Date|Sent): (.{8,60}?) From: (.{3,120}?) To: .{2,400}? Subject: ?|^From: (.{3,120}?) (?:Date|Sent): (.{8,60}?) To: .{2,400}? Subject: ?|^From: (.{3,120}?) To: .{2,400}? Subject: .{0,300}? Date: (.{8,60})$`)

// headOnOneLine says whether a line is such a head: it has the sender's
// address, a day and an hour, as no order of a journey has.
func headOnOneLine(t string) bool {
	if len(t) > 900 || !strings.HasPrefix(t, "Date: ") && !strings.HasPrefix(t, "Sent: ") && !strings.HasPrefix(t, "From: ") {
		return false
	}
	m := oneLine.FindStringSubmatch(t)
	return m != nil && dated(m[1]+m[4]+m[6]) && address.MatchString(m[2]+m[3]+m[5])
}

// sentWord begins the date of a mail and no date of an order.
var sentWord = regexp.MustCompile(`(?i)^[*_]*(?:sent|gesendet|envoyé|enviad[oa]|inviato|verzonden|skickat|sendt|wysłano|odesláno|পাঠানো|প্রেরিত)`)

// dated says whether s has a day and an hour.
func dated(s string) bool {
	plain := digits(strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, s))
	return calendar.MatchString(plain) && clock.MatchString(plain)
}
