package view

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// Who has the conversations of a view, beside agents by id.
const (
	me     = "me"
	nobody = "nobody"
)

const (
	hoursMost = 24 * 3650
	textMost  = 100
	listMost  = 30
	statesAll = 4
)

// Filter is what a view shows; what is empty does not matter.
type Filter struct {
	Status   []string `json:"status,omitempty"`
	Assignee string   `json:"assignee,omitempty"` // me, nobody, or an agent's id
	Channels []string `json:"channels,omitempty"`
	Tags     []string `json:"tags,omitempty"` // any of them
	Language string   `json:"language,omitempty"`
	Priority []int    `json:"priority,omitempty"`
	Older    int      `json:"older,omitempty"` // hours since anything was said, at least
	Newer    int      `json:"newer,omitempty"` // at most
	Text     string   `json:"text,omitempty"`  // in the subject, the newest message or the name
}

// Read reads a filter as it is kept. What it does not know it refuses: a view
// that silently shows too much is worse than none.
func Read(raw []byte) (f Filter, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
		return f, nil
	}
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return f, conversation.ErrChange("error.view_filter")
	}
	f.Text = strings.TrimSpace(f.Text)
	known := func(values []string, all ...string) bool {
		return len(values) <= listMost && !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(all, v) })
	}
	switch {
	case !known(f.Status, schema.StatusOpen, schema.StatusPending, schema.StatusSnoozed, schema.StatusSolved),
		!known(f.Channels, schema.ChannelChat, schema.ChannelEmail, schema.ChannelPortal, schema.ChannelPhone),
		slices.ContainsFunc(f.Priority, func(p int) bool { return p < conversation.PriorityLow || p > conversation.PriorityUrgent }),
		len(f.Tags) > listMost, len(f.Priority) > listMost, len(f.Assignee) > 20, len(f.Language) > 10,
		f.Older < 0, f.Newer < 0, f.Older > hoursMost, f.Newer > hoursMost, utf8.RuneCountInString(f.Text) > textMost:
		return f, conversation.ErrChange("error.view_filter")
	}
	return f, nil
}

// choice is the filter as a condition, for whoever looks now.
func (f Filter) choice(agent string, now time.Time) conversation.Choice {
	c := conversation.Choice{Params: dbx.Params{}}
	conds := []string{`cv.spam = FALSE`}
	param := func(value any) string {
		name := "v" + strconv.Itoa(len(c.Params))
		c.Params[name] = value
		return "{:" + name + "}"
	}
	among := func(column string, values []string) {
		if len(values) == 0 {
			return
		}
		names := make([]string, len(values))
		for i, v := range values {
			names[i] = param(v)
		}
		conds = append(conds, column+` IN (`+strings.Join(names, `, `)+`)`)
	}
	among(`cv.status`, f.Status)
	among(`cv.channel`, f.Channels)
	switch f.Assignee {
	case "":
	case me:
		conds = append(conds, `cv.assignee = `+param(agent))
	case nobody:
		conds = append(conds, `cv.assignee = ''`)
	default:
		conds = append(conds, `cv.assignee = `+param(f.Assignee))
	}
	if len(f.Priority) > 0 {
		list := make([]string, len(f.Priority))
		for i, p := range f.Priority {
			list[i] = strconv.Itoa(p)
		}
		conds = append(conds, `cv.priority IN (`+strings.Join(list, `, `)+`)`)
	}
	if len(f.Tags) > 0 {
		any := make([]string, len(f.Tags))
		for i, id := range f.Tags {
			any[i] = `cv.tags LIKE ` + param(`%"`+like(id)+`"%`) + ` ESCAPE '\'`
		}
		conds = append(conds, `cv.tags != '[]' AND (`+strings.Join(any, ` OR `)+`)`)
	}
	if f.Language != "" {
		conds = append(conds, `cv.language = `+param(f.Language))
	}
	ago := func(hours int) string {
		at, _ := types.ParseDateTime(now.Add(-time.Duration(hours) * time.Hour)) // a time always is one
		return param(at.String())
	}
	if f.Older > 0 {
		conds = append(conds, `cv.last_activity <= `+ago(f.Older))
	}
	if f.Newer > 0 {
		conds = append(conds, `cv.last_activity >= `+ago(f.Newer))
	}
	if f.Text != "" {
		p := param(`%` + like(f.Text) + `%`)
		conds = append(conds, fmt.Sprintf(`(cv.subject LIKE %[1]s ESCAPE '\' OR cv.preview LIKE %[1]s ESCAPE '\' OR c.name LIKE %[1]s ESCAPE '\')`, p))
	}
	c.Where = strings.Join(conds, ` AND `)
	c.Index, c.Walk, c.Each = f.walk(agent, param)
	return c
}

// walk is the index that the list is walked by, in its order, with the
// condition of what stands in it together and, where that are several places of
// it, the condition of each. A filter that meets few rows among many costs as
// much as there is of them, which SQLite would read to the end and sort before
// the first page.
func (f Filter) walk(agent string, param func(any) string) (index, cond string, each []string) {
	who := f.Assignee
	switch who {
	case me:
		who = agent
	case nobody:
		who = ""
	}
	states := slices.Compact(slices.Sorted(slices.Values(f.Status)))
	if len(states) == 0 || len(states) == statesAll {
		if who != "" {
			return "idx_conversations_mine", `cv.assignee != '' AND cv.assignee = ` + param(who), nil
		}
		return "idx_conversations_activity", `TRUE`, nil
	}
	switch {
	case len(f.Tags) > 0:
		index, cond = "idx_conversations_tagged", `cv.tags != '[]' AND `
	case f.Assignee != "":
		index, cond = "idx_conversations_assignee", `cv.assignee = `+param(who)+` AND `
	case len(f.Channels) == 1:
		index, cond = "idx_conversations_channel", `cv.channel = `+param(f.Channels[0])+` AND `
	default:
		index = "idx_conversations_status"
	}
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = param(s)
		each = append(each, cond+`cv.status = `+names[i])
	}
	return index, cond + `cv.status IN (` + strings.Join(names, `, `) + `)`, each
}

// like makes a text one that LIKE takes by the letter.
func like(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
