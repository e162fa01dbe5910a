package conversation

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// grantInbox opens the desks' topic to agents.
func (room *Room) grantInbox(e *core.RequestEvent, _ string) (live.Grant, error) {
	if e.Auth == nil || e.Auth.Collection().Name != schema.Agents {
		return live.Grant{}, e.UnauthorizedError(room.say(language(e), "error.sign_in"), nil)
	}
	id, key := e.Auth.Id, e.Auth.TokenKey()
	hello := func(app core.App) live.StaffEvent {
		seq, err := newestSeq(app)
		if err != nil {
			app.Logger().Error("the newest message is not known", "error", err)
		}
		return live.ForStaff("hello", 0, struct {
			Seq    int64       `json:"seq"`
			Agents []AgentView `json:"agents"`
		}{seq, room.agents.list()})
	}
	missed := func(app core.App, after int64, limit int) ([]live.StaffEvent, error) {
		rows, err := messagesAfter(app, after, limit+1)
		events := make([]live.StaffEvent, 0, len(rows))
		for _, r := range rows {
			events = append(events, live.ForStaff("message", r.Seq, room.staff(r)))
		}
		return events, err
	}
	valid := func(app core.App) bool {
		r, err := app.FindRecordById(schema.Agents, id)
		return err == nil && r.TokenKey() == key
	}
	return live.GrantStaff(AgentListener(id), hello, missed, valid, live.Inbox, live.AgentTopic(id)), nil
}

// GrantPublic opens a conversation's topic to a visitor whom the caller has
// authorised for it. valid is asked again once a minute.
func (room *Room) GrantPublic(visitor, conversation string, valid func(app core.App) bool) live.Grant {
	hello := func(app core.App) live.PublicEvent {
		seq, err := newestSeq(app)
		v := helloView{Seq: seq, Online: len(room.OnlineAgents()) > 0}
		if err == nil {
			var r Row
			if r, err = room.row(app, conversation); err == nil {
				c := publicRow(&r)
				v.Conversation = &c
			}
		}
		if err != nil {
			app.Logger().Error("a visitor's stream could not be greeted", "error", err)
		}
		return live.ForPublic("hello", 0, v)
	}
	missed := func(app core.App, after int64, limit int) ([]live.PublicEvent, error) {
		rows, _, err := page(app, conversation, after, 0, limit+1, true)
		if after == 0 {
			rows, _, err = page(app, conversation, -1, 0, limit+1, true)
		}
		events := make([]live.PublicEvent, 0, len(rows))
		for _, r := range rows {
			if m, ok := room.public(r); ok {
				events = append(events, live.ForPublic("message", r.Seq, m))
			}
		}
		return events, err
	}
	return live.GrantPublic(VisitorListener(visitor), hello, missed, valid, live.ConversationTopic(conversation), live.Visitors)
}

type helloView struct {
	Seq          int64               `json:"seq"`
	Conversation *PublicConversation `json:"conversation"`
	Online       bool                `json:"online"`
}

func (helloView) Public() {}
