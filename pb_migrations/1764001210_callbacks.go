package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(callbacksUp, func(app core.App) error {
		if err := channels(app, "chat", "email", "portal"); err != nil {
			return err
		}
		return drop(app, "callbacks")
	})
}

// callbacksUp creates the queue of calls that customers asked for, and the
// channel in which they did. Nobody reaches the queue through the database's
// own API.
func callbacksUp(app core.App) error {
	c := base("shohay_callbac1", "callbacks",
		one("conversation", "Conversation it belongs to.", "shohay_convers1", true, true),
		text("phone", "Number to call.", required, presentable, long(30)),
		text("topic", "What it is about.", long(500)),
		moment("wanted_from", "The customer wants the call after this."),
		moment("wanted_until", "And before this; later it is overdue."),
		moment("due", "When somebody should call."),
		oneOf("state", "waiting: somebody has to call. done: nobody has to any more.", true, "waiting", "done"),
		oneOf("outcome", "What came of the last try.", false, "reached", "no_answer", "busy", "wrong_number", "call_later", "cancelled"),
		counter("tries", "How often somebody called."),
		one("agent", "Who is calling just now, or called last.", "shohay_agents01", false, false),
		moment("claimed_until", "Until then nobody else calls."),
		flag("told", "Agents were told that it is due."),
	)
	c.AddIndex("idx_callbacks_due", false, "`due`", "`state` = 'waiting'")
	c.AddIndex("idx_callbacks_conversation", false, "`conversation`, `state`", "")
	if err := app.Save(c); err != nil {
		return err
	}
	return channels(app, "chat", "email", "portal", "phone")
}

// channels sets which channels conversations and messages may have.
func channels(app core.App, values ...string) error {
	for _, name := range []string{"conversations", "messages"} {
		err := alter(app, name, func(c *core.Collection) {
			c.Fields.GetByName("channel").(*core.SelectField).Values = values
		})
		if err != nil {
			return err
		}
	}
	return nil
}
