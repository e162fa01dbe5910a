package conversation

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Change is what an agent changes of a conversation; nil leaves a field.
type Change struct {
	Status       *string   `json:"status"`
	SnoozedUntil *string   `json:"snoozed_until"` // RFC 3339 or UntilAnswer, needed for StatusSnoozed
	Assignee     *string   `json:"assignee"`      // "" for nobody
	Tags         *[]string `json:"tags"`
	AddTags      []string  `json:"add_tags"`    // beside those it has
	RemoveTags   []string  `json:"remove_tags"` // of those it has
	Priority     *int      `json:"priority"`
	Subject      *string   `json:"subject"`
	Note         string    `json:"-"` // id of the note with which it is handed to the assignee
}

// UntilAnswer snoozes until the customer writes again, however long that is.
const UntilAnswer = "answer"

// Priorities of a conversation.
const (
	PriorityLow    = -1
	PriorityNormal = 0
	PriorityHigh   = 1
	PriorityUrgent = 2
)

// ErrChange is returned, wrapped, for a change that cannot be made; its text
// is a key of the catalogue.
type ErrChange string

func (e ErrChange) Error() string { return string(e) }

// Apply makes a change in one transaction, with an event message for each
// thing that really changed.
func Apply(app core.App, id, agent string, c Change) (*Conversation, error) {
	var conv *Conversation
	err := app.RunInTransaction(func(tx core.App) (err error) {
		if conv, err = findLive(tx, id); err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		if err := applyAll(tx, conv, agent, c); err != nil {
			return err
		}
		return tx.Save(conv.Record)
	})
	if err != nil {
		return nil, fmt.Errorf("change conversation: %w", err)
	}
	return conv, nil
}

func applyAll(tx core.App, conv *Conversation, agent string, c Change) error {
	if c.Assignee != nil && *c.Assignee != conv.GetString(schema.ConvAssignee) {
		if err := setAssignee(tx, conv, agent, *c.Assignee, c.Note); err != nil {
			return err
		}
	}
	if c.Tags != nil || len(c.AddTags)+len(c.RemoveTags) > 0 {
		tags := conv.GetStringSlice(schema.ConvTags)
		if c.Tags != nil {
			tags = *c.Tags
		}
		tags = slices.DeleteFunc(slices.Concat(tags, c.AddTags), func(id string) bool { return slices.Contains(c.RemoveTags, id) })
		if err := setTags(tx, conv, agent, tags); err != nil {
			return err
		}
	}
	if c.Priority != nil && *c.Priority != conv.GetInt(schema.ConvPriority) {
		if *c.Priority < PriorityLow || *c.Priority > PriorityUrgent {
			return ErrChange("error.priority")
		}
		from := conv.GetString(schema.ConvPriority)
		conv.Set(schema.ConvPriority, *c.Priority)
		if err := addEvent(tx, conv, agent, Event{Type: "priority", From: from, To: fmt.Sprint(*c.Priority)}); err != nil {
			return err
		}
	}
	if c.Subject != nil && clean(*c.Subject) != conv.GetString(schema.ConvSubject) {
		from := conv.GetString(schema.ConvSubject)
		conv.Set(schema.ConvSubject, clip(clean(*c.Subject), 990))
		if err := addEvent(tx, conv, agent, Event{Type: "subject", From: from, To: conv.GetString(schema.ConvSubject)}); err != nil {
			return err
		}
	}
	if c.Status == nil {
		return nil
	}
	var until types.DateTime
	if *c.Status == schema.StatusSnoozed && (c.SnoozedUntil == nil || *c.SnoozedUntil != UntilAnswer) {
		if c.SnoozedUntil != nil {
			until, _ = types.ParseDateTime(*c.SnoozedUntil)
		}
		if until.IsZero() || until.Before(now()) {
			return ErrChange("error.snooze_time")
		}
	}
	return setStatus(tx, conv, agent, *c.Status, until)
}

// setStatus moves the status machine. Every status may follow every other;
// what belongs to the old one is cleared. Snoozed without a time is snoozed
// until the customer writes.
func setStatus(tx core.App, conv *Conversation, agent, to string, until types.DateTime) error {
	switch to {
	case schema.StatusOpen, schema.StatusPending, schema.StatusSnoozed, schema.StatusSolved:
	default:
		return ErrChange("error.status")
	}
	from := conv.Status()
	if from == to && to != schema.StatusSnoozed {
		return nil
	}
	if err := moveTo(tx, conv, to, until); err != nil {
		return err
	}
	ev := Event{Type: "status", From: from, To: to}
	if to == schema.StatusSnoozed {
		ev.Names = map[string]string{"until": stamp(until)}
		if until.IsZero() {
			ev.Names["until"] = UntilAnswer
		}
	}
	return addEvent(tx, conv, agent, ev)
}

// moveTo is setStatus without its event.
func moveTo(tx core.App, conv *Conversation, to string, until types.DateTime) error {
	conv.Set(schema.ConvStatus, to)
	conv.Set(schema.ConvSnoozedUntil, until)
	conv.Set(schema.ConvSolvedAt, "")
	switch to {
	case schema.StatusSolved:
		conv.Set(schema.ConvSolvedAt, now())
		conv.Set(schema.ConvWaitingSince, "")
	case schema.StatusOpen:
		since, err := unanswered(tx, conv.Id)
		if err != nil {
			return err
		}
		conv.Set(schema.ConvWaitingSince, since)
	}
	return nil
}

