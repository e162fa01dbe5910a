package automation

import (
	"database/sql"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

// Automation is a rule as the owner made it.
type Automation struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Trigger    string      `json:"trigger"`
	Since      string      `json:"since"`
	Minutes    int         `json:"minutes"`
	Count      string      `json:"count"`
	Match      string      `json:"match"`
	Conditions []Condition `json:"conditions"`
	Actions    []Action    `json:"actions"`

	activeSince, swept time.Time
}

func (a Automation) wait() time.Duration { return time.Duration(a.Minutes) * time.Minute }

// due is when time since an instant sets the automation off.
func (a Automation) due(cal rules.Calendar, from time.Time) time.Time {
	if a.Count == schema.CountClock {
		return from.Add(a.wait())
	}
	return cal.Add(from, a.wait())
}

func automationOf(r *core.Record) (Automation, error) {
	a := Automation{
		ID: r.Id, Name: r.GetString(schema.AutomationName), Trigger: r.GetString(schema.AutomationTrigger), Since: r.GetString(schema.AutomationSince),
		Minutes: r.GetInt(schema.AutomationMinutes), Count: r.GetString(schema.AutomationCount), Match: r.GetString(schema.AutomationMatch),
		activeSince: r.GetDateTime(schema.AutomationActiveSince).Time(), swept: r.GetDateTime(schema.AutomationSwept).Time(),
	}
	if err := unpack(r.GetString(schema.AutomationConditions), &a.Conditions); err != nil {
		return a, fmt.Errorf("read the conditions of %s: %w", r.Id, err)
	}
	if err := unpack(r.GetString(schema.AutomationActions), &a.Actions); err != nil {
		return a, fmt.Errorf("read the actions of %s: %w", r.Id, err)
	}
	return a, nil
}

func unpack(raw string, into any) error {
	if raw == "" || raw == "null" {
		return nil
	}
	return json.Unmarshal([]byte(raw), into)
}

func pack(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "null" // the types are ours: strings and numbers
	}
	return string(raw)
}

func moment(t time.Time) types.DateTime {
	d, _ := types.ParseDateTime(t.Truncate(time.Millisecond))
	return d
}

// active are the automations that are switched on, in their order. Uses
// idx_automations_sort.
func (room *Room) active(app core.App) []Automation {
	room.mu.Lock()
	list, have, turn := room.all, room.have, room.turn
	room.mu.Unlock()
	if have {
		return list
	}
	records, err := app.FindRecordsByFilter(schema.Automations, schema.AutomationActive+" = true", schema.AutomationOrder+",id", 0, 0)
	if err != nil {
		app.Logger().Error("the automations cannot be read", "error", err)
		return nil
	}
	list = nil
	for _, r := range records {
		a, err := automationOf(r)
		if err != nil {
			app.Logger().Error("an automation cannot be read and does nothing", "error", err)
			continue
		}
		list = append(list, a)
	}
	room.mu.Lock()
	if room.turn == turn && !app.IsTransactional() {
		room.have, room.all = true, list
	}
	room.mu.Unlock()
	return list
}

// happening is a message as the follower reads it.
type happening struct {
	ID           string `db:"id"`
	Seq          int64  `db:"seq"`
	Conversation string `db:"conversation"`
	Kind         string `db:"kind"`
	Automatic    bool   `db:"automatic"`
	Trust        string `db:"trust"`
	Type         string `db:"type"` // of an event
	Older        bool   `db:"older"`
}

// after reads messages behind a seq. Uses idx_messages_seq.
func after(app core.App, seq int64, limit int) (list []happening, err error) {
	err = app.DB().NewQuery(fmt.Sprintf(`SELECT id, seq, conversation, kind, automatic, trust,
		COALESCE(CASE WHEN kind = 'event' THEN json_extract(event, '$.type') END, '') AS type,
		COALESCE(CASE WHEN kind = 'incoming' AND json_valid(evidence) THEN json_extract(evidence, '$.older') END, FALSE) AS older
		FROM messages WHERE seq > {:seq} ORDER BY seq LIMIT %d`, limit)).Bind(dbx.Params{"seq": seq}).All(&list)
	return list, err
}

