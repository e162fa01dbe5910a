package conversation

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Remove puts a conversation among the deleted: out of every list, for its
// customer too. What they write next begins another one. Nothing of it is
// erased; Restore brings it back.
func Remove(app core.App, id, agent string) (*Conversation, error) {
	conv, err := edit(app, id, func(tx core.App, conv *Conversation) error {
		putAside(conv)
		conv.Set(schema.ConvDeletedAt, now())
		conv.Set(schema.ConvDeletedBy, agent)
		return addEvent(tx, conv, agent, Event{Type: "deleted"})
	})
	if err != nil {
		return nil, fmt.Errorf("delete conversation: %w", err)
	}
	return conv, nil
}

// takeBackFor is how long somebody who deleted a conversation may bring it
// back themselves.
const takeBackFor = 10 * time.Minute

// MayRestore tells whether somebody may see a deleted conversation and bring it
// back: an owner, and for a while whoever deleted it.
func MayRestore(agent *core.Record, conv *Conversation) bool {
	if agent.GetString(schema.AgentRole) == schema.RoleOwner {
		return true
	}
	return conv.GetString(schema.ConvDeletedBy) == agent.Id && time.Since(conv.GetDateTime(schema.ConvDeletedAt).Time()) < takeBackFor
}

// Restore brings a deleted conversation back as it stood.
func Restore(app core.App, id, agent string) (*Conversation, error) {
	var conv *Conversation
	err := app.RunInTransaction(func(tx core.App) (err error) {
		if conv, err = follow(tx, id); err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		if !conv.Deleted() {
			return nil
		}
		conv.Set(schema.ConvDeletedAt, "")
		conv.Set(schema.ConvDeletedBy, "")
		if err := putBack(tx, conv); err != nil {
			return err
		}
		if err := addEvent(tx, conv, agent, Event{Type: "restored"}); err != nil {
			return err
		}
		return tx.Save(conv.Record)
	})
	if err != nil {
		return nil, fmt.Errorf("bring a conversation back: %w", err)
	}
	return conv, nil
}
