package report

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// origin is the head of the mail reported on, as far as the report holds it.
type origin struct {
	header mime.Header
	text   int // where it begins in the report's text, -1 if it is a part of its own
}

// originMark stands above the returned mail in reports that are one text.
var originMark = regexp.MustCompile(`(?im)^[ \t>]*(?:` +
	`-{2,}\s*(?:below this line is a copy of the message|this is a copy of (?:the|your) message.*|original message(?: follows)?|message header follows|unsent message(?: follows)?|undelivered message follows|returned message|message text follows|the (?:header|body) of the original message is following|forwarded message|unmodified original message|included is a copy of the message header|enclosed is a copy of the message|original message header|return(?:ed)? message|copy of the message|ursprüngliche nachricht|message d'origine)[^\n]*` +
	`|(?:original message follows|the original message (?:follows|was received|headers? (?:are|follow))|message headers? follows?|received message follows|original (?:message )?headers?|the header of the original message is|this is a copy of the headers of the original message|a copy of the original message below this line|below this line is a copy of the message|original-nachricht folgt|unsent message below|the first \d+ lines of the original message|headers? of the (?:original|undelivered) message)[ \t]*[:.]*` +
	`)[ \t]*-*[ \t]*$`)

var headStart = regexp.MustCompile(`(?im)^(?:return-path|received|delivered-to|message-id|dkim-signature|x-originating-ip|mime-version|x-mailer|from):[ \t]+\S`)

// findOrigin finds the reported mail and its ids.
func (r *Report) findOrigin(m *mime.Mail) origin {
	o := origin{text: -1}
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Type {
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers",
			"text/rfc822", "text/rfc822-header", "message/partial":
			if p.Size > 64<<10 && p.Type != "message/rfc822" && p.Type != "message/global" {
				continue
			}
			raw := p.Bytes()
			if len(o.header) == 0 {
				o.header = headOf(raw)
			}
			r.idsIn(raw)
		default:
			if strings.HasPrefix(p.Type, "text/") || strings.HasPrefix(p.Type, "message/") || strings.HasSuffix(strings.ToLower(p.Name), ".eml") {
				r.idsIn(p.Bytes())
			}
		}
	}
	for _, h := range m.Heads {
		if len(o.header) == 0 {
			o.header = h
		}
		r.addIDs(false, h.Get("Message-ID"))
	}
	if start, end := markIn(m.Text); start >= 0 {
		o.text = start
		rest := strings.TrimLeft(m.Text[end:], " \t\r\n-")
		if len(o.header) == 0 {
			o.header = headOf([]byte(unquoted(rest)))
		}
	}
	if len(o.header) == 0 {
		// Several head fields in a row somewhere in the text.
		if i := headInText(m.Text); i >= 0 {
			o.text = i
			o.header = headOf([]byte(unquoted(m.Text[i:])))
		}
	}
	r.addIDs(true, o.header.Get("Message-ID"))
	for _, name := range []string{"X-Original-Message-ID", "Original-Message-ID", "X-Failed-Message-ID"} {
		r.addIDs(true, m.Header.Get(name))
	}
	r.idsIn([]byte(m.Text))
	r.addIDs(false, m.Header.Get("In-Reply-To"), m.Header.Get("References"))

	r.From = address(o.header.Get("From"))
	r.Subject = mime.Text(o.header.Get("Subject"))
	for _, v := range o.header.All("To") {
		for _, a := range anyAddress.FindAllString(v, 50) {
			if a = mime.NormalAddress(a); a != "" {
				r.To = append(r.To, a)
			}
		}
	}
	return o
}

// markIn finds the line above the returned mail. The pattern is long, so it is
// asked only about lines that can match.
func markIn(text string) (start, end int) {
	at := 0
	for line := range strings.Lines(text[:min(len(text), 4*maxWords)]) {
		start, at = at, at+len(line)
		if len(line) > 300 {
			continue
		}
		low := strings.ToLower(line)
		if (strings.Contains(low, "message") || strings.Contains(low, "original") || strings.Contains(low, "header") || strings.Contains(low, "below this line")) && originMark.MatchString(line) {
			return start, at
		}
	}
	return -1, -1
}

// headOf reads the head at the beginning of raw.
func headOf(raw []byte) mime.Header {
	raw = raw[:min(len(raw), 64<<10)]
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if i := bytes.Index(raw, []byte("\n\n")); i > 0 {
		raw = raw[:i+2]
	} else if i := bytes.Index(raw, []byte("\r\n\r\n")); i > 0 {
		raw = raw[:i+4]
	}
	h := mime.ReadHeader(raw)
	if h.Get("From") == "" && h.Get("To") == "" && h.Get("Subject") == "" && h.Get("Message-ID") == "" {
		return nil
	}
	return h
}

// headInText finds three head fields close together.
func headInText(text string) int {
	text = text[:min(len(text), maxWords)]
	spans := headStart.FindAllStringIndex(text, 50)
	for i := 0; i+2 < len(spans); i++ {
		if spans[i+2][0]-spans[i][0] < 3000 {
			return spans[i][0]
		}
	}
	return -1
}

// unquoted takes one level of ">" or of indentation off.
func unquoted(s string) string {
	s = s[:min(len(s), maxWords)]
	first, _, _ := strings.Cut(s, "\n")
	if !strings.HasPrefix(first, ">") {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.TrimPrefix(line, ">")
		b.WriteString(strings.TrimPrefix(line, " "))
	}
	return b.String()
}

var idField = regexp.MustCompile(`(?i)(?:message-?[ ]?id|original-message-id|messageid)["']?[ \t]*[:=](?:[ \t\r\n>]{0,8}["']?(<[^<>\s]{3,250}>)|[ \t]{0,4}["']?([^<>\s"',;:]{1,200}@[^<>\s"',;]{1,120}))`)

// idsIn collects the ids of Message-ID fields anywhere in raw, then those of
// other fields that refer to mails.
func (r *Report) idsIn(raw []byte) {
	raw = raw[:min(len(raw), maxStatusPart)]
	for _, found := range idField.FindAllSubmatch(raw, 20) {
		r.addIDs(false, string(found[1]), string(found[2]))
	}
}

// ids puts ids into brackets again, the surest last: addIDs puts each first.
func ids(all []string) []string {
	var out []string
	for i := len(all) - 1; i >= 0; i-- {
		out = append(out, "<"+all[i]+">")
	}
	return out
}

// addIDs keeps ids, sure ones first.
func (r *Report) addIDs(sure bool, values ...string) {
	for _, v := range values {
		for _, id := range mime.IDs(v) {
			at := -1
			for i, have := range r.IDs {
				if have == id {
					at = i
				}
			}
			switch {
			case at < 0 && len(r.IDs) >= maxIDs:
			case at < 0 && sure:
				r.IDs = append([]string{id}, r.IDs...)
			case at < 0:
				r.IDs = append(r.IDs, id)
			case sure && at > 0:
				r.IDs = append(r.IDs[:at], r.IDs[at+1:]...)
				r.IDs = append([]string{id}, r.IDs...)
			}
		}
	}
}