// ByCustomer closes a conversation for its customer, or opens it again. What
// it is already stays as it is.
func ByCustomer(app core.App, id, to string) (*Conversation, error) {
	kind, words := "customer_closed", "portal.event_closed"
	if to == schema.StatusOpen {
		kind, words = "customer_reopened", "portal.event_reopened"
	}
	return edit(app, id, func(tx core.App, conv *Conversation) error {
		if conv.Status() == to || conv.GetBool(schema.ConvSpam) || to == schema.StatusOpen && conv.Status() != schema.StatusSolved {
			return nil
		}
		if err := moveTo(tx, conv, to, types.DateTime{}); err != nil {
			return err
		}
		if to == schema.StatusOpen {
			// They wait again, whoever spoke last.
			conv.Set(schema.ConvWaitingSince, now())
			conv.Set(schema.ConvLastActivity, now())
		}
		return addEvent(tx, conv, "", Event{Type: kind, To: to, Text: i18n.T(settings.Shop(tx).Language(), words)})
	})
}

func setAssignee(tx core.App, conv *Conversation, agent, to, note string) error {
	names := map[string]string{}
	if note != "" {
		names["note"] = note
	}
	from := conv.GetString(schema.ConvAssignee)
	for _, id := range []string{from, to} {
		if id == "" {
			continue
		}
		r, err := tx.FindRecordById(schema.Agents, id)
		if errors.Is(err, sql.ErrNoRows) {
			if id == to {
				return ErrChange("error.assignee")
			}
			continue
		}
		if err != nil {
			return err
		}
		names[id] = r.GetString(schema.AgentName)
	}
	conv.Set(schema.ConvAssignee, to)
	return addEvent(tx, conv, agent, Event{Type: "assigned", From: from, To: to, Names: names})
}

func setTags(tx core.App, conv *Conversation, agent string, to []string) error {
	from := conv.GetStringSlice(schema.ConvTags)
	to = slices.Clone(to) // the caller's stays as it is
	slices.Sort(to)
	to = slices.Compact(to)
	change := func(kind string, ids, other []string) error {
		for _, id := range ids {
			if slices.Contains(other, id) {
				continue
			}
			names := map[string]string{}
			if r, err := tx.FindRecordById(schema.Tags, id); err == nil {
				names[id] = r.GetString(schema.TagName)
			} else if kind == "tagged" {
				return ErrChange("error.tag")
			}
			if err := addEvent(tx, conv, agent, Event{Type: kind, To: id, Names: names}); err != nil {
				return err
			}
		}
		return nil
	}
	if err := change("untagged", from, to); err != nil {
		return err
	}
	if err := change("tagged", to, from); err != nil {
		return err
	}
	conv.Set(schema.ConvTags, to)
	return nil
}

// MarkSeen moves a watermark of reading forward, never back and never beyond
// the newest message. It returns where it stands now, 0 if it did not move. by
// is schema.ConvStaffSeenSeq or schema.ConvContactSeenSeq. It writes no
// record: reading is no change anybody's hook waits for.
func MarkSeen(app core.App, id, by string, seq int64) (int64, error) {
	if by != schema.ConvStaffSeenSeq && by != schema.ConvContactSeenSeq {
		return 0, errors.New("no such watermark")
	}
	var at int64
	err := app.NonconcurrentDB().NewQuery(`UPDATE conversations SET ` + by + ` = MIN({:seq}, last_seq) WHERE id={:id} AND ` + by + ` < MIN({:seq}, last_seq) RETURNING ` + by).
		Bind(dbx.Params{"id": id, "seq": seq}).Row(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("mark as seen: %w", err)
	}
	return at, nil
}

// MarkUnseen makes the customer's newest message count as unread again.
func MarkUnseen(app core.App, id string) error {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE conversations SET staff_seen_seq = MAX(0, last_incoming_seq - 1) WHERE id={:id}`).
		Bind(dbx.Params{"id": id}).Execute()
	return err
}

// Rate records the customer's rating of a conversation, 1 to 5.
func Rate(app core.App, id string, score int, comment string) (*Conversation, error) {
	if score < 1 || score > 5 {
		return nil, ErrChange("error.rating")
	}
	return edit(app, id, func(tx core.App, conv *Conversation) error {
		conv.Set(schema.ConvRating, score)
		conv.Set(schema.ConvRatingComment, clip(clean(comment), 1990))
		return addEvent(tx, conv, "", Event{Type: "rated", To: fmt.Sprint(score), Names: map[string]string{"comment": conv.GetString(schema.ConvRatingComment)}})
	})
}

// LeaveEmail records the address a visitor left for the answer. It proves
// nothing: the address becomes the contact's own only if nobody has it, and
// unverified.
func LeaveEmail(app core.App, id, address, name string) (*Conversation, error) {
	address = contact.Normalise(schema.KindEmail, address)
	if address == "" {
		return nil, ErrChange("error.email")
	}
	return edit(app, id, func(tx core.App, conv *Conversation) error {
		if conv.GetString(schema.ConvEmail) == address {
			return nil
		}
		conv.Set(schema.ConvEmail, address)
		if _, err := contact.AddIdentity(tx, conv.Contact(), contact.Identity{Kind: schema.KindEmail, Value: address}); err != nil {
			return err
		}
		if err := contact.SetNameIfEmpty(tx, conv.Contact(), name); err != nil {
			return err
		}
		return addEvent(tx, conv, "", Event{Type: "email_left", To: address})
	})
}

// edit loads a conversation in a transaction, lets f change it and saves it.
func edit(app core.App, id string, f func(tx core.App, conv *Conversation) error) (*Conversation, error) {
	var conv *Conversation
	err := app.RunInTransaction(func(tx core.App) (err error) {
		if conv, err = findLive(tx, id); err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		if err := f(tx, conv); err != nil {
			return err
		}
		return tx.Save(conv.Record)
	})
	return conv, err
}
