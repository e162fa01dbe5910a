package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
)

// Name is the channel's name.
func (room *Room) Name() string { return schema.ChannelChat }

// Send settles a chat answer when its hand-over time has come. The answer
// itself reached the browser by the stream long ago, or waits for it; what is
// decided here is whether it also has to go by mail.
func (room *Room) Send(_ context.Context, app core.App, it outbox.Item) (outbox.Receipt, error) {
	var receipt outbox.Receipt
	err := app.RunInTransaction(func(tx core.App) error {
		m, err := tx.FindRecordById(schema.Messages, it.Message)
		if err != nil {
			return err
		}
		r, err := tx.FindRecordById(schema.Conversations, it.Conversation)
		if err != nil {
			return err
		}
		conv := conversation.Wrap(r)
		if conv.GetInt(schema.ConvContactSeenSeq) >= m.GetInt(schema.MsgSeq) {
			receipt = outbox.Receipt{Detail: "read in the chat", Delivered: true}
			return nil
		}
		if m.GetString(schema.MsgAuthorKind) == schema.AuthorBot { // what a machine said in the chat is no mail
			receipt = outbox.Receipt{Detail: "waits in the chat", Quiet: true}
			return nil
		}
		address, err := channel.MailAddress(tx, conv)
		if err != nil {
			return err
		}
		box, err := channel.Mailbox(tx, conv)
		if err != nil {
			return err
		}
		if address == "" || box == "" {
			receipt = outbox.Receipt{Detail: "waits in the chat", Quiet: true}
			return nil
		}
		// From here the mail's own row says how far the answer got.
		receipt = outbox.Receipt{Detail: "handed over to mail", Quiet: true}
		m.Set(schema.MsgDelivery, schema.DeliveryQueued)
		if err := tx.Save(m); err != nil {
			return err
		}
		return outbox.Enqueue(tx, outbox.Row{Message: it.Message, Channel: schema.ChannelEmail, Recipient: address, Lane: box})
	})
	return receipt, err
}

// takeAlong gives the conversations of an unknown visitor to the customer
// they turned out to be, and makes the two contacts one.
func takeAlong(app core.App, from, to Claims) error {
	return app.RunInTransaction(func(tx core.App) error {
		old, err := contact.FindByIdentity(tx, schema.KindVisitor, from.Visitor)
		if err != nil || old == nil {
			return err
		}
		known, err := contact.FindByIdentity(tx, schema.KindUser, to.User)
		if err != nil {
			return err
		}
		if known != nil && known.Id != old.Id {
			if err := contact.Merge(tx, known.Id, old.Id); err != nil {
				return err
			}
			old = known
		}
		for _, id := range to.identities() {
			ok, err := contact.AddIdentity(tx, old.Id, contact.Identity(id))
			if err != nil {
				return err
			}
			if !ok {
				return errors.New("the visitor's id belongs to another contact")
			}
		}
		_, err = tx.DB().Update(schema.Conversations, dbx.Params{schema.ConvVisitor: to.Visitor}, dbx.HashExp{schema.ConvVisitor: from.Visitor}).Execute()
		if err != nil {
			return fmt.Errorf("take the conversations along: %w", err)
		}
		return nil
	})
}
