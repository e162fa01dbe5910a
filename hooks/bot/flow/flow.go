package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/search"
)

// Kinds of steps.
const (
	Say      = "say"       // Text, Buttons or Next
	Ask      = "ask"       // Text, Save, Next
	If       = "if"        // When, Then, Else
	Article  = "article"   // Article, Next
	Tag      = "tag"       // Tag, Next
	HandOver = "hand_over" // Text, Agent, Tag, Priority
)

// Where an answer is kept; beside them "field:<key>" is a field of the owner's
// own.
const (
	SaveNothing = ""
	SaveName    = "name"
	SaveEmail   = "email"
	SavePhone   = "phone"
	SaveNote    = "note"
	saveField   = "field:"
)

// Words are a text in each language.
type Words map[string]string

// In is the text in a language, else in any.
func (w Words) In(lang string) string {
	if w[lang] != "" {
		return w[lang]
	}
	for _, other := range slices.Sorted(maps.Keys(w)) {
		if w[other] != "" {
			return w[other]
		}
	}
	return ""
}

// Button is one that the visitor may press, or whose words they may write.
type Button struct {
	Text Words  `json:"text"`
	Next string `json:"next"`
}

// Condition holds if all of its parts that are given hold.
type Condition struct {
	Language string `json:"language,omitzero"` // of the visitor
	Office   string `json:"office,omitzero"`   // "open" or "closed"
	Page     string `json:"page,omitzero"`     // part of the address they write on
	Contact  string `json:"contact,omitzero"`  // "known" or "unknown": whether there is an address to answer to
}

// Step is one of a flow.
type Step struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Text     Words      `json:"text,omitzero"`
	Buttons  []Button   `json:"buttons,omitzero"`
	Next     string     `json:"next,omitzero"`
	Save     string     `json:"save,omitzero"`
	When     *Condition `json:"when,omitzero"`
	Then     string     `json:"then,omitzero"`
	Else     string     `json:"else,omitzero"`
	Article  string     `json:"article,omitzero"` // the group of its translations
	Agent    string     `json:"agent,omitzero"`
	Tag      string     `json:"tag,omitzero"`
	Priority *int       `json:"priority,omitzero"`
}

// Flow is what the owner drew; it begins with its first step.
type Flow struct {
	ID    string `json:"id"`
	Steps []Step `json:"steps"`
}

func (f *Flow) step(id string) *Step {
	for i := range f.Steps {
		if f.Steps[i].ID == id {
			return &f.Steps[i]
		}
	}
	return nil
}

// Env is what a flow may ask about the visitor.
type Env struct {
	Language string `json:"language"`
	Open     bool   `json:"open"` // the office
	Page     string `json:"page"`
	Known    bool   `json:"known"`
}

func (c *Condition) holds(e Env) bool {
	switch {
	case c == nil:
		return true
	case c.Language != "" && c.Language != e.Language,
		c.Office != "" && (c.Office == "open") != e.Open,
		!OnPage(e.Page, c.Page),
		c.Contact != "" && (c.Contact == "known") != e.Known:
		return false
	}
	return true
}

// Said is one thing the bot says; Article is the group of one to show.
type Said struct {
	Text    string
	Article string
}

// Kept is an answer and where it goes.
type Kept struct{ Save, Value string }

// Outcome is what a run came to.
type Outcome struct {
	Says    []Said
	Choices []string // of the step it waits at
	Waits   string   // id of that step; "" is the end: the bot listens
	Keep    []Kept
	Tags    []string
	Hand    *Step // the hand-over it came to
}

// mostSteps ends a run that goes round without waiting; validation refuses
// such flows, but records may be older than it.
const mostSteps = 100

// Begin runs a flow from its first step.
func (f *Flow) Begin(e Env) Outcome {
	if len(f.Steps) == 0 {
		return Outcome{}
	}
	return f.run(f.Steps[0].ID, e, Outcome{})
}

// Answer goes on from where the flow waits with what the visitor wrote. It is
// false if that answers nothing the flow asked: it is a question then.
func (f *Flow) Answer(at, text string, e Env) (Outcome, bool) {
	s := f.step(at)
	if s == nil {
		return Outcome{}, false
	}
	switch s.Kind {
	case Say:
		for _, b := range s.Buttons {
			for _, words := range b.Text {
				if Same(words, text) {
					return f.run(b.Next, e, Outcome{}), true
				}
			}
		}
	case Ask:
		value := strings.Join(strings.Fields(text), " ")
		if value == "" {
			return Outcome{}, false
		}
		return f.run(s.Next, e, Outcome{Keep: []Kept{{s.Save, value}}}), true
	}
	return Outcome{}, false
}

// Same tells whether two texts are the same words.
func Same(a, b string) bool {
	x, y := search.Analyse(a), search.Analyse(b)
	return len(x) > 0 && slices.EqualFunc(x, y, func(a, b search.Token) bool { return a.Word == b.Word })
}

func (f *Flow) run(at string, e Env, out Outcome) Outcome {
	for range mostSteps {
		s := f.step(at)
		if s == nil {
			return out
		}
		switch s.Kind {
		case Say:
			out.Says = append(out.Says, Said{Text: s.Text.In(e.Language)})
			if len(s.Buttons) > 0 {
				for _, b := range s.Buttons {
					out.Choices = append(out.Choices, b.Text.In(e.Language))
				}
				out.Waits = s.ID
				return out
			}
			at = s.Next
		case Ask:
			out.Says = append(out.Says, Said{Text: s.Text.In(e.Language)})
			out.Waits = s.ID
			return out
		case If:
			if at = s.Else; s.When.holds(e) {
				at = s.Then
			}
		case Article:
			out.Says = append(out.Says, Said{Text: s.Text.In(e.Language), Article: s.Article})
			at = s.Next
		case Tag:
			out.Tags = append(out.Tags, s.Tag)
			at = s.Next
		case HandOver:
			if s.Tag != "" {
				out.Tags = append(out.Tags, s.Tag)
			}
			out.Hand = s
			return out
		default:
			return out
		}
	}
	return out
}

// OnPage tells whether an address is one of the pages that are meant: those
// that the words are a part of, all if there are none. A star at the end, as
// the greeting of the chat has it, says no more.
func OnPage(address, part string) bool {
	return strings.Contains(strings.ToLower(address), strings.ToLower(strings.TrimRight(strings.TrimSpace(part), "*")))
}
