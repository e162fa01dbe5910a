package content

import (
	"regexp"
	"strings"
	"unicode"
)

// Marker is the line above which our mails ask to reply; SplitQuote cuts there
// first.
const Marker = "##- Please type your reply above this line -##"

const (
	maxQuoteLines = 4000
	maxCandidate  = 420 // characters of lines joined to find "On … wrote:"
)

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
	head := strings.TrimRight(strings.Join(lines[:cut], "\n"), " \t\n")
	if blankText(head) {
		return text, ""
	}
	return head, strings.TrimLeft(strings.Join(lines[cut:], "\n"), "\n")
}

// blankText is true when there is nothing to read.
func blankText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || r == '?' || r == '!'
	}) < 0
}

// quoteStart returns the line where the history begins, -1 for none.
func quoteStart(lines []string) int {
	for i, line := range lines {
		t := strings.TrimSpace(line)
		if t == "" {
			continue
		}
		if strings.Contains(t, Marker) {
			return before(lines, i)
		}
		bare := strings.TrimSpace(strings.TrimLeft(t, "> "))
		if forwardMark.MatchString(bare) && !strings.HasPrefix(t, ">") {
			return -1 // forwarded: what follows is the message
		}
		if originalMark.MatchString(t) {
			return i
		}
		if ruler.MatchString(t) && i+1 < len(lines) && headerBlock(lines[i+1:]) {
			return i
		}
		if headerBlock(lines[i:]) {
			return i
		}
		if n := wroteLine(lines, i); n > 0 {
			return attribution(lines, i, n)
		}
		if strings.HasPrefix(t, ">") {
			if tail := trailingQuote(lines, i); tail {
				return i
			}
			return -1 // answers between the quoted lines: all of it is to be read
		}
	}
	return -1
}

