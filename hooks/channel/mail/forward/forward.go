// Package forward takes a forwarded mail apart. When somebody of the staff
// forwards a customer's mail to the shop, the customer is the one who wrote the
// inner mail (rule 57). What is inside is only text that anybody can type: the
// caller decides whom to believe.
package forward

import (
	"regexp"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Message is the mail inside of a forwarded one.
type Message struct {
	From     mime.Address // Addr is "" if the form does not name one
	To       string       // as it stands
	Subject  string
	Date     time.Time // zero if it cannot be read
	DateText string    // as it stands
	Text     string
	HTML     string // not sanitised; "" if there was none
	Note     string // what the one who forwards wrote above it

	// Attached is set when the mail came as an attachment, whole: then it
	// also has its own attachments.
	Attached *mime.Mail
}

const maxAttached = 35 << 20

// Open finds the forwarded mail in m. loc is the zone of dates that name none.
// It is false when m forwards nothing, or in a way that cannot be told.
func Open(m *mime.Mail, loc *time.Location) (Message, bool) {
	if f, ok := inText(m.Subject, m.Text, loc); ok {
		f.HTML = inPage(m.Subject, m.HTML)
		return f, true
	}
	if m.HTML != "" {
		// The plain form may have lost what the page has.
		if f, ok := inText(m.Subject, content.TextOf(m.HTML), loc); ok {
			f.HTML = inPage(m.Subject, m.HTML)
			return f, true
		}
	}
	return attached(m)
}

// attached opens the one mail that is attached.
func attached(m *mime.Mail) (Message, bool) {
	var only *mime.Part
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Type == "message/rfc822" || p.Type == "message/global" || strings.HasSuffix(strings.ToLower(p.Name), ".eml") {
			if only != nil {
				return Message{}, false // several: whose would it be?
			}
			only = p
		}
	}
	if only == nil || only.Size > maxAttached {
		return Message{}, false
	}
	inner := mime.Parse(only.Bytes())
	if inner.From.Addr == "" && inner.Subject == "" && len(inner.Header) == 0 {
		return Message{}, false
	}
	return Message{
		From: inner.From, To: mime.Text(inner.Header.Get("To")), Subject: inner.Subject, Date: inner.Date, DateText: mime.Text(inner.Header.Get("Date")),
		Text: inner.Text, HTML: inner.HTML, Note: m.Text, Attached: inner,
	}, true
}

// head is the fields above a forwarded mail, and the line after them.
type head struct {
	from, date, to, subject string
	end                     int
}

// readHead reads fields from line i on. A line that is none continues the
// field above, when that is not finished; an empty line ends them.
func readHead(lines []string, i int) head {
	var h head
	var last *string
	fields, empty := 0, 0
	for ; i < len(lines); i++ {
		line := unquote(lines[i])
		if line == "" {
			if fields > 1 && (h.from != "" || empty > 0) {
				break
			}
			if empty++; empty > 2 {
				break
			}
			continue
		}
		kind, value := content.FieldOf(line)
		var slot *string
		switch kind {
		case content.FieldFrom:
			slot = &h.from
		case content.FieldDate:
			slot = &h.date
		case content.FieldTo:
			slot = &h.to
		case content.FieldSubject:
			slot = &h.subject
		case content.FieldCC, content.FieldOther:
			last = new(string)
			fields++
			continue
		}
		if slot != nil && *slot == "" {
			*slot = value
			last = slot
			fields++
			continue
		}
		if last != nil && unfinished(*last, line) {
			*last = strings.TrimSpace(*last + " " + line)
			continue
		}
		if h.from != "" && h.subject != "" || fields >= 3 {
			break // the text begins without an empty line
		}
		if empty++; empty > 3 {
			break
		}
	}
	h.end = i
	return h
}

// unfinished says whether a value goes on in line.
func unfinished(value, line string) bool {
	if value == "" {
		return true // the value has a line of its own
	}
	if strings.Count(value, "<") > strings.Count(value, ">") || strings.HasSuffix(value, ",") || strings.HasSuffix(value, ";") {
		return true
	}
	return strings.HasPrefix(line, "<") && strings.Contains(line, "@")
}

func unquote(line string) string { return strings.TrimSpace(strings.TrimLeft(line, "> \u00a0")) }

func inText(subject, text string, loc *time.Location) (Message, bool) {
	lines := strings.Split(text, "\n")
	mark, first, ok := content.ForwardStart(lines, content.ForwardSubject(subject))
	if !ok {
		return Message{}, false
	}
	h := readHead(lines, first)
	f := Message{
		From: person(h.from), To: h.to, Subject: h.subject, DateText: h.date, Date: parseDate(h.date, loc),
		Note: strings.TrimSpace(strings.Join(lines[:mark], "\n")),
	}
	if f.From.Addr == "" && f.From.Name == "" {
		return Message{}, false
	}
	body := lines[h.end:]
	if strings.HasPrefix(strings.TrimSpace(lines[first]), ">") {
		// Apple Mail quotes what it forwards.
		body = append([]string(nil), body...)
		for i := range body {
			body[i] = strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(body[i], " "), ">"), " ")
		}
	}
	f.Text = strings.TrimSpace(strings.Join(body, "\n"))
	f.Note = strings.TrimSpace(strings.TrimSuffix(f.Note, "\n>"))
	return f, true
}

