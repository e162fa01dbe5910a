package mail

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	gomail "github.com/wneessen/go-mail"
)

const (
	maxQuoteLines = 60  // of one message
	maxQuotes     = 100 // messages of a whole conversation
	maxQuoteBytes = 200 << 10
)

// eventTranscript is the type of the event that carries a transcript out.
const eventTranscript = "transcript"

// render writes the mail of a message.
func (room *Room) render(app core.App, it outbox.Item, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, shopLang string) ([]byte, error) {
	shop := settings.Shop(app)
	lang := conv.GetString(schema.ConvLanguage)
	if !i18n.Current().Has(lang) {
		lang = shopLang
	}
	name := box.GetString(schema.MailboxName)
	if name == "" {
		name = shop.Name()
	}

	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(name, box.Address()); err != nil {
		return nil, outbox.Permanent(fmt.Errorf("the mailbox's own address is not usable: %w", err))
	}
	if err := msg.To(it.Recipient); err != nil {
		return nil, outbox.Permanent(fmt.Errorf("the address %s is not usable: %w", it.Recipient, err))
	}
	cc, err := shown(app, m, it.Recipient)
	if err != nil {
		return nil, err
	}
	if len(cc) > 0 {
		if err := msg.Cc(cc...); err != nil {
			return nil, outbox.Permanent(fmt.Errorf("a copy's address is not usable: %w", err))
		}
	}
	answersTo := box.Address()
	if box.GetBool(schema.MailboxPlusAddress) { // rule 15
		if a := plusAddress(room.keys(), settings.PurposeThread, mime.NormalAddress(box.Address()), conv.Id, normal(it.Recipient)); a != "" {
			answersTo = a
		}
	}
	if err := msg.ReplyToFormat(name, answersTo); err != nil {
		return nil, outbox.Permanent(err)
	}

	// Threading (rules 13, 14, 20).
	id := messageID(room.keys(), settings.PurposeThread, conv.Id, m.Id, normal(it.Recipient), box.Domain())
	lines, err := chain(app, conv.Id, m.Seq())
	if err != nil {
		return nil, fmt.Errorf("read the thread: %w", err)
	}
	reply, refs := letter.Thread(lines)
	msg.SetMessageIDWithValue(id)
	if reply != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+reply+">")
	}
	msg.SetGenHeaderPreformatted(gomail.HeaderReferences, letter.FoldIDs(append(refs, id)))
	msg.SetDateWithValue(m.GetDateTime(schema.Created).Time())
	msg.SetGenHeader(gomail.HeaderContentLang, lang)
	switch { // rule 36
	case m.GetBool(schema.MsgAutomatic):
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
		msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	case m.GetString(schema.MsgKind) == schema.MessageEvent:
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
		msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	}

	l, err := room.letter(app, m, conv, box, it.Recipient, lang, shop)
	if err != nil {
		return nil, err
	}
	if l.subject == "" {
		l.subject = letter.Subject(conv.GetString(schema.ConvSubject), conv.Number(), shop.Name(), lang, reply != "")
	}
	msg.Subject(l.subject)
	left, err := attach(app, msg, m, shopLang)
	if err != nil {
		return nil, err
	}
	if left != "" {
		l.plain, l.html = letter.AddNote(l.plain, l.html, i18n.T(lang, "mail.files_left_out", i18n.V{"names": left}))
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.html)

	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	raw, err := room.signed(box, out.Bytes())
	if err != nil {
		return nil, err
	}
	if err := nameID(app, m.Id, id); err != nil {
		return nil, fmt.Errorf("note the Message-ID: %w", err)
	}
	return raw, nil
}

// forms are a mail's subject and its two bodies.
type forms struct{ subject, plain, html string }

