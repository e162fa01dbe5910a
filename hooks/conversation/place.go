package conversation

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// maxReopen is how often a mail reopens a conversation within a day (mail
// rule 39): two machines that write to each other end there.
const maxReopen = 10

// Mails that others refer to may come later, but not for ever.
const (
	maxAwaited = 20 // of one mail
	awaitFor   = 30 * 24 * time.Hour
)

// eventWords are the sentences of events that mail brings about.
var eventWords = map[string]string{
	"continues": "mail.event_continues", "continued": "mail.event_continued", "possibly": "mail.event_possibly", "mentioned": "mail.event_mentioned",
	"spam": "mail.event_spam", "not_spam": "mail.event_not_spam",
}

// place is where a message belongs. conv is nil for a new conversation; owner
// tells that the sender was proven to be the conversation's own customer, and
// proven that they wrote from the very address that our mail went to. The
// others are what staff should know: it goes on what was solved long ago, it
// may belong somewhere, it speaks of other conversations.
type place struct {
	conv      *Conversation
	trust     string
	owner     bool
	proven    bool
	sender    *contact.Contact // who has the first identity, if that was looked for
	continues *Conversation
	possibly  []*Conversation
	mentioned []*Conversation
	unknown   []string // mails it refers to that have not come yet
}

// locate finds the conversation a message belongs to: by proof, by the
// browser, then by hints of somebody who takes part in it (mail rules 17, 18,
// 23-25).
func locate(tx core.App, in Incoming) (place, error) {
	if in.Visitor != "" {
		conv, err := findByVisitor(tx, in.Visitor)
		if err != nil {
			return place{}, err
		}
		if conv != nil && !outlived(conv, settings.Shop(tx).ReopenWithin()) {
			return place{conv: conv, owner: true}, nil
		}
		return place{}, nil
	}
	p, err := locateByProof(tx, in)
	if err != nil || p.conv != nil || p.continues != nil || in.Spam {
		return p, err
	}
	return locateByHint(tx, in)
}

// locateByProof follows the tokens, the newest first (rules 18, 23, 25).
func locateByProof(tx core.App, in Incoming) (p place, err error) {
	for _, t := range append([]Thread{in.Thread}, in.Also...) {
		if t.Conversation == "" {
			continue
		}
		conv, err := findLive(tx, t.Conversation)
		if err != nil {
			return place{}, err
		}
		switch {
		case conv == nil:
		case p.conv != nil || p.continues != nil:
			p.mentioned = add(p.mentioned, conv, p.conv, p.continues)
		case outlived(conv, mailReopen) && !in.Older:
			p.continues = conv
		default:
			p.conv = conv
			mine, err := holds(tx, in, t.Address, conv)
			if err != nil {
				return place{}, err
			}
			switch {
			case !mine:
				p.trust = schema.TrustOther
			case in.Auth == "fail":
				p.trust = schema.TrustUnverified
			default:
				p.owner = true
				p.proven = in.Auth == "pass" && sameSender(in, t.Address)
			}
		}
	}
	return p, nil
}

// holds tells whether the sender is whom a token was given to, or the same
// customer by another address of theirs.
func holds(tx core.App, in Incoming, address string, conv *Conversation) (bool, error) {
	if sameSender(in, address) {
		return true, nil
	}
	if len(in.From) == 0 {
		return false, nil
	}
	mine, err := contact.Owns(tx, conv.Contact(), in.From[0].Kind, in.From[0].Value)
	if err != nil || !mine {
		return false, err
	}
	return speaks(tx, in, conv.Contact(), conv)
}

