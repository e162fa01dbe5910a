package trash

import (
	"context"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// batch is how many conversations are listed at once.
const batch = 20

// EraseConversation removes a conversation for good with what was merged into
// it, and what was noted of changes to it.
func (room *Room) EraseConversation(id string) error {
	if err := room.erase(id); err != nil {
		return err
	}
	room.ring()
	return nil
}

// erase removes one conversation with all that belongs to it alone.
func (room *Room) erase(id string) error {
	var raws []string
	err := room.app.RunInTransaction(func(tx core.App) error {
		// What was merged into it leads nowhere then. idx_conversations_merged
		var ids []string
		if err := tx.DB().NewQuery(`SELECT id FROM conversations WHERE merged_into = {:id}`).Bind(dbx.Params{"id": id}).Column(&ids); err != nil {
			return err
		}
		raws = nil
		for _, id := range append(ids, id) {
			var some []string // idx_messages_conversation
			if err := tx.DB().NewQuery(`SELECT raw FROM messages WHERE conversation = {:id} AND raw != ''`).Bind(dbx.Params{"id": id}).Column(&some); err != nil {
				return err
			}
			raws = append(raws, some...)
			// idx_audit_target
			if _, err := tx.DB().NewQuery(`UPDATE audit SET label = '', changes = '[]' WHERE target = {:id} AND target != ''`).Bind(dbx.Params{"id": id}).Execute(); err != nil {
				return err
			}
			r, err := tx.FindRecordById(schema.Conversations, id)
			if err != nil {
				return err
			}
			// PocketBase takes its messages along, their files and what is to go out.
			if err := tx.Delete(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, raw := range raws {
		err = errors.Join(err, room.ForgetOriginal(room.app, raw))
	}
	return err
}

// EraseContact removes a customer for good with everything that was said.
// Conversations of others into which theirs were merged stay, without what
// they wrote there. What is counted without names stays.
func (room *Room) EraseContact(ctx context.Context, app core.App, contact string) error {
	if err := forgetDoings(app, contact); err != nil {
		return err
	}
	for ctx.Err() == nil {
		var ids []string
		// idx_conversations_contact
		err := app.DB().NewQuery(`SELECT id FROM conversations WHERE contact = {:contact} ORDER BY merged_into != '', id LIMIT {:n}`).
			Bind(dbx.Params{"contact": contact, "n": batch}).Column(&ids)
		if err != nil {
			return fmt.Errorf("list what the customer said: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			if _, err := app.FindRecordById(schema.Conversations, id); err != nil {
				continue // went with the one it was merged into
			}
			if err := room.erase(id); err != nil {
				return fmt.Errorf("erase conversation %s: %w", id, err)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var raws []string
	err := app.RunInTransaction(func(tx core.App) error {
		raws = nil
		records, err := tx.FindRecordsByFilter(schema.Messages, "contact = {:contact}", "", 0, 0, dbx.Params{"contact": contact})
		if err != nil {
			return err
		}
		for _, m := range records {
			if raw := m.GetString(schema.MsgRaw); raw != "" {
				raws = append(raws, raw)
			}
			if err := tx.Delete(m); err != nil {
				return err
			}
		}
		r, err := tx.FindRecordById(schema.Contacts, contact)
		if err != nil {
			return err
		}
		return tx.Delete(r)
	})
	if err != nil {
		return fmt.Errorf("erase contact %s: %w", contact, err)
	}
	room.ring()
	for _, raw := range raws {
		err = errors.Join(err, room.ForgetOriginal(app, raw))
	}
	return err
}

// forgetDoings takes names, addresses and what was changed out of what is
// noted of the customer's records. Who did something to them, and when, stays.
// Codes that were asked for with their address go too.
func forgetDoings(app core.App, contact string) error {
	return app.RunInTransaction(func(tx core.App) error {
		of := `target = {:contact} OR target IN (SELECT id FROM identities WHERE contact = {:contact}) OR target IN (SELECT id FROM conversations WHERE contact = {:contact})
			OR target IN (SELECT id FROM callbacks WHERE conversation IN (SELECT id FROM conversations WHERE contact = {:contact}))`
		for _, query := range []string{
			`UPDATE audit SET label = '', changes = '[]' WHERE ` + of, // idx_audit_target
			`DELETE FROM sign_in_codes WHERE address IN (SELECT value FROM identities WHERE contact = {:contact})`,
		} {
			if _, err := tx.DB().NewQuery(query).Bind(dbx.Params{"contact": contact}).Execute(); err != nil {
				return fmt.Errorf("forget what was done to contact %s: %w", contact, err)
			}
		}
		return nil
	})
}

// ring asks for what was erased to be taken out of the search.
func (room *Room) ring() {
	select {
	case room.purge <- struct{}{}:
	default:
	}
}

// purging does it behind those who wait for an answer.
func (room *Room) purging(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-room.purge:
		}
		if room.Purge == nil {
			continue
		}
		if err := room.Purge(ctx, room.app); err != nil && ctx.Err() == nil {
			room.app.Logger().Error("what was erased is still in the search", "error", err)
		}
	}
}
