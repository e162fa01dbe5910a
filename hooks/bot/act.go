package bot

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/bot/flow"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// act does what was thought of, all of it or nothing. If an agent has spoken
// meanwhile, or the task is gone, it is nothing.
func (room *Room) act(t task, turn Turn) error {
	return room.app.RunInTransaction(func(tx core.App) error {
		gone, err := tx.DB().NewQuery(`DELETE FROM bot_tasks WHERE message = {:message}`).Bind(dbx.Params{"message": t.Message}).Execute()
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n == 0 || turn.Quiet {
			return err
		}
		m, err := tx.FindRecordById(schema.Messages, t.Message)
		if err != nil {
			return err
		}
		conv, err := conversation.Live(tx, m.GetString(schema.MsgConversation))
		if err != nil || conv == nil {
			return err
		}
		at, err := marksOf(tx, conv.Id)
		if err != nil || at.Spoken > at.Solved {
			return err
		}
		if err := room.keep(tx, conv, turn); err != nil {
			return err
		}
		if turn.Missed != "" && turn.Session.Question != "" {
			if err := keepQuestion(tx, conv, t.Seq, turn); err != nil {
				return err
			}
		}
		return room.speak(tx, conv, t, turn)
	})
}

// speak writes the answer, and what follows of it for the conversation.
func (room *Room) speak(tx core.App, conv *conversation.Conversation, t task, turn Turn) error {
	offer := &conversation.Offer{Article: turn.Article, Name: nameOf(tx, turn.Session.Language)}
	for _, c := range turn.Session.Choices {
		offer.Choices = append(offer.Choices, c.Label)
	}
	d := conversation.Draft{
		Conversation: conv.Id, Kind: schema.MessageOutgoing, AuthorKind: schema.AuthorBot, ClientID: "bot-" + t.Message,
		Text: turn.Text, Automatic: true, Offer: offer,
	}
	if turn.Solve {
		d.Then = schema.StatusSolved
	}
	sent, err := room.Desk.Reply(tx, d)
	if err != nil {
		return fmt.Errorf("say what the bot says: %w", err)
	}
	conv = sent.Conversation
	turn.Session.Seq = t.Seq
	if turn.Hand != "" {
		turn.Session.Handed = sent.Message.Seq()
		if err := room.pass(tx, conv, turn); err != nil {
			return err
		}
	} else if !turn.Solve && turn.Session.Handed == 0 && conv.Status() == schema.StatusOpen {
		// It waits for the customer now; that the bot wrote is event enough.
		conv.Set(schema.ConvStatus, schema.StatusPending)
		if err := tx.Save(conv.ProxyRecord()); err != nil {
			return err
		}
	}
	return saveSession(tx, conv.Id, turn.Session)
}

// pass gives the conversation to people: open, with a line that says why, and
// with what the flow wants of it.
func (room *Room) pass(tx core.App, conv *conversation.Conversation, turn Turn) error {
	open := schema.StatusOpen
	c := conversation.Change{AddTags: turn.Tags}
	if conv.Status() != open {
		c.Status = &open
	}
	if to := turn.To; to != nil {
		if to.Agent != "" {
			if _, err := tx.FindRecordById(schema.Agents, to.Agent); err == nil {
				c.Assignee = &to.Agent
			}
		}
		c.Priority = to.Priority
	}
	c.AddTags = existing(tx, c.AddTags)
	changed, err := conversation.Apply(tx, conv.Id, "", c)
	if err != nil {
		return err
	}
	if err := conversation.NoteEvent(tx, changed, "", conversation.Event{Type: "handed_over", To: turn.Hand}); err != nil {
		return err
	}
	return tx.Save(changed.ProxyRecord())
}

// existing leaves out tags that are gone since the flow was drawn.
func existing(tx core.App, tags []string) (kept []string) {
	for _, id := range tags {
		if _, err := tx.FindRecordById(schema.Tags, id); err == nil {
			kept = append(kept, id)
		}
	}
	return kept
}

// keep puts what the visitor said where the flow wants it. What does not fit
// there stands in the conversation all the same.
func (room *Room) keep(tx core.App, conv *conversation.Conversation, turn Turn) error {
	if turn.Hand == "" {
		if tags := existing(tx, turn.Tags); len(tags) > 0 {
			if _, err := conversation.Apply(tx, conv.Id, "", conversation.Change{AddTags: tags}); err != nil {
				return err
			}
		}
	}
	for _, k := range turn.Keep {
		field, own := strings.CutPrefix(k.Save, "field:")
		var err error
		switch {
		case own:
			_, err = room.Keep(tx, conv.Contact(), field, k.Value)
		case k.Save == flow.SaveName:
			err = contact.SetNameIfEmpty(tx, conv.Contact(), clip(k.Value, 120))
		case k.Save == flow.SaveEmail:
			var refused conversation.ErrChange
			if _, err = conversation.LeaveEmail(tx, conv.Id, mailAddress.FindString(k.Value), ""); errors.As(err, &refused) {
				err = nil
			}
		case k.Save == flow.SavePhone:
			if phone := contact.Normalise(schema.KindPhone, k.Value); phone != "" {
				_, err = contact.AddIdentity(tx, conv.Contact(), contact.Identity{Kind: schema.KindPhone, Value: phone})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