// letter makes the text of a message: what a machine said stands in it, a
// transcript is made now, an answer gets its frame.
func (room *Room) letter(app core.App, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, recipient, lang string, shop *settings.ShopRecord) (forms, error) {
	house := letter.Shop{Name: shop.Name(), Colour: shop.Colour()}
	link, err := room.link(app, conv, recipient, m.GetDateTime(schema.Created).Time())
	if err != nil {
		return forms{}, fmt.Errorf("make the link to the request: %w", err)
	}
	if m.GetString(schema.MsgKind) == schema.MessageEvent {
		l, err := transcript(app, conv, m.Seq(), lang, shop)
		l.Link = link
		return forms{l.Subject, l.Plain(), l.HTML()}, err
	}
	if html := m.GetString(schema.MsgHTML); html != "" && m.GetBool(schema.MsgAutomatic) {
		return forms{m.GetString(schema.MsgSubject), strings.ReplaceAll(m.GetString(schema.MsgText), "\n", "\r\n") + "\r\n", html}, nil
	}
	r := letter.Reply{Lang: lang, Shop: house, Number: conv.Number(), Text: m.GetString(schema.MsgText), HTML: m.GetString(schema.MsgHTML), Link: link}
	var sign letter.Signature
	sign, r.Agent = signature(app, m, conv, box, house, lang)
	r.Signature, r.SignatureHTML = sign.Text, sign.HTML
	if r.Quotes, err = quotes(app, conv, m, lang, shop); err != nil {
		return forms{}, err
	}
	t, err := OwnerTemplate(app, lang, letter.KindReply)
	if err != nil {
		return forms{}, err
	}
	l := r.Letter(t)
	return forms{m.GetString(schema.MsgSubject), l.Plain(), l.HTML()}, nil
}

// OwnerTemplate are the words of a kind of mail: the owner's where there are
// some, else the built-in ones. Uses idx_mail_templates_key.
func OwnerTemplate(app core.App, lang, kind string) (letter.Template, error) {
	var t letter.Template
	err := app.DB().NewQuery(`SELECT subject, body FROM mail_templates WHERE key = {:key} AND language = {:lang}`).
		Bind(dbx.Params{"key": kind, "lang": lang}).Row(&t.Subject, &t.Body)
	if err != nil && !errorsIsNoRows(err) {
		return t, fmt.Errorf("read the words of a mail: %w", err)
	}
	return t.Or(letter.Builtin(lang, kind)), nil
}

func normal(address string) string {
	if a := mime.NormalAddress(address); a != "" {
		return a
	}
	return strings.ToLower(address)
}

// turn is a message that customers may see.
type turn struct {
	Kind      string `db:"kind"`
	Channel   string `db:"channel"`
	Subject   string `db:"subject"`
	Text      string `db:"text"`
	HTML      string `db:"html"` // of the customer's mails
	Created   string `db:"created"`
	Customer  string `db:"customer"`
	Agent     string `db:"agent_name"`
	Author    string `db:"author_kind"`
	Recipient string `db:"recipient"`
	FileInfo  string `db:"file_info"`
}

// turns lists what the conversation's customer said and was told before seq,
// newest first: no notes, no events, nobody else's mail (rule 29).
// Uses idx_messages_conversation.
func turns(app core.App, conv *conversation.Conversation, seq int64, only string, limit int) (all []turn, err error) {
	err = app.DB().NewQuery(`SELECT m.kind, m.channel, m.subject, m.text, CASE WHEN m.kind = 'incoming' THEN m.html ELSE '' END AS html, m.created, m.author_kind, m.recipient, COALESCE(m.file_info, '') AS file_info,
			COALESCE(c.name, '') AS customer, COALESCE(a.name, '') AS agent_name
		FROM messages m LEFT JOIN contacts c ON c.id = m.contact LEFT JOIN agents a ON a.id = m.agent
		WHERE m.conversation = {:conv} AND m.seq < {:seq} AND m.kind IN ('incoming', 'outgoing') AND ({:only} = '' OR m.kind = {:only})
		AND (m.kind = 'outgoing' OR m.contact = {:contact}) AND m.trust = '' AND m.automatic = FALSE
		ORDER BY m.seq DESC LIMIT {:limit}`).
		Bind(dbx.Params{"conv": conv.Id, "seq": seq, "only": only, "contact": conv.Contact(), "limit": limit}).All(&all)
	if err != nil {
		return nil, fmt.Errorf("read what was said: %w", err)
	}
	return all, nil
}

