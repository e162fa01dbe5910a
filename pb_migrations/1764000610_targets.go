package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(targetsUp, targetsDown)
}

var targetIndexes = []struct{ name, columns, where string }{
	{"idx_conversations_due", "`due_at`, `id`", "`due_at` != ''"},
	{"idx_conversations_due_next", "`due_next`", "`due_next` != ''"},
}

func targetsUp(app core.App) error {
	const mailboxes, tags = "shohay_mailbox1", "shohay_tags0001"
	minutes := func(name, help string) core.Field { return whole(name, help, 0, 525600) }

	targets := base("shohay_target01", "targets",
		text("name", "What you call it, for example Chat.", required, presentable, long(80)),
		whole("sort", "Its place: of all that fit a conversation the first one holds.", 0, 1000000),
		flag("active", "Switches it on. Conversations that wait now get their time from it at once."),
		someOf("channels", "Channels it holds for. None chosen: all.", "chat", "email", "portal"),
		many("mailboxes", "Mailboxes it holds for. None chosen: all.", mailboxes),
		many("tags", "Holds for conversations with one of these tags. None chosen: for all.", tags),
		whole("priority", "Holds from this priority on: 0 all, 1 high and urgent, 2 urgent only.", 0, 2),
		minutes("first_reply", "Minutes to the first answer. 0 promises nothing."),
		minutes("next_reply", "Minutes to every later answer. 0 promises nothing."),
		minutes("resolution", "Minutes until it is solved. 0 promises nothing. Waiting for the customer and snoozed time do not count."),
		oneOf("count", "What the minutes are counted in: office hours, or by the clock day and night.", true, "office", "clock"),
		flag("mail_owners", "Mails the owners when the time is over."),
	)
	targets.ListRule, targets.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	targets.CreateRule, targets.UpdateRule, targets.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	targets.AddIndex("idx_targets_sort", false, "`sort`, `id`", "")
	if err := app.Save(targets); err != nil {
		return err
	}
	// Ready to be switched on; nobody is measured before.
	for _, t := range []map[string]any{
		{"id": "targetchat00001", "name": "Chat", "sort": 10, "channels": []string{"chat"}, "first_reply": 5, "next_reply": 10, "count": "office"},
		{"id": "targetmail00001", "name": "E-mail and form", "sort": 20, "channels": []string{"email", "portal"}, "first_reply": 60, "next_reply": 240, "resolution": 1440, "count": "office"},
	} {
		r := core.NewRecord(targets)
		r.Load(t)
		if err := app.Save(r); err != nil {
			return err
		}
	}

	conv, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	clock := structured("clock", "How long it has been counted.", 4<<10)
	clock.Hidden = true
	conv.Fields.Add(
		one("target", "Target that holds for it.", targets.Id, false, false),
		moment("due_at", "When the next answer, or the solution, is due."),
		oneOf("due_kind", "What is due then.", false, "first_reply", "next_reply", "resolution"),
		moment("due_warn_at", "When little of that time is left."),
		moment("due_next", "When somebody is told of it next."),
		clock,
	)
	for _, i := range targetIndexes {
		conv.AddIndex(i.name, false, i.columns, i.where)
	}
	return app.Save(conv)
}

func targetsDown(app core.App) error {
	conv, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	for _, i := range targetIndexes {
		conv.RemoveIndex(i.name)
	}
	for _, f := range []string{"target", "due_at", "due_kind", "due_warn_at", "due_next", "clock"} {
		conv.Fields.RemoveByName(f)
	}
	if err := app.Save(conv); err != nil {
		return err
	}
	return drop(app, "targets")
}