// before steps back over an attribution line above our marker.
func before(lines []string, i int) int {
	for k := max(0, i-6); k < i; k++ {
		if n := wroteLine(lines, k); n > 0 && k+n <= i {
			return k
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
		if t == "" || !quotedSome {
			continue
		}
		// Text after quoted lines: a mailer's wrap of the line above, a
		// signature, or an answer.
		if k > 0 && strings.HasPrefix(strings.TrimSpace(rest[k-1]), ">") && len(rest[k-1]) > 60 && len(t) < 25 {
			continue
		}
		if signatureFrom(rest, k) {
			return i
		}
		return -1
	}
	return i
}

// trailingQuote says whether everything from i on is quoted.
func trailingQuote(lines []string, i int) bool {
	for k := i; k < len(lines); k++ {
		t := strings.TrimSpace(lines[k])
		if t != "" && !strings.HasPrefix(t, ">") {
			return signatureFrom(lines, k)
		}
	}
	return true
}

// signatureFrom is true when the rest of the mail, from line k, is a signature.
func signatureFrom(lines []string, k int) bool {
	t := strings.TrimRight(lines[k], " ")
	if len(lines)-k > 12 {
		return false
	}
	return t == "--" || t == "__" || mobileMark.MatchString(strings.TrimSpace(lines[k]))
}

var (
	mobileMark = regexp.MustCompile(`(?i)^(sent from my |get outlook for |sent from (yahoo|outlook|mail for)|envoyé de mon |von meinem .{1,30} gesendet|enviado desde mi |আমার .{1,60} থেকে (পাঠানো|প্রেরিত))`)

	originalMark = regexp.MustCompile(`(?i)^[-_=*\s]{2,}\s*(original (message|appointment)|reply message|ursprüngliche nachricht|original-nachricht|message d'origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|исходное сообщение|пересылаемое сообщение|原始邮件|原始郵件|元のメッセージ|원본 메시지|মূল বার্তা|মূল মেসেজ|আসল বার্তা)\s*[-_=*\s]{2,}$`)

	forwardMark = regexp.MustCompile(`(?i)^(-{2,}\s*(forwarded message|forwarded by|weitergeleitete nachricht|message transféré|mensaje reenviado|ফরোয়ার্ড করা (বার্তা|মেসেজ)|ফরওয়ার্ড করা (বার্তা|মেসেজ)|fwd:).*|begin forwarded message:|anfang der weitergeleiteten nachricht:|début du message réexpédié.*|inicio del mensaje reenviado:)$`)

	ruler = regexp.MustCompile(`^[_\-]{8,}$`)

	headerLine = regexp.MustCompile(`(?i)^[*_\s]*(from|sent|to|cc|subject|date|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|date|enviado( el)?|para|asunto|fecha|da|inviato|a|oggetto|data|van|verzonden|aan|onderwerp|från|skickat|till|ämne|fra|sendt|til|emne|от|кому|тема|дата|отправлено|发件人|发送时间|收件人|主题|差出人|送信日時|宛先|件名|보낸사람|보낸 날짜|받는사람|제목|প্রেরক|থেকে|পাঠানো হয়েছে|প্রেরিত|তারিখ|প্রতি|প্রাপক|বিষয়|বিষয়)[*_]*\s*[:：]`)

	fromLine = regexp.MustCompile(`(?i)^[*_\s]*(from|von|de|da|van|från|fra|от|发件人|差出人|보낸사람|প্রেরক|থেকে)[*_]*\s*[:：]`)
)

// headerBlock is true when at least three of the first lines are fields of a
// quoted mail, the first of them naming its sender.
func headerBlock(lines []string) bool {
	if len(lines) == 0 || !fromLine.MatchString(strings.TrimSpace(strings.TrimLeft(lines[0], "> "))) {
		return false
	}
	n := 0
	for i := 0; i < len(lines) && i < 10; i++ {
		t := strings.TrimSpace(strings.TrimLeft(lines[i], "> "))
		if t == "" {
			if n >= 2 {
				break
			}
			continue
		}
		if headerLine.MatchString(t) {
			n++
		} else if n == 0 || i > 6 {
			break
		}
	}
	return n >= 3
}

var (
	wroteEnd = regexp.MustCompile(`(?i)(wrote|writes|said|schrieb|écrit|a écrit|escribió|escreveu|ha scritto|scrisse|schreef|skrev|kirjoitti|napisał(\(a\))?|пишет|написал(а)?|写道|寫道|のメール|작성|লিখেছেন|লিখেছে|লিখলেন|লিখিয়াছেন)\s*[:：]\s*$|(schrieb|escribió|wrote) .{0,200}[<@].{0,200}[:：]\s*$|写道[:：]|のメール[:：]`)

	wroteStart = regexp.MustCompile(`(?i)^[>*\s]*(on |am |le |el |em |il |op |den |il giorno |w dniu |dne |на |в |at |ons|man|tis|tor|fre|lör|sön|mon|tue|wed|thu|fri|sat|sun|\d|[০-৯]|রবি|সোম|মঙ্গল|বুধ|বৃহ|শুক্র|শনি|তারিখ|গত|আপনি|[^:]{1,60}<[^>]+@[^>]+>)`)

	bangla     = regexp.MustCompile(`লিখেছেন|লিখেছে|লিখলেন`)
	banglaDate = regexp.MustCompile(`তারিখ|জানু|ফেব|মার্চ|এপ্রি|মে|জুন|জুল|আগ|সেপ|অক্টো|নভে|ডিসে|[০-৯0-9]{1,2}:[০-৯0-9]{2}`)
	digit      = regexp.MustCompile(`[0-9০-৯]`)
)

// wroteLine returns how many lines from i make an "On <date> <name> wrote:"
// line, 0 if they make none. Mailers wrap it, up to four lines.
func wroteLine(lines []string, i int) int {
	first := strings.TrimSpace(strings.TrimLeft(lines[i], "> "))
	if first == "" || !wroteStart.MatchString(first) && !strings.Contains(first, "@") && !bangla.MatchString(first) {
		return 0
	}
	joined := ""
	for n := 1; n <= 4 && i+n <= len(lines); n++ {
		part := strings.TrimSpace(strings.TrimLeft(lines[i+n-1], "> "))
		if part == "" {
			// Bangla Gmail sometimes leaves an empty line before the verb.
			if n > 1 && i+n < len(lines) && bangla.MatchString(lines[i+n]) {
				continue
			}
			return 0
		}
		joined = strings.TrimSpace(joined + " " + part)
		if len([]rune(joined)) > maxCandidate {
			return 0
		}
		if !wroteEnd.MatchString(joined) {
			continue
		}
		if bangla.MatchString(joined) {
			// "আপনি লিখেছেন: …" is a sentence; a header has a date and an
			// address (rule 48).
			if banglaDate.MatchString(joined) && digit.MatchString(joined) && strings.ContainsAny(joined, "<@") {
				return n
			}
			return 0
		}
		if !digit.MatchString(joined) && !strings.Contains(joined, "@") {
			return 0
		}
		return n
	}
	return 0
}

// SplitSignature cuts the signature off a text, for display only (rule 50):
// "-- " (RFC 3676), "Sent from my …" and the like, in the last lines.
func SplitSignature(text string) (body, signature string) {
	lines := strings.Split(text, "\n")
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-11; i-- {
		t := strings.TrimSpace(lines[i])
		if lines[i] == "-- " || t == "--" || mobileMark.MatchString(t) {
			body = strings.TrimRight(strings.Join(lines[:i], "\n"), " \t\n")
			if blankText(body) {
				return text, ""
			}
			return body, strings.Join(lines[i:], "\n")
		}
	}
	return text, ""
}
