package assign

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	lookEvery = time.Minute // for the hour at which the shop opens
	asUsual   = ""          // how a conversation is given away: as the shop's setting says then
)

// later notes a conversation that nobody is there for.
func (room *Room) later(tx core.App, how, conv string) error {
	_, err := tx.DB().NewQuery(`INSERT INTO shohay_unclaimed (conversation, how, created) VALUES ({:conv}, {:how}, {:at}) ON CONFLICT (conversation) DO UPDATE SET how = excluded.how`).
		Bind(dbx.Params{"conv": conv, "how": how, "at": room.now().UTC().Format(time.RFC3339Nano)}).Execute()
	if err != nil {
		return fmt.Errorf("note a conversation that nobody is there for: %w", err)
	}
	return nil
}

// claimed forgets a conversation that was given to somebody: if they give it
// back it is for people to decide who is next.
func claimed(e *core.RecordEvent) error {
	if now := e.Record.GetString(schema.ConvAssignee); now != "" && now != e.Record.Original().GetString(schema.ConvAssignee) {
		if _, err := e.App.DB().NewQuery(`DELETE FROM shohay_unclaimed WHERE conversation = {:conv}`).Bind(dbx.Params{"conv": e.Record.Id}).Execute(); err != nil {
			return fmt.Errorf("forget that a conversation is nobody's: %w", err)
		}
	}
	return e.Next()
}

// arrived wakes the loop.
func (room *Room) arrived() {
	select {
	case room.wake <- struct{}{}:
	default:
	}
}

// watch gives away what waits whenever somebody comes and, as the shop may
// open meanwhile, from time to time.
func (room *Room) watch(ctx context.Context) {
	for {
		if err := room.giveAway(ctx); err != nil {
			room.app.Logger().Error("what nobody was there for could not be given away", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-room.wake:
		case <-time.After(lookEvery):
		}
	}
}

// unclaimed is a conversation that waits for somebody to come.
type unclaimed struct {
	Conversation string `db:"conversation"`
	How          string `db:"how"`
}

// giveAway gives what waits to whoever is there, the oldest first, each in a
// transaction of its own.
func (room *Room) giveAway(ctx context.Context) error {
	if len(room.desk.OnlineAgents()) == 0 {
		return nil
	}
	var list []unclaimed
	if err := whole.All(ctx, room.app.DB().NewQuery(`SELECT conversation, how FROM shohay_unclaimed ORDER BY created, conversation`), &list); err != nil {
		return fmt.Errorf("read what nobody was there for: %w", err)
	}
	if len(list) > 0 && room.closed(room.app) {
		list = slices.DeleteFunc(list, func(u unclaimed) bool { return u.How == asUsual })
	}
	for _, u := range list {
		if ctx.Err() != nil {
			return nil
		}
		if err := room.app.RunInTransaction(func(tx core.App) error { return room.give(tx, u) }); err != nil {
			return err
		}
	}
	return nil
}

// give gives one conversation away if it is still nobody's and still waits.
func (room *Room) give(tx core.App, u unclaimed) error {
	how := u.How
	if how == asUsual {
		how = usual(tx)
	}
	r, err := tx.FindRecordById(schema.Conversations, u.Conversation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find conversation %s: %w", u.Conversation, err)
	}
	if r != nil && how != "" && waits(conversation.Wrap(r)) {
		who, err := room.choose(tx, how)
		if err != nil || who == "" {
			return err // they have gone again
		}
		if _, err := conversation.Apply(tx, r.Id, "", conversation.Change{Assignee: &who}); err != nil {
			return fmt.Errorf("assign conversation %s: %w", r.Id, err)
		}
	}
	_, err = tx.DB().NewQuery(`DELETE FROM shohay_unclaimed WHERE conversation = {:conv}`).Bind(dbx.Params{"conv": u.Conversation}).Execute()
	return err
}

// waits tells whether somebody is still to take a conversation.
func waits(c *conversation.Conversation) bool {
	return c.GetString(schema.ConvAssignee) == "" && c.Status() == schema.StatusOpen && !c.GetBool(schema.ConvSpam) && !c.Deleted() && c.GetString(schema.ConvMergedInto) == ""
}
