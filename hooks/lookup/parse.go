package lookup

import (
	"strconv"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

// Filter is a condition in words: tag:refund, -is:solved.
type Filter struct {
	Name  string // from to tag is has before after in assigned
	Value string
	Not   bool
}

// Asked is what was typed, taken apart.
type Asked struct {
	Words   string
	Phrases []string
	Without []string
	Filters []Filter
	Number  int64 // of a conversation: #1024, or nothing but a number
}

// filterNames are the names of filters in both languages.
var filterNames = map[string]string{
	"from": "from", "থেকে": "from", "প্রেরক": "from",
	"to": "to", "প্রতি": "to", "প্রাপক": "to",
	"tag": "tag", "ট্যাগ": "tag",
	"is": "is", "অবস্থা": "is",
	"has": "has", "আছে": "has",
	"before": "before", "আগে": "before",
	"after": "after", "পরে": "after",
	"in": "in", "মাধ্যম": "in", "মাধ্যমে": "in",
	"assigned": "assigned", "agent": "assigned", "দায়িত্বে": "assigned", "প্রতিনিধি": "assigned",
}

// values are the words of filters that have a list of them.
var values = map[string]map[string]string{
	"is": {
		"open": schema.StatusOpen, "pending": schema.StatusPending, "snoozed": schema.StatusSnoozed, "solved": schema.StatusSolved,
		"unread": "unread", "unassigned": "unassigned", "mine": "mine", "spam": "spam",
		"খোলা": schema.StatusOpen, "অপেক্ষায়": schema.StatusPending, "পরে": schema.StatusSnoozed, "সমাধান": schema.StatusSolved,
		"অপঠিত": "unread", "কারও-নয়": "unassigned", "কারো-নয়": "unassigned", "আমার": "mine", "স্প্যাম": "spam",
	},
	"has": {"file": "file", "files": "file", "attachment": "file", "ফাইল": "file"},
	"in": {
		"chat": schema.ChannelChat, "email": schema.ChannelEmail, "mail": schema.ChannelEmail, "portal": schema.ChannelPortal, "phone": schema.ChannelPhone,
		"চ্যাট": schema.ChannelChat, "ইমেইল": schema.ChannelEmail, "ই-মেইল": schema.ChannelEmail, "মেইল": schema.ChannelEmail, "পোর্টাল": schema.ChannelPortal, "ফোন": schema.ChannelPhone,
	},
}

// unknown are the sentences for values that are in no list.
var unknown = map[string]string{"is": "error.search_is", "has": "error.search_has", "in": "error.search_in"}

// Wrong is a filter that cannot be understood: a key of the catalogue and the
// value that was typed.
type Wrong struct{ Key, Value string }

func (w Wrong) Error() string { return w.Key + ": " + w.Value }

// longestAsked is how many characters are read.
const longestAsked = 300

// Parse takes apart what was typed. A name that is no filter's is a word like
// any other, and so is a filter that has no value yet nothing at all.
func Parse(text string) (Asked, error) {
	if r := []rune(text); len(r) > longestAsked {
		text = string(r[:longestAsked])
	}
	var a Asked
	var words []string
	for _, p := range split(text) {
		name, value, colon := strings.Cut(p.text, ":")
		filter := filterNames[search.Fold(name)]
		if filter == "" && colon {
			filter = filterNames[strings.ToLower(name)]
		}
		switch {
		case colon && filter != "" && !p.quoted:
			if value = strings.Trim(value, `"“” `); value == "" {
				continue
			}
			f := Filter{filter, value, p.not}
			if list := values[filter]; list != nil {
				known, ok := list[fold(value)]
				if !ok {
					return Asked{}, Wrong{unknown[filter], value}
				}
				f.Value = known
			}
			if filter == "before" || filter == "after" {
				if _, err := day(value, time.Now()); err != nil {
					return Asked{}, Wrong{"error.search_date", value}
				}
			}
			a.Filters = append(a.Filters, f)
		case p.not && p.text != "":
			a.Without = append(a.Without, p.text)
		case p.quoted:
			a.Phrases = append(a.Phrases, p.text)
		case strings.HasPrefix(p.text, "#"):
			n, err := strconv.ParseInt(search.Fold(p.text[1:]), 10, 64)
			if err == nil && n > 0 {
				a.Number = n
				continue
			}
			words = append(words, p.text)
		case p.text != "":
			words = append(words, p.text)
		}
	}
	a.Words = strings.Join(words, " ")
	if len(words) == 1 && len(a.Phrases)+len(a.Filters)+len(a.Without) == 0 && len(words[0]) <= 30 {
		if n, err := strconv.ParseInt(search.Fold(words[0]), 10, 64); err == nil && n > 0 && n < 1_000_000_000 {
			a.Number = n
		}
	}
	a.Words = telephone(a.Words)
	return a, nil
}

// fold is how values of lists are compared; their words keep their hyphens.
func fold(s string) string { return strings.ReplaceAll(search.Fold(s), " ", "-") }

// telephone joins the parts of a telephone number.
func telephone(s string) string {
	digits := 0
	for _, r := range search.Fold(s) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune(" +-().", r):
		default:
			return s
		}
	}
	if digits < 6 || digits > 15 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, search.Fold(s))
}

