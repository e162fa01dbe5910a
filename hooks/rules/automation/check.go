package automation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Condition is one thing that must hold. What Values mean is the operator's:
// any of them, none of them, or one number.
type Condition struct {
	Field  string   `json:"field"`
	Op     string   `json:"op"`
	Values []string `json:"values"`
}

// Fact is all that conditions can ask of a conversation.
type Fact struct {
	Channel, Mailbox, Status, Assignee, Language string
	Priority                                     int
	Tags, ContactTags                            []string
	Subject, Text                                string // of the message that set it off, else of the customer's last
	Domains                                      []string
	Blocked, Open, Files                         bool
	Waiting                                      time.Duration
	Messages, Rating                             int
	Changed                                      string // what an event says: status, assigned, tagged, priority
	Due                                          string // "", soon, over
}

// kinds of fields, each with its operators.
const (
	choice = "choice" // is, is_not
	set    = "set"    // has, has_not
	words  = "words"  // contains, contains_not
	number = "number" // at_least, at_most
	flag   = "flag"   // is
)

var operators = map[string][]string{
	choice: {"is", "is_not"}, set: {"has", "has_not"}, words: {"contains", "contains_not"}, number: {"at_least", "at_most"}, flag: {"is"},
}

// field is something that conditions can ask.
type field struct {
	kind   string
	closed []string // the only values there are, nil for any
	of     string   // collection whose record ids the values are
	get    func(f Fact) []string
}

func one(s string) []string { return []string{s} }

func yes(b bool) []string {
	if b {
		return one("yes")
	}
	return one("no")
}

var yesNo = []string{"yes", "no"}

// fields are all that can be asked.
var fields = map[string]field{
	"channel":      {kind: choice, closed: []string{"chat", "email", "portal", "phone"}, get: func(f Fact) []string { return one(f.Channel) }},
	"mailbox":      {kind: choice, of: "mailboxes", get: func(f Fact) []string { return one(f.Mailbox) }},
	"status":       {kind: choice, closed: []string{"open", "pending", "snoozed", "solved"}, get: func(f Fact) []string { return one(f.Status) }},
	"priority":     {kind: choice, closed: []string{"-1", "0", "1", "2"}, get: func(f Fact) []string { return one(strconv.Itoa(f.Priority)) }},
	"assignee":     {kind: choice, of: "agents", get: func(f Fact) []string { return one(f.Assignee) }},
	"language":     {kind: choice, closed: []string{"en", "bn"}, get: func(f Fact) []string { return one(f.Language) }},
	"changed":      {kind: choice, closed: []string{"status", "assigned", "tagged", "untagged", "priority", "rated"}, get: func(f Fact) []string { return one(f.Changed) }},
	"due":          {kind: choice, closed: []string{"", "soon", "over"}, get: func(f Fact) []string { return one(f.Due) }},
	"tags":         {kind: set, of: "tags", get: func(f Fact) []string { return f.Tags }},
	"contact_tags": {kind: set, of: "tags", get: func(f Fact) []string { return f.ContactTags }},
	"subject":      {kind: words, get: func(f Fact) []string { return one(f.Subject) }},
	"text":         {kind: words, get: func(f Fact) []string { return one(strings.TrimSpace(f.Subject + "\n" + f.Text)) }},
	"email_domain": {kind: set, get: func(f Fact) []string { return f.Domains }},
	"blocked":      {kind: flag, closed: yesNo, get: func(f Fact) []string { return yes(f.Blocked) }},
	"open":         {kind: flag, closed: yesNo, get: func(f Fact) []string { return yes(f.Open) }},
	"files":        {kind: flag, closed: yesNo, get: func(f Fact) []string { return yes(f.Files) }},
	"waiting":      {kind: number, get: func(f Fact) []string { return one(strconv.Itoa(int(f.Waiting / time.Minute))) }},
	"messages":     {kind: number, get: func(f Fact) []string { return one(strconv.Itoa(f.Messages)) }},
	"rating":       {kind: number, get: func(f Fact) []string { return one(strconv.Itoa(f.Rating)) }},
}

