package callback

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const lookEvery = 20 * time.Second

// watch tells available agents of calls that have become due, until ctx ends.
func (room *Room) watch(ctx context.Context) {
	for {
		timer := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := room.tell(); err != nil {
			room.app.Logger().Error("agents could not be told of due calls", "error", err)
		}
	}
}

// tell says once of each call that it is due.
func (room *Room) tell() error {
	var due []struct {
		ID           string `db:"id"`
		Conversation string `db:"conversation"`
		Number       int64  `db:"number"`
		Phone        string `db:"phone"`
		Name         string `db:"name"`
	}
	// idx_callbacks_due
	err := room.app.DB().NewQuery(`SELECT b.id, b.conversation, c.number, b.phone, COALESCE(k.name, '') AS name FROM callbacks b JOIN conversations c ON c.id = b.conversation
		LEFT JOIN contacts k ON k.id = c.contact WHERE b.state = 'waiting' AND b.due <= {:now} AND b.told = FALSE LIMIT 50`).
		Bind(dbx.Params{"now": moment(room.now()).String()}).All(&due)
	if err != nil || len(due) == 0 {
		return err
	}
	online := room.Conversation.OnlineAgents()
	for _, d := range due {
		// Noted first: told once too few is better than every few seconds.
		if _, err := room.app.NonconcurrentDB().NewQuery(`UPDATE callbacks SET told = TRUE WHERE id = {:id}`).Bind(dbx.Params{"id": d.ID}).Execute(); err != nil {
			return fmt.Errorf("note that agents were told: %w", err)
		}
		for _, a := range online {
			lang := agentLanguage(room.app, a.ID)
			name := d.Name
			if name == "" {
				name = d.Phone
			}
			room.Hub.TellStaff(live.AgentTopic(a.ID), live.ForStaff("notice", 0, map[string]any{
				"conversation": d.Conversation, "number": d.Number, "text": i18n.T(lang, "callback.due", i18n.V{"name": name}), "automation": i18n.T(lang, "callback.title"),
			}))
		}
	}
	room.changed()
	return nil
}

func agentLanguage(app core.App, id string) string {
	if r, err := app.FindRecordById(schema.Agents, id); err == nil {
		for _, l := range r.GetStringSlice(schema.AgentLanguages) {
			if i18n.Current().Has(l) {
				return l
			}
		}
	}
	return settings.Shop(app).Language()
}
