package automation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/variable"
)

// longestChain is how many automations may set each other off.
const longestChain = 3

// cause is what sets an automation off.
type cause struct {
	conversation string
	event        string // names it in the log
	seq          int64  // of the message, 0 when it is time
	message      string // its id
	changed      string
}

// consider lets one automation look at one happening: in one transaction it
// checks, acts and writes the log, or nothing. What leaves the house goes
// after that.
func (room *Room) consider(ctx context.Context, a Automation, c cause) error {
	var after []func(context.Context)
	entry := run{automation: a.ID, conversation: c.conversation, event: c.event}
	err := room.app.RunInTransaction(func(tx core.App) error {
		after = nil
		known, err := ran(tx, a.ID, c.conversation, c.event)
		if err != nil || known {
			return err
		}
		conv, err := conversation.Live(tx, c.conversation)
		if err != nil || conv == nil || conv.Id != c.conversation || conv.GetBool(schema.ConvSpam) {
			return err // gone, merged, put aside
		}
		entry.contact = conv.Contact()
		if c.seq > 0 {
			if entry.chain, err = causes(tx, conv.Id, c.seq); err != nil {
				return err
			}
		}
		if slices.Contains(entry.chain, a.ID) {
			return nil // its own doing: not even worth a line
		}
		var said *core.Record
		if c.message != "" {
			if said, err = tx.FindRecordById(schema.Messages, c.message); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		f, err := facts(tx, conv, said, c.changed, room.now())
		if err != nil {
			return err
		}
		holds, why := Check(a.Conditions, a.Match == schema.MatchAny, f)
		entry.why = why
		switch {
		case !holds:
			entry.result = schema.RunUnmatched
		case len(entry.chain) >= longestChain:
			entry.result = schema.RunHeld
		default:
			entry.result = schema.RunDone
			allowed, err := room.allowance(tx, conv, a)
			if err != nil {
				return err
			}
			before, err := conversation.NewestSeq(tx)
			if err != nil {
				return err
			}
			if after, err = room.act(tx, a, conv, c, &entry, Plan(a.Actions, f, allowed)); err != nil {
				return err
			}
			if entry.to, err = conversation.NewestSeq(tx); err != nil {
				return err
			}
			if entry.from = before + 1; entry.to < entry.from {
				entry.from, entry.to = 0, 0
			}
		}
		return entry.save(tx)
	})
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		// What went wrong is written where the owner looks, and the next
		// happening has its turn.
		room.app.Logger().Error("an automation failed", "automation", a.ID, "conversation", c.conversation, "error", err)
		entry.result, entry.did, entry.from, entry.to, entry.sent = schema.RunFailed, nil, 0, 0, 0
		return entry.save(room.app)
	}
	for _, f := range after {
		f(ctx)
	}
	return nil
}

// allowance asks what limits messages to the customer.
func (room *Room) allowance(tx core.App, conv *conversation.Conversation, a Automation) (Allowance, error) {
	if !slices.ContainsFunc(a.Actions, func(act Action) bool { return act.Do == doMessage }) {
		return Allowance{}, nil
	}
	n, err := sentSince(tx, conv.Contact(), room.now().Add(-24*time.Hour))
	if err != nil {
		return Allowance{}, err
	}
	may := Allowance{SentToday: n}
	route, err := room.Router.Route(tx, conv, "", "")
	if err != nil {
		return may, err
	}
	switch route.Channel {
	case "":
		may.May = skipNoWay
	case schema.ChannelEmail:
		last, err := lastIncoming(tx, conv.Id)
		if err != nil {
			return may, err
		}
		if last == nil || last.GetString(schema.MsgTrust) != "" {
			may.May = skipMail
			break
		}
		why, err := room.May(tx, last, route.Recipient)
		if err != nil {
			return may, err
		}
		if why != "" {
			may.May = skipMail
		}
	}
	return may, nil
}

