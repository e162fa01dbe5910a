package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Wish is what a customer asks for.
type Wish struct {
	Phone, Name, Topic, Email string
	Slot                      string // of Room.slots; "" as soon as possible
	Language, Key             string
	Visitor                   string // of a chat
	From                      []conversation.Identity
}

// ErrWish is a wish that cannot be met; its text is a key of the catalogue.
type ErrWish string

func (e ErrWish) Error() string { return string(e) }

// Asked is what became of a wish.
type Asked struct {
	Conversation *conversation.Conversation
	When         string // in the customer's words
}

// ask takes a wish in: the message and the row, or neither. Asking again while
// one waits in the same conversation changes that one.
func (room *Room) ask(app core.App, w Wish) (Asked, error) {
	phone := contact.Normalise(schema.KindPhone, w.Phone)
	if phone == "" {
		return Asked{}, ErrWish("callback.error_phone")
	}
	shop, now := settings.Shop(app), room.now()
	s, ok := chosen(w.Slot, rules.Current(app), now, shop.Location(), room.Catalogue, w.Language)
	if !ok {
		return Asked{}, ErrWish("callback.error_slot")
	}
	text := room.Catalogue.T(w.Language, "callback.message", i18n.V{"phone": phone, "when": s.words})
	if w.Topic != "" {
		text += "\n" + w.Topic
	}
	sum := sha256.Sum256([]byte(w.Key + "\x00" + phone + "\x00" + s.id + "\x00" + w.Topic))
	key := hex.EncodeToString(sum[:20])
	in := conversation.Incoming{
		Channel: schema.ChannelPhone, Account: "callback", Keys: []string{key}, ClientID: key, Visitor: w.Visitor,
		From: w.From, Name: w.Name, Language: w.Language, Email: w.Email, Text: text,
		Subject: room.Catalogue.T(w.Language, "callback.subject", i18n.V{"phone": phone}),
	}
	if len(in.From) == 0 {
		in.From = []conversation.Identity{{Kind: schema.KindPhone, Value: phone}}
	}
	var asked Asked
	err := app.RunInTransaction(func(tx core.App) error {
		got, err := conversation.Receive(tx, in)
		if err != nil || got.Conversation == nil {
			return err
		}
		asked = Asked{got.Conversation, s.words}
		if !got.New {
			return nil
		}
		who, err := tx.FindRecordById(schema.Contacts, got.Conversation.Contact())
		if err != nil || who.GetBool(schema.ContactBlocked) {
			return err // kept, and nobody is called
		}
		return room.note(tx, got.Conversation.Id, phone, w.Topic, s)
	})
	if err == nil && asked.Conversation == nil {
		err = fmt.Errorf("the wish was known and is gone")
	}
	if err != nil {
		return Asked{}, fmt.Errorf("take a wish for a call: %w", err)
	}
	room.changed()
	return asked, nil
}

func (room *Room) note(tx core.App, conv, phone, topic string, s slot) error {
	r, err := tx.FindFirstRecordByFilter(schema.Callbacks, "conversation = {:c} && state = {:s}", dbx.Params{"c": conv, "s": schema.CallbackWaiting})
	if err != nil {
		collection, err := tx.FindCachedCollectionByNameOrId(schema.Callbacks)
		if err != nil {
			return err
		}
		r = core.NewRecord(collection)
		r.Set(schema.CallbackConversation, conv)
	}
	r.Set(schema.CallbackPhone, phone)
	r.Set(schema.CallbackTopic, topic)
	r.Set(schema.CallbackFrom, moment(s.from))
	r.Set(schema.CallbackUntil, moment(s.until))
	r.Set(schema.CallbackDue, moment(s.from))
	r.Set(schema.CallbackState, schema.CallbackWaiting)
	r.Set(schema.CallbackTold, false)
	return tx.Save(r)
}

func moment(t time.Time) types.DateTime {
	at, _ := types.ParseDateTime(t)
	return at
}
