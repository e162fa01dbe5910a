package conversation

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// mailReopen is how long after solving a mail still joins its conversation;
// later it opens a new one (mail rule 18).
const mailReopen = 30 * 24 * time.Hour

// Receive takes a message in, once: called again for a message the ledger
// knows it returns that message and New=false. It is safe from any number of
// goroutines. All records are written in one transaction, of app if that is
// one already. While the disk is nearly full it is [disk.ErrFull] and nothing
// happens.
func Receive(app core.App, in Incoming) (Received, error) {
	in, err := tidy(in)
	if err == nil {
		err = disk.Check(app)
	}
	if err != nil {
		return Received{}, err
	}
	var got Received
	err = app.RunInTransaction(func(tx core.App) error {
		known, err := findKnown(tx, in.Account, in.Keys)
		if err != nil {
			return err
		}
		if known != nil {
			got = *known
			return nil
		}
		if got, err = take(tx, in); err != nil {
			return err
		}
		return observed(tx, in, got)
	})
	if err != nil {
		return Received{}, fmt.Errorf("receive by %s: %w", in.Channel, disk.Wrap(err))
	}
	return got, nil
}

// tidy makes everything that came from outside storable and sayable: JSON and
// the stream know no invalid UTF-8.
func tidy(in Incoming) (Incoming, error) {
	keys := make([]string, 0, len(in.Keys))
	for _, k := range in.Keys {
		if k == "" {
			keys = nil
			break
		}
		if !utf8.ValidString(k) {
			k = strconv.Quote(k) // still tells it from every other
		}
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if in.Account == "" || len(keys) == 0 {
		return in, errors.New("an incoming message needs an account and keys that tell it from every other")
	}
	in.Keys = keys
	in.ChannelID, in.ClientID = clean(in.ChannelID), clean(in.ClientID)
	in.Subject, in.Text, in.Page = clip(clean(in.Subject), 990), clean(in.Text), clip(clean(in.Page), 1990)
	in.HTML = strings.ToValidUTF8(in.HTML, "\uFFFD")
	in.SenderAddress, in.RecipientAddress = clip(clean(in.SenderAddress), 390), clip(clean(in.RecipientAddress), 390)
	in.CC = slices.Clone(in.CC)
	for i, a := range in.CC {
		in.CC[i] = clean(a)
	}
	return in, nil
}

// take writes the records of a message that is new.
func take(tx core.App, in Incoming) (Received, error) {
	place, err := locate(tx, in)
	if err != nil {
		return Received{}, err
	}
	ids := make([]contact.Identity, 0, len(in.From))
	for _, id := range in.From {
		ids = append(ids, contact.Identity(id))
	}
	who, err := writer(tx, in, place, ids)
	if err != nil {
		return Received{}, err
	}
	conv := place.conv
	if conv == nil {
		if conv, err = begun(tx, in, who); err != nil {
			return Received{}, err
		}
	}

	m, err := newMessage(tx, conv, schema.MessageIncoming, schema.AuthorContact)
	if err != nil {
		return Received{}, err
	}
	m.Set(schema.MsgContact, who.Id)
	transcribe(m, in)
	m.Set(schema.MsgClientID, in.ClientID)
	m.Set(schema.MsgTrust, place.trust)
	m.Set(schema.MsgAutomatic, in.Automatic)
	m.Set(schema.MsgReplyTo, in.ReplyTo)
	if in.Channel == schema.ChannelEmail {
		in.Evidence.Auth, in.Evidence.Older = in.Auth, in.Older
		m.Set(schema.MsgEvidence, in.Evidence)
	}
	if !in.Sent.IsZero() {
		if at, err := types.ParseDateTime(in.Sent); err == nil {
			m.Set(schema.MsgSentAt, at)
		}
	}
	if err := attachFiles(m, in.Files); err != nil {
		return Received{}, err
	}
	was := conv.Status()
	if conv.IsNew() && !fits(m) {
		// The database looks at such a message closely, and at what it points to.
		if err := tx.SaveNoValidate(conv.Record); err != nil {
			return Received{}, fmt.Errorf("save conversation: %w", err)
		}
	}
	if err := saveMessage(tx, m); err != nil {
		return Received{}, fmt.Errorf("save message: %w", err)
	}
	if err := heard(tx, conv, m, in, who.Blocked()); err != nil {
		return Received{}, err
	}
	if was == schema.StatusSolved && conv.Status() == schema.StatusOpen {
		if err := addEvent(tx, conv, "", Event{Type: "status", From: was, To: schema.StatusOpen}); err != nil {
			return Received{}, err
		}
	}
	if err := link(tx, conv, place, in); err != nil {
		return Received{}, err
	}
	if err := tx.SaveNoValidate(conv.Record); err != nil {
		return Received{}, fmt.Errorf("save conversation: %w", err)
	}
	if in.Channel == schema.ChannelEmail {
		if err := await(tx, conv, place.unknown); err != nil {
			return Received{}, err
		}
	}
	if err := remember(tx, in, m.Id); err != nil {
		return Received{}, err
	}
	return Received{Message: m, Conversation: conv, New: true, Stranger: who.Made(), name: who.GetString(schema.ContactName)}, nil
}

// transcribe writes into a message what stood in the one that came, whoever
// wrote it.
func transcribe(m *Message, in Incoming) {
	m.Set(schema.MsgChannel, in.Channel)
	m.Set(schema.MsgChannelID, in.ChannelID)
	m.Set(schema.MsgSubject, in.Subject)
	m.Set(schema.MsgText, in.Text)
	m.Set(schema.MsgHTML, in.HTML)
	m.Set(schema.MsgFrom, in.SenderAddress)
	m.Set(schema.MsgTo, in.RecipientAddress)
	m.Set(schema.MsgCC, in.CC)
	m.Set(schema.MsgRaw, in.RawSHA)
}

// writer returns the contact who wrote. The holder of a token that was mailed
// to their address is the conversation's customer.
func writer(tx core.App, in Incoming, p place, ids []contact.Identity) (*contact.Contact, error) {
	if p.owner && p.conv != nil {
		if other, err := mergedWriter(tx, in, p.conv, ids); err != nil || other != nil {
			return other, err
		}
		if in.Channel == schema.ChannelEmail {
			if err := prove(tx, p, ids); err != nil {
				return nil, err
			}
			ids = nil
		}
		for _, id := range ids {
			if contact.Normalise(id.Kind, id.Value) == "" {
				continue
			}
			if _, err := contact.AddIdentity(tx, p.conv.Contact(), id); err != nil {
				return nil, err
			}
		}
		r, err := tx.FindRecordById(schema.Contacts, p.conv.Contact())
		if err != nil {
			return nil, fmt.Errorf("find contact: %w", err)
		}
		return contact.Wrap(r), nil
	}
	return contact.Give(tx, p.sender, ids, contact.Defaults{Name: in.Name, Language: in.Language})
}

// prove notes that an address is its customer's own, when a mail with our token
// came from it, authenticated, and the customer is known by nothing else: as
// much as a code that is mailed to it proves. A token alone proves little: whoever
// was forwarded a mail of ours has it, and whom staff chose to write to is a
// part of one conversation, not the customer. Such an address becomes nobody's,
// and one beside others does not open what went by those (rules 23, 25 and 27).
func prove(tx core.App, p place, ids []contact.Identity) error {
	if !p.proven || len(ids) == 0 || ids[0].Kind != schema.KindEmail {
		return nil
	}
	id := ids[0]
	whole, err := contact.SpeaksFor(tx, p.conv.Contact(), contact.Normalise(id.Kind, id.Value))
	if err != nil || !whole {
		return err
	}
	id.Verified = true
	_, err = contact.AddIdentity(tx, p.conv.Contact(), id)
	return err
}

// mergedWriter is the customer whose conversation was merged into another
// customer's: with their token they still write as themselves. nil for
// everybody else.
func mergedWriter(tx core.App, in Incoming, conv *Conversation, ids []contact.Identity) (*contact.Contact, error) {
	if in.Thread.Conversation == "" || in.Thread.Conversation == conv.Id || len(ids) == 0 {
		return nil, nil
	}
	who, err := contact.FindByIdentity(tx, ids[0].Kind, contact.Normalise(ids[0].Kind, ids[0].Value))
	if err != nil || who == nil || who.Id == conv.Contact() {
		return nil, err
	}
	part, err := takesPart(tx, who.Id, conv)
	if err != nil || !part {
		return nil, err
	}
	return who, nil
}

// open starts a conversation.
func open(tx core.App, in Incoming, who *contact.Contact) (*Conversation, error) {
	c, err := begun(tx, in, who)
	if err != nil {
		return nil, err
	}
	if err := tx.Save(c.Record); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	return c, nil
}

// begun is a conversation that has its id and is yet to be saved.
func begun(tx core.App, in Incoming, who *contact.Contact) (*Conversation, error) {
	collection, err := tx.FindCachedCollectionByNameOrId(schema.Conversations)
	if err != nil {
		return nil, err
	}
	number, err := next(tx, schema.CounterConversation)
	if err != nil {
		return nil, err
	}
	language := in.Language
	if language == "" {
		language = who.Language()
	}
	if language == "" {
		language = settings.Shop(tx).Language()
	}
	c := Wrap(core.NewRecord(collection))
	c.Id = core.GenerateDefaultRandomId()
	c.Set(schema.ConvNumber, number)
	c.Set(schema.ConvContact, who.Id)
	c.Set(schema.ConvChannel, in.Channel)
	c.Set(schema.ConvMailbox, in.Mailbox)
	c.Set(schema.ConvVisitor, in.Visitor)
	c.Set(schema.ConvSubject, clip(clean(in.Subject), 990))
	c.Set(schema.ConvStatus, schema.StatusOpen)
	c.Set(schema.ConvLanguage, language)
	c.Set(schema.ConvPage, clip(clean(in.Page), 1990))
	c.Set(schema.ConvEmail, contact.Normalise(schema.KindEmail, in.Email))
	c.Set(schema.ConvLastActivity, now())
	c.Set(schema.ConvSpam, in.Spam)
	c.Set(schema.ConvAutomatic, in.AutoReply)
	if who.Blocked() || in.Spam || in.AutoReply || in.Older {
		c.Set(schema.ConvStatus, schema.StatusSolved)
		c.Set(schema.ConvSolvedAt, now())
	}
	if at, err := types.ParseDateTime(in.Sent); in.Older && err == nil && !at.IsZero() && at.Before(now()) {
		c.Set(schema.ConvLastActivity, at)
	}
	return c, nil
}

// heard brings the conversation up to date with a message of the customer.
// Automatic mail neither reopens nor starts the clock (mail rule 35); a
// blocked customer, spam and mail of the past change nothing that anybody
// would notice.
func heard(tx core.App, conv *Conversation, m *Message, in Incoming, blocked bool) error {
	conv.Set(schema.ConvLastSeq, m.Seq())
	conv.Set(schema.ConvPreview, previewOf(in.Text, in.Files))
	conv.Set(schema.ConvPreviewKind, schema.MessageIncoming)
	if in.Page != "" {
		conv.Set(schema.ConvPage, in.Page)
	}
	if a := contact.Normalise(schema.KindEmail, in.Email); a != "" {
		conv.Set(schema.ConvEmail, a)
	}
	if conv.GetBool(schema.ConvSpam) && !in.Spam && in.Thread.Conversation != "" && !in.Automatic {
		conv.Set(schema.ConvSpam, false) // they have an answer of ours: no spam
	}
	if blocked || in.Spam || in.Older || conv.GetBool(schema.ConvSpam) {
		if !blocked && !in.Older {
			conv.Set(schema.ConvLastIncomingSeq, m.Seq()) // unread in the view of spam, nowhere else
		}
		return nil
	}
	conv.Set(schema.ConvLastActivity, now())
	conv.Set(schema.ConvLastIncoming, now())
	conv.Set(schema.ConvLastIncomingSeq, m.Seq())
	if in.Automatic {
		return nil
	}
	conv.Set(schema.ConvAutomatic, false)
	if conv.Status() == schema.StatusSolved && in.Channel == schema.ChannelEmail {
		often, err := reopenedOften(tx, conv.Id)
		if err != nil || often {
			return err
		}
	}
	if conv.GetDateTime(schema.ConvWaitingSince).IsZero() {
		conv.Set(schema.ConvWaitingSince, now())
	}
	if conv.Status() != schema.StatusOpen {
		conv.Set(schema.ConvStatus, schema.StatusOpen)
		conv.Set(schema.ConvSnoozedUntil, "")
		conv.Set(schema.ConvSolvedAt, "")
	}
	return nil
}

func previewOf(text string, files []File) string {
	if p := preview(clean(text)); p != "" || len(files) == 0 {
		return p
	}
	return clip("📎 "+FileName(files[0].Name), 140)
}

// sameSender tells whether the message's first identity is the address.
func sameSender(in Incoming, address string) bool {
	return len(in.From) > 0 && address != "" && contact.Normalise(in.From[0].Kind, in.From[0].Value) == address
}

// outlived tells whether a conversation was solved so long ago that the next
// word opens another one.
func outlived(c *Conversation, after time.Duration) bool {
	solved := c.GetDateTime(schema.ConvSolvedAt)
	return c.Status() == schema.StatusSolved && !solved.IsZero() && time.Since(solved.Time()) > after
}

// findLive loads a conversation and follows merges; nil if it is gone or
// deleted.
func findLive(app core.App, id string) (*Conversation, error) {
	conv, err := follow(app, id)
	if conv != nil && conv.Deleted() {
		return nil, err
	}
	return conv, err
}

// follow is findLive with those that are deleted.
func follow(app core.App, id string) (*Conversation, error) {
	for range 10 { // merges of merges; a ring cannot be made, but is not trusted
		r, err := app.FindRecordById(schema.Conversations, id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("find conversation %s: %w", id, err)
		}
		into := r.GetString(schema.ConvMergedInto)
		if into == "" {
			return Wrap(r), nil
		}
		id = into
	}
	return nil, nil
}

// findByVisitor returns the browser's newest conversation, or nil.
// Uses idx_conversations_visitor.
func findByVisitor(app core.App, visitor string) (*Conversation, error) {
	r := &core.Record{}
	err := app.RecordQuery(schema.Conversations).AndWhere(dbx.NewExp(`visitor={:visitor} AND visitor != ''`, dbx.Params{"visitor": visitor})).
		OrderBy("last_seq DESC").Limit(1).One(r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the browser's conversation: %w", err)
	}
	return opened(app, Wrap(r))
}

// opened is what a browser's token opens of its conversation: that itself, or
// what it was merged into. There a browser may follow only where nothing is
// said that it could not see: into another chat of the same customer. Whoever
// holds the token of a chat has proven nothing about an address, so a chat
// that went into mails begins anew in the browser. nil if there is nothing.
func opened(app core.App, conv *Conversation) (*Conversation, error) {
	if conv.Deleted() {
		return nil, nil
	}
	if conv.MergedInto() == "" {
		return conv, nil
	}
	into, err := findLive(app, conv.MergedInto())
	if err != nil || into == nil || into.Contact() != conv.Contact() || into.Channel() != schema.ChannelChat {
		return nil, err
	}
	var mixed bool // idx_messages_conversation
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM messages WHERE conversation = {:id} AND kind IN ('incoming','outgoing') AND channel NOT IN ('', 'chat'))`).
		Bind(dbx.Params{"id": into.Id}).Row(&mixed)
	if err != nil || mixed {
		return nil, err
	}
	return into, nil
}

// HasConversation tells whether a visitor has said anything yet.
// Uses idx_conversations_visitor.
func HasConversation(app core.App, visitor string) (some bool, err error) {
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE visitor = {:visitor} AND visitor != '')`).
		Bind(dbx.Params{"visitor": visitor}).Row(&some)
	return some, err
}

