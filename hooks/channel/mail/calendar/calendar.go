// Package calendar reads invitations (RFC 5545, RFC 6047) as far as a person
// who answers mail needs them: what, when, where, by whom. Nothing is ever
// answered or entered anywhere (rule 56).
package calendar

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/i18n"
)

// Event is one VEVENT.
type Event struct {
	Method    string // REQUEST, REPLY, CANCEL, PUBLISH, …; "" if not said
	UID       string
	Summary   string
	Location  string
	Organizer string // name and address as far as known: "Rahim <rahim@x.test>"
	Attendee  string // of an answer: who answers
	Answer    string // of an answer: ACCEPTED, DECLINED, TENTATIVE, …
	Start     time.Time
	End       time.Time // zero if not said; of a whole day, the day after the last
	AllDay    bool      // the times are days without a zone, in UTC
	Floating  bool      // the times have no zone: they mean the reader's own
	Repeats   bool
	Cancelled bool
}

const (
	maxRaw    = 2 << 20
	maxEvents = 20
	maxText   = 500
)

// property is one line: NAME;PARAM=value:VALUE.
type property struct {
	name   string
	params map[string]string
	value  string
}

// Parse reads the events of a text/calendar part, UTF-8. What cannot be read is
// left out; an empty result means that there is no event in it.
func Parse(raw []byte) []Event {
	raw = raw[:min(len(raw), maxRaw)]
	var events []Event
	var stack []string
	method := ""
	zones := map[string]*zone{}
	var z *zone
	var rule *shift
	var props []property // of the open VEVENT

	inside := func() string {
		if len(stack) == 0 {
			return ""
		}
		return stack[len(stack)-1]
	}
	for _, line := range unfold(raw) {
		p := cut(line)
		switch p.name {
		case "BEGIN":
			name := strings.ToUpper(p.value)
			if len(stack) < 20 {
				stack = append(stack, name)
			}
			switch name {
			case "VEVENT":
				props = nil
			case "VTIMEZONE":
				z = &zone{}
			case "STANDARD", "DAYLIGHT":
				rule = &shift{}
			}
			continue
		case "END":
			name := strings.ToUpper(p.value)
			switch name {
			case "VEVENT":
				if len(events) < maxEvents && len(props) > 0 {
					events = append(events, event(props, zones))
				}
				props = nil
			case "VTIMEZONE":
				if z != nil && z.id != "" {
					zones[z.id] = z
				}
				z = nil
			case "STANDARD", "DAYLIGHT":
				if z != nil && rule != nil && len(z.shifts) < 100 {
					z.shifts = append(z.shifts, *rule)
				}
				rule = nil
			}
			for i := len(stack) - 1; i >= 0; i-- {
				if stack[i] == name {
					stack = stack[:i]
					break
				}
			}
			continue
		}
		switch inside() {
		case "VEVENT":
			if len(props) < 500 {
				props = append(props, p)
			}
		case "VTIMEZONE":
			if z != nil && p.name == "TZID" {
				z.id = p.value
			}
		case "STANDARD", "DAYLIGHT":
			if rule != nil {
				rule.set(p)
			}
		default:
			if p.name == "METHOD" && method == "" {
				method = strings.ToUpper(p.value)
			}
		}
	}
	if len(props) > 0 && len(events) < maxEvents {
		events = append(events, event(props, zones)) // never closed
	}
	for i := range events {
		events[i].Method = method
		events[i].Cancelled = events[i].Cancelled || method == "CANCEL"
	}
	return events
}

// unfold joins lines that go on with a blank.
func unfold(raw []byte) []string {
	var out []string
	for line := range bytes.Lines(raw) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			continue
		}
		if (text[0] == ' ' || text[0] == '\t') && len(out) > 0 {
			if last := &out[len(out)-1]; len(*last) < 8000 {
				*last += text[1:]
			}
			continue
		}
		if len(out) >= 20_000 {
			break
		}
		out = append(out, text)
	}
	return out
}

