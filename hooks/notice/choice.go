package notice

import (
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// Choice is what an agent wants to be told, as kept in agents.notify. Keys
// that are not named here belong to others and are left alone.
type Choice struct {
	Sound    *bool  `json:"sound,omitempty"`    // of the open desk; on unless switched off
	Desktop  *bool  `json:"desktop,omitempty"`  // likewise; off unless switched on
	Mentions *bool  `json:"mentions,omitempty"` // notes that call them; on unless switched off
	Follows  *bool  `json:"follows,omitempty"`  // what happens in conversations they follow; likewise
	Push     string `json:"push,omitempty"`     // off, mine (and nobody's) or all
	Preview  *bool  `json:"preview,omitempty"`  // whether a push holds words of the message
	Mail     string `json:"mail,omitempty"`     // off, mine or all
	Minutes  int    `json:"mail_minutes,omitempty"`
	Hours    Hours  `json:"hours,omitzero"`
}

// Hours are when an agent wants to be called, in the shop's time.
type Hours struct {
	On   bool   `json:"on"`
	Days []int  `json:"days"` // 0 is Sunday
	From string `json:"from"` // 09:00
	To   string `json:"to"`   // at or before From it is on the next day
}

const (
	scopeOff  = "off"
	scopeMine = "mine"
	scopeAll  = "all"

	usualMinutes = 30
	fewMinutes   = 5
	mostMinutes  = 24 * 60
)

var scopes = []string{"", scopeOff, scopeMine, scopeAll}

// choiceOf reads an agent's choice and fills in what was not chosen.
func choiceOf(raw string) Choice {
	var c Choice
	if raw != "" && raw != "null" {
		if json.Unmarshal([]byte(raw), &c) != nil {
			c = Choice{} // written before it was checked
		}
	}
	yes := true
	if c.Preview == nil {
		c.Preview = &yes
	}
	if c.Mentions == nil {
		c.Mentions = &yes
	}
	if c.Follows == nil {
		c.Follows = &yes
	}
	if c.Push == "" {
		c.Push = scopeMine // only agents with a subscribed device are pushed to
	}
	if c.Mail == "" {
		c.Mail = scopeOff
	}
	if c.Minutes == 0 {
		c.Minutes = usualMinutes
	}
	return c
}

// concerns tells whether a scope covers a conversation with that assignee.
func concerns(scope, assignee, agent string) bool {
	switch scope {
	case scopeAll:
		return true
	case scopeMine:
		return assignee == "" || assignee == agent
	}
	return false
}

func clock(s string) (minutes int, ok bool) {
	var h, m int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &h, &m); n != 2 || err != nil || len(s) != 5 || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

// In tells whether an instant, in the shop's time, lies in the hours.
func (h Hours) In(at time.Time) bool {
	if !h.On {
		return true
	}
	from, ok1 := clock(h.From)
	to, ok2 := clock(h.To)
	if !ok1 || !ok2 {
		return true
	}
	day, now := int(at.Weekday()), at.Hour()*60+at.Minute()
	if from < to {
		return slices.Contains(h.Days, day) && now >= from && now < to
	}
	// Past midnight the hours are still those of the day they began on.
	return slices.Contains(h.Days, day) && now >= from || slices.Contains(h.Days, (day+6)%7) && now < to
}

// problem is the key of what is wrong with a choice, "" for nothing.
func problem(raw string) string {
	if raw == "" || raw == "null" {
		return ""
	}
	var c Choice
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return "notice.bad_choice"
	}
	if !slices.Contains(scopes, c.Push) || !slices.Contains(scopes, c.Mail) {
		return "notice.bad_choice"
	}
	if c.Minutes != 0 && (c.Minutes < fewMinutes || c.Minutes > mostMinutes) {
		return "notice.bad_minutes"
	}
	if !c.Hours.On {
		return ""
	}
	_, from := clock(c.Hours.From)
	_, to := clock(c.Hours.To)
	if !from || !to {
		return "notice.bad_hours"
	}
	for _, d := range c.Hours.Days {
		if d < 0 || d > 6 {
			return "notice.bad_hours"
		}
	}
	if len(c.Hours.Days) == 0 {
		return "notice.bad_days"
	}
	return ""
}

// validateChoice refuses a choice that could not be followed, from wherever it
// is saved. The words are in the language of the agent's desk.
func validateChoice(e *core.RecordEvent) error {
	if key := problem(e.Record.GetString(schema.AgentNotify)); key != "" {
		words := i18n.T(languageOf(e.Record), key, i18n.V{"least": fewMinutes, "most": mostMinutes / 60})
		return validation.Errors{schema.AgentNotify: validation.NewError("notify_choice", words)}
	}
	return e.Next()
}

// languageOf is the language of an agent's desk.
func languageOf(agent *core.Record) string {
	for _, lang := range agent.GetStringSlice(schema.AgentLanguages) {
		if i18n.Current().Has(lang) {
			return lang
		}
	}
	return i18n.Fallback
}
