// Package channel knows the ways to reach a customer and chooses the one to
// answer by: the way they wrote, and mail when that way has ended.
package channel

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Channel sends what the outbox holds for it. What it receives it hands to
// [conversation.Receive] itself.
type Channel interface {
	Name() string // schema.ChannelChat, …
	Send(ctx context.Context, app core.App, it outbox.Item) (outbox.Receipt, error)
}

// Bind makes the channel the sender of its outbox rows.
func Bind(w *outbox.Worker, c Channel) { w.Handle(c.Name(), c.Send) }

// Router chooses the way of an answer; it implements [conversation.Router].
type Router struct{}

// Route answers a chat in the chat, from where unread answers go on by mail,
// and everything else by mail. A customer without an address, or a shop
// without a mailbox, is no error: the answer is kept and the agent is told.
func (Router) Route(app core.App, conv *conversation.Conversation, ch, recipient string) (conversation.Route, error) {
	if ch == "" {
		ch = conv.Channel()
	}
	if ch == schema.ChannelChat && conv.GetString(schema.ConvVisitor) != "" {
		return conversation.Route{
			Channel: schema.ChannelChat, Recipient: conv.GetString(schema.ConvVisitor), Delivery: schema.DeliverySent,
			Due: time.Now().Add(settings.Shop(app).HandoverAfter()),
		}, nil
	}
	if recipient == "" {
		var err error
		if recipient, err = MailAddress(app, conv); err != nil {
			return conversation.Route{}, err
		}
	}
	if recipient == "" {
		return conversation.Route{Detail: "error.no_address"}, nil
	}
	box, err := Mailbox(app, conv)
	if err != nil {
		return conversation.Route{}, err
	}
	if box == "" {
		return conversation.Route{Detail: "error.no_mailbox"}, nil
	}
	return conversation.Route{Channel: schema.ChannelEmail, Recipient: recipient, Delivery: schema.DeliveryQueued, Lane: box}, nil
}

// MailAddress is where an answer by mail goes: to the address that the
// customer last wrote this conversation from, to the one they left in it, or
// to one they are known by. "" if there is none.
func MailAddress(app core.App, conv *conversation.Conversation) (string, error) {
	var from string
	// idx_messages_conversation
	err := app.DB().NewQuery(`SELECT COALESCE((SELECT CASE reply_to WHEN '' THEN sender ELSE reply_to END FROM messages WHERE conversation = {:conv} AND kind = 'incoming' AND channel = 'email'
		AND sender != '' AND trust != 'other' ORDER BY seq DESC LIMIT 1), '')`).Bind(dbx.Params{"conv": conv.Id}).Row(&from)
	if err != nil {
		return "", fmt.Errorf("find the customer's address: %w", err)
	}
	if a := contact.Normalise(schema.KindEmail, from); a != "" {
		return a, nil
	}
	if a := conv.GetString(schema.ConvEmail); a != "" {
		return a, nil
	}
	return contact.Address(app, conv.Contact(), schema.KindEmail)
}

// Mailbox is the record id of the mailbox a conversation is answered from: its
// own while that is in use, else the oldest one in use; "" if there is none.
func Mailbox(app core.App, conv *conversation.Conversation) (string, error) {
	var id string
	err := app.DB().NewQuery(`SELECT COALESCE((SELECT id FROM mailboxes WHERE active = TRUE AND smtp_host != ''
		ORDER BY id = {:own} DESC, created, id LIMIT 1), '')`).Bind(dbx.Params{"own": conv.GetString(schema.ConvMailbox)}).Row(&id)
	if err != nil {
		return "", fmt.Errorf("find the mailbox to answer from: %w", err)
	}
	return id, nil
}
