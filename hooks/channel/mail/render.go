package mail

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	gomail "github.com/wneessen/go-mail"
)

const (
	maxReferences = 20       // and the root (rule 20)
	maxRefBytes   = 7 << 10  // of the field, unfolded
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
	reply, refs := thread(lines)
	msg.SetMessageIDWithValue(id)
	if reply != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+reply+">")
	}
	msg.SetGenHeaderPreformatted(gomail.HeaderReferences, foldIDs(append(refs, id)))
	msg.SetDateWithValue(m.GetDateTime(schema.Created).Time())
	msg.Subject(subjectLine(conv.GetString(schema.ConvSubject), conv.Number(), shop.Name(), lang, reply != ""))
	msg.SetGenHeader(gomail.HeaderContentLang, lang)
	if m.GetBool(schema.MsgAutomatic) { // rule 36
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
		msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	}

	p := page{lang: lang, shop: shop.Name(), number: conv.Number(), text: m.GetString(schema.MsgText)}
	if p.signature, err = signature(app, m, p.text); err != nil {
		return nil, err
	}
	if err := room.quoteInto(app, &p, conv, m, shop); err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, p.plain())
	msg.AddAlternativeString(gomail.TypeTextHTML, p.html())

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

// thread picks what to refer to: the customer's last mail, and the root with
// the newest ids of both sides, oldest first.
func thread(lines []line) (reply string, refs []string) {
	seen := map[string]bool{}
	for _, l := range lines {
		if !strings.Contains(l.ID, "@") || len(l.ID) > 250 || strings.ContainsAny(l.ID, " \t\r\n<>") {
			continue
		}
		if l.Kind == schema.MessageIncoming {
			reply = l.ID
		}
		if !seen[l.ID] {
			seen[l.ID] = true
			refs = append(refs, l.ID)
		}
	}
	if len(refs) > maxReferences+1 {
		refs = append(refs[:1:1], refs[len(refs)-maxReferences:]...)
	}
	return reply, refs
}

// foldIDs writes ids in brackets, each on its own line. The middle ones go
// first when the field would grow too long.
func foldIDs(ids []string) string {
	total := 0
	for _, id := range ids {
		total += len(id) + 4
	}
	for total > maxRefBytes && len(ids) > 3 {
		total -= len(ids[1]) + 4
		ids = append(ids[:1:1], ids[2:]...)
	}
	return "<" + strings.Join(ids, ">\r\n <") + ">"
}

var (
	replyPrefix = regexp.MustCompile(`(?i)^\s*((re|aw|sv|vs|antw|ref|rv|fwd?|wg|tr|enc|উত্তর|ফরোয়ার্ড|ফরওয়ার্ড|回复|答复|转发)\s*(\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*)+`)
	ourTag      = regexp.MustCompile(`\s*\[#[0-9০-৯]{1,12}\]`)
)

// subjectLine keeps one "Re:" and one number, however long the exchange
// (rule 19).
func subjectLine(subject string, number int64, shop, lang string, answers bool) string {
	subject = replyPrefix.ReplaceAllString(ourTag.ReplaceAllString(subject, ""), "")
	subject = clip(strings.TrimSpace(subject), 200)
	if subject == "" {
		subject = i18n.T(lang, "mail.subject_ours", i18n.V{"shop": shop})
	}
	if answers {
		subject = "Re: " + subject
	}
	return fmt.Sprintf("%s [#%d]", subject, number)
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
func (room *Room) quoteInto(app core.App, p *page, conv *conversation.Conversation, m *conversation.Message, shop *settings.ShopRecord) error {
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
	p.quote = strings.TrimSpace(strings.Join(lines, "\n"))
	if p.quote == "" {
		return nil
	}
	name := last.Name
	if name == "" {
		name = i18n.T(p.lang, "mail.you")
	}
	date := last.Created
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", last.Created); err == nil {
		date = i18n.Current().DateTime(p.lang, at.In(shop.Location()))
	}
	p.wrote = i18n.T(p.lang, "mail.wrote", i18n.V{"date": date, "name": name})
	return nil
}

// page is the text of a mail, from which both of its forms are made (rule 66).
type page struct {
	lang, shop      string
	number          int64
	text, signature string
	wrote, quote    string
}

func (p page) footer() string {
	return p.shop + " · " + i18n.T(p.lang, "mail.request", i18n.V{"number": i18n.Current().Digits(p.lang, fmt.Sprint(p.number))})
}

func (p page) plain() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(p.text) + "\n")
	if p.signature != "" {
		b.WriteString("\n" + p.signature + "\n")
	}
	b.WriteString("\n-- \n" + p.footer() + "\n")
	if p.quote != "" {
		b.WriteString("\n" + p.wrote + "\n")
		for line := range strings.SplitSeq(p.quote, "\n") {
			b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
		}
	}
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

const (
	bodyStyle  = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans Bengali',sans-serif;font-size:15px;line-height:1.55;color:#1c1c1e;max-width:40em"
	quietStyle = "color:#6b6b70;font-size:13px"
	quoteStyle = "margin:0;padding:0 0 0 12px;border-left:3px solid #d8d8dc;color:#6b6b70"
)

func (p page) html() string {
	lang := html.EscapeString(p.lang)
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\r\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\r\n<body>\r\n<div lang=\"%s\" dir=\"auto\" style=\"%s\">\r\n", lang, lang, bodyStyle)
	b.WriteString(paragraphs(p.text))
	if p.signature != "" {
		b.WriteString(paragraphs(p.signature))
	}
	fmt.Fprintf(&b, "<p style=\"%s\">%s</p>\r\n", quietStyle, html.EscapeString(p.footer()))
	if p.quote != "" {
		fmt.Fprintf(&b, "<div class=\"shohay_quote\"><p style=\"%s\">%s</p>\r\n<blockquote type=\"cite\" style=\"%s\">\r\n%s</blockquote></div>\r\n",
			quietStyle, html.EscapeString(p.wrote), quoteStyle, paragraphs(p.quote))
	}
	b.WriteString("</div>\r\n</body></html>\r\n")
	return b.String()
}

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]'।]`)

// paragraphs writes text as HTML: empty lines part paragraphs, addresses
// become links.
func paragraphs(text string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if part = strings.Trim(part, "\n"); part == "" {
			continue
		}
		b.WriteString("<p>")
		at := 0
		for _, span := range linkForm.FindAllStringIndex(part, 200) {
			link := html.EscapeString(part[span[0]:span[1]])
			b.WriteString(escaped(part[at:span[0]]) + `<a href="` + link + `">` + link + `</a>`)
			at = span[1]
		}
		b.WriteString(escaped(part[at:]) + "</p>\r\n")
	}
	return b.String()
}

func escaped(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\r\n") }

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
