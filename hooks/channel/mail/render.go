package mail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	maxOutgoing   = 20 << 20 // attachments of one mail; base64 makes a third more (P6)
	maxQuoteLines = 60
)

// render writes the mail of a message.
func (room *Room) render(app core.App, it outbox.Item, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, shopLang string) ([]byte, error) {
	shop := settings.Shop(app)
	lang := conv.GetString(schema.ConvLanguage)
	if lang == "" {
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
	if cc := copies(m, it.Recipient); len(cc) > 0 {
		if err := msg.Cc(cc...); err != nil {
			return nil, outbox.Permanent(fmt.Errorf("a copy's address is not usable: %w", err))
		}
	}
	if err := msg.ReplyToFormat(name, box.Address()); err != nil {
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
	msg.Subject(letter.Subject(conv.GetString(schema.ConvSubject), conv.Number(), shop.Name(), lang, reply != ""))
	msg.SetGenHeader(gomail.HeaderContentLang, lang)
	if m.GetBool(schema.MsgAutomatic) { // rule 36
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
		msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	}

	p := letter.Page{Lang: lang, Shop: shop.Name(), Number: conv.Number(), Text: m.GetString(schema.MsgText)}
	if p.Signature, err = signature(app, m, p.Text); err != nil {
		return nil, err
	}
	if err := room.quoteInto(app, &p, conv, m, shop); err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, p.Plain())
	msg.AddAlternativeString(gomail.TypeTextHTML, p.HTML())

	if err := attach(app, msg, m, shopLang); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	if err := nameID(app, m.Id, id); err != nil {
		return nil, fmt.Errorf("note the Message-ID: %w", err)
	}
	return out.Bytes(), nil
}

func normal(address string) string {
	if a := mime.NormalAddress(address); a != "" {
		return a
	}
	return strings.ToLower(address)
}

// signature is the agent's, unless the text already ends with it.
func signature(app core.App, m *conversation.Message, text string) (string, error) {
	agent := m.GetString(schema.MsgAgent)
	if agent == "" || m.GetBool(schema.MsgAutomatic) {
		return "", nil
	}
	r, err := app.FindRecordById(schema.Agents, agent)
	if err != nil {
		return "", nil // left since; the answer still goes out
	}
	s := strings.TrimSpace(r.GetString(schema.AgentSignature))
	if s == "" {
		s = strings.TrimSpace(r.GetString(schema.AgentName))
	}
	if s != "" && strings.HasSuffix(strings.TrimSpace(text), s) {
		return "", nil
	}
	return s, nil
}

// quoteInto adds what the customer last said, and nothing else of the
// conversation (rule 29): no notes, nobody else's mail.
func (room *Room) quoteInto(app core.App, p *letter.Page, conv *conversation.Conversation, m *conversation.Message, shop *settings.ShopRecord) error {
	var last struct {
		Text    string `db:"text"`
		Created string `db:"created"`
		Name    string `db:"name"`
	}
	// idx_messages_conversation
	err := app.DB().NewQuery(`SELECT m.text, m.created, COALESCE(c.name, '') AS name FROM messages m LEFT JOIN contacts c ON c.id = m.contact
		WHERE m.conversation = {:conv} AND m.seq < {:seq} AND m.kind = 'incoming' AND m.trust = '' ORDER BY m.seq DESC LIMIT 1`).
		Bind(dbx.Params{"conv": conv.Id, "seq": m.Seq()}).One(&last)
	if errorsIsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find what is answered: %w", err)
	}
	visible, _ := content.SplitQuote(last.Text)
	lines := strings.Split(strings.TrimSpace(visible), "\n")
	if len(lines) > maxQuoteLines {
		lines = append(lines[:maxQuoteLines], "…")
	}
	p.Quote = strings.TrimSpace(strings.Join(lines, "\n"))
	if p.Quote == "" {
		return nil
	}
	name := last.Name
	if name == "" {
		name = i18n.T(p.Lang, "mail.you")
	}
	date := last.Created
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", last.Created); err == nil {
		date = i18n.Current().DateTime(p.Lang, at.In(shop.Location()))
	}
	p.Wrote = i18n.T(p.Lang, "mail.wrote", i18n.V{"date": date, "name": name})
	return nil
}

// attach adds the message's files.
func attach(app core.App, msg *gomail.Msg, m *conversation.Message, lang string) error {
	var infos []conversation.FileInfo
	if raw := m.GetString(schema.MsgFileInfo); raw == "" || raw == "null" {
		return nil
	}
	if err := m.UnmarshalJSONField(schema.MsgFileInfo, &infos); err != nil {
		return fmt.Errorf("read the list of attachments: %w", err)
	}
	total := int64(0)
	for _, f := range infos {
		total += f.Size
	}
	if total > maxOutgoing {
		return outbox.Permanent(errors.New(i18n.T(lang, "mail.files_too_big", i18n.V{"size": i18n.Current().Size(lang, maxOutgoing)})))
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the files: %w", err)
	}
	defer fsys.Close()
	for _, f := range infos {
		if f.Stored == "" {
			continue
		}
		r, err := fsys.GetReader(m.BaseFilesPath() + "/" + f.Stored)
		if err != nil {
			return fmt.Errorf("open the attachment: %w", err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return fmt.Errorf("read the attachment: %w", err)
		}
		msg.AttachReadSeeker(f.Name, bytes.NewReader(data), gomail.WithFileContentType(gomail.ContentType(f.Type)))
	}
	return nil
}
