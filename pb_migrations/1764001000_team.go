package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(teamUp, func(app core.App) error {
		if err := drop(app, "mentions", "follows"); err != nil {
			return err
		}
		return shrink(app, teamFields(), nil)
	})
}

func teamFields() map[string][]core.Field {
	givenAt := moment("given_at", "When a new conversation was last given to this agent in turn; whose turn was longest ago is next. Kept by the program.")
	givenAt.Hidden = true
	return map[string][]core.Field{
		"messages": {structured("mentions", "Agents whom a note calls by name, as the program found them.", 8<<10)},
		"agents": {
			whole("away_after", "Minutes without a touch of the desk after which the agent counts as away, until they touch it again. Empty or 0 is 10 minutes, -1 is never.", -1, 480),
			givenAt,
		},
		"shop": {
			oneOf("assign_new", "Who gets a new conversation. hand (or empty): whoever takes it. turn: those available, one after the other. load: of those the one with the fewest open conversations. Available is who has a desk open and is neither away nor offline; if nobody is, whoever comes next is given it.", false, "hand", "turn", "load"),
			flag("assign_hours", "Only in the office hours; what comes outside them is given away when they begin."),
		},
	}
}

// teamUp creates who is called by notes and who follows conversations.
func teamUp(app core.App) error {
	if err := extend(app, teamFields(), nil); err != nil {
		return err
	}
	mentions := base("shohay_mention1", "mentions",
		one("message", "The note that calls somebody.", "shohay_message1", true, true),
		one("agent", "Whom it calls.", "shohay_agents01", true, true),
		moment("seen", "When they looked at the conversation afterwards."),
	)
	mentions.AddIndex("idx_mentions_agent", true, "`agent`, `message`", "")
	mentions.AddIndex("idx_mentions_message", false, "`message`", "")
	mentions.AddIndex("idx_mentions_unseen", false, "`agent`, `message`", "`seen` = ''")
	if err := app.Save(mentions); err != nil {
		return err
	}
	follows := base("shohay_follow01", "follows",
		one("conversation", "The conversation.", "shohay_convers1", true, true),
		one("agent", "Who wants to hear of it.", "shohay_agents01", true, true),
	)
	follows.AddIndex("idx_follows_conversation", true, "`conversation`, `agent`", "")
	follows.AddIndex("idx_follows_agent", false, "`agent`", "")
	return app.Save(follows)
}