// cut reads one line; colons and semicolons in quotes are text.
func cut(line string) property {
	p := property{params: map[string]string{}}
	quoted, start := false, 0
	field := func(s string) {
		if p.name == "" {
			p.name = strings.ToUpper(strings.TrimSpace(s))
			return
		}
		k, v, _ := strings.Cut(s, "=")
		p.params[strings.ToUpper(strings.TrimSpace(k))] = strings.Trim(v, `"`)
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			field(line[start:i])
			start = i + 1
		case c == ':':
			field(line[start:i])
			p.value = strings.TrimSpace(line[i+1:])
			return p
		}
	}
	return p
}

func event(props []property, zones map[string]*zone) Event {
	var e Event
	var length time.Duration
	for _, p := range props {
		switch p.name {
		case "SUMMARY":
			e.Summary = plain(p.value)
		case "LOCATION":
			e.Location = plain(p.value)
		case "UID":
			e.UID = plain(p.value)
		case "ORGANIZER":
			e.Organizer = person(p)
		case "ATTENDEE":
			if answer := strings.ToUpper(p.params["PARTSTAT"]); answer != "" && e.Attendee == "" {
				e.Attendee, e.Answer = person(p), answer
			}
		case "STATUS":
			e.Cancelled = strings.EqualFold(p.value, "CANCELLED")
		case "RRULE", "RDATE":
			e.Repeats = true
		case "DTSTART":
			e.Start, e.AllDay, e.Floating = moment(p, zones)
		case "DTEND":
			e.End, _, _ = moment(p, zones)
		case "DURATION":
			length = duration(p.value)
		}
	}
	if e.End.IsZero() && length > 0 && !e.Start.IsZero() {
		e.End = e.Start.Add(length)
	}
	if e.End.Before(e.Start) {
		e.End = time.Time{}
	}
	return e
}

func person(p property) string {
	address := p.value
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	name := plain(p.params["CN"])
	switch address = plain(address); {
	case name == "" || strings.EqualFold(name, address):
		return address
	case address == "" || !strings.Contains(address, "@"):
		return name
	}
	return name + " <" + address + ">"
}

// plain undoes the escapes of a text value and makes one line of it.
func plain(s string) string {
	s = strings.NewReplacer(`\n`, ", ", `\N`, ", ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText]) + "…"
	}
	return s
}

// moment reads DTSTART or DTEND.
func moment(p property, zones map[string]*zone) (t time.Time, day, floating bool) {
	v := strings.TrimSpace(p.value)
	if len(v) == 8 || strings.EqualFold(p.params["VALUE"], "DATE") {
		t, _ = time.Parse("20060102", v[:min(len(v), 8)])
		return t, true, false
	}
	if s, ok := strings.CutSuffix(v, "Z"); ok {
		t, _ = time.Parse("20060102T150405", s)
		return t, false, false
	}
	t, err := time.Parse("20060102T150405", v)
	if err != nil {
		if t, err = time.Parse(time.RFC3339, v); err != nil {
			return time.Time{}, false, false
		}
		return t.UTC(), false, false
	}
	id := p.params["TZID"]
	if id == "" {
		return t, false, true
	}
	if loc := location(id); loc != nil {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc).UTC(), false, false
	}
	if z := zones[id]; z != nil && len(z.shifts) > 0 {
		return t.Add(-z.offset(t)), false, false
	}
	return t, false, true
}

// duration reads "PT1H30M", "P1D", "P2W".
func duration(s string) time.Duration {
	var total time.Duration
	n := -1
	inTime := false
	for _, c := range []byte(strings.ToUpper(s)) {
		switch {
		case c >= '0' && c <= '9':
			n = min(max(n, 0)*10+int(c-'0'), 100_000)
			continue
		case c == '-':
			return 0
		case c == 'T':
			inTime = true
		case n < 0:
		case c == 'W':
			total += time.Duration(n) * 7 * 24 * time.Hour
		case c == 'D':
			total += time.Duration(n) * 24 * time.Hour
		case c == 'H':
			total += time.Duration(n) * time.Hour
		case c == 'M' && inTime:
			total += time.Duration(n) * time.Minute
		case c == 'S':
			total += time.Duration(n) * time.Second
		}
		n = -1
	}
	return min(total, 400*24*time.Hour)
}

