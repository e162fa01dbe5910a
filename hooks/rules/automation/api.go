package automation

import (
	"encoding/json/v2"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/variable"
)

// keyUnknown is said of a variable that nobody knows.
const keyUnknown = "error.variable_unknown"

// most is how much one automation may hold.
const most = 30

// validate refuses what cannot run, in words that say which line it is.
func validate(e *core.RecordEvent) error {
	lang := settings.Shop(e.App).Language()
	wrong := validation.Errors{}
	a, err := automationOf(e.Record)
	if err != nil {
		wrong[schema.AutomationConditions] = validation.NewError("rule_shape", i18n.T(lang, "error.rule_shape"))
		return wrong
	}
	for field, problem := range a.problems(e.App) {
		// One from before can still be switched off, or be renamed.
		if problem.key == keyUnknown && !e.Record.IsNew() && e.Record.GetString(field) == e.Record.Original().GetString(field) {
			continue
		}
		wrong[field] = validation.NewError(strings.TrimPrefix(problem.key, "error."), problem.say(lang))
	}
	if len(wrong) > 0 {
		return wrong
	}
	return e.Next()
}

// problem is what is wrong with a line of an automation; line 0 is the whole.
type problem struct {
	key    string
	line   int
	values i18n.V
}

func (p problem) say(lang string) string {
	words := i18n.T(lang, p.key, p.values)
	if p.line == 0 {
		return words
	}
	return i18n.T(lang, "error.rule_line", i18n.V{"n": p.line, "words": words})
}

// problems are the first one of each part.
func (a Automation) problems(app core.App) map[string]problem {
	exists := func(collection, id string) bool {
		_, err := app.FindRecordById(collection, id)
		return err == nil
	}
	found := map[string]problem{}
	if a.Trigger == schema.TriggerSince {
		if a.Since == "" {
			found[schema.AutomationSince] = problem{key: "error.rule_since"}
		}
		if a.Minutes < 1 {
			found[schema.AutomationMinutes] = problem{key: "error.rule_minutes"}
		}
	}
	switch {
	case len(a.Actions) == 0:
		found[schema.AutomationActions] = problem{key: "error.rule_no_action"}
	case len(a.Actions) > most:
		found[schema.AutomationActions] = problem{key: "error.rule_long"}
	}
	if len(a.Conditions) > most {
		found[schema.AutomationConditions] = problem{key: "error.rule_long"}
	}
	note := func(field, key string, line int) {
		if _, known := found[field]; key != "" && !known {
			found[field] = problem{key: key, line: line + 1}
		}
	}
	for i, c := range a.Conditions {
		note(schema.AutomationConditions, c.problem(exists), i)
	}
	for i, act := range a.Actions {
		note(schema.AutomationActions, act.problem(exists), i)
		if _, known := found[schema.AutomationActions]; known {
			continue
		}
		if odd := variable.Strangers(append(slices.Collect(maps.Values(act.Texts)), act.Text)...); len(odd) > 0 {
			found[schema.AutomationActions] = problem{keyUnknown, i + 1, variable.Said(odd[0])}
		}
	}
	return found
}

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }

// runView is an entry of the log for the desk.
type runView struct {
	ID         string    `json:"id" db:"id"`
	Number     int64     `json:"number" db:"number"`
	Name       string    `json:"name" db:"name"` // of the customer
	Subject    string    `json:"subject" db:"subject"`
	Automation string    `json:"automation" db:"automation"`
	Event      string    `json:"event" db:"event"`
	Result     string    `json:"result" db:"result"`
	RawWhy     string    `json:"-" db:"why"`
	RawDid     string    `json:"-" db:"did"`
	Why        []Finding `json:"why" db:"-"`
	Did        []Step    `json:"did" db:"-"`
	Created    string    `json:"created" db:"created"`
}

const logPage = 50

