package conversation

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
)

// Route is how an answer reaches the customer.
type Route struct {
	Channel   string    // "" when there is no way to reach them
	Recipient string    // address in that channel
	Due       time.Time // zero is at once
	Delivery  string    // first state of delivery
	Lane      string    // answers of one lane share a way out
	Detail    string    // catalogue key of what the agent should know, "" if nothing
}

// Router chooses the way of an answer; the channel room implements it.
type Router interface {
	Route(app core.App, conv *Conversation, channel, recipient string) (Route, error)
}

// ErrEmpty is returned for a message without text and files.
var ErrEmpty = errors.New("a message needs text or a file")

// Sent is what became of a Draft.
type Sent struct {
	Message      *Message
	Conversation *Conversation
	New          bool // false when the client id was known
}

// Reply writes an answer or a note and, for an answer, the outbox row that
// carries it out, in one transaction. The conversation then waits for the
// customer unless d.Then says otherwise; an unassigned one becomes the
// answering agent's. An answer that was overtaken (see [Since]) is not written.
func (room *Room) Reply(app core.App, d Draft) (Sent, error) {
	if strings.TrimSpace(d.Text) == "" && len(d.Files) == 0 {
		return Sent{}, ErrEmpty
	}
	if err := disk.Check(app); err != nil {
		return Sent{}, err
	}
	d.ClientID = clean(d.ClientID)
	var sent Sent
	err := app.RunInTransaction(func(tx core.App) error {
		conv, err := findLive(tx, d.Conversation)
		if err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		if d.ClientID != "" {
			known, err := findByClientID(tx, conv.Id, d.ClientID)
			if err != nil {
				return err
			}
			if known != nil {
				sent = Sent{Message: known, Conversation: conv}
				return nil
			}
		}
		if err := overtaken(tx, conv, d); err != nil {
			return err
		}
		m, err := room.write(tx, conv, d)
		sent = Sent{Message: m, Conversation: conv, New: true}
		return err
	})
	if err != nil {
		return Sent{}, fmt.Errorf("reply: %w", err)
	}
	return sent, nil
}

// Check says what would keep a draft from being sent, before somebody relies
// on it.
func (room *Room) Check(app core.App, d Draft) error {
	if strings.TrimSpace(d.Text) == "" && len(d.Files) == 0 {
		return ErrEmpty
	}
	switch d.Then {
	case "", schema.StatusOpen, schema.StatusPending, schema.StatusSolved:
	default:
		return ErrChange("error.status")
	}
	if _, _, err := copies(d); err != nil {
		return err
	}
	conv, err := findLive(app, d.Conversation)
	if err != nil {
		return err
	}
	if conv == nil {
		return sql.ErrNoRows
	}
	if err := overtaken(app, conv, d); err != nil {
		return err
	}
	if d.Kind != schema.MessageOutgoing {
		return nil
	}
	if d.To != "" {
		if d.Recipient, err = chosen(app, conv, d.To); err != nil {
			return err
		}
	}
	route, err := room.router.Route(app, conv, d.Channel, d.Recipient)
	if err == nil && route.Channel == schema.ChannelEmail && bytesOf(d.Files) > MaxMailFiles {
		err = ErrChange("error.mail_files")
	}
	return err
}

