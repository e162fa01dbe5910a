package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	slowTick  = 15 * time.Second // safety net; hooks wake the loop at once
	atOnce    = 4                // conversations that are answered beside each other
	mostTries = 3
)

// received keeps, with the message, that the bot has to answer it.
func (room *Room) received(tx core.App, in conversation.Incoming, got conversation.Received) error {
	if got.Message == nil || got.Conversation == nil || in.Channel != schema.ChannelChat || in.Older || in.Automatic || in.Spam || got.Conversation.GetBool(schema.ConvSpam) || !enabled(tx) {
		return nil
	}
	now := types.NowDateTime().String()
	_, err := tx.DB().NewQuery(`INSERT INTO bot_tasks (id, message, conversation, seq, tries, created, updated) VALUES ({:id}, {:message}, {:conv}, {:seq}, 0, {:now}, {:now})`).
		Bind(dbx.Params{"id": core.GenerateDefaultRandomId(), "message": got.Message.Id, "conv": got.Conversation.Id, "seq": got.Message.Seq(), "now": now}).Execute()
	if err != nil {
		return fmt.Errorf("keep a task for the bot: %w", err)
	}
	return nil
}

// Rest drops what waits for an answer: messages that were written down as of
// the past need none.
func Rest(app core.App) error {
	_, err := app.DB().NewQuery(`DELETE FROM bot_tasks`).Execute()
	return err
}

// enabled tells whether the bot talks: it is switched on, and there is
// something for it to answer from.
func enabled(app core.App) bool {
	var on bool
	err := app.DB().NewQuery(`SELECT enabled AND EXISTS (SELECT 1 FROM articles WHERE status = 'published' AND internal = FALSE) FROM bot WHERE id = {:id}`).Bind(dbx.Params{"id": botID}).Row(&on)
	return err == nil && on
}

type task struct {
	Message      string `db:"message"`
	Conversation string `db:"conversation"`
	Seq          int64  `db:"seq"`
	Tries        int    `db:"tries"`
}

// answer deals with tasks until the program stops, those of one conversation
// one after the other.
func (room *Room) answer(ctx context.Context) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		busy = map[string]bool{}
	)
	defer wg.Wait()
	for ctx.Err() == nil {
		var list []task
		// idx_bot_tasks_seq
		if err := room.app.DB().NewQuery(`SELECT message, conversation, seq, tries FROM bot_tasks ORDER BY seq LIMIT 100`).All(&list); err != nil && ctx.Err() == nil {
			room.app.Logger().Error("the bot's tasks cannot be read", "error", err)
		}
		waits := slowTick
		seen := map[string]bool{}
		for _, t := range list {
			mu.Lock()
			free := !busy[t.Conversation] && !seen[t.Conversation] && len(busy) < atOnce
			seen[t.Conversation] = true
			if free {
				busy[t.Conversation] = true
			}
			mu.Unlock()
			if !free {
				continue
			}
			wg.Go(func() {
				defer func() {
					mu.Lock()
					delete(busy, t.Conversation)
					mu.Unlock()
					signal(room.wake)
				}()
				if err := room.deal(ctx, t); err != nil && ctx.Err() == nil {
					room.app.Logger().Error("the bot could not answer", "message", t.Message, "error", err)
					room.failed(t)
					select { // not at once again
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
				}
			})
		}
		pause(ctx, room.wake, waits)
	}
}

// failed counts; a message that cannot be answered is a person's.
func (room *Room) failed(t task) {
	query := `UPDATE bot_tasks SET tries = tries + 1 WHERE message = {:message}`
	if t.Tries+1 >= mostTries {
		query = `DELETE FROM bot_tasks WHERE message = {:message}`
	}
	if _, err := room.app.NonconcurrentDB().NewQuery(query).Bind(dbx.Params{"message": t.Message}).Execute(); err != nil {
		room.app.Logger().Error("a task of the bot could not be put off", "error", err)
	}
}

// deal thinks about one message and acts on it.
func (room *Room) deal(ctx context.Context, t task) error {
	heard, quiet, err := room.hear(room.app, t)
	if err != nil {
		return err
	}
	if quiet {
		return room.drop(t)
	}
	turn, err := room.think(ctx, room.app, heard)
	if err != nil {
		return err
	}
	return room.act(t, turn)
}

func (room *Room) drop(t task) error {
	_, err := room.app.NonconcurrentDB().NewQuery(`DELETE FROM bot_tasks WHERE message = {:message}`).Bind(dbx.Params{"message": t.Message}).Execute()
	return err
}
