package automation

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// Desk writes what automations say and knows who is there; the conversation
// room does.
type Desk interface {
	Reply(app core.App, d conversation.Draft) (conversation.Sent, error)
	OnlineAgents() []conversation.AgentView
}

// Assigner chooses who takes a conversation; how is "round_robin" or
// "least_load". "" is nobody, because nobody is there. Package assign does.
type Assigner interface {
	Choose(app core.App, how string, conv *conversation.Conversation) (agent string, err error)
}

// Deps are what the room is built with.
type Deps struct {
	Group  *lifecycle.Group
	Hub    *live.Hub
	Desk   Desk
	Router conversation.Router
	Assign Assigner
	// May says why an automatic mail about a message may not go to an address,
	// "" when it may.
	May func(app core.App, incoming *core.Record, address string) (why string, err error)
	// Mail writes to somebody of the staff, now or not at all.
	Mail func(ctx context.Context, app core.App, to, lang, subject, text, path string) error
}

// Room does what the automations say.
type Room struct {
	Deps
	app core.App
	now func() time.Time

	mu   sync.Mutex
	turn int // moves with every change of the automations
	have bool
	all  []Automation

	wake chan struct{} // a message was committed
	tick chan struct{} // something that time sets off changed

	rules  chan struct{} // automations are others now
	keptAt time.Time     // when the place was written down; of the loop alone
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, now: time.Now, wake: make(chan struct{}, 1), tick: make(chan struct{}, 1), rules: make(chan struct{}, 1)}
	app.OnRecordCreate(schema.Conversations).BindFunc(stampStatus)
	app.OnRecordUpdate(schema.Conversations).BindFunc(stampStatus)
	app.OnRecordAfterUpdateSuccess(schema.Conversations).BindFunc(room.conversationChanged)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.messageCreated)

	app.OnRecordValidate(schema.Automations).BindFunc(validate)
	app.OnRecordCreate(schema.Automations).BindFunc(room.stampActive)
	app.OnRecordUpdate(schema.Automations).BindFunc(room.stampActive)
	app.OnRecordAfterCreateSuccess(schema.Automations).BindFunc(room.automationsChanged)
	app.OnRecordAfterUpdateSuccess(schema.Automations).BindFunc(room.automationsChanged)
	app.OnRecordAfterDeleteSuccess(schema.Automations).BindFunc(room.automationsChanged)
	others := []string{schema.OfficeHours, schema.Holidays, schema.Targets}
	app.OnRecordAfterCreateSuccess(others...).BindFunc(room.rulesChanged)
	app.OnRecordAfterUpdateSuccess(others...).BindFunc(room.rulesChanged)
	app.OnRecordAfterDeleteSuccess(others...).BindFunc(room.rulesChanged)

	d.Group.Go("automation follower", room.follow)
	d.Group.Go("automation clock", room.clock)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/automations").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("/runs", room.runs)
		desk.POST("/try", room.try)
		return e.Next()
	})
	return room
}

// stampStatus notes when the status became what it is.
func stampStatus(e *core.RecordEvent) error {
	if e.Record.IsNew() || e.Record.GetString(schema.ConvStatus) != e.Record.Original().GetString(schema.ConvStatus) {
		e.Record.SetIfFieldExists(schema.ConvStatusAt, moment(time.Now()))
	}
	return e.Next()
}

func (room *Room) conversationChanged(e *core.RecordEvent) error {
	if e.Record.GetString(schema.ConvStatus) != e.Record.Original().GetString(schema.ConvStatus) {
		signal(room.tick)
	}
	return e.Next()
}

func (room *Room) messageCreated(e *core.RecordEvent) error {
	signal(room.wake)
	return e.Next()
}

// stampActive notes from when on an automation acts.
func (room *Room) stampActive(e *core.RecordEvent) error {
	r, before := e.Record, e.Record.Original()
	changed := r.IsNew() || !before.GetBool(schema.AutomationActive)
	for _, f := range []string{schema.AutomationTrigger, schema.AutomationSince, schema.AutomationMinutes, schema.AutomationCount} {
		changed = changed || r.GetString(f) != before.GetString(f)
	}
	switch {
	case !r.GetBool(schema.AutomationActive):
		r.Set(schema.AutomationActiveSince, "")
	case changed || r.GetString(schema.AutomationActiveSince) == "":
		now := room.now()
		r.Set(schema.AutomationActiveSince, moment(now))
		back := time.Duration(r.GetInt(schema.AutomationMinutes)) * time.Minute
		if r.GetString(schema.AutomationCount) != schema.CountClock {
			back += closedAtMost
		}
		r.Set(schema.AutomationSwept, moment(now.Add(-back)))
	}
	return e.Next()
}

// automationsChanged tells the loops and the desks.
func (room *Room) automationsChanged(e *core.RecordEvent) error {
	room.mu.Lock()
	room.turn++
	room.have = false
	room.mu.Unlock()
	signal(room.tick)
	signal(room.rules)
	return room.rulesChanged(e)
}

// rulesChanged tells the desks that show the rules.
func (room *Room) rulesChanged(e *core.RecordEvent) error {
	room.Hub.TellStaff(live.Inbox, live.ForStaff("rules", 0, map[string]string{"changed": e.Record.Collection().Name}))
	return e.Next()
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