// speaks tells whether the address that a customer writes from is theirs for
// this conversation: it is their only one, or proven, or the conversation went
// by it. An address beside others may have been typed by mistake or accepted
// for one conversation: by the token of another, which a forwarded mail holds,
// or by a number, which anybody can count, its holder must not get there, where
// they would then read what was said (rules 24, 25 and 27).
func speaks(tx core.App, in Incoming, who string, conv *Conversation) (bool, error) {
	if in.From[0].Kind != schema.KindEmail {
		return true, nil
	}
	address := contact.Normalise(schema.KindEmail, in.From[0].Value)
	whole, err := contact.SpeaksFor(tx, who, address)
	if err != nil {
		return false, err
	}
	if whole || conv.GetString(schema.ConvEmail) == address {
		return true, nil
	}
	var by bool // idx_messages_conversation
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM messages WHERE conversation = {:id} AND channel = 'email' AND trust = ''
		AND (kind = 'incoming' AND LOWER(sender) = {:address} OR kind = 'outgoing' AND LOWER(recipient) = {:address}))`).
		Bind(dbx.Params{"id": conv.Id, "address": address}).Row(&by)
	if err != nil {
		return false, fmt.Errorf("see whether a conversation went by an address: %w", err)
	}
	return by, nil
}

// locateByHint follows what anybody could have written: it counts for a sender
// who takes part in the conversation and whose mail was not shown to be forged
// (rule 24). Whatever else matches is for staff to judge.
func locateByHint(tx core.App, in Incoming) (p place, err error) {
	if len(in.References) == 0 && len(in.Numbers) == 0 && in.ChannelID == "" || len(in.From) == 0 {
		return place{}, nil
	}
	who, err := contact.FindByIdentity(tx, in.From[0].Kind, contact.Normalise(in.From[0].Kind, in.From[0].Value))
	if err != nil || who == nil && len(in.References) == 0 && len(in.Numbers) == 0 {
		return place{}, err
	}
	p.sender = who
	found, unknown, err := hinted(tx, in, who)
	if err != nil {
		return place{}, err
	}
	if in.Auth != "fail" {
		p.unknown = unknown
	}
	for _, conv := range found {
		if who == nil || in.Auth == "fail" {
			p.possibly = add(p.possibly, conv)
			continue
		}
		mine, err := takesPart(tx, who.Id, conv)
		if mine && err == nil {
			mine, err = speaks(tx, in, who.Id, conv)
		}
		if err != nil {
			return place{}, err
		}
		switch {
		case !mine:
			p.possibly = add(p.possibly, conv)
		case p.conv != nil || p.continues != nil:
			p.mentioned = add(p.mentioned, conv, p.conv, p.continues)
		case outlived(conv, mailReopen) && !in.Older:
			p.continues = conv
		default:
			p.conv = conv
			if in.Auth != "pass" {
				p.trust = schema.TrustUnverified
			}
		}
	}
	if p.conv != nil {
		p.possibly = nil // it has its place
	}
	return p, nil
}

// takesPart tells whether a conversation is the customer's, or one of theirs
// was merged into it. Uses idx_conversations_merged.
func takesPart(tx core.App, who string, conv *Conversation) (part bool, err error) {
	if conv.Contact() == who {
		return true, nil
	}
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations WHERE merged_into = {:id} AND contact = {:who})`).
		Bind(dbx.Params{"id": conv.Id, "who": who}).Row(&part)
	return part, err
}

// hinted lists the conversations that a message refers to by the ids of
// messages, then by number, and those of the sender in which it is awaited
// because its answers came first. unknown are ids that no message has. Uses
// idx_messages_channel_id, idx_conversations_number and the key of Awaited.
func hinted(tx core.App, in Incoming, who *contact.Contact) (found []*Conversation, unknown []string, err error) {
	some := false
	look := func(query string, params dbx.Params) error {
		var ids []string
		if err := tx.DB().NewQuery(query).Bind(params).Column(&ids); err != nil {
			return fmt.Errorf("find what a message refers to: %w", err)
		}
		some = some || len(ids) > 0
		for _, id := range ids {
			conv, err := findLive(tx, id)
			if err != nil {
				return err
			}
			if conv != nil {
				found = add(found, conv)
			}
		}
		return nil
	}
	for _, ref := range in.References[:min(len(in.References), 50)] {
		some = false
		// Some providers give a mail of ours another id (rule 16): idx_messages_provider_id.
		for _, query := range []string{
			`SELECT conversation FROM messages WHERE provider_id = {:ref} AND provider_id != '' ORDER BY seq DESC LIMIT 3`,
			`SELECT conversation FROM messages WHERE channel_id = {:ref} AND channel_id != '' AND trust != 'other' ORDER BY seq DESC LIMIT 3`,
		} {
			if err := look(query, dbx.Params{"ref": ref}); err != nil {
				return nil, nil, err
			}
		}
		if len(found) >= 5 {
			return found, nil, nil
		}
		if !some && len(unknown) < maxAwaited && len(ref) < 500 {
			unknown = append(unknown, ref)
		}
	}
	if who != nil && in.Channel == schema.ChannelEmail && in.Auth != "fail" {
		// Only their own: what many got and answered is awaited by all of them.
		for _, ref := range append([]string{in.ChannelID}, unknown...) {
			if ref == "" {
				continue
			}
			err := look(`SELECT a.conversation FROM `+schema.Awaited+` a JOIN conversations c ON c.id = a.conversation WHERE a.ref = {:ref} AND c.contact = {:who} LIMIT 3`,
				dbx.Params{"ref": ref, "who": who.Id})
			if err != nil {
				return nil, nil, err
			}
		}
	}
	for _, n := range in.Numbers[:min(len(in.Numbers), 3)] {
		if err := look(`SELECT id FROM conversations WHERE number = {:n}`, dbx.Params{"n": n}); err != nil {
			return nil, nil, err
		}
	}
	return found, unknown, nil
}