// runs answers GET /api/desk/automations/runs?automation=&result=&before=: the
// log, the newest first. Uses idx_automation_runs_log for one automation.
func (room *Room) runs(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	where, params := []string{"TRUE"}, dbx.Params{}
	if id := q.Get("automation"); id != "" {
		where, params["automation"] = append(where, "r.automation = {:automation}"), id
	}
	if result := q.Get("result"); result != "" {
		where, params["result"] = append(where, "r.result = {:result}"), result
	}
	if at, id, ok := strings.Cut(q.Get("before"), "|"); ok {
		where, params["at"], params["id"] = append(where, "(r.created, r.id) < ({:at}, {:id})"), strings.Replace(at, "T", " ", 1), id
	}
	list := []runView{}
	err := e.App.DB().NewQuery(fmt.Sprintf(`SELECT r.id, cv.number, COALESCE(c.name, '') AS name, cv.subject, r.automation, r.event, r.result, COALESCE(r.why, '') AS why, COALESCE(r.did, '') AS did, r.created
		FROM automation_runs r JOIN conversations cv ON cv.id = r.conversation LEFT JOIN contacts c ON c.id = cv.contact
		WHERE %s ORDER BY r.created DESC, r.id DESC LIMIT %d`, strings.Join(where, " AND "), logPage+1)).Bind(params).All(&list)
	if err != nil {
		return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
	}
	next := ""
	if len(list) > logPage {
		list = list[:logPage]
		next = list[logPage-1].Created + "|" + list[logPage-1].ID
	}
	for i := range list {
		r := &list[i]
		r.Created, r.Why, r.Did = iso(r.Created), []Finding{}, []Step{}
		if err := unpack(r.RawWhy, &r.Why); err != nil {
			return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
		}
		if err := unpack(r.RawDid, &r.Did); err != nil {
			return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"runs": list, "next": next})
}

// trial is what an automation would have done to a conversation.
type trial struct {
	Number  int64     `json:"number"`
	Name    string    `json:"name"`
	Subject string    `json:"subject"`
	Holds   bool      `json:"holds"`
	When    string    `json:"when"` // for time since: when it comes or came, RFC 3339
	Why     []Finding `json:"why"`
	Steps   []Step    `json:"steps"`
}

// trials is how many conversations a dry run looks at.
const trials = 100

// try answers POST /api/desk/automations/try: what the automation in the body,
// saved or not, would have done with the last conversations. Nothing is
// written. For owners.
func (room *Room) try(e *core.RequestEvent) error {
	lang := language(e)
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(i18n.T(lang, "error.owners_only"), nil)
	}
	var a Automation
	if err := json.UnmarshalRead(http.MaxBytesReader(e.Response, e.Request.Body, 256<<10), &a); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	if found := a.problems(e.App); len(found) > 0 {
		wrong := validation.Errors{}
		for field, p := range found {
			wrong[field] = validation.NewError(strings.TrimPrefix(p.key, "error."), p.say(lang))
		}
		return e.BadRequestError(i18n.T(lang, "error.rule_problem"), wrong)
	}
	records := []*core.Record{}
	// idx_conversations_activity
	err := e.App.RecordQuery(schema.Conversations).AndWhere(dbx.NewExp("merged_into = '' AND spam = FALSE")).OrderBy("last_activity DESC", "id DESC").Limit(trials).All(&records)
	if err != nil {
		return e.InternalServerError(i18n.T(lang, "error.internal"), err)
	}
	list, n, now := []trial{}, 0, room.now()
	cal := rules.Current(e.App)
	for _, r := range records {
		conv := conversation.Wrap(r)
		t := trial{Number: conv.Number(), Subject: conv.GetString(schema.ConvSubject)}
		f, err := facts(e.App, conv, nil, "", now)
		if err != nil {
			return e.InternalServerError(i18n.T(lang, "error.internal"), err)
		}
		if who, err := e.App.FindRecordById(schema.Contacts, conv.Contact()); err == nil {
			t.Name = who.GetString(schema.ContactName)
		}
		t.Holds, t.Why = Check(a.Conditions, a.Match == schema.MatchAny, f)
		if a.Trigger == schema.TriggerSince {
			from := r.GetDateTime(columns[a.Since]).Time()
			if from.IsZero() {
				t.Holds = false
			} else if due := a.due(cal, from); !due.IsZero() {
				t.When = due.UTC().Format(time.RFC3339)
				t.Holds = t.Holds && !due.After(now)
			}
		}
		if t.Holds {
			n++
			may, err := room.allowance(e.App, conv, a)
			if err != nil {
				return e.InternalServerError(i18n.T(lang, "error.internal"), err)
			}
			t.Steps = Plan(a.Actions, f, may)
		}
		list = append(list, t)
	}
	return e.JSON(http.StatusOK, map[string]any{"looked": len(list), "holds": n, "conversations": list})
}
