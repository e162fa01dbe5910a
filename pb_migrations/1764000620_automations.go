package migrations

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(automationsUp, automationsDown)
}

// automationIndexes are what "time since" is read by.
var automationIndexes = []struct{ name, column string }{
	{"idx_conversations_since_customer", "last_incoming"},
	{"idx_conversations_since_answer", "answered_at"},
	{"idx_conversations_since_created", "created"},
	{"idx_conversations_since_solved", "solved_at"},
	{"idx_conversations_since_status", "status_at"},
}

func automationsUp(app core.App) error {
	conv, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	conv.Fields.Add(
		moment("answered_at", "When somebody of ours last answered."),
		moment("status_at", "When the status became what it is."),
	)
	for _, i := range automationIndexes {
		conv.AddIndex(i.name, false, "`"+i.column+"`, `id`", "`"+i.column+"` != ''")
	}
	if err := app.Save(conv); err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`UPDATE conversations SET status_at = COALESCE(NULLIF(solved_at, ''), last_activity),
		answered_at = COALESCE((SELECT MAX(m.created) FROM messages m WHERE m.conversation = conversations.id AND m.kind = 'outgoing' AND m.automatic = FALSE), '')`).Execute()
	if err != nil {
		return err
	}

	automations := base("shohay_automat1", "automations",
		text("name", "What it does, for the list.", required, presentable, long(120)),
		flag("active", "Switches it on. It then acts on what happens from that moment on."),
		whole("sort", "Its place: they act one after the other.", 0, 1000000),
		oneOf("trigger", "When it looks: a new conversation, the customer wrote, we answered, something changed, little time is left, time is over, or some time after something.", true, "created", "customer_wrote", "answered", "changed", "due_soon", "overdue", "since"),
		oneOf("since", "For some time after: the customer's last message, our last answer, the beginning, solving, or the last change of status.", false, "customer", "answer", "created", "solved", "status"),
		whole("minutes", "For some time after: how many minutes.", 0, 525600),
		oneOf("count", "What these minutes are counted in: office hours, or by the clock.", false, "office", "clock"),
		oneOf("match", "Whether all of the conditions must hold, or any.", true, "all", "any"),
		structured("conditions", `What must hold, as a list such as [{"field": "channel", "op": "is", "values": ["email"]}]. The desk has an editor for it.`, 64<<10),
		structured("actions", `What is done, as a list such as [{"do": "priority", "value": "1"}]. The desk has an editor for it.`, 64<<10),
		moment("active_since", "When it was switched on, kept by itself."),
		&core.DateField{Name: "swept", Help: "Kept by itself.", Hidden: true},
	)
	automations.ListRule, automations.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	automations.CreateRule, automations.UpdateRule, automations.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	automations.AddIndex("idx_automations_sort", false, "`sort`, `id`", "")
	if err := app.Save(automations); err != nil {
		return err
	}

	runs := base("shohay_autoruns", "automation_runs",
		one("automation", "Which automation.", automations.Id, true, true),
		one("conversation", "On which conversation.", conv.Id, true, true),
		text("contact", "Record id of the customer.", long(20)),
		text("event", "What set it off; the same twice is one run.", presentable, long(120)),
		oneOf("result", "done: it acted. unmatched: a condition did not hold. held: a limit kept it from acting. failed: see did.", true, "done", "unmatched", "held", "failed"),
		structured("why", "Each condition with what it found.", 64<<10),
		structured("did", "Each action and what became of it.", 64<<10),
		structured("chain", "The automations whose doing set it off.", 4<<10),
		counter("caused_from", "First of the messages and events it wrote."),
		counter("caused_to", "Last of them."),
		counter("sent", "How many messages it sent to the customer."),
	)
	runs.ListRule, runs.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	runs.AddIndex("idx_automation_runs_once", true, "`automation`, `conversation`, `event`", "")
	runs.AddIndex("idx_automation_runs_cause", false, "`conversation`, `caused_to`", "`caused_to` > 0")
	runs.AddIndex("idx_automation_runs_sent", false, "`contact`, `created`", "`sent` > 0")
	runs.AddIndex("idx_automation_runs_log", false, "`automation`, `created` DESC, `id` DESC", "")
	runs.AddIndex("idx_automation_runs_age", false, "`result`, `created`", "")
	if err := app.Save(runs); err != nil {
		return err
	}

	type list = []map[string]any
	for _, a := range []map[string]any{
		{"id": "autoturn0000001", "name": "Give new conversations to agents in turn", "sort": 10, "trigger": "created",
			"conditions": list{{"field": "assignee", "op": "is", "values": []string{""}}}, "actions": list{{"do": "assign", "value": "round_robin"}}},
		{"id": "autoremind00001", "name": "Remind when nobody answered for 30 minutes", "sort": 20, "trigger": "since", "since": "customer", "minutes": 30, "count": "office",
			"conditions": list{{"field": "status", "op": "is", "values": []string{"open"}}, {"field": "waiting", "op": "at_least", "values": []string{"25"}}},
			"actions":    list{{"do": "notify", "value": "assignee", "text": "Nobody has answered for half an hour."}}},
		{"id": "autoclose000001", "name": "Solve what waits for the customer for 7 days", "sort": 30, "trigger": "since", "since": "status", "minutes": 10080, "count": "clock",
			"conditions": list{{"field": "status", "op": "is", "values": []string{"pending"}}},
			"actions": list{{"do": "message", "texts": map[string]string{
				"en": "Hello {{contact.name}}, we have not heard from you for a week, so we close your request #{{number}}. Simply answer if there is anything left to do.",
				"bn": "{{contact.name}}, এক সপ্তাহ আপনার কাছ থেকে কিছু জানতে পারিনি, তাই আপনার অনুরোধ #{{number}} শেষ করছি। কিছু বাকি থাকলে শুধু উত্তর দিন।",
			}}, {"do": "status", "value": "solved"}}},
		{"id": "autorefund00001", "name": "Tag questions about refunds", "sort": 40, "trigger": "customer_wrote",
			"conditions": list{{"field": "text", "op": "contains", "values": []string{"refund", "money back", "ফেরত", "taka ferot", "tk ferot", "রিফান্ড"}}},
			"actions":    list{{"do": "add_tag", "text": "refund"}}},
	} {
		r := core.NewRecord(automations)
		r.Set("match", "all")
		r.Load(a)
		if err := app.Save(r); err != nil {
			return err
		}
	}
	_, err = app.DB().NewQuery(`INSERT INTO shohay_counters (name, value) SELECT 'automation', value FROM shohay_counters WHERE name = {:seq}`).Bind(dbx.Params{"seq": "seq"}).Execute()
	return err
}

func automationsDown(app core.App) error {
	if err := drop(app, "automation_runs", "automations"); err != nil {
		return err
	}
	conv, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	for _, i := range automationIndexes {
		conv.RemoveIndex(i.name)
	}
	conv.Fields.RemoveByName("answered_at")
	conv.Fields.RemoveByName("status_at")
	if err := app.Save(conv); err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`DELETE FROM shohay_counters WHERE name = 'automation'`).Execute()
	return err
}