// inPage returns the part of a page below the fields of the forwarded mail.
func inPage(subject, page string) string {
	if page == "" {
		return ""
	}
	all := content.PageLines(page)
	lines := make([]string, len(all))
	for i, l := range all {
		lines[i] = l.Text
	}
	_, first, ok := content.ForwardStart(lines, content.ForwardSubject(subject))
	if !ok {
		return ""
	}
	// Pages have no empty lines to end the fields: the first line that is
	// none does.
	i, fields := first, 0
	last := ""
	for ; i < len(lines); i++ {
		kind, value := content.FieldOf(lines[i])
		if kind == content.NoField || kind == content.FieldOther && fields >= 4 {
			if fields > 0 && unfinished(last, lines[i]) {
				last += lines[i]
				continue
			}
			break
		}
		fields++
		last = value
	}
	if i >= len(all) {
		return ""
	}
	return page[all[i].At:]
}

var (
	mailto  = regexp.MustCompile(`(?i)[\[<(]?mailto:([^\s<>\]()]+@[^\s<>\]()]+)[\]>)]?`)
	anyAddr = regexp.MustCompile(`[^\s<>"()\[\],;:]{1,64}@[^\s<>"()\[\],;:]{1,190}`)
)

// person reads the From of a forwarded mail as programs write it for people.
func person(raw string) mime.Address {
	raw = strings.TrimSpace(strings.NewReplacer("*", "", "\u00a0", " ", "\u200e", "", "\u200f", "").Replace(raw))
	plain := mailto.ReplaceAllString(raw, " <$1> ")
	// Gmail's page writes an address twice: "<a@b<mailto:a@b>>".
	found := anyAddr.FindString(plain)
	a := mime.ParseAddress(plain)
	if a.Addr == "" && found != "" {
		a.Addr = mime.NormalAddress(strings.Trim(found, "'.,"))
	}
	name := raw
	if i := strings.IndexAny(name, "<["); i >= 0 {
		name = name[:i]
	} else if found != "" {
		name = strings.Replace(name, found, "", 1)
		name = strings.NewReplacer("()", "", "( )", "").Replace(name)
	}
	if i := strings.Index(strings.ToLower(name), " via "); i > 0 {
		name = name[:i]
	}
	name = mime.Text(strings.Trim(name, ` "'(),;`))
	if strings.Contains(name, "@") {
		name = ""
	}
	a.Name = name
	return a
}

var dateForms = []string{
	"Mon, Jan 2, 2006 at 3:04 PM", "Mon, 2 Jan 2006 at 15:04", "Mon, 2 Jan 2006 at 3:04 PM", "Mon, 2 Jan 2006, 15:04", "Mon, 2 Jan 2006, 3:04 pm", "Mon, Jan 2, 2006, 3:04 PM", "Mon, Jan 2, 2006 at 15:04",
	"Monday, January 2, 2006 3:04 PM", "Monday, January 2, 2006 3:04:05 PM", "Monday, 2 January 2006 15:04", "Monday, 2 January 2006 15:04:05", "Monday, 2 January 2006 3:04 PM", "Monday, January 2, 2006 15:04", "02 January 2006 15:04", "2 January 2006 15:04", "January 2, 2006 3:04 PM",
	"Monday, January 2, 2006 at 3:04 PM", "Monday, January 2, 2006 at 3:04:05 PM", "Monday, 2 January 2006 at 15:04", "Monday, 2 January 2006 at 15:04:05", "Monday 2 January 2006 15:04",
	"January 2, 2006 at 3:04:05 PM", "January 2, 2006 at 3:04 PM", "2 January 2006 at 15:04:05", "2 January 2006 at 15:04", "2 January 2006 at 3:04:05 PM", "2 Jan 2006 at 15:04", "Jan 2, 2006, at 3:04 PM",
	"Mon, 2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04", "2 Jan 2006 15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "02.01.2006 15:04", "02/01/2006 15:04", "2006/01/02 15:04", "2006/1/2 15:04:05", "2006-01-02T15:04:05",
}

var zoneEnd = regexp.MustCompile(`\s*(?:\(?(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})?\)?|\(?(GMT|UTC|Z|BST|BDT)\)?)$`)

// parseDate reads a date as programs write it for people. Dates in other
// languages than English stay text.
func parseDate(s string, loc *time.Location) time.Time {
	s = strings.NewReplacer("\u202f", " ", "\u00a0", " ", "*", "").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || len(s) > 80 {
		return time.Time{}
	}
	if t := mime.ParseDate(s); !t.IsZero() {
		return t
	}
	if loc == nil {
		loc = time.UTC
	}
	if m := zoneEnd.FindStringSubmatchIndex(s); m != nil && strings.Contains(s[:m[0]], ":") {
		zone := s[m[0]:m[1]]
		rest := s[:m[0]]
		switch {
		case m[2] >= 0:
			hours := number(s[m[4]:m[5]])
			minutes := 0
			if m[6] >= 0 {
				minutes = number(s[m[6]:m[7]])
			}
			offset := hours*3600 + minutes*60
			if s[m[2]:m[3]] == "-" {
				offset = -offset
			}
			loc, s = time.FixedZone(strings.TrimSpace(zone), offset), rest
		case strings.Contains(zone, "GMT"), strings.Contains(zone, "UTC"), strings.Contains(zone, "Z"):
			loc, s = time.UTC, rest
		}
	}
	upper := strings.NewReplacer(" am", " AM", " pm", " PM", " a.m.", " AM", " p.m.", " PM").Replace(s)
	for _, form := range dateForms {
		if t, err := time.ParseInLocation(form, upper, loc); err == nil {
			return t.UTC()
		}
		if t, err := time.ParseInLocation(form, s, loc); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func number(s string) int {
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}
