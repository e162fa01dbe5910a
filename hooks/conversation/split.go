package conversation

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// Split takes a message, and with following everything said after it, out of
// its conversation into a new one of whoever wrote it. Events stay: they tell
// of the conversation that they happened to.
func Split(app core.App, message, agent string, following bool) (from, out *Conversation, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Messages, message)
		if err != nil {
			return err
		}
		m := WrapMessage(r)
		if from, err = findLive(tx, m.Conversation()); err != nil {
			return err
		}
		if from == nil || from.Id != m.Conversation() {
			return sql.ErrNoRows
		}
		if m.GetString(schema.MsgKind) == schema.MessageEvent {
			return ErrChange("error.split_event")
		}
		cond := `id = {:message}`
		if following {
			cond = `seq >= {:seq} AND kind != 'event'`
		}
		params := dbx.Params{"message": message, "seq": m.Seq()}
		ids, err := column(tx, `SELECT id FROM messages WHERE conversation = {:id} AND `+cond+` ORDER BY seq`, from.Id, params) // idx_messages_conversation
		if err != nil {
			return err
		}
		said, err := column(tx, `SELECT id FROM messages WHERE conversation = {:id} AND kind != 'event'`, from.Id)
		if err != nil {
			return err
		}
		if len(said) == len(ids) {
			return ErrChange("error.split_all")
		}
		if out, err = splitInto(tx, from, m); err != nil {
			return err
		}
		if err := move(tx, ids, out.Id); err != nil {
			return err
		}
		for _, c := range []*Conversation{from, out} {
			if err := retell(tx, c); err != nil {
				return err
			}
		}
		if out.GetDateTime(schema.ConvWaitingSince).IsZero() {
			out.Set(schema.ConvStatus, schema.StatusPending) // the last word in it is ours
		}
		tell := func(c, other *Conversation, kind string) error {
			number := strconv.FormatInt(other.Number(), 10)
			if err := addEvent(tx, c, agent, Event{Type: kind, From: number, To: other.Id, Names: map[string]string{"from": number}}); err != nil {
				return err
			}
			return tx.SaveNoValidate(c.Record)
		}
		if err := tell(from, out, "split"); err != nil {
			return err
		}
		return tell(out, from, "split_from")
	})
	if err != nil {
		return nil, nil, fmt.Errorf("split a conversation: %w", err)
	}
	return from, out, nil
}

// splitInto makes the new conversation. The token of a browser stays with the
// old one: it opens one conversation only.
func splitInto(tx core.App, from *Conversation, m *Message) (*Conversation, error) {
	collection, err := tx.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return nil, err
	}
	number, err := next(tx, schema.CounterConversation)
	if err != nil {
		return nil, err
	}
	c := Wrap(core.NewRecord(collection))
	for _, f := range []string{schema.ConvContact, schema.ConvChannel, schema.ConvMailbox, schema.ConvSubject, schema.ConvAssignee, schema.ConvLanguage, schema.ConvEmail, schema.ConvPage} {
		c.Set(f, from.Get(f))
	}
	c.Set(schema.ConvNumber, number)
	c.Set(schema.ConvStatus, schema.StatusOpen)
	if who := m.GetString(schema.MsgContact); who != "" {
		c.Set(schema.ConvContact, who)
	}
	if ch := m.GetString(schema.MsgChannel); ch != "" {
		c.Set(schema.ConvChannel, ch)
	}
	if s := m.GetString(schema.MsgSubject); s != "" {
		c.Set(schema.ConvSubject, s)
	}
	if c.Contact() != from.Contact() {
		c.Set(schema.ConvEmail, "")
	}
	c.Set(schema.ConvStaffSeenSeq, from.GetInt(schema.ConvStaffSeenSeq))
	if err := tx.Save(c.Record); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	return c, nil
}

// retell makes what the list shows of a conversation anew from its messages.
// Uses idx_messages_conversation.
func retell(tx core.App, c *Conversation) error {
	var last struct {
		ID      string         `db:"id"`
		Kind    string         `db:"kind"`
		Text    string         `db:"text"`
		Created types.DateTime `db:"created"`
	}
	err := tx.DB().NewQuery(`SELECT id, kind, text, created FROM messages WHERE conversation = {:id} AND kind != 'event' ORDER BY seq DESC LIMIT 1`).
		Bind(dbx.Params{"id": c.Id}).One(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the newest message: %w", err)
	}
	c.Set(schema.ConvPreview, preview(last.Text))
	c.Set(schema.ConvPreviewKind, last.Kind)
	c.Set(schema.ConvLastActivity, last.Created)
	var heard, answered types.DateTime
	for kind, into := range map[string]*types.DateTime{`incoming`: &heard, `outgoing`: &answered} {
		order := ``
		if kind == `incoming` {
			order = ` DESC`
		}
		err := tx.DB().NewQuery(`SELECT created FROM messages WHERE conversation = {:id} AND kind = {:kind} AND automatic = FALSE ORDER BY seq` + order + ` LIMIT 1`).
			Bind(dbx.Params{"id": c.Id, "kind": kind}).Row(into)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read when it was written: %w", err)
		}
	}
	c.Set(schema.ConvLastIncoming, heard)
	c.Set(schema.ConvFirstReplyAt, answered)
	return recount(tx, c)
}
