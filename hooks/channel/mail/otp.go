package mail

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	gomail "github.com/wneessen/go-mail"
)

// codeTime is how long sending a code may take: it is waited for, and soon
// worth nothing, so it does not go through the outbox.
const codeTime = 45 * time.Second

// codeMail puts a customer's sign-in code into the shop's words, and sends it
// from the shop's mailbox where there is one. Without one PocketBase's own
// settings of mail are used.
func (room *Room) codeMail(e *core.MailerRecordEvent) error {
	code, _ := e.Meta["password"].(string)
	if code == "" || e.Message == nil {
		return e.Next()
	}
	shop := settings.Shop(e.App)
	lang := e.Record.GetString(schema.ContactLanguage)
	if !i18n.Current().Has(lang) {
		lang = shop.Language()
	}
	words, err := OwnerTemplate(e.App, lang, letter.KindCode)
	if err != nil {
		return err
	}
	minutes := max(1, int(e.Record.Collection().OTP.DurationTime()/time.Minute))
	l := letter.Code(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, code, i18n.Current().Digits(lang, fmt.Sprint(minutes)), words)
	e.Message.Subject, e.Message.HTML, e.Message.Text = l.Subject, l.HTML(), l.Plain()

	collection, err := e.App.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return err
	}
	id, err := channel.Mailbox(e.App, conversation.Wrap(core.NewRecord(collection)))
	if err != nil {
		return err
	}
	if id == "" || len(e.Message.To) == 0 {
		return e.Next()
	}
	r, err := e.App.FindRecordById(schema.Mailboxes, id)
	if err != nil {
		return fmt.Errorf("find the mailbox: %w", err)
	}
	return room.sendAlone(e.App, wrap(r), e.Message.To[0].Address, lang, l)
}

// sendAlone sends a mail that belongs to no conversation, now or not at all.
func (room *Room) sendAlone(app core.App, box *Mailbox, to, lang string, l letter.Letter, more ...func(*gomail.Msg) error) error {
	name := box.GetString(schema.MailboxName)
	if name == "" {
		name = settings.Shop(app).Name()
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(name, box.Address()); err != nil {
		return err
	}
	if err := msg.To(to); err != nil {
		return err
	}
	msg.Subject(l.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(newID() + newID() + "@" + box.Domain())
	msg.SetGenHeader(gomail.HeaderContentLang, lang)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // rule 36
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	for _, add := range more {
		if err := add(msg); err != nil {
			return err
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Plain())
	msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML())
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return fmt.Errorf("write the mail: %w", err)
	}
	raw, err := room.signed(box, out.Bytes())
	if err != nil {
		return err
	}
	account, err := room.account(box, lang, room.tls)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), codeTime)
	defer cancel()
	conn, err := submit.Dial(ctx, account, room.timing.dial)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	defer conn.Quit()
	if _, failed := conn.Send(mime.NormalAddress(box.Address()), []string{to}, "", raw, room.timing.block, room.timing.dial); failed != nil {
		return fmt.Errorf("send: %w", failed)
	}
	return nil
}