// Text is the event in words for an agent, times in loc, a few lines.
func (e *Event) Text(lang string, loc *time.Location) string {
	title := "mail.invite_invitation"
	values := i18n.V{"who": e.Attendee}
	switch {
	case e.Cancelled:
		title = "mail.invite_cancelled"
	case e.Method == "REPLY" || e.Method == "COUNTER":
		switch e.Answer {
		case "ACCEPTED":
			title = "mail.invite_accepted"
		case "DECLINED":
			title = "mail.invite_declined"
		case "TENTATIVE":
			title = "mail.invite_tentative"
		default:
			title = "mail.invite_answered"
		}
	case e.Method == "" || e.Method == "PUBLISH":
		title = "mail.invite_plain"
	}
	summary := e.Summary
	if summary == "" {
		summary = i18n.T(lang, "mail.invite_untitled")
	}
	out := []string{i18n.T(lang, title, values) + " " + summary}
	if when := e.when(lang, loc); when != "" {
		if e.Repeats {
			when += " " + i18n.T(lang, "mail.invite_repeats")
		}
		out = append(out, i18n.T(lang, "mail.invite_when", i18n.V{"when": when}))
	}
	if e.Location != "" {
		out = append(out, i18n.T(lang, "mail.invite_where", i18n.V{"where": e.Location}))
	}
	if e.Organizer != "" {
		out = append(out, i18n.T(lang, "mail.invite_organiser", i18n.V{"who": e.Organizer}))
	}
	return strings.Join(out, "\n")
}

func (e *Event) when(lang string, loc *time.Location) string {
	if e.Start.IsZero() || e.Start.Year() < 1900 || e.Start.Year() > 2200 {
		return ""
	}
	c := i18n.Current()
	if e.AllDay {
		last := e.End.AddDate(0, 0, -1)
		if e.End.IsZero() || !last.After(e.Start) {
			return c.Date(lang, e.Start)
		}
		return c.Date(lang, e.Start) + " – " + c.Date(lang, last)
	}
	start, end := e.Start, e.End
	if !e.Floating && loc != nil {
		start = start.In(loc)
		if !end.IsZero() {
			end = end.In(loc)
		}
	}
	text := c.DateTime(lang, start)
	switch {
	case end.IsZero() || !end.After(start):
	case end.YearDay() == start.YearDay() && end.Year() == start.Year():
		text += " – " + c.Time(lang, end)
	default:
		text += " – " + c.DateTime(lang, end)
	}
	return text
}

// zone is a VTIMEZONE, for ids that are no names.
type zone struct {
	id     string
	shifts []shift
}

// shift is one of its halves of the year: from when, which offset.
type shift struct {
	month, week int // week of the month, -1 the last; 0: whole year
	day         time.Weekday
	offset      time.Duration
}

func (s *shift) set(p property) {
	switch p.name {
	case "TZOFFSETTO":
		s.offset = offset(p.value)
	case "RRULE":
		for part := range strings.SplitSeq(strings.ToUpper(p.value), ";") {
			k, v, _ := strings.Cut(part, "=")
			switch k {
			case "BYMONTH":
				s.month, _ = strconv.Atoi(v)
				if s.month < 1 || s.month > 12 {
					s.month = 0
				}
			case "BYDAY":
				if len(v) < 2 {
					continue
				}
				if i := strings.Index("SUMOTUWETHFRSA", v[len(v)-2:]); i >= 0 {
					s.day = time.Weekday(i / 2)
				}
				s.week, _ = strconv.Atoi(v[:len(v)-2])
				if s.week < -5 || s.week > 5 {
					s.week = 0
				}
			}
		}
	}
}

// offset reads "+0600".
func offset(s string) time.Duration {
	s = strings.TrimSpace(s)
	if len(s) < 5 {
		return 0
	}
	h, _ := strconv.Atoi(s[1:3])
	m, _ := strconv.Atoi(s[3:5])
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		d = -d
	}
	return d
}

// offset at local time t: that of the shift that began last.
func (z *zone) offset(t time.Time) time.Duration {
	best, at := z.shifts[0].offset, time.Time{}
	for _, s := range z.shifts {
		if s.month == 0 {
			if at.IsZero() {
				best = s.offset
			}
			continue
		}
		for _, year := range []int{t.Year() - 1, t.Year()} {
			if begin := s.begin(year); !begin.After(t) && begin.After(at) {
				best, at = s.offset, begin
			}
		}
	}
	return best
}