// act does the steps that are not left out.
func (room *Room) act(tx core.App, a Automation, conv *conversation.Conversation, c cause, entry *run, steps []Step) (after []func(context.Context), err error) {
	for i := range steps {
		s := &steps[i]
		if s.Skip == "" {
			var later func(context.Context)
			if later, err = room.step(tx, a, conv, c, s, i); err != nil {
				return nil, fmt.Errorf("%s: %w", s.Do, err)
			}
			if later != nil {
				after = append(after, later)
			}
			if s.Do == doMessage && s.Skip == "" {
				entry.sent++
			}
		}
		entry.did = append(entry.did, *s)
	}
	return after, nil
}

func (room *Room) step(tx core.App, a Automation, conv *conversation.Conversation, c cause, s *Step, i int) (later func(context.Context), err error) {
	var change conversation.Change
	switch s.Do {
	case doAssign:
		to := s.Value
		if to == byRoundRobin || to == byLeastLoad {
			if to, err = room.Assign.Choose(tx, s.Value, conv); err != nil {
				return nil, err
			}
			if to == "" {
				s.Skip = skipNobody
				return nil, nil
			}
		}
		s.Result = to
		change.Assignee = &to
	case doStatus:
		change.Status = &s.Value
	case doSnooze:
		minutes, err := strconv.Atoi(s.Value)
		if err != nil {
			return nil, err
		}
		status, until := schema.StatusSnoozed, room.now().Add(time.Duration(minutes)*time.Minute).UTC().Format(time.RFC3339)
		change.Status, change.SnoozedUntil = &status, &until
	case doPriority:
		n, err := strconv.Atoi(s.Value)
		if err != nil {
			return nil, err
		}
		change.Priority = &n
	case doAddTag, doRemoveTag:
		tags, err := room.tags(tx, conv, s)
		if err != nil || s.Skip != "" {
			return nil, err
		}
		change.Tags = &tags
	case doMessage, doNote:
		return nil, room.say(tx, a, conv, c, s, i)
	case doNotify, doMail:
		return room.call(tx, a, conv, *s), nil
	}
	_, err = conversation.Apply(tx, conv.Id, "", change)
	return nil, err
}

// tags are those that the conversation has after the step. A tag that is named
// and does not exist is made.
func (room *Room) tags(tx core.App, conv *conversation.Conversation, s *Step) ([]string, error) {
	now, err := conversation.Live(tx, conv.Id)
	if err != nil {
		return nil, err
	}
	tags, id := now.GetStringSlice(schema.ConvTags), s.Value
	if s.Do == doRemoveTag {
		return slices.DeleteFunc(tags, func(t string) bool { return t == id }), nil
	}
	if id == "" {
		name := strings.TrimSpace(s.Text)
		err := tx.DB().NewQuery(`SELECT id FROM tags WHERE name = {:name} COLLATE NOCASE`).Bind(dbx.Params{"name": name}).Row(&id)
		if errors.Is(err, sql.ErrNoRows) {
			c, err := tx.FindCachedCollectionByNameOrId(schema.Tags)
			if err != nil {
				return nil, err
			}
			r := core.NewRecord(c)
			r.Set(schema.TagName, name)
			if err := tx.Save(r); err != nil {
				return nil, fmt.Errorf("make the tag: %w", err)
			}
			id = r.Id
		} else if err != nil {
			return nil, err
		}
	}
	if slices.Contains(tags, id) {
		s.Skip = skipSame
		return nil, nil
	}
	return append(tags, id), nil
}

// say writes a message to the customer or a note, marked as a machine's.
func (room *Room) say(tx core.App, a Automation, conv *conversation.Conversation, c cause, s *Step, i int) error {
	lang := conv.GetString(schema.ConvLanguage)
	text := s.says(lang, settings.Shop(tx).Language())
	d := conversation.Draft{
		Conversation: conv.Id, Kind: schema.MessageNote, AuthorKind: schema.AuthorBot, Automatic: true,
		ClientID: fmt.Sprintf("auto-%s-%d-%s", a.ID, i, c.event), Then: "",
	}
	if len(d.ClientID) > 80 {
		d.ClientID = d.ClientID[:80]
	}
	if s.Do == doMessage {
		d.Kind = schema.MessageOutgoing
		if s.Value != "" {
			r, err := tx.FindRecordById(schema.CannedReplies, s.Value)
			if err != nil {
				return fmt.Errorf("find the canned reply: %w", err)
			}
			text = r.GetString(schema.CannedText)
		}
	}
	values, err := variables(tx, conv)
	if err != nil {
		return err
	}
	d.Text = variable.Fill(text, values)
	_, err = room.Desk.Reply(tx, d)
	return err
}