type part struct {
	text        string
	quoted, not bool
}

// split cuts at spaces outside quotation marks. A minus before a part excludes
// it; a name before a quotation mark belongs to it (from:"Rahim Uddin").
func split(text string) (parts []part) {
	var p part
	var b strings.Builder
	inside, begun := false, false
	flush := func() {
		if begun {
			p.text = b.String()
			parts = append(parts, p)
		}
		p, begun = part{}, false
		b.Reset()
	}
	for _, r := range text {
		switch {
		case r == '"' || r == '“' || r == '”':
			if !inside && b.Len() == 0 {
				p.quoted = true
			}
			if inside = !inside; !inside {
				flush()
				continue
			}
			begun = true
		case (r == ' ' || r == '\t' || r == '\n' || r == '\u00a0') && !inside:
			flush()
		case r == '-' && !begun:
			p.not, begun = true, true
		default:
			begun = true
			b.WriteRune(r)
		}
	}
	flush()
	return parts
}

// period is what a date of a filter covers: a day, a month or a year.
type period struct{ from, to time.Time }

// day reads a date in digits of either script: 2026-11-22, 22/11/2026,
// 2026-11, 2026, or today and yesterday, or 7d for so many days ago.
func day(value string, now time.Time) (period, error) {
	v := search.Fold(strings.NewReplacer("/", "-", ".", "-").Replace(value))
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch v {
	case "today", search.Fold("আজ"):
		return period{today, today.AddDate(0, 0, 1)}, nil
	case "yesterday", search.Fold("গতকাল"):
		return period{today.AddDate(0, 0, -1), today}, nil
	}
	v = strings.Replace(v, search.Fold("দিন"), "d", 1)
	if n, ok := strings.CutSuffix(v, "d"); ok {
		if days, err := strconv.Atoi(n); err == nil && days >= 0 && days < 10_000 {
			at := today.AddDate(0, 0, -days)
			return period{at, at.AddDate(0, 0, 1)}, nil
		}
	}
	for _, f := range []struct {
		layout      string
		year, month int
		day         int
	}{{"2006-1-2", 0, 0, 1}, {"2-1-2006", 0, 0, 1}, {"2006-1", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if t, err := time.ParseInLocation(f.layout, v, now.Location()); err == nil && t.Year() >= firstYear && t.Year() < 2200 {
			return period{t, t.AddDate(f.year, f.month, f.day)}, nil
		}
	}
	return period{}, Wrong{"error.search_date", value}
}

const firstYear = 2000

// dayMarks are the marks of all days from one to another, of whole years and
// months where they fit.
func dayMarks(from, to time.Time) (marks []string) {
	for at := from; at.Before(to); {
		year, month := at.AddDate(1, 0, 0), at.AddDate(0, 1, 0)
		switch {
		case at.Day() == 1 && at.Month() == 1 && !year.After(to):
			marks, at = append(marks, search.Mark(markDay, at.Format("2006"))), year
		case at.Day() == 1 && !month.After(to):
			marks, at = append(marks, search.Mark(markDay, at.Format("200601"))), month
		default:
			marks, at = append(marks, search.Mark(markDay, at.Format("20060102"))), at.AddDate(0, 0, 1)
		}
	}
	return marks
}