func (s *shift) begin(year int) time.Time {
	if s.week < 0 {
		last := time.Date(year, time.Month(s.month)+1, 0, 2, 0, 0, 0, time.UTC)
		back := (int(last.Weekday()) - int(s.day) + 7) % 7
		return last.AddDate(0, 0, -back+7*(s.week+1))
	}
	first := time.Date(year, time.Month(s.month), 1, 2, 0, 0, 0, time.UTC)
	ahead := (int(s.day) - int(first.Weekday()) + 7) % 7
	return first.AddDate(0, 0, ahead+7*(max(s.week, 1)-1))
}

// location finds a zone by its name: of the world's data base, with the
// prefixes that some programs add, or of Windows.
func location(id string) *time.Location {
	id = strings.Trim(id, `"/ `)
	if id == "" || len(id) > 100 || strings.EqualFold(id, "local") {
		return nil
	}
	if name, ok := windows[strings.ToLower(id)]; ok {
		id = name
	}
	if loc, err := time.LoadLocation(id); err == nil {
		return loc
	}
	// "/freeassociation.sourceforge.net/Tzfile/Asia/Dhaka"
	parts := strings.Split(id, "/")
	for n := 2; n <= 3 && n < len(parts); n++ {
		if loc, err := time.LoadLocation(strings.Join(parts[len(parts)-n:], "/")); err == nil {
			return loc
		}
	}
	return nil
}

// windows names zones as Outlook and Exchange do.
var windows = map[string]string{
	"bangladesh standard time": "Asia/Dhaka", "central asia standard time": "Asia/Almaty", "india standard time": "Asia/Kolkata", "sri lanka standard time": "Asia/Colombo", "nepal standard time": "Asia/Kathmandu",
	"pakistan standard time": "Asia/Karachi", "myanmar standard time": "Asia/Yangon", "se asia standard time": "Asia/Bangkok", "singapore standard time": "Asia/Singapore", "china standard time": "Asia/Shanghai",
	"taipei standard time": "Asia/Taipei", "tokyo standard time": "Asia/Tokyo", "korea standard time": "Asia/Seoul", "arabian standard time": "Asia/Dubai", "arab standard time": "Asia/Riyadh", "iran standard time": "Asia/Tehran",
	"afghanistan standard time": "Asia/Kabul", "west asia standard time": "Asia/Tashkent", "israel standard time": "Asia/Jerusalem", "turkey standard time": "Europe/Istanbul", "egypt standard time": "Africa/Cairo",
	"gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik", "utc": "UTC", "coordinated universal time": "UTC", "w. europe standard time": "Europe/Berlin", "central europe standard time": "Europe/Budapest",
	"central european standard time": "Europe/Warsaw", "romance standard time": "Europe/Paris", "e. europe standard time": "Europe/Chisinau", "fle standard time": "Europe/Kiev", "gtb standard time": "Europe/Bucharest", "russian standard time": "Europe/Moscow",
	"eastern standard time": "America/New_York", "us eastern standard time": "America/Indiana/Indianapolis", "central standard time": "America/Chicago", "mountain standard time": "America/Denver", "us mountain standard time": "America/Phoenix",
	"pacific standard time": "America/Los_Angeles", "alaskan standard time": "America/Anchorage", "hawaiian standard time": "Pacific/Honolulu", "atlantic standard time": "America/Halifax", "canada central standard time": "America/Regina",
	"e. south america standard time": "America/Sao_Paulo", "sa eastern standard time": "America/Cayenne", "sa pacific standard time": "America/Bogota", "sa western standard time": "America/La_Paz", "argentina standard time": "America/Argentina/Buenos_Aires",
	"central standard time (mexico)": "America/Mexico_City", "south africa standard time": "Africa/Johannesburg", "w. central africa standard time": "Africa/Lagos", "e. africa standard time": "Africa/Nairobi", "morocco standard time": "Africa/Casablanca",
	"aus eastern standard time": "Australia/Sydney", "e. australia standard time": "Australia/Brisbane", "cen. australia standard time": "Australia/Adelaide", "w. australia standard time": "Australia/Perth", "new zealand standard time": "Pacific/Auckland",
}