func (room *Room) write(tx core.App, conv *Conversation, d Draft) (*Message, error) {
	author := d.AuthorKind
	if author == "" {
		author = schema.AuthorAgent
	}
	m, err := newMessage(tx, conv, d.Kind, author)
	if err != nil {
		return nil, err
	}
	m.Set(schema.MsgAgent, d.Agent)
	m.Set(schema.MsgText, clean(d.Text))
	m.Set(schema.MsgHTML, strings.ToValidUTF8(d.HTML, "\uFFFD"))
	m.Set(schema.MsgClientID, d.ClientID)
	m.Set(schema.MsgSubject, clip(clean(d.Subject), 990))
	if d.CC, d.BCC, err = copies(d); err != nil {
		return nil, err
	}
	m.Set(schema.MsgCC, d.CC)
	m.Set(schema.MsgBCC, d.BCC)
	m.Set(schema.MsgAutomatic, d.Automatic)
	if d.Offer != nil {
		m.Set(schema.MsgOffer, d.Offer)
	}
	if err := attachFiles(m, d.Files); err != nil {
		return nil, err
	}
	var route Route
	if d.Kind == schema.MessageOutgoing {
		if d.To != "" {
			if d.Recipient, err = chosen(tx, conv, d.To); err != nil {
				return nil, err
			}
		}
		if route, err = room.router.Route(tx, conv, d.Channel, d.Recipient); err != nil {
			return nil, err
		}
		if route.Channel == schema.ChannelEmail && bytesOf(d.Files) > MaxMailFiles {
			return nil, ErrChange("error.mail_files")
		}
		m.Set(schema.MsgChannel, route.Channel)
		m.Set(schema.MsgTo, route.Recipient)
		m.Set(schema.MsgDelivery, route.Delivery)
		if route.Detail != "" {
			m.Set(schema.MsgDeliveryDetail, room.say(i18n.Stored, route.Detail))
		}
	}
	if err := saveMessage(tx, m); err != nil {
		return nil, fmt.Errorf("save message: %w", err)
	}
	conv.Set(schema.ConvLastSeq, m.Seq())
	if !d.Automatic { // the list shows what people said
		conv.Set(schema.ConvPreview, previewOf(d.Text, d.Files))
		conv.Set(schema.ConvPreviewKind, d.Kind)
		conv.Set(schema.ConvLastActivity, now())
	}
	if d.Kind == schema.MessageOutgoing {
		if route.Channel != "" {
			if err := outbox.Enqueue(tx, outbox.Row{Message: m.Id, Channel: route.Channel, Recipient: route.Recipient, Due: route.Due, Lane: route.Lane}); err != nil {
				return nil, err
			}
			if err := enqueueBlind(tx, m, route, d.BCC); err != nil {
				return nil, err
			}
		}
		if err := answered(tx, conv, d); err != nil {
			return nil, err
		}
	}
	if d.Then == schema.StatusSnoozed {
		return nil, ErrChange("error.snooze_time")
	}
	if d.Then != "" && d.Then != conv.Status() {
		if err := setStatus(tx, conv, d.Agent, d.Then, types.DateTime{}); err != nil {
			return nil, err
		}
	}
	if err := tx.SaveNoValidate(conv.Record); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	return m, nil
}

