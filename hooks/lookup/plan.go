package lookup

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
)

const (
	mostNamed   = 20  // customers that a name stands for
	mostOfNamed = 40  // conversations of theirs that a word finds
	mostPeople  = 200 // customers that a filter stands for
	selective   = 40  // conversations up to which a condition becomes marks: each costs the index a look-up
)

// plan is a search ready to run.
type plan struct {
	wanted search.Wanted
	spoken bool     // something is asked of messages, not of conversations alone
	where  []string // conditions on conversations cv
	params dbx.Params
	narrow bool // where has more than what every search has
	few    bool // the marks of all conversations that fulfil where are among what is wanted
	none   bool // nothing can be found
}

func (p *plan) and(cond string, not bool) {
	if not {
		cond = "NOT (" + cond + ")"
	}
	p.where = append(p.where, cond)
	p.narrow = true
}

// mine is the condition of an agent's own conversations, said so that
// idx_conversations_mine, which leaves out what is nobody's, can be used.
func (p *plan) mine(agent string) string {
	return "cv.assignee = " + p.param(agent) + " AND cv.assignee != ''"
}

func (p *plan) param(value any) string {
	name := "p" + strconv.Itoa(len(p.params))
	p.params[name] = value
	return "{:" + name + "}"
}

// list is values as parameters.
func (p *plan) list(values []string) string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = p.param(v)
	}
	return "(" + strings.Join(names, ",") + ")"
}

