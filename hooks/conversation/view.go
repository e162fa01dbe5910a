package conversation

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

// The JSON forms of records: Public… for customers, the others for staff.
// See the README's chapter on the API.

// FileView is an attachment; URL is signed and works for a day or two.
type FileView struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
	Image  bool   `json:"image"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	CID    string `json:"cid,omitzero"` // by which the text's HTML names a picture that stands in it
}

// AuthorView is who wrote a message.
type AuthorView struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Name   string `json:"name"`
	Avatar string `json:"avatar"`
}

// said is what customers and staff see alike of a message. It has no method
// of its own: if it were Public, so would be everything that embeds it.
type said struct {
	ID           string     `json:"id"`
	Seq          int64      `json:"seq"`
	Conversation string     `json:"conversation"`
	Kind         string     `json:"kind"`
	Author       AuthorView `json:"author"`
	Text         string     `json:"text"`
	Files        []FileView `json:"files"`
	ClientID     string     `json:"client_id"`
	Created      string     `json:"created"`
	// Offer is an Offer, there for messages of the bot that have one.
	Offer jsontext.Value `json:"offer,omitzero"`
}

// PublicMessage is a message as its customer sees it.
type PublicMessage struct {
	said `json:",inline"`
}

// Public marks PublicMessage for customers' topics.
func (PublicMessage) Public() {}

// StaffMessage is a message as the desk sees it.
type StaffMessage struct {
	said           `json:",inline"`
	Subject        string         `json:"subject"`
	HasHTML        bool           `json:"has_html"`
	HTML           string         `json:"html,omitzero"` // of what staff wrote, in the subset of package rich
	Event          jsontext.Value `json:"event"`
	Delivery       string         `json:"delivery"`
	DeliveryDetail string         `json:"delivery_detail"`
	Channel        string         `json:"channel"`
	From           string         `json:"from"`
	To             string         `json:"to"`
	CC             jsontext.Value `json:"cc"`
	BCC            jsontext.Value `json:"bcc"`
	Trust          string         `json:"trust"`
	Automatic      bool           `json:"automatic"`
	Attended       bool           `json:"attended,omitzero"` // live only: the bot takes care of it
	Raw            bool           `json:"raw"`
	SentAt         string         `json:"sent_at"`
	ReplyTo        string         `json:"reply_to"`
	Evidence       jsontext.Value `json:"evidence"`          // as Evidence, null for what is no mail
	Mentions       jsontext.Value `json:"mentions,omitzero"` // of a note: [{id: agent, as: name}]
}

// PublicConversation is a conversation as its customer sees it.
type PublicConversation struct {
	ID             string `json:"id"`
	Number         int64  `json:"number"`
	Status         string `json:"status"`
	LastSeq        int64  `json:"last_seq"`
	StaffSeenSeq   int64  `json:"staff_seen_seq"`
	ContactSeenSeq int64  `json:"contact_seen_seq"`
	Rating         int    `json:"rating"`
	Email          string `json:"email"`
}

// Public marks PublicConversation for customers' topics.
func (PublicConversation) Public() {}

// PublicView is the conversation for its customer.
func PublicView(c *Conversation) PublicConversation {
	return PublicConversation{
		ID: c.Id, Number: c.Number(), Status: c.Status(), LastSeq: int64(c.GetInt(schema.ConvLastSeq)),
		StaffSeenSeq: int64(c.GetInt(schema.ConvStaffSeenSeq)), ContactSeenSeq: int64(c.GetInt(schema.ConvContactSeenSeq)),
		Rating: c.GetInt(schema.ConvRating), Email: c.GetString(schema.ConvEmail),
	}
}

// messageRow is a message with the name of its contact, read without the
// record machinery because the tail reads every message once.
type messageRow struct {
	ID             string `db:"id"`
	Conversation   string `db:"conversation"`
	Seq            int64  `db:"seq"`
	Kind           string `db:"kind"`
	AuthorKind     string `db:"author_kind"`
	Agent          string `db:"agent"`
	Contact        string `db:"contact"`
	Subject        string `db:"subject"`
	Text           string `db:"text"`
	HasHTML        bool   `db:"has_html"`
	Rich           string `db:"rich"`
	FileInfo       string `db:"file_info"`
	Event          string `db:"event"`
	Channel        string `db:"channel"`
	ClientID       string `db:"client_id"`
	Sender         string `db:"sender"`
	Recipient      string `db:"recipient"`
	CC             string `db:"cc"`
	BCC            string `db:"bcc"`
	Trust          string `db:"trust"`
	Automatic      bool   `db:"automatic"`
	Raw            string `db:"raw"`
	Delivery       string `db:"delivery"`
	DeliveryDetail string `db:"delivery_detail"`
	SentAt         string `db:"sent_at"`
	ReplyTo        string `db:"reply_to"`
	Evidence       string `db:"evidence"`
	Mentions       string `db:"mentions"`
	Created        string `db:"created"`
	Offer          string `db:"offer"`
	ContactName    string `db:"contact_name"`
}

// writtenByStaff are messages whose HTML is our own subset (package rich);
// every other's is whatever its sender made.
const writtenByStaff = `(m.kind IN ('outgoing', 'note') AND m.automatic = FALSE)`

const messageColumns = `m.id, m.conversation, m.seq, m.kind, m.author_kind, m.agent, m.contact, m.subject, m.text, m.html != '' AND NOT (` + writtenByStaff + `) AS has_html, CASE WHEN ` + writtenByStaff + ` THEN m.html ELSE '' END AS rich,
	COALESCE(m.file_info, '') AS file_info, COALESCE(m.event, '') AS event, m.channel, m.client_id, m.sender, m.recipient, COALESCE(m.cc, '') AS cc, COALESCE(m.bcc, '') AS bcc, m.trust, m.automatic, m.raw, m.delivery, m.delivery_detail,
	m.sent_at, m.reply_to, COALESCE(m.evidence, '') AS evidence, COALESCE(m.mentions, '') AS mentions, m.created, COALESCE(m.offer, '') AS offer, COALESCE(c.name, '') AS contact_name`

// written tells that people of the shop wrote it at the desk.
func (m *Message) written() bool {
	kind := m.GetString(schema.MsgKind)
	return (kind == schema.MessageOutgoing || kind == schema.MessageNote) && !m.GetBool(schema.MsgAutomatic)
}

func richOf(m *Message) string {
	if m.written() {
		return m.GetString(schema.MsgHTML)
	}
	return ""
}

// rowOf is a message that is in hand already, so that it need not be read
// again; contact is the name of the contact who wrote it, if one did.
func rowOf(m *Message, contact string) messageRow {
	text := m.GetString
	return messageRow{
		ID: m.Id, Conversation: m.Conversation(), Seq: m.Seq(), Kind: text(schema.MsgKind), AuthorKind: text(schema.MsgAuthorKind),
		Agent: text(schema.MsgAgent), Contact: text(schema.MsgContact), Subject: text(schema.MsgSubject), Text: text(schema.MsgText),
		HasHTML: text(schema.MsgHTML) != "" && !m.written(), Rich: richOf(m), FileInfo: text(schema.MsgFileInfo), Event: text(schema.MsgEvent), Channel: text(schema.MsgChannel),
		ClientID: text(schema.MsgClientID), Sender: text(schema.MsgFrom), Recipient: text(schema.MsgTo), CC: text(schema.MsgCC), BCC: text(schema.MsgBCC),
		Trust: text(schema.MsgTrust), Automatic: m.GetBool(schema.MsgAutomatic), Raw: text(schema.MsgRaw), Delivery: text(schema.MsgDelivery),
		DeliveryDetail: text(schema.MsgDeliveryDetail), SentAt: text(schema.MsgSentAt), Created: text(schema.Created), ContactName: contact,
		ReplyTo: text(schema.MsgReplyTo), Evidence: text(schema.MsgEvidence), Offer: text(schema.MsgOffer), Mentions: text(schema.MsgMentions),
	}
}

// staff is the message for the desk.
func (room *Room) staff(r messageRow) StaffMessage {
	v := StaffMessage{
		said: room.said(r), Subject: r.Subject, HasHTML: r.HasHTML, HTML: r.Rich, Delivery: r.Delivery, DeliveryDetail: r.DeliveryDetail,
		Channel: r.Channel, From: r.Sender, To: r.Recipient, Trust: r.Trust, Automatic: r.Automatic, Raw: r.Raw != "", SentAt: isoString(r.SentAt),
		ReplyTo: r.ReplyTo, Event: jsontext.Value("null"), CC: jsontext.Value("[]"), BCC: jsontext.Value("[]"), Evidence: jsontext.Value("null"),
	}
	if strings.HasPrefix(r.Evidence, "{") {
		v.Evidence = jsontext.Value(r.Evidence)
	}
	if strings.HasPrefix(r.Mentions, "[") {
		v.Mentions = jsontext.Value(r.Mentions)
	}
	if r.Event != "" && r.Event != "null" {
		v.Event = jsontext.Value(r.Event)
	}
	if strings.HasPrefix(r.CC, "[") {
		v.CC = jsontext.Value(r.CC)
	}
	if strings.HasPrefix(r.BCC, "[") {
		v.BCC = jsontext.Value(r.BCC)
	}
	return v
}

// public is the message for its customer; false for what is not said to them
// or by them.
func (room *Room) public(r messageRow) (PublicMessage, bool) {
	if r.Trust == schema.TrustOther {
		return PublicMessage{}, false
	}
	switch r.Kind {
	case schema.MessageIncoming, schema.MessageOutgoing:
		return PublicMessage{room.said(r)}, true
	}
	return PublicMessage{}, false
}

func (room *Room) said(r messageRow) said {
	v := said{
		ID: r.ID, Seq: r.Seq, Conversation: r.Conversation, Kind: r.Kind, Author: room.author(r), Text: r.Text,
		Files: room.fileViews(r.ID, r.FileInfo), ClientID: r.ClientID, Created: isoString(r.Created),
	}
	if r.SentAt != "" && strings.Contains(r.Evidence, `"older":true`) {
		v.Created = isoString(r.SentAt) // what comes from the past was said then
	}
	if strings.HasPrefix(r.Offer, "{") {
		v.Offer = jsontext.Value(r.Offer)
	}
	return v
}

func (room *Room) author(r messageRow) AuthorView {
	a := AuthorView{Kind: r.AuthorKind}
	switch r.AuthorKind {
	case schema.AuthorAgent:
		a.ID = r.Agent
		if agent, ok := room.agents.get(r.Agent); ok {
			a.Name, a.Avatar = agent.Name, agent.Avatar
		}
	case schema.AuthorContact:
		a.ID, a.Name = r.Contact, r.ContactName
	}
	return a
}

func (room *Room) fileViews(message, raw string) []FileView {
	if raw == "" || raw == "null" {
		return []FileView{}
	}
	var infos []FileInfo
	if err := json.Unmarshal([]byte(raw), &infos); err != nil {
		return []FileView{}
	}
	views := make([]FileView, 0, len(infos))
	for _, f := range infos {
		v := FileView{Name: f.Name, Size: f.Size, Type: f.Type, Image: f.Image() && f.Stored != "", Width: f.Width, Height: f.Height}
		if f.Inline {
			v.CID = f.ContentID
		}
		if f.Stored != "" {
			v.URL = room.fileURL(message, f.Stored)
		}
		views = append(views, v)
	}
	return views
}

// Row is a conversation as the desk lists it.
type Row struct {
	ID              string     `json:"id" db:"id"`
	Number          int64      `json:"number" db:"number"`
	Subject         string     `json:"subject" db:"subject"`
	Channel         string     `json:"channel" db:"channel"`
	Status          string     `json:"status" db:"status"`
	Priority        int        `json:"priority" db:"priority"`
	Assignee        string     `json:"assignee" db:"assignee"`
	TagsRaw         string     `json:"-" db:"tags"`
	Tags            []string   `json:"tags" db:"-"`
	Contact         RowContact `json:"contact" db:"-"`
	Preview         string     `json:"preview" db:"preview"`
	PreviewKind     string     `json:"preview_kind" db:"preview_kind"`
	LastSeq         int64      `json:"last_seq" db:"last_seq"`
	LastIncomingSeq int64      `json:"last_incoming_seq" db:"last_incoming_seq"`
	StaffSeenSeq    int64      `json:"staff_seen_seq" db:"staff_seen_seq"`
	ContactSeenSeq  int64      `json:"contact_seen_seq" db:"contact_seen_seq"`
	LastActivity    string     `json:"last_activity" db:"last_activity"`
	WaitingSince    string     `json:"waiting_since" db:"waiting_since"`
	SnoozedUntil    string     `json:"snoozed_until" db:"snoozed_until"`
	Language        string     `json:"language" db:"language"`
	Rating          int        `json:"rating" db:"rating"`
	Email           string     `json:"email" db:"email"`
	Mailbox         string     `json:"mailbox" db:"mailbox"`
	Page            string     `json:"page" db:"page"`
	Spam            bool       `json:"spam" db:"spam"`
	Automatic       bool       `json:"automatic" db:"automatic"`
	MergedInto      string     `json:"merged_into" db:"merged_into"` // record id
	DeletedAt       string     `json:"deleted_at" db:"deleted_at"`
	Created         string     `json:"created" db:"created"`
	DueAt           string     `json:"due_at" db:"due_at"`
	DueKind         string     `json:"due_kind" db:"due_kind"`
	DueWarnAt       string     `json:"due_warn_at" db:"due_warn_at"`

	ContactID       string `json:"-" db:"contact"`
	ContactName     string `json:"-" db:"contact_name"`
	ContactLanguage string `json:"-" db:"contact_language"`
	ContactBlocked  bool   `json:"-" db:"contact_blocked"`
	ContactEmail    string `json:"-" db:"contact_email"`
	ContactPhone    string `json:"-" db:"contact_phone"`
	Visitor         string `json:"-" db:"visitor"`
}

// RowContact is the customer in a Row.
type RowContact struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	Language string `json:"language"`
	Blocked  bool   `json:"blocked"`
	Online   bool   `json:"online"`
}

// finish fills what is not read from a column as it is.
func (room *Room) finish(r *Row) {
	r.Tags = []string{}
	if r.TagsRaw != "" && r.TagsRaw != "null" {
		_ = json.Unmarshal([]byte(r.TagsRaw), &r.Tags) // PocketBase's own column: always a list
	}
	r.Contact = RowContact{
		ID: r.ContactID, Name: r.ContactName, Email: r.ContactEmail, Phone: r.ContactPhone, Language: r.ContactLanguage, Blocked: r.ContactBlocked,
		Online: r.Visitor != "" && room.hub.Online(VisitorListener(r.Visitor)),
	}
	r.LastActivity, r.WaitingSince = isoString(r.LastActivity), isoString(r.WaitingSince)
	r.DueAt, r.DueWarnAt = isoString(r.DueAt), isoString(r.DueWarnAt)
	r.SnoozedUntil, r.DeletedAt, r.Created = isoString(r.SnoozedUntil), isoString(r.DeletedAt), isoString(r.Created)
}

// isoString turns the database's time into RFC 3339 with milliseconds.
func isoString(s string) string {
	if s == "" {
		return ""
	}
	return strings.Replace(s, " ", "T", 1)
}

func stamp(d types.DateTime) string {
	if d.IsZero() {
		return ""
	}
	return d.Time().UTC().Format("2006-01-02T15:04:05.000Z")
}

// VisitorListener names a visitor's streams in the hub.
func VisitorListener(visitor string) string { return "visitor/" + visitor }

// AgentListener names an agent's streams in the hub.
func AgentListener(agent string) string { return "agent/" + agent }

// fileLife is how long a signed link works at least. Ends fall on whole days
// so that a picture keeps its address, and the browser its copy, for a day.
const fileLife = 24 * time.Hour