// chosen is the address that an agent sends an answer to instead of the usual
// one: an address of the customer, or one that a mail of the conversation came
// from or asks to be answered at (mail rule 28). Anybody else can get a copy,
// but no thread of their own.
func chosen(tx core.App, conv *Conversation, to string) (string, error) {
	address := contact.Normalise(schema.KindEmail, to)
	if address == "" {
		return "", ErrChange("error.email")
	}
	var known bool
	// idx_identities_value, idx_messages_conversation
	err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM identities WHERE kind = 'email' AND value = {:address} AND contact = {:contact})
		OR EXISTS (SELECT 1 FROM messages WHERE conversation = {:conv} AND kind = 'incoming' AND trust != 'other'
			AND (LOWER(sender) = {:address} OR LOWER(reply_to) = {:address} OR LOWER(json_extract(NULLIF(evidence, ''), '$.reply_to')) = {:address}))`).
		Bind(dbx.Params{"address": address, "contact": conv.Contact(), "conv": conv.Id}).Row(&known)
	if err != nil {
		return "", fmt.Errorf("look for a chosen address: %w", err)
	}
	if !known {
		return "", ErrChange("error.address_unknown")
	}
	return address, nil
}

// MaxMailFiles is how large the attachments of one mail may be together:
// base64 makes a third more of them, and many servers take 25 MB (rule P6).
const MaxMailFiles = 15 << 20

// maxCopies keeps an answer from being a newsletter (rule 69).
const maxCopies = 20

func bytesOf(files []File) (total int64) {
	for _, f := range files {
		total += f.Size
	}
	return total
}

// copies are the draft's further recipients as bare addresses, each once.
func copies(d Draft) (cc, bcc []string, err error) {
	seen := map[string]bool{}
	list := func(addresses []string) (clean []string, err error) {
		for _, a := range addresses {
			a = strings.TrimSpace(a)
			if a == "" {
				continue
			}
			if a = contact.Normalise(schema.KindEmail, a); a == "" {
				return nil, ErrChange("error.email")
			}
			if !seen[a] {
				seen[a] = true
				clean = append(clean, a)
			}
		}
		return clean, nil
	}
	if cc, err = list(d.CC); err == nil {
		bcc, err = list(d.BCC)
	}
	if err == nil && len(cc)+len(bcc) > maxCopies {
		err = ErrChange("error.copies")
	}
	return cc, bcc, err
}

// enqueueBlind gives each blind copy a row of its own: it travels alone, so
// that nobody learns of it, and what becomes of it says nothing about the
// customer's mail (rule 62).
func enqueueBlind(tx core.App, m *Message, route Route, bcc []string) error {
	if route.Channel != schema.ChannelEmail {
		return nil
	}
	for _, a := range bcc {
		if a == route.Recipient {
			continue
		}
		if err := outbox.Enqueue(tx, outbox.Row{Message: m.Id, Channel: route.Channel, Recipient: a, Due: route.Due, Lane: route.Lane, Blind: true}); err != nil {
			return err
		}
	}
	return nil
}

// answered brings the conversation up to date with an answer. What a machine
// says does not count as an answer.
func answered(tx core.App, conv *Conversation, d Draft) error {
	if d.Automatic {
		return nil
	}
	conv.Set(schema.ConvWaitingSince, "")
	conv.Set(schema.ConvAnsweredAt, now())
	conv.Set(schema.ConvStaffSeenSeq, conv.GetInt(schema.ConvLastIncomingSeq))
	if conv.GetDateTime(schema.ConvFirstReplyAt).IsZero() {
		conv.Set(schema.ConvFirstReplyAt, now())
	}
	if conv.GetString(schema.ConvAssignee) == "" && d.Agent != "" {
		if err := setAssignee(tx, conv, d.Agent, d.Agent, ""); err != nil {
			return err
		}
	}
	// The status changes silently to pending: that we wrote is event enough.
	if d.Then == "" && conv.Status() == schema.StatusOpen {
		conv.Set(schema.ConvStatus, schema.StatusPending)
	}
	return nil
}

// NewOutgoing opens a conversation of our own with a first message by e-mail.
func (room *Room) NewOutgoing(app core.App, to contact.Identity, name, subject string, d Draft) (Sent, error) {
	d.ClientID = clean(d.ClientID)
	var sent Sent
	err := app.RunInTransaction(func(tx core.App) error {
		who, err := contact.FindOrCreate(tx, []contact.Identity{to}, contact.Defaults{Name: name})
		if err != nil {
			return err
		}
		if d.ClientID != "" {
			if conv, m, err := findOpenedBy(tx, who.Id, d.ClientID); err != nil || conv != nil {
				sent = Sent{Message: m, Conversation: conv}
				return err
			}
		}
		conv, err := open(tx, Incoming{Channel: schema.ChannelEmail, Subject: subject}, who)
		if err != nil {
			return err
		}
		d.Conversation, d.Kind = conv.Id, schema.MessageOutgoing
		switch d.Then { // it was never open: no event
		case "":
			d.Then = schema.StatusPending
		case schema.StatusSolved:
			conv.Set(schema.ConvSolvedAt, now())
		case schema.StatusOpen, schema.StatusPending:
		default:
			return ErrChange("error.status")
		}
		conv.Set(schema.ConvStatus, d.Then)
		m, err := room.write(tx, conv, d)
		sent = Sent{Message: m, Conversation: conv, New: true}
		return err
	})
	if err != nil {
		return Sent{}, fmt.Errorf("open a conversation: %w", err)
	}
	return sent, nil
}

// Begin opens a conversation in which nothing has been said yet: its first
// mail waits for its time. It is one that waits for the customer until then.
// In a transaction.
func Begin(tx core.App, o Opening) (*Conversation, error) {
	who, err := contact.FindOrCreate(tx, []contact.Identity{o.To}, contact.Defaults{Name: o.Name})
	if err != nil {
		return nil, err
	}
	conv, err := begun(tx, Incoming{Channel: schema.ChannelEmail, Subject: o.Subject}, who)
	if err != nil {
		return nil, err
	}
	conv.Set(schema.ConvStatus, schema.StatusPending)
	conv.Set(schema.ConvAssignee, o.Draft.Agent)
	if err := tx.Save(conv.Record); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	return conv, nil
}

// findByClientID uses idx_messages_client.
func findByClientID(app core.App, conv, clientID string) (*Message, error) {
	var id string
	err := app.DB().NewQuery(`SELECT id FROM messages WHERE conversation = {:conv} AND client_id = {:id} AND client_id != ''`).
		Bind(dbx.Params{"conv": conv, "id": clientID}).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a message by its client id: %w", err)
	}
	r, err := app.FindRecordById(schema.Messages, id)
	if err != nil {
		return nil, fmt.Errorf("find message %s: %w", id, err)
	}
	return WrapMessage(r), nil
}

// findOpenedBy finds the conversation that a repeated request already opened.
func findOpenedBy(app core.App, contactID, clientID string) (*Conversation, *Message, error) {
	var id string
	err := app.DB().NewQuery(`SELECT m.id FROM conversations c JOIN messages m ON m.conversation = c.id
		WHERE c.contact = {:contact} AND m.client_id = {:client} LIMIT 1`).
		Bind(dbx.Params{"contact": contactID, "client": clientID}).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := app.FindRecordById(schema.Messages, id)
	if err != nil {
		return nil, nil, err
	}
	m := WrapMessage(r)
	conv, err := follow(app, m.Conversation())
	return conv, m, err
}