func place(app core.App) (seq int64, err error) {
	err = app.DB().NewQuery(`SELECT value FROM ` + schema.Counters + ` WHERE name = 'automation'`).Row(&seq)
	return seq, err
}

func setPlace(app core.App, seq int64) error {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE ` + schema.Counters + ` SET value = {:seq} WHERE name = 'automation' AND value < {:seq}`).Bind(dbx.Params{"seq": seq}).Execute()
	return err
}

// begins tells whether a message is the first that was said in its
// conversation. Uses idx_messages_conversation.
func begins(app core.App, h happening) (first bool, err error) {
	err = app.DB().NewQuery(`SELECT NOT EXISTS (SELECT 1 FROM messages WHERE conversation = {:conv} AND seq < {:seq} AND kind IN ('incoming', 'outgoing') AND automatic = FALSE)`).
		Bind(dbx.Params{"conv": h.Conversation, "seq": h.Seq}).Row(&first)
	return first, err
}

// ran tells whether an automation dealt with an event. Uses
// idx_automation_runs_once.
func ran(app core.App, automation, conv, event string) (known bool, err error) {
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM automation_runs WHERE automation = {:a} AND conversation = {:c} AND event = {:e})`).
		Bind(dbx.Params{"a": automation, "c": conv, "e": event}).Row(&known)
	return known, err
}