// said is a turn without the history that it quotes itself.
func (t turn) said() string {
	visible := t.Text
	if t.Kind == schema.MessageIncoming && t.Channel == schema.ChannelEmail {
		r := content.Split(t.Subject, t.Text, t.HTML)
		if visible = r.Visible; r.Signature != "" {
			visible += "\n\n" + r.Signature
		}
	}
	lines := strings.Split(strings.TrimSpace(visible), "\n")
	if len(lines) > maxQuoteLines {
		lines = append(lines[:maxQuoteLines], "…")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func when(lang, created string, shop *settings.ShopRecord) string {
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", created); err == nil {
		return i18n.Current().DateTime(lang, at.In(shop.Location()))
	}
	return created
}

// quotes are what stands under an answer, as the shop likes it: nothing, what
// the customer last said, or all that was said between the two.
func quotes(app core.App, conv *conversation.Conversation, m *conversation.Message, lang string, shop *settings.ShopRecord) (all []letter.Quote, err error) {
	only, limit := schema.MessageIncoming, 1
	switch shop.GetString(schema.ShopMailQuote) {
	case schema.QuoteNone:
		return nil, nil
	case schema.QuoteAll:
		only, limit = "", maxQuotes
	}
	told, err := turns(app, conv, m.Seq(), only, limit)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, t := range told {
		// What was told to another address than this mail's is not this
		// recipient's to read.
		if t.Kind == schema.MessageOutgoing && t.Channel == schema.ChannelEmail && normal(t.Recipient) != normal(m.GetString(schema.MsgTo)) {
			continue
		}
		text := t.said()
		if total += len(text); text == "" || total > maxQuoteBytes {
			continue
		}
		name := t.Customer
		switch {
		case t.Kind == schema.MessageOutgoing && t.Agent != "":
			name = t.Agent
		case t.Kind == schema.MessageOutgoing:
			name = shop.Name()
		case name == "":
			name = i18n.T(lang, "mail.you")
		}
		all = append(all, letter.Quote{Head: i18n.T(lang, "mail.wrote", i18n.V{"date": when(lang, t.Created, shop), "name": name}), Text: text})
	}
	return all, nil
}

// transcript is the whole of a conversation as its customer saw it.
func transcript(app core.App, conv *conversation.Conversation, seq int64, lang string, shop *settings.ShopRecord) (letter.Letter, error) {
	told, err := turns(app, conv, seq, "", 2000)
	if err != nil {
		return letter.Letter{}, err
	}
	var all []letter.Turn
	for _, t := range slices.Backward(told) {
		who := t.Agent
		switch {
		case t.Kind == schema.MessageIncoming && t.Customer != "":
			who = t.Customer
		case t.Kind == schema.MessageIncoming:
			who = i18n.T(lang, "mail.transcript_customer")
		case who == "":
			who = shop.Name()
		}
		text := t.said()
		for _, f := range namesOf(t.FileInfo) {
			text += "\n📎 " + f
		}
		all = append(all, letter.Turn{Who: who, When: when(lang, t.Created, shop), Text: strings.TrimSpace(text)})
	}
	words, err := OwnerTemplate(app, lang, letter.KindTranscript)
	if err != nil {
		return letter.Letter{}, err
	}
	return letter.Transcript(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, conv.Number(), all, words), nil
}

// namesOf lists the files of a message.
func namesOf(info string) (names []string) {
	var files []conversation.FileInfo
	if json.Unmarshal([]byte(info), &files, json.MatchCaseInsensitiveNames(true)) == nil {
		for _, f := range files {
			names = append(names, f.Name)
		}
	}
	return names
}

// attach adds the message's files. A mail over the limit is refused before it
// is written; what a chat holds in excess is left out and named.
func attach(app core.App, msg *gomail.Msg, m *conversation.Message, lang string) (left string, err error) {
	var infos []conversation.FileInfo
	if raw := m.GetString(schema.MsgFileInfo); raw == "" || raw == "null" {
		return "", nil
	}
	if err := m.UnmarshalJSONField(schema.MsgFileInfo, &infos); err != nil {
		return "", fmt.Errorf("read the list of attachments: %w", err)
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return "", fmt.Errorf("open the files: %w", err)
	}
	defer fsys.Close()
	total := int64(0)
	for _, f := range infos {
		if f.Stored == "" {
			continue
		}
		if total += f.Size; total > conversation.MaxMailFiles {
			if m.GetString(schema.MsgChannel) == schema.ChannelEmail {
				return "", outbox.Permanent(errors.New(i18n.T(lang, "mail.files_too_big", i18n.V{"size": i18n.Current().Size(lang, conversation.MaxMailFiles)})))
			}
			total -= f.Size
			left += ", " + f.Name
			continue
		}
		r, err := fsys.GetReader(m.BaseFilesPath() + "/" + f.Stored)
		if err != nil {
			return "", fmt.Errorf("open the attachment: %w", err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return "", fmt.Errorf("read the attachment: %w", err)
		}
		if f.Inline && f.ContentID != "" { // stands in the text
			msg.EmbedReadSeeker(f.Name, bytes.NewReader(data), gomail.WithFileContentType(gomail.ContentType(f.Type)), gomail.WithFileContentID("<"+f.ContentID+">"))
			continue
		}
		msg.AttachReadSeeker(f.Name, bytes.NewReader(data), gomail.WithFileContentType(gomail.ContentType(f.Type)))
	}
	return strings.TrimPrefix(left, ", "), nil
}
