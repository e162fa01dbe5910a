package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(noticeUp, func(app core.App) error {
		return drop(app, "reminders", "push_subscriptions")
	})
}

// noticeUp creates the devices that agents are called on, and what they were
// mailed about.
func noticeUp(app core.App) error {
	agents, err := app.FindCollectionByNameOrId("agents")
	if err != nil {
		return err
	}
	conversations, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	push := base("shohay_push0001", "push_subscriptions",
		one("agent", "Whose device it is.", agents.Id, true, true),
		text("endpoint", "Address at the push service that stands for the device.", required, hidden, long(1000)),
		text("p256dh", "Public key of the device; notices are encrypted for it.", required, hidden, long(120)),
		text("auth", "Secret of the device for the encryption.", required, hidden, long(60)),
		text("device", "Browser and system, so that the agent knows which one it is.", presentable, long(80)),
		oneOf("language", "Language of the notices on this device.", false, "bn", "en"),
		counter("failures", "How often in a row a notice was refused."),
		moment("last_sent", "When the push service last took a notice."),
		text("last_error", "Why the last notice was refused.", long(300)),
	)
	push.AddIndex("idx_push_endpoint", true, "`endpoint`", "")
	push.AddIndex("idx_push_agent", false, "`agent`", "")
	if err := app.Save(push); err != nil {
		return err
	}

	reminders := base("shohay_remind01", "reminders",
		one("agent", "Who was mailed.", agents.Id, true, true),
		one("conversation", "The conversation that waits for an answer.", conversations.Id, true, true),
		moment("since", "Since when it waited; for this wait no other mail goes out."),
	)
	reminders.AddIndex("idx_reminders_agent", true, "`agent`, `conversation`", "")
	reminders.AddIndex("idx_reminders_conversation", false, "`conversation`", "")
	return app.Save(reminders)
}
