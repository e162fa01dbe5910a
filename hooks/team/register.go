package team

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/undo"
)

// Deps are what the room is built with.
type Deps struct {
	Conversation *conversation.Room
	Undo         *undo.Keeper
	Hub          *live.Hub
}

type room struct{ Deps }

// Register binds the hooks, the view and the routes.
func Register(app core.App, d Deps) {
	r := &room{d}
	app.OnRecordCreate(schema.Messages).BindFunc(r.written)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(r.tell)
	d.Conversation.AddView("mentions", r.view)
	d.Conversation.AddCount("mentions", unseen)
	d.Conversation.OnBoot("mentions", func(app core.App, agent string) (any, error) { return calledIn(app, agent) })
	d.Conversation.OnBoot("following", func(app core.App, agent string) (any, error) { return followed(app, agent) })
	d.Conversation.OnShow("followers", func(app core.App, conv, _ string) (any, error) { return Followers(app, conv) })
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/conversations/{id}").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.POST("/follow", r.follow)
		desk.POST("/mentions/seen", r.seen)
		desk.POST("/handover", r.handover)
		return e.Next()
	})
}

// written reads whom a new note calls and makes them follow, and lets
// followers go with what was merged or split, in the message's transaction.
func (r *room) written(e *core.RecordEvent) error {
	m := e.Record
	switch m.GetString(schema.MsgKind) {
	case schema.MessageEvent:
		if err := e.Next(); err != nil {
			return err
		}
		var ev conversation.Event
		if err := m.UnmarshalJSONField(schema.MsgEvent, &ev); err != nil || ev.Type != "merged" && ev.Type != "split_from" {
			return nil
		}
		return followToo(e.App, ev.To, m.GetString(schema.MsgConversation))
	case schema.MessageNote:
		staff, err := people(e.App)
		if err != nil {
			return err
		}
		calls := Called(m.GetString(schema.MsgText), staff)
		if len(calls) > 0 {
			m.Set(schema.MsgMentions, calls)
		}
		if err := e.Next(); err != nil {
			return err
		}
		for _, c := range calls {
			if c.ID == m.GetString(schema.MsgAgent) {
				continue // who calls themselves knows
			}
			if err := call(e.App, m.Id, c.ID); err != nil {
				return err
			}
			if err := setFollow(e.App, m.GetString(schema.MsgConversation), c.ID, true); err != nil {
				return err
			}
		}
		return nil
	}
	return e.Next()
}

// tell says to the desks of those who are called where it was.
func (r *room) tell(e *core.RecordEvent) error {
	m := e.Record
	if m.GetString(schema.MsgKind) == schema.MessageNote && m.GetString(schema.MsgMentions) != "" && m.GetString(schema.MsgMentions) != "null" {
		var calls []Call
		if err := m.UnmarshalJSONField(schema.MsgMentions, &calls); err != nil {
			e.App.Logger().Error("whom a note calls cannot be read", "message", m.Id, "error", err)
		}
		for _, c := range calls {
			if c.ID != m.GetString(schema.MsgAgent) {
				r.tellCalled(c.ID, m.GetString(schema.MsgConversation), true)
			}
		}
		r.tellFollowers(e.App, m.GetString(schema.MsgConversation))
	}
	return e.Next()
}

// tellCalled says to an agent's own desks whether they are called somewhere
// where they have not looked.
func (r *room) tellCalled(agent, conv string, unseen bool) {
	r.Hub.TellStaff(live.AgentTopic(agent), live.ForStaff("mention", 0, struct {
		Conversation string `json:"conversation"`
		Unseen       bool   `json:"unseen"`
	}{conv, unseen}))
	r.Conversation.CountsChanged()
}

// tellFollowers says to all desks who follows a conversation.
func (r *room) tellFollowers(app core.App, conv string) {
	agents, err := Followers(app, conv)
	if err != nil {
		app.Logger().Error("who follows a conversation cannot be read", "conversation", conv, "error", err)
		return
	}
	r.Hub.TellStaff(live.Inbox, live.ForStaff("followers", 0, struct {
		Conversation string   `json:"conversation"`
		Agents       []string `json:"agents"`
	}{conv, agents}))
}