// first is the first of somebody's names.
func first(name string) string {
	name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	return name
}

// variables are what may stand in {{braces}} in a text, all of package variable.
func variables(app core.App, conv *conversation.Conversation) (map[string]string, error) {
	who, err := app.FindRecordById(schema.Contacts, conv.Contact())
	if err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	shop := settings.Shop(app)
	lang := conv.GetString(schema.ConvLanguage)
	name, number := who.GetString(schema.ContactName), i18n.Current().Digits(lang, strconv.FormatInt(conv.Number(), 10))
	v := map[string]string{
		"contact.name": name, "contact.first_name": first(name), "number": number, "conversation.number": "#" + number,
		"conversation.subject": conv.GetString(schema.ConvSubject), "shop.name": shop.Name(), "agent.name": shop.Name(), "agent.first_name": shop.Name(),
	}
	for name, kind := range map[string]string{"contact.email": schema.KindEmail, "contact.phone": schema.KindPhone} {
		if v[name], err = contact.Address(app, who.Id, kind); err != nil {
			return nil, fmt.Errorf("find address: %w", err)
		}
	}
	if id := conv.GetString(schema.ConvAssignee); id != "" {
		if r, err := app.FindRecordById(schema.Agents, id); err == nil {
			v["agent.name"] = r.GetString(schema.AgentName)
			v["agent.first_name"] = first(v["agent.name"])
		}
	}
	return v, nil
}

// Notice is what a desk is told by an automation.
type Notice struct {
	Conversation string `json:"conversation"`
	Number       int64  `json:"number"`
	Text         string `json:"text"`
	Automation   string `json:"automation"`
}

// call tells or mails somebody of the staff, once what set it off is written.
func (room *Room) call(tx core.App, a Automation, conv *conversation.Conversation, s Step) func(context.Context) {
	assignee := conv.GetString(schema.ConvAssignee)
	if now, err := conversation.Live(tx, conv.Id); err == nil && now != nil {
		assignee = now.GetString(schema.ConvAssignee)
	}
	n := Notice{Conversation: conv.Id, Number: conv.Number(), Text: s.Text, Automation: a.Name}
	if s.Do == doNotify {
		return func(context.Context) {
			ev := live.ForStaff("notice", 0, n)
			switch {
			case s.Value == toAssignee && assignee != "":
				room.Hub.TellStaff(live.AgentTopic(assignee), ev)
			case s.Value == toAssignee || s.Value == toAll:
				for _, agent := range room.Desk.OnlineAgents() {
					room.Hub.TellStaff(live.AgentTopic(agent.ID), ev)
				}
			default:
				room.Hub.TellStaff(live.AgentTopic(s.Value), ev)
			}
		}
	}
	return func(ctx context.Context) {
		agents, err := room.app.FindAllRecords(schema.Agents)
		if err != nil {
			room.app.Logger().Error("an automation's mail has nobody to go to", "error", err)
			return
		}
		for _, r := range agents {
			mine := r.Id == s.Value || s.Value == toAssignee && r.Id == assignee || s.Value == toOwners && r.GetString(schema.AgentRole) == schema.RoleOwner
			if !mine || r.Email() == "" {
				continue
			}
			lang := settings.Shop(room.app).Language()
			if l := r.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
				lang = l[0]
			}
			subject := fmt.Sprintf("#%s %s", i18n.Current().Digits(lang, strconv.FormatInt(n.Number, 10)), a.Name)
			if err := room.Mail(ctx, room.app, r.Email(), lang, subject, s.Text, fmt.Sprintf("/desk/#/all/%d", n.Number)); err != nil {
				room.app.Logger().Warn("an automation's mail did not go out", "automation", a.ID, "agent", r.Id, "error", err)
			}
		}
	}
}
