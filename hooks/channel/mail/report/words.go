package report

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// readWords completes what the machine-readable part leaves open from the text
// for people, and reads reports that have no such part (rule 42).
func (r *Report) readWords(m *mime.Mail, o origin) {
	text := m.Text
	if o.text > 0 {
		text = text[:o.text]
	}
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "")
	}
	if len(r.Recipients) > 0 {
		for i := range r.Recipients {
			p := &r.Recipients[i]
			if p.Address == "" && len(r.Recipients) == 1 {
				if named := r.named(m, text); len(named) > 0 {
					p.Address = named[0]
				}
			}
			if i < maxNamed && (p.Diagnostic == "" || !telling(p.Diagnostic)) {
				if found := reasonFor(text, p.Address); telling(found) {
					p.Diagnostic = strings.TrimSpace(p.Diagnostic + " " + found)
				}
			}
		}
		return
	}
	named := r.named(m, text)
	if len(named) == 0 {
		named = []string{""}
	}
	for _, a := range named[:min(len(named), maxNamed)] {
		p := Recipient{Address: a, Diagnostic: reasonFor(text, a)}
		if p.Diagnostic == "" {
			p.Diagnostic = reasonFor(text, "")
		}
		if p.Diagnostic == "" {
			p.Diagnostic = clip(strings.Join(strings.Fields(m.Subject), " "), maxDiagnostic)
		}
		if delaying(m.Subject, text) {
			p.Action = "delayed"
		}
		r.Recipients = append(r.Recipients, p)
	}
}

// telling says whether words hold a reason rather than a bare code.
func telling(s string) bool {
	return statusIn(s) != "" || sortOf(strings.Join(strings.Fields(strings.ToLower(s)), " ")) != nil
}

var (
	delaySubject = regexp.MustCompile(`(?i)delay|warning: (?:could not|message|mail)|still being (?:retried|attempted)|could not be delivered (?:yet|within)|verzöger|retard[ée]|retras|atras|ritard|vertrag|задерж|遅延|延迟`)
	failSubject  = regexp.MustCompile(`(?i)fail|undeliver|returned|unzustellbar|non remis|rejected`)
	delayText    = regexp.MustCompile(`(?i)this is a warning message only|you do not need to resend|has not yet been delivered|delivery attempts will continue|will (?:keep|continue) (?:on )?(?:trying|to try|attempting|to be)|will be retried|gmail will retry|no action is required on your part|will automatically (?:retry|be retried)|we will keep trying|delivery incomplete|temporary problem delivering`)
	goesOn       = regexp.MustCompile(`(?i)delivery attempts will continue to be made|please do not resend your (?:original )?(?:message|mail)\.\s+(?:delivery|further|we)`) // whatever the subject says
)

// delaying says whether a report without fields tells of a delay.
func delaying(subject, text string) bool {
	return goesOn.MatchString(text) || delayText.MatchString(text) && !failSubject.MatchString(subject) || delaySubject.MatchString(subject) && !failSubject.MatchString(subject) && !strings.Contains(strings.ToLower(text), "giving up")
}

