package automation

import (
	"slices"
	"strconv"
	"strings"
)

// Action is one thing that is done.
type Action struct {
	Do    string            `json:"do"`
	Value string            `json:"value,omitempty"` // an agent, a status, a tag, a number, a canned reply
	Text  string            `json:"text,omitempty"`
	Texts map[string]string `json:"texts,omitempty"` // by language
}

// What can be done.
const (
	doAssign    = "assign"     // Value: an agent, "" nobody, or one of the ways below
	doStatus    = "status"     // Value: open, pending, solved
	doSnooze    = "snooze"     // Value: minutes
	doPriority  = "priority"   // Value: -1, 0, 1, 2
	doAddTag    = "add_tag"    // Value: a tag; without, Text is the name of one
	doRemoveTag = "remove_tag" // Value
	doMessage   = "message"    // Value: a canned reply; without, Texts or Text
	doNote      = "note"       // Text
	doNotify    = "notify"     // Value: an agent, assignee, all; Text
	doMail      = "mail"       // Value: an agent, owners; Text

	byRoundRobin = "round_robin"
	byLeastLoad  = "least_load"
	toAssignee   = "assignee"
	toAll        = "all"
	toOwners     = "owners"
)

// Why a step is left out; keys of the catalogue.
const (
	skipSame    = "rules.skip_same"    // it is so already
	skipBlocked = "rules.skip_blocked" // the customer is blocked
	skipLimit   = "rules.skip_limit"   // they had enough messages today
	skipMail    = "rules.skip_mail"    // the rules for automatic mail forbid it
	skipNobody  = "rules.skip_nobody"  // nobody is there
	skipNoWay   = "rules.skip_no_way"  // there is no way to reach them
)

// Step is an action and what became of it, or would.
type Step struct {
	Action
	Skip   string `json:"skip,omitempty"`   // catalogue key of why it was left out
	Result string `json:"result,omitempty"` // whom, for assigning
}

// messagesADay is how many messages all automations together may send to one
// customer within 24 hours.
const messagesADay = 5

// Allowance is what limits messages to the customer.
type Allowance struct {
	SentToday int
	May       string // why no automatic message may go out, "" when it may
}

// Plan is what an automation does to a conversation, step by step: actions
// that change nothing, or may not be, are left out with the reason. It looks
// at each step as the ones before it leave the conversation.
func Plan(actions []Action, f Fact, a Allowance) []Step {
	steps := make([]Step, 0, len(actions))
	f.Tags = slices.Clone(f.Tags)
	for _, act := range actions {
		s := Step{Action: act}
		switch act.Do {
		case doAssign:
			switch act.Value {
			case byRoundRobin, byLeastLoad:
				f.Assignee = act.Value
			default:
				if f.Assignee == act.Value {
					s.Skip = skipSame
				}
				f.Assignee = act.Value
			}
		case doStatus:
			if f.Status == act.Value {
				s.Skip = skipSame
			}
			f.Status = act.Value
		case doSnooze:
			f.Status = "snoozed"
		case doPriority:
			if strconv.Itoa(f.Priority) == act.Value {
				s.Skip = skipSame
			}
			f.Priority, _ = strconv.Atoi(act.Value)
		case doAddTag:
			if act.Value != "" && slices.Contains(f.Tags, act.Value) {
				s.Skip = skipSame
			}
			f.Tags = append(f.Tags, act.Value)
		case doRemoveTag:
			if !slices.Contains(f.Tags, act.Value) {
				s.Skip = skipSame
			}
			f.Tags = slices.DeleteFunc(f.Tags, func(t string) bool { return t == act.Value })
		case doMessage:
			switch {
			case f.Blocked:
				s.Skip = skipBlocked
			case a.May != "":
				s.Skip = a.May
			case a.SentToday >= messagesADay:
				s.Skip = skipLimit
			default:
				a.SentToday++
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// says is the text of a message in a language: the language's own, else any.
func (a Action) says(lang, fallback string) string {
	for _, l := range []string{lang, fallback, "en", "bn"} {
		if t := strings.TrimSpace(a.Texts[l]); t != "" {
			return a.Texts[l]
		}
	}
	return a.Text
}

// problem says why an action cannot be, as a catalogue key, "" when it can.
func (a Action) problem(exists func(collection, id string) bool) string {
	has := func(collection string) string {
		if !exists(collection, a.Value) {
			return "error.rule_gone"
		}
		return ""
	}
	in := func(values ...string) string {
		if !slices.Contains(values, a.Value) {
			return "error.rule_values"
		}
		return ""
	}
	texts := a.Text
	for _, t := range a.Texts {
		texts += t
	}
	if len(texts) > 20_000 {
		return "error.rule_long"
	}
	empty := strings.TrimSpace(texts) == ""
	switch a.Do {
	case doAssign:
		if a.Value == "" || a.Value == byRoundRobin || a.Value == byLeastLoad {
			return ""
		}
		return has("agents")
	case doStatus:
		return in("open", "pending", "solved")
	case doSnooze:
		if n, err := strconv.Atoi(a.Value); err != nil || n < 1 || n > 525600 {
			return "error.rule_number"
		}
		return ""
	case doPriority:
		return in("-1", "0", "1", "2")
	case doAddTag:
		if a.Value == "" && !empty && len(a.Text) <= 40 {
			return ""
		}
		return has("tags")
	case doRemoveTag:
		return has("tags")
	case doMessage:
		if a.Value != "" {
			return has("canned_replies")
		}
		if empty {
			return "error.rule_empty"
		}
		return ""
	case doNote:
		if empty {
			return "error.rule_empty"
		}
		return ""
	case doNotify, doMail:
		if empty {
			return "error.rule_empty"
		}
		if a.Value == toAll && a.Do == doNotify || a.Value == toAssignee || a.Value == toOwners {
			return ""
		}
		return has("agents")
	}
	return "error.rule_action"
}
