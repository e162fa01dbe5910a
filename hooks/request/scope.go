package request

import (
	"database/sql"
	"fmt"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
)

// mostListed is how many requests the list shows.
const mostListed = 200

// byAddress are the conversations c that went by one address: what somebody
// may see whose address is not yet proven the customer's own.
const byAddress = `(c.email = {:address} OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation = c.id AND m.channel = 'email' AND m.trust = ''
	AND (m.kind = 'incoming' AND LOWER(m.sender) = {:address} OR m.kind = 'outgoing' AND LOWER(m.recipient) = {:address})))`

// may tells whether somebody may see a conversation, which must be what is
// left after merges.
func (room *Room) may(app core.App, s *session, conv *conversation.Conversation) (bool, error) {
	if conv == nil || conv.Contact() != s.contact.Id || conv.Deleted() || conv.MergedInto() != "" {
		return false, nil
	}
	if s.only != "" {
		only, err := conversation.Live(app, s.only)
		return only != nil && only.Id == conv.Id, err
	}
	if s.full {
		return true, nil
	}
	var ok bool
	err := app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations c WHERE c.id = {:id} AND ` + byAddress + `)`).
		Bind(dbx.Params{"id": conv.Id, "address": s.address}).Row(&ok)
	return ok, err
}

// find is the conversation of a number, if it is theirs; sql.ErrNoRows for one
// that is somebody else's and for one that does not exist.
func (room *Room) find(app core.App, s *session, raw string) (*conversation.Conversation, error) {
	number, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || number <= 0 {
		return nil, sql.ErrNoRows
	}
	// idx_conversations_number
	r, err := app.FindFirstRecordByFilter(schema.Conversations, schema.ConvNumber+"={:n}", dbx.Params{"n": number})
	if err != nil {
		return nil, err
	}
	conv, err := conversation.Live(app, r.Id)
	if err != nil {
		return nil, err
	}
	ok, err := room.may(app, s, conv)
	if err == nil && !ok {
		err = sql.ErrNoRows
	}
	return conv, err
}

// line is a request as the list shows it.
type line struct {
	ID       string `db:"id"`
	Number   int64  `db:"number"`
	Subject  string `db:"subject"`
	Status   string `db:"status"`
	At       string `db:"last_activity"`
	Seen     int64  `db:"contact_seen_seq"`
	LastKind string `db:"last_kind"`
	LastText string `db:"last_text"`
	Answered int64  `db:"answered"` // seq of the newest answer of a person
	Rating   int    `db:"rating"`
}

// lines are the requests that somebody may see, the newest first. Uses
// idx_conversations_contact and idx_messages_conversation.
func (room *Room) lines(app core.App, s *session) (list []line, err error) {
	where := ""
	if s.only != "" {
		only, err := conversation.Live(app, s.only)
		if err != nil || only == nil {
			return nil, err
		}
		where = ` AND c.id = '` + only.Id + `'` // an id of ours
	} else if !s.full {
		where = ` AND ` + byAddress
	}
	const last = `(SELECT %s FROM messages m WHERE m.conversation = c.id AND m.kind IN ('incoming', 'outgoing') AND m.trust != 'other' AND m.automatic = FALSE AND (m.kind = 'outgoing' OR m.contact = c.contact) ORDER BY m.seq DESC LIMIT 1)`
	err = app.DB().NewQuery(`SELECT c.id, c.number, c.subject, c.status, c.last_activity, c.contact_seen_seq, c.rating,
			COALESCE(` + fmt.Sprintf(last, "m.kind") + `, '') AS last_kind, COALESCE(` + fmt.Sprintf(last, "SUBSTR(m.text, 1, 200)") + `, '') AS last_text,
			COALESCE((SELECT MAX(m.seq) FROM messages m WHERE m.conversation = c.id AND m.kind = 'outgoing' AND m.automatic = FALSE), 0) AS answered
		FROM conversations c WHERE c.contact = {:contact} AND c.merged_into = '' AND c.deleted_at = ''` + where + ` ORDER BY c.last_activity DESC LIMIT ` + strconv.Itoa(mostListed)).
		Bind(dbx.Params{"contact": s.contact.Id, "address": s.address}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return list, nil
}

// trait is what a page needs of a message beside its public form.
type trait struct {
	ID        string `db:"id"`
	Channel   string `db:"channel"`
	Automatic bool   `db:"automatic"`
	Foreign   bool   `db:"foreign_words"`
}

// traits are those of a conversation's messages. Foreign are words of others
// and answers to others: they stand in a conversation into which another
// customer's was merged, and are not this customer's to read. Uses
// idx_messages_conversation.
func traits(app core.App, conv *conversation.Conversation) (map[string]trait, error) {
	var list []trait
	err := app.DB().NewQuery(`SELECT m.id, m.channel, m.automatic, (m.kind = 'incoming' AND m.contact != {:contact}
			OR m.kind = 'outgoing' AND m.channel = 'email' AND m.recipient != '' AND LOWER(m.recipient) != {:email}
				AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact = {:contact} AND i.kind = 'email' AND i.value = LOWER(m.recipient))) AS foreign_words
		FROM messages m WHERE m.conversation = {:id} AND m.kind IN ('incoming', 'outgoing')`).
		Bind(dbx.Params{"id": conv.Id, "contact": conv.Contact(), "email": conv.GetString(schema.ConvEmail)}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("read whose words they are: %w", err)
	}
	all := map[string]trait{}
	for _, t := range list {
		all[t.ID] = t
	}
	return all, nil
}

// said are the messages of a conversation that its customer may read.
func (room *Room) said(app core.App, conv *conversation.Conversation) (list []conversation.PublicMessage, all map[string]trait, err error) {
	if all, err = traits(app, conv); err != nil {
		return nil, nil, err
	}
	for after := int64(-1); ; {
		page, more, err := room.Talks.PublicPage(app, conv.Id, after, 0, 200)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range page {
			after = m.Seq
			if t, ok := all[m.ID]; ok && !t.Foreign {
				list = append(list, m)
			}
		}
		if !more || len(list) > 5000 {
			return list, all, nil
		}
	}
}

// grant opens the stream "request/<number>" to whom the request belongs to;
// to everybody else it does not exist. A conversation with foreign words has
// none: the stream knows no difference, and the page asks by itself.
func (room *Room) grant(e *core.RequestEvent, number string) (live.Grant, error) {
	gone := e.NotFoundError(room.Catalogue.T(room.Site.Language(e), "error.conversation_gone"), nil)
	s, err := room.who(e)
	if err != nil || s == nil {
		return live.Grant{}, gone
	}
	id := ""
	valid := func(app core.App) bool {
		row, err := app.FindRecordById(schema.SignIns, s.id)
		if err != nil {
			return false
		}
		now, err := room.sessionOf(app, row)
		if err != nil || now == nil {
			return false
		}
		conv, err := room.find(app, now, number)
		if err != nil || id != "" && conv.Id != id {
			return false
		}
		all, err := traits(app, conv)
		for _, t := range all {
			if t.Foreign {
				return false
			}
		}
		id = conv.Id
		return err == nil
	}
	if !valid(e.App) {
		return live.Grant{}, gone
	}
	return room.Talks.GrantPublic("request-"+s.id, id, valid), nil
}
