package flow

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fault is what is wrong with a step: a key of the catalogue, below error.
type Fault struct {
	Step  string `json:"step"`
	Key   string `json:"key"`
	Value string `json:"value,omitzero"` // what the sentence names
}

// Known tells what exists that a flow may name.
type Known struct {
	Languages []string // the shop's
	Article   func(group string) bool
	Agent     func(id string) bool
	Tag       func(id string) bool
	Field     func(key string) bool
}

const (
	mostOfFlow    = 60
	mostButtons   = 8
	longestText   = 1000
	longestButton = 40
)

var idPattern = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)

// Check lists what is wrong with a flow; nothing is nil.
func (f *Flow) Check(k Known) (faults []Fault) {
	add := func(step, key, value string) { faults = append(faults, Fault{step, key, value}) }
	if len(f.Steps) == 0 {
		return []Fault{{"", "flow_empty", ""}}
	}
	if len(f.Steps) > mostOfFlow {
		return []Fault{{"", "flow_long", ""}}
	}
	seen := map[string]bool{}
	for _, s := range f.Steps {
		if !idPattern.MatchString(s.ID) {
			add(s.ID, "flow_id", s.ID)
		} else if seen[s.ID] {
			add(s.ID, "flow_twice", s.ID)
		}
		seen[s.ID] = true
	}
	leads := func(s *Step, next string, must bool) {
		if next == "" && must {
			add(s.ID, "flow_dead_end", "")
		} else if next != "" && !seen[next] {
			add(s.ID, "flow_nowhere", next)
		}
	}
	words := func(s *Step, w Words, most int, must bool) {
		for _, lang := range k.Languages {
			if text := strings.TrimSpace(w[lang]); text == "" && must {
				add(s.ID, "flow_text", lang)
			} else if utf8.RuneCountInString(text) > most {
				add(s.ID, "flow_text_long", lang)
			}
		}
	}
	for i := range f.Steps {
		s := &f.Steps[i]
		switch s.Kind {
		case Say:
			words(s, s.Text, longestText, true)
			if len(s.Buttons) > mostButtons {
				add(s.ID, "flow_buttons", "")
			}
			for j, b := range s.Buttons {
				words(s, b.Text, longestButton, true)
				leads(s, b.Next, true)
				for _, other := range s.Buttons[:j] {
					for lang, text := range b.Text {
						if text != "" && Same(other.Text[lang], text) {
							add(s.ID, "flow_button_twice", text)
						}
					}
				}
			}
			if len(s.Buttons) == 0 {
				leads(s, s.Next, false)
			}
		case Ask:
			words(s, s.Text, longestText, true)
			leads(s, s.Next, true)
			if field, own := strings.CutPrefix(s.Save, saveField); own && !k.Field(field) {
				add(s.ID, "flow_field", field)
			} else if !own && !slices.Contains([]string{SaveNothing, SaveName, SaveEmail, SavePhone, SaveNote}, s.Save) {
				add(s.ID, "flow_field", s.Save)
			}
		case If:
			if s.When == nil || *s.When == (Condition{}) {
				add(s.ID, "flow_condition", "")
			} else if !slices.Contains([]string{"", "open", "closed"}, s.When.Office) || !slices.Contains([]string{"", "known", "unknown"}, s.When.Contact) {
				add(s.ID, "flow_condition", "")
			}
			leads(s, s.Then, true)
			leads(s, s.Else, true)
		case Article:
			words(s, s.Text, longestText, false)
			if s.Article == "" || !k.Article(s.Article) {
				add(s.ID, "flow_article", s.Article)
			}
			leads(s, s.Next, false)
		case Tag:
			if s.Tag == "" || !k.Tag(s.Tag) {
				add(s.ID, "flow_tag", s.Tag)
			}
			leads(s, s.Next, true)
		case HandOver:
			words(s, s.Text, longestText, false)
			if s.Agent != "" && !k.Agent(s.Agent) {
				add(s.ID, "flow_agent", s.Agent)
			}
			if s.Tag != "" && !k.Tag(s.Tag) {
				add(s.ID, "flow_tag", s.Tag)
			}
			if s.Priority != nil && (*s.Priority < -1 || *s.Priority > 2) {
				add(s.ID, "flow_priority", "")
			}
		default:
			add(s.ID, "flow_kind", s.Kind)
		}
	}
	if len(faults) == 0 {
		faults = append(f.unreached(), f.rounds()...)
	}
	return faults
}

// onward are the steps that may follow one; waits tells whether the visitor
// speaks in between.
func (s *Step) onward() (next []string, waits bool) {
	switch s.Kind {
	case Say:
		if len(s.Buttons) == 0 {
			return []string{s.Next}, false
		}
		for _, b := range s.Buttons {
			next = append(next, b.Next)
		}
		return next, true
	case Ask:
		return []string{s.Next}, true
	case If:
		return []string{s.Then, s.Else}, false
	case HandOver:
		return nil, true
	}
	return []string{s.Next}, false
}

// unreached are steps that nothing leads to.
func (f *Flow) unreached() (faults []Fault) {
	seen := map[string]bool{}
	list := []string{f.Steps[0].ID}
	for len(list) > 0 {
		s := f.step(list[0])
		list = list[1:]
		if s == nil || seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		next, _ := s.onward()
		list = append(list, next...)
	}
	for _, s := range f.Steps {
		if !seen[s.ID] {
			faults = append(faults, Fault{s.ID, "flow_unreached", ""})
		}
	}
	return faults
}

// rounds are steps from which the bot would talk for ever without the visitor
// saying anything.
func (f *Flow) rounds() (faults []Fault) {
	const inHand, done = 1, 2
	state := map[string]int{}
	var visit func(id string)
	visit = func(id string) {
		s := f.step(id)
		if s == nil || state[id] == done {
			return
		}
		if state[id] == inHand {
			faults = append(faults, Fault{id, "flow_round", ""})
			return
		}
		state[id] = inHand
		if next, waits := s.onward(); !waits {
			for _, n := range next {
				visit(n)
			}
		}
		state[id] = done
	}
	for _, s := range f.Steps {
		visit(s.ID)
	}
	return faults
}
