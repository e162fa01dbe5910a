package mail

import (
	"errors"
	"fmt"
	"net/mail"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	gomail "github.com/wneessen/go-mail"
)

// ErrOwnAddress says that a mail to staff would come back to us as a
// customer's: the address is one of a mailbox of ours.
var ErrOwnAddress = errors.New("the address belongs to a mailbox of the shop")

// SendNote sends a mail to somebody of the staff, now or not at all: from the
// shop's mailbox where there is one, else as PocketBase's own settings say. It
// is marked as written by a machine, and answers to it go back to who got it.
func (room *Room) SendNote(app core.App, to, lang string, l letter.Letter) error {
	known, err := room.known(app)
	if err != nil {
		return err
	}
	if known.own[mime.NormalAddress(to)] {
		return ErrOwnAddress
	}
	collection, err := app.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return err
	}
	id, err := channel.Mailbox(app, conversation.Wrap(core.NewRecord(collection)))
	if err != nil {
		return err
	}
	if id == "" {
		return noteByApp(app, to, lang, l)
	}
	return room.noteFrom(app, id, to, lang, l)
}

// SendUrgent is SendNote for news that may be about mail itself: it tries every
// mailbox that sends, but those of avoid, then PocketBase's own server, then
// the ones to avoid, at last the machine's sendmail, until one of them takes
// the mail.
func (room *Room) SendUrgent(app core.App, to, lang string, l letter.Letter, avoid map[string]bool) error {
	known, err := room.known(app)
	if err != nil {
		return err
	}
	if known.own[mime.NormalAddress(to)] {
		return ErrOwnAddress
	}
	var ids []string
	if err := app.DB().NewQuery(`SELECT id FROM mailboxes WHERE active = TRUE AND smtp_host != '' ORDER BY created, id`).Column(&ids); err != nil {
		return fmt.Errorf("find the mailboxes that send: %w", err)
	}
	var faults []error
	try := func(avoided bool) bool {
		for _, id := range ids {
			if avoid[id] != avoided {
				continue
			}
			err := room.noteFrom(app, id, to, lang, l)
			if err == nil {
				return true
			}
			faults = append(faults, err)
		}
		return false
	}
	own := func(server bool) bool {
		if app.Settings().SMTP.Enabled != server {
			return false
		}
		err := noteByApp(app, to, lang, l)
		if err == nil {
			return true
		}
		faults = append(faults, err)
		return false
	}
	if try(false) || own(true) || try(true) || own(false) {
		return nil
	}
	return errors.Join(faults...)
}

// noteFrom sends a mail to staff from one mailbox.
func (room *Room) noteFrom(app core.App, box, to, lang string, l letter.Letter) error {
	r, err := app.FindRecordById(schema.Mailboxes, box)
	if err != nil {
		return fmt.Errorf("find the mailbox: %w", err)
	}
	return room.sendAlone(app, wrap(r), to, lang, l, func(msg *gomail.Msg) error { return msg.ReplyTo(to) })
}

// noteByApp sends a mail to staff as PocketBase's own settings say.
func noteByApp(app core.App, to, lang string, l letter.Letter) error {
	meta := app.Settings().Meta
	return app.NewMailClient().Send(&mailer.Message{
		From: mail.Address{Name: meta.SenderName, Address: meta.SenderAddress}, To: []mail.Address{{Address: to}},
		Subject: l.Subject, HTML: l.HTML(), Text: l.Plain(),
		Headers: map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Reply-To": "<" + to + ">", "Content-Language": lang},
	})
}