// named lists the addresses that a report says could not be reached.
func (r *Report) named(m *mime.Mail, text string) []string {
	own := map[string]bool{m.From.Addr: true, r.From: true}
	if len(r.To) == 0 || r.From == "" {
		for _, a := range m.To {
			own[a.Addr] = true
		}
	}
	var out []string
	add := func(a string) {
		if i := strings.LastIndexByte(a, '='); i > 0 && strings.EqualFold(a[max(0, i-4):i], "smtp") {
			a = a[i+1:] // an X.400 address that holds ours
		}
		a = mime.NormalAddress(strings.Trim(a, ".'\"<>"))
		if a == "" || own[a] && !slices.Contains(r.To, a) || len(out) >= maxRecipients {
			return
		}
		local, domain, _ := strings.Cut(a, "@")
		if !slices.Contains(r.To, a) && (daemon.MatchString(local) || len(local) > 50 && strings.Count(local, ".") > 2 || idDomain.MatchString(domain)) {
			return
		}
		for _, have := range out {
			if have == a {
				return
			}
		}
		out = append(out, a)
	}

	// 1. A field of the report's own head.
	for _, name := range []string{"X-Failed-Recipients", "X-Failed-Recipient", "X-Bounced-Address", "X-Actual-Recipient", "Final-Recipient"} {
		for _, v := range m.Header.All(name) {
			for _, a := range anyAddress.FindAllString(v, 50) {
				own[mime.NormalAddress(a)] = false
				add(a)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	// 2. What stands behind "the following recipients:", then all of the text:
	// what comes before such words is the mail that is spoken of.
	for _, part := range []string{behindList(text), text} {
		// An address alone at the beginning of a line, or behind "to" and the
		// like: the forms that servers write.
		for _, found := range recipientLine.FindAllStringSubmatch(part, 60) {
			for _, group := range found[1:] {
				if group != "" {
					add(group)
				}
			}
		}
		if len(out) > 0 {
			return agreeing(out, r.To)
		}
		// Any address, but not the sender's that was refused.
		for _, at := range anyAddress.FindAllStringIndex(part, 60) {
			before := strings.ToLower(strings.TrimRight(part[:at[0]], " <\"'"))
			if !strings.HasSuffix(before, " from") || strings.HasSuffix(before, "generated from") {
				add(part[at[0]:at[1]])
			}
		}
		if len(out) > 0 {
			return agreeing(out, r.To)[:1]
		}
	}
	// 4. The one the original went to.
	for _, a := range r.To {
		add(a)
	}
	if len(out) > 1 {
		return nil
	}
	return out
}

var listOf = regexp.MustCompile(`(?i)\b(?:following|these)\s(?:recipients?|recipient\(s\)|address(?:es|\(es\))?|persons?|people|users?)(?:\s[^\n:]{0,60})?:[ \t]*\n`)

// behindList is the text after words that announce a list of addresses, "" if
// there are none.
func behindList(text string) string {
	if at := listOf.FindStringIndex(text); at != nil {
		return text[at[1]:]
	}
	return ""
}

// agreeing keeps the addresses that the original went to, if there are any.
func agreeing(found, to []string) []string {
	var both []string
	for _, a := range found {
		for _, b := range to {
			if a == b {
				both = append(both, a)
			}
		}
	}
	if len(both) > 0 {
		return both
	}
	return found
}

// between stands between such words and the address they speak of: without it
// "user" and "an" would be found at the head of userx@ and in roland@.
const between = `[ \t:=<\["'(*]+(?:(?:is|was)[ \t]*[:=]?[ \t]*)?(?:rfc822;|smtp:)?[*]{0,2}`

const addr = `[<\["'(]{0,2}([\pL\pN!#$%&*+/=?^_{|}~.'-]{1,64}@[\pL\pN_.-]{1,190}[\pL\pN_])`

var (
	daemon        = regexp.MustCompile(`^(?:mailer[-_.]?daemon|postmaster|mail[-_.]?daemon|mdaemon|abuse|bounces?)(?:[-+=.].*)?$`)
	idDomain      = regexp.MustCompile(`(?:^|\.)(?:mail\.gmail\.com|prod\.outlook\.com|amazonses\.com|local|localdomain|internal)$`)
	recipientLine = regexp.MustCompile(`(?im)^[ \t>*•|-]*` + addr + `(?:[ \t>)\]"':;,.*|-]|$)` +
		`|(?:^|[^\pL\pN.@_+-])(?:failed (?:recipient|address)|(?:final|original)[- ]recipient|recipients?(?: address)?|recipient\(s\)|(?:failed )?to|for|address|following (?:recipient|address)[^\n:]{0,40}|rcpt to|delivered to|sent to|deliver(?:ed|y)?(?: (?:the )?(?:message|mail|email))?(?: has failed)? to|user|mailbox|an|à|para|adresse|ঠিকানা|кому|получатель)` + between + addr +
		`|(?:收件人|宛先)` + between + addr)
)

// reasonFor finds the words about one address: the paragraph it stands in or
// the next one that tells a reason; with no address, the first that does.
func reasonFor(text, who string) string {
	parts := paragraphs(text)
	start := -1
	if who != "" {
		local, _, _ := strings.Cut(who, "@")
		for i, p := range parts {
			low := strings.ToLower(p)
			if strings.Contains(low, who) || len(local) > 3 && strings.Contains(low, local+"@") {
				if start < 0 {
					start = i
				}
				if said := lines(passage(p, who)); said != "" {
					return said
				}
				if said := lines(p); said != "" {
					return said
				}
			}
		}
	}
	// A server's answer says more than the words around it.
	start = max(start, 0)
	order := append(parts[start:min(len(parts), start+12):min(len(parts), start+12)], parts[:start]...)
	for _, p := range order {
		if said := lines(p); said != "" && (statusIn(said) != "" || codeIn(said) > 0) {
			return said
		}
	}
	for _, p := range order {
		if said := lines(p); said != "" {
			return said
		}
	}
	return ""
}

// paragraphs parts text at empty lines, and qmail's "<a@b>:" blocks.
func paragraphs(text string) []string {
	var all []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
		if len(all) >= 500 {
			break
		}
	}
	return all
}

// passage is the part of a paragraph that speaks of one address: from its line
// to the next that begins with another.
func passage(p, who string) string {
	var out []string
	in := false
	for line := range strings.SplitSeq(p, "\n") {
		if first := anyAddress.FindString(line); first != "" && len(strings.TrimSpace(line[:strings.Index(line, first)])) < 4 {
			in = strings.EqualFold(strings.Trim(first, ".'"), who)
		}
		if in {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

var polite = regexp.MustCompile(`(?i)^[> ]*(?:i'm sorry|this is the mail system|hi[.,]|this message was created automatically|a message that you (?:have )?sent|your message (?:to|was|has|did)|dear |hello|for further assistance|please,? (?:do not|send mail|contact|include)|if you do so|the mail system$|to send this message again|subject:|sent:|date:|from:|thank|the original message was received|message-id:|this is an? (?:permanent error|automatic)|i wasn't able to deliver|bemerkung|more info|for more information|reporting-mta|arrival-date|[a-z-]+-mta:)`)

// footer is what a filter on the way puts below every mail, a report too: that
// it looked for viruses is no word of finding one.
var footer = regexp.MustCompile(`(?i)\bscanned\b|\bvirus[- ]?free\b|\bfree (?:from|of) (?:known )?virus|\bno (?:known )?virus|\bchecked (?:by|for)\b`)

// caught is how a filter speaks of what it found.
var caught = regexp.MustCompile(`(?i)\b(?:detected|infected|contain(?:s|ed|ing)|block(?:s|ed)|reject(?:s|ed)|refused|quarantin\pL+|removed|denied|discarded|deleted|dropped|returned|failed|considered|classified|identified|looks like|was found|were found|has been found|not (?:be )?(?:been )?deliver(?:ed)?)\b`)

// noFinding is how it says that there was nothing.
var noFinding = regexp.MustCompile(`(?i)\bno (?:known )?virus(?:es)? (?:\pL+ ){0,2}(?:found|detected)`)

// isFooter says whether a paragraph is such a footer.
func isFooter(p string) bool {
	p = strings.Join(strings.Fields(p), " ")
	return footer.MatchString(p) && statusIn(p) == "" && codeIn(p) == 0 && !caught.MatchString(noFinding.ReplaceAllString(p, ""))
}

// lines picks the lines of a paragraph that tell the reason, from the first
// telling one on, as one line; "" when none does.
func lines(p string) string {
	if isFooter(p) {
		return ""
	}
	var out []string
	for line := range strings.SplitSeq(refusalIn(p), "\n") {
		line = clip(strings.TrimSpace(strings.TrimLeft(line, "> \t")), 1000)
		if line == "" || len(out) > 12 {
			continue
		}
		if polite.MatchString(line) && enhanced.FindString(line) == "" && codeIn(line) == 0 {
			continue
		}
		out = append(out, line)
	}
	joined := strings.Join(out, " ")
	low := strings.ToLower(joined)
	if statusIn(joined) == "" && codeIn(joined) == 0 && sortOf(low) == nil {
		return ""
	}
	// What stands before the server's answer is how it was asked.
	if i := strings.Index(low, "said: "); i >= 0 && len(joined)-i > 12 {
		return clip(joined[i+6:], maxDiagnostic)
	}
	return clip(joined, maxDiagnostic)
}

var refusal = regexp.MustCompile(`(?m)^[ \t>]*(?:<<< )?[45]\d\d[ -]`)

// refusalIn is the part of a long paragraph from the first line that is a
// server's refusal: what stands before it in the record of a conversation is
// what went well. A short paragraph is given back whole.
func refusalIn(p string) string {
	if strings.Count(p, "\n") > 8 {
		if at := refusal.FindStringIndex(p); at != nil {
			return p[at[0]:]
		}
	}
	return p
}
