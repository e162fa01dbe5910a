package bulk

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// change is what becomes of each conversation.
type change struct {
	Status       *string  `json:"status"`
	SnoozedUntil *string  `json:"snoozed_until"`
	Assignee     *string  `json:"assignee"`
	AddTags      []string `json:"add_tags"`
	RemoveTags   []string `json:"remove_tags"`
	Priority     *int     `json:"priority"`
	Spam         *bool    `json:"spam"`
	Delete       bool     `json:"delete"`
	Seen         *bool    `json:"seen"` // read, or unread again
}

func (c change) empty() bool {
	return c.Status == nil && c.Assignee == nil && c.Priority == nil && c.Spam == nil && c.Seen == nil && !c.Delete && len(c.AddTags)+len(c.RemoveTags) == 0
}

// state is what a change may change, as text.
type state struct {
	status, snoozed, assignee string
	priority                  int
	tags                      []string
	spam, deleted             bool
}

func stateOf(r *core.Record) state {
	return state{
		status: r.GetString(schema.ConvStatus), snoozed: r.GetString(schema.ConvSnoozedUntil), assignee: r.GetString(schema.ConvAssignee),
		priority: r.GetInt(schema.ConvPriority), tags: slices.Clone(r.GetStringSlice(schema.ConvTags)), spam: r.GetBool(schema.ConvSpam),
		deleted: r.GetString(schema.ConvDeletedAt) != "",
	}
}

// step is one conversation that was changed.
type step struct {
	id            string
	number        int64
	before, after state
}

// apply changes one conversation, all of it or nothing.
func (r *room) apply(app core.App, id, agent string, c change) (s step, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		conv, err := tx.FindRecordById(schema.Conversations, id)
		if err != nil {
			return err
		}
		s = step{id: id, number: int64(conv.GetInt(schema.ConvNumber)), before: stateOf(conv)}
		if conv.GetString(schema.ConvMergedInto) != "" || s.before.deleted {
			return sql.ErrNoRows
		}
		if c.Spam != nil {
			if _, err := conversation.SetSpam(tx, id, agent, *c.Spam); err != nil {
				return err
			}
		}
		one := conversation.Change{Status: c.Status, SnoozedUntil: c.SnoozedUntil, Assignee: c.Assignee, AddTags: c.AddTags, RemoveTags: c.RemoveTags, Priority: c.Priority}
		if _, err := conversation.Apply(tx, id, agent, one); err != nil {
			return err
		}
		if c.Seen != nil {
			if err := see(tx, conv, *c.Seen); err != nil {
				return err
			}
		}
		if c.Delete {
			if _, err := conversation.Remove(tx, id, agent); err != nil {
				return err
			}
		}
		if conv, err = tx.FindRecordById(schema.Conversations, id); err == nil {
			s.after = stateOf(conv)
		}
		return err
	})
	if err == nil && s.before.spam != s.after.spam {
		r.Teach(id, s.after.spam)
	}
	return s, err
}

func see(tx core.App, conv *core.Record, on bool) error {
	if !on {
		return conversation.MarkUnseen(tx, conv.Id)
	}
	_, err := conversation.MarkSeen(tx, conv.Id, schema.ConvStaffSeenSeq, int64(conv.GetInt(schema.ConvLastSeq)))
	return err
}

// back takes the steps back. What somebody has changed since stays; a
// conversation that is gone keeps nobody from the others.
func (r *room) back(app core.App, agent string, done []step) error {
	var failed error
	for _, s := range done {
		if err := r.backOne(app, agent, s); err != nil && !errors.Is(err, sql.ErrNoRows) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func (r *room) backOne(app core.App, agent string, s step) error {
	spam := false
	err := app.RunInTransaction(func(tx core.App) error {
		conv, err := tx.FindRecordById(schema.Conversations, s.id)
		if err != nil {
			return err
		}
		if now := stateOf(conv); now.deleted && s.after.deleted && !s.before.deleted {
			if _, err := conversation.Restore(tx, s.id, agent); err != nil {
				return err
			}
			if conv, err = tx.FindRecordById(schema.Conversations, s.id); err != nil {
				return err
			}
			// Deleting solved it; that is undone already.
			s.after.status, s.after.snoozed = conv.GetString(schema.ConvStatus), conv.GetString(schema.ConvSnoozedUntil)
		} else if now.deleted {
			return sql.ErrNoRows
		}
		now := stateOf(conv)
		if spam = now.spam == s.after.spam && now.spam != s.before.spam; spam {
			if _, err := conversation.SetSpam(tx, s.id, agent, s.before.spam); err != nil {
				return err
			}
			if conv, err = tx.FindRecordById(schema.Conversations, s.id); err != nil {
				return err
			}
			s.after.status, now.status = conv.GetString(schema.ConvStatus), conv.GetString(schema.ConvStatus)
		}
		_, err = conversation.Apply(tx, s.id, agent, undoing(s.before, s.after, now))
		return err
	})
	if err == nil && spam {
		r.Teach(s.id, s.before.spam)
	}
	return err
}

// undoing is the change that leads back to before, as far as things still
// stand as they were left.
func undoing(before, after, now state) (c conversation.Change) {
	if now.assignee == after.assignee && before.assignee != after.assignee {
		c.Assignee = &before.assignee
	}
	if now.priority == after.priority && before.priority != after.priority {
		c.Priority = &before.priority
	}
	if now.status == after.status && (before.status != after.status || now.snoozed == after.snoozed && before.snoozed != after.snoozed) {
		c.Status = &before.status
		if before.status == schema.StatusSnoozed {
			until := before.snoozed
			if until == "" {
				until = conversation.UntilAnswer
			} else if at, err := time.Parse("2006-01-02 15:04:05.000Z", until); err == nil && !at.After(time.Now()) {
				open := schema.StatusOpen // its time has come meanwhile
				c.Status = &open
			}
			c.SnoozedUntil = &until
		}
	}
	for _, id := range before.tags {
		if !slices.Contains(after.tags, id) && !slices.Contains(now.tags, id) {
			c.AddTags = append(c.AddTags, id)
		}
	}
	for _, id := range after.tags {
		if !slices.Contains(before.tags, id) {
			c.RemoveTags = append(c.RemoveTags, id)
		}
	}
	return c
}
