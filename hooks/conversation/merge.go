package conversation

import (
	"database/sql"
	"encoding/json/v2"
	"fmt"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// merged are the fields of a conversation that a merge may change, and so
// what is kept of it to undo one.
var merged = []string{
	schema.ConvStatus, schema.ConvSnoozedUntil, schema.ConvSolvedAt, schema.ConvWaitingSince, schema.ConvAssignee, schema.ConvPriority, schema.ConvTags,
	schema.ConvSubject, schema.ConvEmail, schema.ConvMailbox, schema.ConvPreview, schema.ConvPreviewKind, schema.ConvLastActivity, schema.ConvLastIncoming,
	schema.ConvStaffSeenSeq, schema.ConvContactSeenSeq, schema.ConvFirstReplyAt, schema.ConvRating, schema.ConvRatingComment, schema.ConvSpam, schema.ConvAutomatic,
}

// Merged is what Unmerge needs to take a merge back.
type Merged struct {
	Keep, Gone string            // record ids
	Number     int64             // of the one that is gone
	messages   []string          // those that moved
	through    []string          // conversations that had been merged into the one that is gone
	before     map[string]string // fields of Keep as they were, in JSON
	after      map[string]string // and as the merge left them
	at         int64             // seq of the event of the merge
}

// Merge makes gone part of keep: its messages stand among those of keep in
// the order they were written, and its number, tokens and links lead there
// from now on. Everything in one transaction, so a message that comes meanwhile
// is in one of the two before, or in keep after.
func Merge(app core.App, keep, gone, agent string) (Merged, error) {
	var m Merged
	err := app.RunInTransaction(func(tx core.App) error {
		k, g, err := two(tx, keep, gone)
		if err != nil {
			return err
		}
		m = Merged{Keep: k.Id, Gone: g.Id, Number: g.Number(), before: picture(k)}
		if m.messages, err = column(tx, `SELECT id FROM messages WHERE conversation = {:id} ORDER BY seq`, g.Id); err != nil { // idx_messages_conversation
			return err
		}
		if m.through, err = column(tx, `SELECT id FROM conversations WHERE merged_into = {:id}`, g.Id); err != nil { // idx_conversations_merged
			return err
		}
		if err := move(tx, m.messages, k.Id); err != nil {
			return err
		}
		// No chain of merges grows: everything that led to gone leads to keep.
		if err := lead(tx, m.through, k.Id); err != nil {
			return err
		}
		setMerged(k, g)
		if err := recount(tx, k); err != nil {
			return err
		}
		number := strconv.FormatInt(g.Number(), 10)
		if err := addEvent(tx, k, agent, Event{Type: "merged", From: number, To: g.Id, Names: map[string]string{"from": number}}); err != nil {
			return err
		}
		m.at, m.after = int64(k.GetInt(schema.ConvLastSeq)), picture(k)
		putAside(g)
		g.Set(schema.ConvMergedInto, k.Id)
		for _, c := range []*Conversation{k, g} {
			if err := tx.SaveNoValidate(c.Record); err != nil {
				return fmt.Errorf("save conversation: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return Merged{}, fmt.Errorf("merge conversations: %w", err)
	}
	return m, nil
}

// two loads the conversations of a merge.
func two(tx core.App, keep, gone string) (k, g *Conversation, err error) {
	if k, err = findLive(tx, keep); err != nil {
		return nil, nil, err
	}
	if g, err = findLive(tx, gone); err != nil {
		return nil, nil, err
	}
	switch {
	case k == nil || g == nil:
		return nil, nil, sql.ErrNoRows
	case k.Id == g.Id:
		return nil, nil, ErrChange("error.merge_same")
	}
	return k, g, nil
}

// setMerged gives keep what it has from gone now: what is more urgent, what it
// lacks, and whatever is newer.
func setMerged(k, g *Conversation) {
	alive := map[string]int{schema.StatusOpen: 3, schema.StatusPending: 2, schema.StatusSnoozed: 1}
	if alive[g.Status()] > alive[k.Status()] {
		for _, f := range []string{schema.ConvStatus, schema.ConvSnoozedUntil, schema.ConvSolvedAt} {
			k.Set(f, g.Get(f))
		}
	}
	lacks := []string{schema.ConvAssignee, schema.ConvSubject, schema.ConvMailbox, schema.ConvRatingComment}
	if k.Contact() == g.Contact() {
		lacks = append(lacks, schema.ConvEmail)
	}
	for _, f := range lacks {
		if k.GetString(f) == "" {
			k.Set(f, g.Get(f))
		}
	}
	k.Set(schema.ConvPriority, max(k.GetInt(schema.ConvPriority), g.GetInt(schema.ConvPriority)))
	if k.GetInt(schema.ConvRating) == 0 {
		k.Set(schema.ConvRating, g.GetInt(schema.ConvRating))
	}
	k.Set(schema.ConvTags, append(k.GetStringSlice(schema.ConvTags), g.GetStringSlice(schema.ConvTags)...))
	k.Set(schema.ConvSpam, k.GetBool(schema.ConvSpam) && g.GetBool(schema.ConvSpam))
	k.Set(schema.ConvAutomatic, k.GetBool(schema.ConvAutomatic) && g.GetBool(schema.ConvAutomatic))
	if first := g.GetDateTime(schema.ConvFirstReplyAt); !first.IsZero() && (k.GetDateTime(schema.ConvFirstReplyAt).IsZero() || first.Before(k.GetDateTime(schema.ConvFirstReplyAt))) {
		k.Set(schema.ConvFirstReplyAt, first)
	}
	if g.GetDateTime(schema.ConvLastActivity).After(k.GetDateTime(schema.ConvLastActivity)) {
		for _, f := range []string{schema.ConvLastActivity, schema.ConvPreview, schema.ConvPreviewKind} {
			k.Set(f, g.Get(f))
		}
	}
	if g.GetDateTime(schema.ConvLastIncoming).After(k.GetDateTime(schema.ConvLastIncoming)) {
		k.Set(schema.ConvLastIncoming, g.Get(schema.ConvLastIncoming))
	}
	// What nobody has read in either stays unread.
	seen := func(c *Conversation) int {
		if c.GetInt(schema.ConvLastIncomingSeq) > c.GetInt(schema.ConvStaffSeenSeq) {
			return c.GetInt(schema.ConvStaffSeenSeq)
		}
		return max(k.GetInt(schema.ConvLastSeq), g.GetInt(schema.ConvLastSeq))
	}
	k.Set(schema.ConvStaffSeenSeq, min(seen(k), seen(g)))
}

// putAside takes a conversation out of the lists and remembers how it stood.
func putAside(c *Conversation) {
	c.Set(schema.ConvPutBack, map[string]string{
		schema.ConvStatus: c.Status(), schema.ConvSnoozedUntil: c.GetString(schema.ConvSnoozedUntil),
		schema.ConvSolvedAt: c.GetString(schema.ConvSolvedAt), schema.ConvWaitingSince: c.GetString(schema.ConvWaitingSince),
	})
	c.Set(schema.ConvStatus, schema.StatusSolved)
	c.Set(schema.ConvSnoozedUntil, "")
	c.Set(schema.ConvWaitingSince, "")
}

// putBack is the way back of putAside.
func putBack(tx core.App, c *Conversation) error {
	var was map[string]string
	if raw := c.GetString(schema.ConvPutBack); raw != "" && raw != "null" {
		if err := json.Unmarshal([]byte(raw), &was); err != nil {
			return fmt.Errorf("read how conversation %s stood: %w", c.Id, err)
		}
	}
	if was[schema.ConvStatus] == "" {
		was = map[string]string{schema.ConvStatus: schema.StatusOpen}
	}
	for _, f := range []string{schema.ConvStatus, schema.ConvSnoozedUntil, schema.ConvSolvedAt, schema.ConvWaitingSince} {
		c.Set(f, was[f])
	}
	c.Set(schema.ConvPutBack, nil)
	return recount(tx, c)
}

// Unmerge takes a merge back. What was changed in the kept conversation since
// stays changed; what the other customer wrote since goes back with theirs.
func Unmerge(app core.App, m Merged, agent string) error {
	err := app.RunInTransaction(func(tx core.App) error {
		k, err := findLive(tx, m.Keep)
		if err != nil {
			return err
		}
		r, err := tx.FindRecordById(schema.Conversations, m.Gone)
		if err != nil {
			return err
		}
		g := Wrap(r)
		if k == nil || k.Id != m.Keep || g.MergedInto() != k.Id || g.Deleted() {
			return ErrChange("error.unmerge_late")
		}
		if err := move(tx, m.messages, g.Id); err != nil {
			return err
		}
		if g.Contact() != k.Contact() {
			// idx_messages_conversation
			since, err := column(tx, `SELECT id FROM messages WHERE conversation = {:id} AND seq > {:at} AND contact = {:contact} AND kind = 'incoming'`,
				k.Id, dbx.Params{"at": m.at, "contact": g.Contact()})
			if err != nil {
				return err
			}
			if err := move(tx, since, g.Id); err != nil {
				return err
			}
		}
		if err := lead(tx, m.through, g.Id); err != nil {
			return err
		}
		g.Set(schema.ConvMergedInto, "")
		if err := putBack(tx, g); err != nil {
			return err
		}
		for f, now := range picture(k) {
			if now == m.after[f] {
				var was any
				if err := json.Unmarshal([]byte(m.before[f]), &was); err != nil {
					return fmt.Errorf("read how %s was: %w", f, err)
				}
				k.Set(f, was)
			}
		}
		if err := recount(tx, k); err != nil {
			return err
		}
		number := strconv.FormatInt(m.Number, 10)
		if err := addEvent(tx, k, agent, Event{Type: "unmerged", From: number, To: g.Id, Names: map[string]string{"from": number}}); err != nil {
			return err
		}
		for _, c := range []*Conversation{g, k} {
			if err := tx.SaveNoValidate(c.Record); err != nil {
				return fmt.Errorf("save conversation: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take a merge back: %w", err)
	}
	return nil
}

// picture is the conversation's fields that merges change, each in JSON.
func picture(c *Conversation) map[string]string {
	p := make(map[string]string, len(merged))
	for _, f := range merged {
		raw, err := json.Marshal(c.Get(f))
		if err == nil { // values of a record always are JSON
			p[f] = string(raw)
		}
	}
	return p
}

// move puts messages into another conversation. Two browsers may have chosen
// the same client id; there the one that moves gets another.
func move(tx core.App, ids []string, to string) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE messages SET client_id = '~' || id WHERE id IN (SELECT value FROM json_each({:ids})) AND client_id != '' AND client_id IN
			(SELECT client_id FROM messages WHERE conversation = {:to} AND client_id != '')`,
		`UPDATE messages SET conversation = {:to} WHERE id IN (SELECT value FROM json_each({:ids}))`,
	} {
		if _, err := tx.DB().NewQuery(query).Bind(dbx.Params{"ids": string(list), "to": to}).Execute(); err != nil {
			return fmt.Errorf("move messages: %w", err)
		}
	}
	return movedMessages(tx, ids, to)
}

// lead lets merged conversations lead to another one.
func lead(tx core.App, ids []string, to string) error {
	for _, id := range ids {
		if _, err := tx.DB().NewQuery(`UPDATE conversations SET merged_into = {:to} WHERE id = {:id}`).Bind(dbx.Params{"to": to, "id": id}).Execute(); err != nil {
			return fmt.Errorf("lead a conversation elsewhere: %w", err)
		}
	}
	return nil
}

// recount brings what a conversation says of its messages up to date after
// some were moved. Uses idx_messages_conversation.
func recount(tx core.App, c *Conversation) error {
	var n struct {
		Last     int64 `db:"last"`
		Incoming int64 `db:"incoming"`
	}
	err := tx.DB().NewQuery(`SELECT COALESCE(MAX(seq), 0) AS last, COALESCE(MAX(CASE WHEN kind = 'incoming' THEN seq END), 0) AS incoming FROM messages WHERE conversation = {:id}`).
		Bind(dbx.Params{"id": c.Id}).One(&n)
	if err != nil {
		return fmt.Errorf("read where a conversation ends: %w", err)
	}
	c.Set(schema.ConvLastSeq, n.Last)
	c.Set(schema.ConvLastIncomingSeq, n.Incoming)
	if c.Status() != schema.StatusOpen || c.GetBool(schema.ConvSpam) {
		return nil
	}
	since, err := unanswered(tx, c.Id)
	c.Set(schema.ConvWaitingSince, since)
	return err
}

func column(tx core.App, query, id string, more ...dbx.Params) (list []string, err error) {
	params := dbx.Params{"id": id}
	for _, p := range more {
		for k, v := range p {
			params[k] = v
		}
	}
	if err = tx.DB().NewQuery(query).Bind(params).Column(&list); err != nil {
		return nil, fmt.Errorf("read ids: %w", err)
	}
	return list, nil
}

// MovedMessages is told, in the transaction, of messages that are in another
// conversation now.
type MovedMessages func(tx core.App, ids []string, to string) error

const movedKey = "shohay.conversation.moved"

// OnMove adds to those who are told of moved messages. Only at registration.
func OnMove(app core.App, f MovedMessages) {
	list, _ := app.Store().Get(movedKey).([]MovedMessages)
	app.Store().Set(movedKey, append(list, f))
}

func movedMessages(tx core.App, ids []string, to string) error {
	list, _ := tx.Store().Get(movedKey).([]MovedMessages)
	for _, f := range list {
		if err := f(tx, ids, to); err != nil {
			return err
		}
	}
	return nil
}