// causes are the automations whose doing a message is, the first one in front.
// Uses idx_automation_runs_cause.
func causes(app core.App, conv string, seq int64) (chain []string, err error) {
	var row struct {
		Chain      string `db:"chain"`
		Automation string `db:"automation"`
	}
	err = app.DB().NewQuery(`SELECT COALESCE(chain, '') AS chain, automation FROM automation_runs
		WHERE conversation = {:c} AND caused_to >= {:seq} AND caused_to > 0 AND caused_from <= {:seq} ORDER BY caused_to LIMIT 1`).
		Bind(dbx.Params{"c": conv, "seq": seq}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = unpack(row.Chain, &chain)
	return append(chain, row.Automation), err
}

// sentSince is how many messages automations sent to a customer. Uses
// idx_automation_runs_sent.
func sentSince(app core.App, contact string, since time.Time) (n int, err error) {
	err = app.DB().NewQuery(`SELECT COALESCE(SUM(sent), 0) FROM automation_runs WHERE contact = {:contact} AND sent > 0 AND created > {:since}`).
		Bind(dbx.Params{"contact": contact, "since": moment(since).String()}).Row(&n)
	return n, err
}

// lastIncoming is the customer's last message that no machine wrote, nil
// without one. Uses idx_messages_conversation.
func lastIncoming(app core.App, conv string) (*core.Record, error) {
	r := &core.Record{}
	err := app.RecordQuery(schema.Messages).AndWhere(dbx.NewExp(`conversation = {:c} AND kind = 'incoming' AND automatic = FALSE`, dbx.Params{"c": conv})).OrderBy("seq DESC").Limit(1).One(r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// facts gathers what conditions ask. said is the message that set it off, or
// nil.
func facts(app core.App, conv *conversation.Conversation, said *core.Record, changed string, now time.Time) (Fact, error) {
	f := Fact{
		Channel: conv.Channel(), Mailbox: conv.GetString(schema.ConvMailbox), Status: conv.Status(), Assignee: conv.GetString(schema.ConvAssignee),
		Language: conv.GetString(schema.ConvLanguage), Priority: conv.GetInt(schema.ConvPriority), Tags: conv.GetStringSlice(schema.ConvTags),
		Subject: conv.GetString(schema.ConvSubject), Rating: conv.GetInt(schema.ConvRating), Changed: changed, Open: rules.Current(app).At(now).Open,
	}
	if since := conv.GetDateTime(schema.ConvWaitingSince); !since.IsZero() {
		f.Waiting = now.Sub(since.Time())
	}
	if due := conv.GetDateTime(schema.ConvDueAt); !due.IsZero() {
		switch {
		case !due.Time().After(now):
			f.Due = "over"
		case !conv.GetDateTime(schema.ConvDueWarnAt).Time().After(now):
			f.Due = "soon"
		}
	}
	who, err := app.FindRecordById(schema.Contacts, conv.Contact())
	if err != nil {
		return f, fmt.Errorf("find contact: %w", err)
	}
	f.ContactTags, f.Blocked = who.GetStringSlice(schema.ContactTags), who.GetBool(schema.ContactBlocked)
	var addresses []string
	// idx_identities_contact
	err = app.DB().NewQuery(`SELECT value FROM identities WHERE contact = {:contact} AND kind = 'email'`).Bind(dbx.Params{"contact": who.Id}).Column(&addresses)
	if err != nil {
		return f, fmt.Errorf("read addresses: %w", err)
	}
	for _, a := range append(addresses, conv.GetString(schema.ConvEmail)) {
		if _, domain, ok := strings.Cut(a, "@"); ok {
			f.Domains = append(f.Domains, strings.ToLower(domain))
		}
	}
	err = app.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE conversation = {:c} AND kind IN ('incoming', 'outgoing') AND automatic = FALSE`).Bind(dbx.Params{"c": conv.Id}).Row(&f.Messages)
	if err != nil {
		return f, fmt.Errorf("count messages: %w", err)
	}
	if said == nil || said.GetString(schema.MsgKind) != schema.MessageIncoming {
		if said, err = lastIncoming(app, conv.Id); err != nil {
			return f, fmt.Errorf("read the customer's last message: %w", err)
		}
	}
	if said != nil {
		f.Text, f.Files = said.GetString(schema.MsgText), len(said.GetStringSlice(schema.MsgFiles)) > 0
		if s := said.GetString(schema.MsgSubject); s != "" {
			f.Subject = s
		}
	}
	return f, nil
}

// run is an entry of the log.
type run struct {
	automation, conversation, contact, event, result string
	why                                              []Finding
	did                                              []Step
	chain                                            []string
	from, to                                         int64
	sent                                             int
}

func (r run) save(app core.App) error {
	c, err := app.FindCachedCollectionByNameOrId(schema.AutomationRuns)
	if err != nil {
		return err
	}
	rec := core.NewRecord(c)
	rec.Load(map[string]any{
		schema.RunAutomation: r.automation, schema.RunConversation: r.conversation, schema.RunContact: r.contact, schema.RunEvent: r.event, schema.RunResult: r.result,
		schema.RunWhy: pack(r.why), schema.RunDid: pack(r.did), schema.RunChain: pack(r.chain), schema.RunCausedFrom: r.from, schema.RunCausedTo: r.to, schema.RunSent: r.sent,
	})
	return app.SaveNoValidate(rec)
}

// How long the log is kept: what was done, and what was not.
const (
	keptDone      = 60 * 24 * time.Hour
	keptUnmatched = 3 * 24 * time.Hour
)

// prune forgets old entries, some at a time. Uses idx_automation_runs_age.
func prune(app core.App, now time.Time) error {
	for _, q := range []struct {
		result string
		kept   time.Duration
	}{{schema.RunDone, keptDone}, {schema.RunHeld, keptDone}, {schema.RunFailed, keptDone}, {schema.RunUnmatched, keptUnmatched}} {
		_, err := app.NonconcurrentDB().NewQuery(`DELETE FROM automation_runs WHERE id IN (SELECT id FROM automation_runs WHERE result = {:result} AND created < {:before} LIMIT 2000)`).
			Bind(dbx.Params{"result": q.result, "before": moment(now.Add(-q.kept)).String()}).Execute()
		if err != nil {
			return fmt.Errorf("prune the log of automations: %w", err)
		}
	}
	return nil
}