// planFor turns what was asked into conditions.
func planFor(ctx context.Context, app core.App, a Asked, agent string, typing bool) (*plan, error) {
	p := &plan{params: dbx.Params{}, where: []string{"cv.merged_into = ''", "cv.deleted_at = ''"}}
	spam := false
	for _, f := range a.Filters {
		spam = spam || f.Name == "is" && f.Value == "spam"
		if err := p.filter(ctx, app, f, agent); err != nil {
			return nil, err
		}
	}
	if !spam {
		p.where = append(p.where, "cv.spam = FALSE")
	}
	if err := p.days(a.Filters, time.Now().In(zone(app))); err != nil {
		return nil, err
	}
	if a.Words != "" {
		p.spoken = true
		p.wanted.Terms = search.Strong(search.Ask(a.Words, nil, typing))
		if err := p.names(ctx, app); err != nil {
			return nil, err
		}
		for i := range p.wanted.Terms {
			if err := messages.Complete(ctx, app, &p.wanted.Terms[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, text := range a.Phrases {
		if phrase := search.Phrase(search.Analyse(text)); len(phrase) > 0 {
			p.spoken = true
			p.wanted.Phrases = append(p.wanted.Phrases, phrase)
		}
	}
	for _, text := range a.Without {
		if phrase := search.Phrase(search.Analyse(text)); len(phrase) > 0 {
			p.spoken = true
			p.wanted.Without = append(p.wanted.Without, phrase)
		}
	}
	if p.spoken && len(p.wanted.Terms)+len(p.wanted.Phrases)+len(p.wanted.Any) == 0 {
		// Something to take away from.
		p.kinds(schema.MessageIncoming, schema.MessageOutgoing, schema.MessageNote)
	}
	return p, nil
}

func (p *plan) kinds(kinds ...string) {
	var marks []string
	for _, k := range kinds {
		marks = append(marks, search.Mark(markKind, k))
	}
	p.wanted.Any = append(p.wanted.Any, marks)
}

// names adds to each word the conversations of customers who are called so.
func (p *plan) names(ctx context.Context, app core.App) error {
	for i, t := range p.wanted.Terms {
		if len([]rune(t.Word)) < 3 {
			continue
		}
		if err := contacts.Complete(ctx, app, &t); err != nil {
			return err
		}
		ids, err := contacts.IDs(ctx, app, contacts.Match(search.Wanted{Terms: []search.Term{t}}, search.ByWord), mostNamed)
		if err != nil || len(ids) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		conversations, err := conversationsOf(ctx, app, ids, mostOfNamed)
		if err != nil {
			return err
		}
		for _, id := range conversations {
			p.wanted.Terms[i].Marks = append(p.wanted.Terms[i].Marks, search.Mark(markConversation, id))
		}
	}
	return nil
}

// filter adds one condition.
func (p *plan) filter(ctx context.Context, app core.App, f Filter, agent string) error {
	switch f.Name {
	case "is":
		switch f.Value {
		case "unread":
			p.and("cv.last_incoming_seq > cv.staff_seen_seq", f.Not)
		case "unassigned":
			p.and("cv.assignee = ''", f.Not)
		case "mine":
			p.and(p.mine(agent), f.Not)
		case "spam":
			p.and("cv.spam = TRUE", f.Not)
		default:
			p.and("cv.status = "+p.param(f.Value), f.Not)
		}
	case "in":
		p.and("cv.channel = "+p.param(f.Value), f.Not)
	case "tag":
		ids, err := tagsNamed(app, f.Value)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return Wrong{"error.search_tag", f.Value}
		}
		var some []string
		for _, id := range ids {
			some = append(some, `cv.tags LIKE `+p.param(`%"`+id+`"%`))
		}
		p.and("("+strings.Join(some, " OR ")+")", f.Not)
	case "assigned":
		switch search.Fold(f.Value) {
		case "me", search.Fold("আমি"), search.Fold("আমার"):
			p.and(p.mine(agent), f.Not)
			return nil
		case "none", "nobody", search.Fold("কেউ-না"):
			p.and("cv.assignee = ''", f.Not)
			return nil
		}
		ids, err := agentsNamed(app, f.Value)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return Wrong{"error.search_agent", f.Value}
		}
		p.and("cv.assignee IN "+p.list(ids), f.Not)
	case "has":
		mark := search.Mark(markFile, "1")
		p.spoken = true
		if f.Not {
			p.wanted.None = append(p.wanted.None, mark)
		} else {
			p.wanted.Any = append(p.wanted.Any, []string{mark})
		}
	case "from", "to":
		return p.person(ctx, app, f)
	}
	return nil
}

// person is a customer, or else an agent who wrote.
func (p *plan) person(ctx context.Context, app core.App, f Filter) error {
	ids, err := people(ctx, app, f.Value, mostPeople)
	if err != nil {
		return err
	}
	kind := schema.MessageIncoming
	if f.Name == "to" {
		kind = schema.MessageOutgoing
	}
	if len(ids) > 0 {
		p.and("cv.contact IN "+p.list(ids), f.Not)
		p.spoken = p.spoken || f.Name == "to" // their conversations are those they are in
		if !f.Not {
			p.kinds(kind)
		}
		return nil
	}
	agents, err := agentsNamed(app, f.Value)
	if err != nil {
		return err
	}
	if f.Name == "to" || len(agents) == 0 {
		p.none = p.none || !f.Not
		return nil
	}
	var marks []string
	for _, id := range agents {
		marks = append(marks, search.Mark(markAgent, id))
	}
	p.spoken = true
	if f.Not {
		p.wanted.None = append(p.wanted.None, marks...)
	} else {
		p.wanted.Any = append(p.wanted.Any, marks)
	}
	return nil
}

// days joins all conditions on dates into marks.
func (p *plan) days(filters []Filter, now time.Time) error {
	from := time.Date(firstYear, 1, 1, 0, 0, 0, 0, now.Location())
	to := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	some := false
	for _, f := range filters {
		if f.Name != "before" && f.Name != "after" {
			continue
		}
		d, err := day(f.Value, now)
		if err != nil {
			return err
		}
		some = true
		switch before := (f.Name == "before") != f.Not; {
		case before && d.from.Before(to):
			to = d.from
		case !before && d.from.After(from):
			from = d.from
		}
	}
	if !some {
		return nil
	}
	p.spoken = true
	marks := dayMarks(from, to)
	p.none = p.none || len(marks) == 0
	p.wanted.Any = append(p.wanted.Any, marks)
	return nil
}

// people are the customers that a name, an address or a number stands for.
func people(ctx context.Context, app core.App, value string, limit int) ([]string, error) {
	for _, kind := range []string{schema.KindEmail, schema.KindPhone} {
		if v := contact.Normalise(kind, value); v != "" {
			if c, err := contact.FindByIdentity(app, kind, v); err == nil && c != nil {
				return []string{c.Id}, nil
			}
		}
	}
	value = telephone(value)
	tokens := search.Analyse(value)
	if len(tokens) == 0 {
		return nil, nil
	}
	terms := make([]search.Term, len(tokens)) // a name has no stop words
	for i, t := range tokens {
		terms[i] = search.Term{Token: t, Typing: i == len(tokens)-1}
		if err := contacts.Complete(ctx, app, &terms[i]); err != nil {
			return nil, err
		}
	}
	var found []string
	for _, m := range []search.Matching{search.ByWord, search.ByKey} {
		ids, err := contacts.IDs(ctx, app, contacts.Match(search.Wanted{Terms: terms}, m), limit)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !slices.Contains(found, id) && len(found) < limit {
				found = append(found, id)
			}
		}
		if len(found) > 0 && m == search.ByWord && limit > mostContacts {
			break // a filter means the name as it is written, if there is one
		}
	}
	return found, nil
}
