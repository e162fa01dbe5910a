package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// MailCode mails a code that proves an address to a customer, now or not at
// all. It needs a mailbox of the shop.
func (room *Room) MailCode(ctx context.Context, app core.App, to, lang, code string, life time.Duration) error {
	return room.mailCode(ctx, app, to, lang, code, life, letter.Template{Subject: i18n.T(lang, "mail.prove_subject"), Body: i18n.T(lang, "mail.prove_body")})
}

// MailSignIn mails a code to a customer who wants to see their requests, now
// or not at all, in the owner's words.
func (room *Room) MailSignIn(ctx context.Context, app core.App, to, lang, code string, life time.Duration) error {
	words, err := OwnerTemplate(app, lang, letter.KindCode)
	if err != nil {
		return err
	}
	return room.mailCode(ctx, app, to, lang, code, life, words)
}

func (room *Room) mailCode(ctx context.Context, app core.App, to, lang, code string, life time.Duration, words letter.Template) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	collection, err := app.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return err
	}
	id, err := channel.Mailbox(app, conversation.Wrap(core.NewRecord(collection)))
	if err != nil {
		return err
	}
	r, err := app.FindRecordById(schema.Mailboxes, id)
	if err != nil {
		return fmt.Errorf("find the mailbox: %w", err)
	}
	shop, minutes := settings.Shop(app), i18n.Current().Digits(lang, fmt.Sprint(int(life/time.Minute)))
	return room.sendAlone(app, wrap(r), to, lang, letter.Code(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, code, minutes, words))
}