// Finding is a condition and what it found.
type Finding struct {
	Condition
	Found []string `json:"found"`
	Holds bool     `json:"holds"`
}

// shown is how much of a text the log keeps.
const shown = 160

// Check tells whether the conditions hold for a conversation: all of them, or
// with atLeastOne any. No conditions always hold.
func Check(list []Condition, atLeastOne bool, f Fact) (holds bool, why []Finding) {
	why = make([]Finding, 0, len(list))
	n := 0
	for _, c := range list {
		found, ok := c.holds(f)
		if ok {
			n++
		}
		for i, s := range found {
			if r := []rune(s); len(r) > shown {
				found[i] = string(r[:shown]) + "…"
			}
		}
		why = append(why, Finding{Condition: c, Found: found, Holds: ok})
	}
	if atLeastOne && len(list) > 0 {
		return n > 0, why
	}
	return n == len(list), why
}

func (c Condition) holds(f Fact) (found []string, ok bool) {
	fd, known := fields[c.Field]
	if !known {
		return nil, false
	}
	found = slices.Clone(fd.get(f))
	any := func(match func(found, wanted string) bool) bool {
		for _, w := range c.Values {
			if slices.ContainsFunc(found, func(have string) bool { return match(have, w) }) {
				return true
			}
		}
		return false
	}
	same := func(a, b string) bool { return a == b }
	in := func(have, w string) bool { w = Plain(w); return w != "" && strings.Contains(Plain(have), w) }
	switch c.Op {
	case "is", "has":
		if c.Field == "email_domain" {
			same = func(have, w string) bool {
				w = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(w)), "@")
				return w != "" && (have == w || strings.HasSuffix(have, "."+w))
			}
		}
		return found, any(same)
	case "is_not", "has_not":
		_, ok = Condition{c.Field, map[string]string{"is_not": "is", "has_not": "has"}[c.Op], c.Values}.holds(f)
		return found, !ok
	case "contains":
		return found, any(in)
	case "contains_not":
		return found, !any(in)
	case "at_least", "at_most":
		have, err1 := strconv.Atoi(found[0])
		want, err2 := strconv.Atoi(strings.Join(c.Values, ""))
		if err1 != nil || err2 != nil {
			return found, false
		}
		return found, c.Op == "at_least" && have >= want || c.Op == "at_most" && have <= want
	}
	return found, false
}

// Plain is a text in the form in which texts are compared: one case, one way
// to write each Bangla letter (a letter with its dot apart or in one piece),
// without the invisible joiners that keyboards leave, digits alike, single
// spaces.
func Plain(s string) string {
	s = norm.NFC.String(s)
	var b strings.Builder
	space := false
	for _, r := range strings.ToLower(s) {
		switch {
		case r == '\u200c' || r == '\u200d' || r == '\u200b' || r == '\ufeff' || r == '\u00ad':
			continue
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r >= '০' && r <= '৯':
			r = '0' + r - '০'
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// problem says why a condition cannot be, as a catalogue key, "" when it can.
// exists tells whether a collection has a record.
func (c Condition) problem(exists func(collection, id string) bool) string {
	fd, known := fields[c.Field]
	switch {
	case !known:
		return "error.rule_field"
	case !slices.Contains(operators[fd.kind], c.Op):
		return "error.rule_op"
	case len(c.Values) == 0 || len(c.Values) > 50:
		return "error.rule_values"
	}
	for _, v := range c.Values {
		switch {
		case fd.kind == number:
			if n, err := strconv.Atoi(v); err != nil || n < 0 || len(c.Values) != 1 {
				return "error.rule_number"
			}
		case fd.closed != nil:
			if !slices.Contains(fd.closed, v) {
				return "error.rule_values"
			}
		case fd.of != "":
			// "" is nobody, or no mailbox; a set has no such member
			if v == "" && fd.kind == choice {
				continue
			}
			if !exists(fd.of, v) {
				return "error.rule_gone"
			}
		case strings.TrimSpace(v) == "" || len(v) > 400:
			return "error.rule_values"
		}
	}
	return ""
}

// String is the condition for logs.
func (c Condition) String() string { return fmt.Sprintf("%s %s %q", c.Field, c.Op, c.Values) }
