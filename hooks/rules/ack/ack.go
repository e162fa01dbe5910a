package ack

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// received acknowledges the first message of a conversation. A question that
// cannot be answered here never keeps the message itself from being taken in.
func (room *Room) received(tx core.App, in conversation.Incoming, got conversation.Received) error {
	shop := settings.Shop(tx)
	if !shop.GetBool(schema.ShopAckEnabled) || got.Message == nil || got.Conversation == nil ||
		in.Older || in.Automatic || in.AutoReply || in.Bounce || in.Spam || in.Auth == "fail" {
		return nil
	}
	address := addressOf(in)
	if address == "" {
		return nil
	}
	ok, err := room.may(tx, got, address, max(shop.GetInt(schema.ShopAckHours), 24))
	if err != nil {
		tx.Logger().Error("acknowledgement: it cannot be told whether one may go", "error", err)
		return nil
	}
	if !ok {
		return nil
	}
	lang := got.Conversation.GetString(schema.ConvLanguage)
	if !i18n.Current().Has(lang) {
		lang = shop.Language()
	}
	words, err := room.Words(tx, lang, letter.KindAck)
	if err != nil {
		tx.Logger().Error("acknowledgement: its words cannot be read", "error", err)
		return nil
	}
	expected := rules.Promise(tx, i18n.Current(), lang, got.Conversation.Channel(), room.now())
	l := letter.Ack(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, got.Conversation.Number(), expected, words)
	if l.Link, err = room.Link(tx, got.Conversation, address, room.now()); err != nil {
		tx.Logger().Error("acknowledgement: its link cannot be made", "error", err)
		return nil
	}
	sent, err := room.Conversation.Reply(tx, conversation.Draft{
		Conversation: got.Conversation.Id, Kind: schema.MessageOutgoing, AuthorKind: schema.AuthorBot, ClientID: "ack-" + got.Message.Id,
		Channel: schema.ChannelEmail, Recipient: address, Automatic: true,
		Subject: l.Subject, Text: strings.ReplaceAll(strings.TrimSpace(l.Plain()), "\r\n", "\n"), HTML: l.HTML(),
	})
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	got.Conversation.SetProxyRecord(sent.Conversation.ProxyRecord())
	return nil
}

// addressOf is where the sender of this message reads mail: the address they
// wrote from or typed into the form, not one they may be known by.
func addressOf(in conversation.Incoming) string {
	switch in.Channel {
	case schema.ChannelEmail:
		if in.ReplyTo != "" {
			return contact.Normalise(schema.KindEmail, in.ReplyTo)
		}
		if len(in.From) > 0 && in.From[0].Kind == schema.KindEmail {
			return contact.Normalise(schema.KindEmail, in.From[0].Value)
		}
	case schema.ChannelPortal:
		return contact.Normalise(schema.KindEmail, in.Email)
	}
	return ""
}

// may asks everything that speaks against an acknowledgement.
func (room *Room) may(tx core.App, got conversation.Received, address string, hours int) (bool, error) {
	var first bool
	// idx_messages_conversation
	err := tx.DB().NewQuery(`SELECT NOT EXISTS (SELECT 1 FROM messages WHERE conversation = {:conv} AND seq < {:seq} AND kind IN ('incoming', 'outgoing'))`).
		Bind(dbx.Params{"conv": got.Conversation.Id, "seq": got.Message.Seq()}).Row(&first)
	if err != nil || !first {
		return false, err
	}
	box, err := channel.Mailbox(tx, got.Conversation)
	if err != nil || box == "" {
		return false, err
	}
	why, err := room.May(tx, got.Message.ProxyRecord(), address)
	if err != nil || why != "" {
		return false, err
	}
	had, err := lately(tx, address, room.now().Add(-time.Duration(hours)*time.Hour))
	return !had, err
}

// lately tells whether an address had an automatic mail since then. Gmail's
// dots and everybody's +tags are one address here (mail rule 30).
// Uses idx_messages_machine.
func lately(app core.App, address string, since time.Time) (bool, error) {
	at, _ := types.ParseDateTime(since)
	var recipients []string
	err := app.DB().NewQuery(`SELECT recipient FROM messages WHERE kind = 'outgoing' AND automatic = TRUE AND created > {:since}`).
		Bind(dbx.Params{"since": at.String()}).Column(&recipients)
	if err != nil {
		return false, fmt.Errorf("read the automatic mails: %w", err)
	}
	for _, r := range recipients {
		if mailbox(r) == mailbox(address) {
			return true, nil
		}
	}
	return false, nil
}

// mailbox is what addresses that reach the same person have in common.
func mailbox(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	local, _, _ = strings.Cut(local, "+")
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}