// OfVisitor returns the newest conversation that a visitor's token opens, or
// nil.
func OfVisitor(app core.App, visitor string) (*Conversation, error) {
	return findByVisitor(app, visitor)
}

// AllOfVisitor returns the conversations that were begun with a visitor's
// token, the newest first. What was merged stands in what it was merged into.
func AllOfVisitor(app core.App, visitor string, most int) ([]*Conversation, error) {
	var records []*core.Record
	// idx_conversations_visitor
	err := app.RecordQuery(schema.Conversations).AndWhere(dbx.NewExp(`visitor={:visitor} AND visitor != '' AND merged_into = '' AND deleted_at = ''`, dbx.Params{"visitor": visitor})).
		OrderBy("last_seq DESC").Limit(int64(most)).All(&records)
	if err != nil {
		return nil, fmt.Errorf("list the browser's conversations: %w", err)
	}
	list := make([]*Conversation, len(records))
	for i, r := range records {
		list[i] = Wrap(r)
	}
	return list, nil
}

// VisitorOwns tells whether a visitor's token opens the conversation. A merge
// may have led them there.
func VisitorOwns(app core.App, visitor, id string) (own bool, err error) {
	if visitor == "" {
		return false, nil
	}
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE id = {:id} AND visitor = {:visitor} AND merged_into = '' AND deleted_at = '')`).
		Bind(dbx.Params{"id": id, "visitor": visitor}).Row(&own)
	if err != nil || own {
		return own, err
	}
	conv, err := findByVisitor(app, visitor)
	return conv != nil && conv.Id == id, err
}
