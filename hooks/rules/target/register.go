package target

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
)

// Desk knows who is there to be told; the conversation room does.
type Desk interface {
	OnlineAgents() []conversation.AgentView
}

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	Hub   *live.Hub
	Desk  Desk
	// Mail writes to somebody of the staff, now or not at all. path leads to
	// the conversation at the desk.
	Mail func(ctx context.Context, app core.App, to, lang, subject, text, path string) error
}

// Room keeps what is due.
type Room struct {
	Deps
	app core.App
	now func() time.Time

	mu      sync.Mutex
	turn    int // moves with every change of the targets
	have    bool
	targets []Target

	wake  chan struct{} // something is due earlier than the watch knows
	again chan struct{} // everything live is to be computed anew
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, now: time.Now, wake: make(chan struct{}, 1), again: make(chan struct{}, 1)}
	app.OnRecordCreate(schema.Conversations).BindFunc(room.conversationSaved)
	app.OnRecordUpdate(schema.Conversations).BindFunc(room.conversationSaved)
	app.OnRecordAfterCreateSuccess(schema.Conversations).BindFunc(room.dueSaved)
	app.OnRecordAfterUpdateSuccess(schema.Conversations).BindFunc(room.dueSaved)
	app.OnRecordAfterCreateSuccess(schema.Targets).BindFunc(room.targetsChanged)
	app.OnRecordAfterUpdateSuccess(schema.Targets).BindFunc(room.targetsChanged)
	app.OnRecordAfterDeleteSuccess(schema.Targets).BindFunc(room.targetsChanged)
	rules.OnChange(app, room.computeAgain)
	d.Group.Go("targets", room.watch)
	d.Group.Go("targets anew", room.anew)
	return room
}

// moves are the fields that may change what is due.
var moves = []string{
	schema.ConvStatus, schema.ConvWaitingSince, schema.ConvFirstReplyAt, schema.ConvPriority, schema.ConvTags, schema.ConvChannel,
	schema.ConvMailbox, schema.ConvSpam, schema.ConvAutomatic, schema.ConvMergedInto,
}

// conversationSaved computes what is due before the conversation is written.
func (room *Room) conversationSaved(e *core.RecordEvent) error {
	changed, before := e.Record.IsNew(), e.Record.Original()
	for i := 0; !changed && i < len(moves); i++ {
		changed = fmt.Sprint(e.Record.Get(moves[i])) != fmt.Sprint(before.Get(moves[i]))
	}
	if changed {
		room.compute(e.App, e.Record, true)
	}
	return e.Next()
}

func (room *Room) dueSaved(e *core.RecordEvent) error {
	if next := e.Record.GetString(schema.ConvDueNext); next != "" && next != e.Record.Original().GetString(schema.ConvDueNext) {
		signal(room.wake)
	}
	return e.Next()
}

func (room *Room) targetsChanged(e *core.RecordEvent) error {
	room.mu.Lock()
	room.turn++
	room.have = false
	room.mu.Unlock()
	room.computeAgain()
	return e.Next()
}

func (room *Room) computeAgain() { signal(room.again) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