// await notes which mails a conversation waits for.
func await(tx core.App, conv *Conversation, refs []string) error {
	if len(refs) == 0 {
		return nil
	}
	insert := tx.DB().NewQuery(`INSERT INTO ` + schema.Awaited + ` (ref, conversation, created) VALUES ({:ref}, {:conversation}, {:now}) ON CONFLICT DO NOTHING`)
	for _, ref := range refs {
		if _, err := insert.Bind(dbx.Params{"ref": ref, "conversation": conv.Id, "now": now().String()}).Execute(); err != nil {
			return fmt.Errorf("note what is awaited: %w", err)
		}
	}
	// idx_awaited_created
	_, err := tx.DB().NewQuery(`DELETE FROM ` + schema.Awaited + ` WHERE created < {:before}`).Bind(dbx.Params{"before": now().Add(-awaitFor).String()}).Execute()
	return err
}

// add appends a conversation that is not there yet and is none of the others.
func add(list []*Conversation, conv *Conversation, others ...*Conversation) []*Conversation {
	for _, have := range slices.Concat(list, others) {
		if have != nil && have.Id == conv.Id {
			return list
		}
	}
	return append(list, conv)
}

// link tells staff what a message has to do with other conversations.
func link(tx core.App, conv *Conversation, p place, in Incoming) error {
	lang := settings.Shop(tx).Language()
	about := func(kind string, other *Conversation) Event {
		number := fmt.Sprintf("#%d", other.Number())
		return Event{Type: kind, To: other.Id, Names: map[string]string{other.Id: number}, Text: i18n.T(lang, eventWords[kind], i18n.V{"number": number})}
	}
	tell := func(kind string, other *Conversation) error { return addEvent(tx, conv, "", about(kind, other)) }
	if p.trust == schema.TrustOther {
		err := addEvent(tx, conv, "", Event{
			Type: "sender", To: in.SenderAddress, Names: map[string]string{in.SenderAddress: in.SenderAddress},
			Text: i18n.T(lang, "mail.event_sender", i18n.V{"address": in.SenderAddress}),
		})
		if err != nil {
			return err
		}
	}
	if p.continues != nil {
		if err := tell("continues", p.continues); err != nil {
			return err
		}
		if err := addEvent(tx, p.continues, "", about("continued", conv)); err != nil {
			return err
		}
		if err := tx.Save(p.continues.Record); err != nil {
			return fmt.Errorf("save conversation: %w", err)
		}
	}
	for _, other := range p.possibly[:min(len(p.possibly), 3)] {
		if other.Id != conv.Id {
			if err := tell("possibly", other); err != nil {
				return err
			}
		}
	}
	for _, other := range p.mentioned[:min(len(p.mentioned), 5)] {
		if other.Id != conv.Id {
			if err := tell("mentioned", other); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopenedOften tells whether mails have reopened the conversation so often
// within a day that the next one does not (rule 39). Uses
// idx_messages_conversation.
func reopenedOften(tx core.App, id string) (bool, error) {
	var n int
	err := tx.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE conversation = {:id} AND kind = 'event' AND created > {:since}
		AND author_kind = 'system' AND json_extract(event, '$.type') = 'status' AND json_extract(event, '$.to') = 'open'`).
		Bind(dbx.Params{"id": id, "since": now().Add(-24 * time.Hour).String()}).Row(&n)
	if err != nil {
		return false, fmt.Errorf("count how often it was reopened: %w", err)
	}
	return n >= maxReopen, nil
}
