package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/forward"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// incoming turns a parsed mail into what conversation takes; false when it
// cannot be told who sent it (rule 21).
func (room *Room) incoming(app core.App, box *Mailbox, m *mime.Mail, raw []byte, it imapbox.Item) (conversation.Incoming, bool, error) {
	shop := settings.Shop(app)
	known, err := room.known(app)
	if err != nil {
		return conversation.Incoming{}, false, err
	}
	own := known.own
	for a := range box.own() {
		if !own[a] { // not saved yet, in a try
			own = box.own()
			break
		}
	}
	who := m.From
	form := own[who.Addr] || known.forms[who.Addr]
	if form && len(m.ReplyTo) == 1 && m.ReplyTo[0].Addr != "" && !auth.Own(m.ReplyTo[0].Addr, own) {
		// A contact form: it writes in its own name for a customer.
		who = m.ReplyTo[0]
	}
	value := identityValue(who.Addr)
	if value == "" {
		return conversation.Incoming{}, false, nil
	}

	in := conversation.Incoming{
		Channel: schema.ChannelEmail, Account: box.Id, Mailbox: box.Id,
		Keys:      []string{ledgerKey(m)},
		ChannelID: m.MessageID,
		From:      []conversation.Identity{{Kind: schema.KindEmail, Value: value}},
		Name:      who.Name,
		Subject:   m.Subject,
		Text:      m.Text,
		HTML:      m.HTML,
		Sent:      m.Date,

		SenderAddress:    who.Addr,
		RecipientAddress: recipient(m, own),
		CC:               others(m, own, who.Addr),
		Automatic:        m.Automatic,
		AutoReply:        m.AutoReply || newsletter(m),
		Older:            it.Older,
		Language:         languageOf(m.Subject+" "+m.Text, shop.Languages()),
	}
	if in.Subject == "" {
		in.Subject = i18n.T(shop.Language(), "mail.subject_none")
	}
	room.judge(&in, box, known, m, raw, it.Cut, form)
	in.Evidence.NoAutomatic = in.Evidence.NoAutomatic || it.Silent || it.Older
	if err := room.thread(app, &in, m, who.Addr); err != nil {
		return in, false, err
	}
	room.suspect(&in, known, m, box.Folder())
	in.Files = filesOf(m)
	if known.staff[who.Addr] && in.Auth == "pass" && in.Thread.Conversation == "" {
		unwrap(&in, m, who.Addr, own, shop)
	}
	in.Evidence.Body = bodyOf(&in, m)
	invite(&in, m, shop)
	room.remark(&in, m, it, shop.Language())
	return in, true, nil
}

// newsletter tells mail that somebody sends to many and that answers nothing:
// it stands in the view of automatic mail (rule 35). A member's post to a list
// is a person's.
func newsletter(m *mime.Mail) bool {
	return m.Automatic && (m.Header.Has("List-Id") || m.Header.Has("List-Unsubscribe")) && len(m.InReplyTo) == 0
}

// bodyOf says how the text is shown; call it before anything of ours is added
// to the text.
func bodyOf(in *conversation.Incoming, m *mime.Mail) *conversation.Body {
	in.Text = strings.TrimSpace(in.Text)
	var b conversation.Body
	for _, l := range []struct {
		on   bool
		name string
	}{{m.Signed, conversation.LabelSigned}, {m.Encrypted, conversation.LabelEncrypted}, {len(m.Events) > 0, conversation.LabelInvitation}} {
		if l.on {
			b.Labels = append(b.Labels, l.name)
		}
	}
	if own := content.Own(in.Subject, in.Text, in.HTML); own < len(in.Text) && len(in.Text) < maxText {
		b.Own, b.End = units(in.Text[:own]), units(in.Text)
	}
	if b.End == 0 && b.Labels == nil {
		return nil
	}
	return &b
}

// units counts UTF-16 units.
func units(s string) (n int) {
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// invite adds what invitations say; nothing answers them by itself (rule 56).
func invite(in *conversation.Incoming, m *mime.Mail, shop *settings.ShopRecord) {
	for i := range m.Events {
		in.Text = strings.TrimSpace(in.Text + "\n\n" + m.Events[i].Text(shop.Language(), shop.Location()))
	}
}

// unwrap makes the customer of a mail that somebody of the staff forwarded the
// one who wrote the inner mail (rule 57). Who forwards is proven; what is
// inside is their word, and they stand as the one who gave it.
func unwrap(in *conversation.Incoming, m *mime.Mail, staff string, own map[string]bool, shop *settings.ShopRecord) {
	f, ok := forward.Open(m, shop.Location())
	value := identityValue(f.From.Addr)
	if !ok || value == "" || auth.Own(f.From.Addr, own) || f.From.Addr == staff {
		return
	}
	in.From = []conversation.Identity{{Kind: schema.KindEmail, Value: value}}
	in.Name, in.SenderAddress, in.ReplyTo = f.From.Name, f.From.Addr, ""
	in.References, in.Numbers = nil, nil
	if f.Subject != "" {
		in.Subject = f.Subject
	}
	if f.Attached != nil {
		in.Text, in.HTML, in.Files = f.Attached.Text, f.Attached.HTML, filesOf(f.Attached)
	} else if strings.TrimSpace(f.Text) != "" {
		in.Text, in.HTML = f.Text, f.HTML
	}
	if note := strings.TrimSpace(f.Note); note != "" {
		in.Text = strings.TrimSpace(in.Text) + "\n\n" + i18n.T(shop.Language(), "mail.forward_note", i18n.V{"address": staff, "note": note})
	}
	in.Evidence.NoAutomatic, in.Evidence.ReplyTo = true, ""
	in.Evidence.Warnings = append(in.Evidence.Warnings, conversation.Warning{Key: "mail.forwarded_by", Values: map[string]string{"address": staff}})
}

// filesOf are the mail's attachments.
func filesOf(m *mime.Mail) (files []conversation.File) {
	for i := range m.Parts {
		p := &m.Parts[i]
		files = append(files, conversation.File{
			Name: p.Name, Type: p.Type, ContentID: p.ContentID, Inline: p.Inline, Size: p.Size,
			Open: func() (io.ReadCloser, error) { return p.Open() },
		})
	}
	return files
}

// remark adds what the agent should know about a mail that is not whole, and
// cuts what a message cannot hold; the original has it all.
func (room *Room) remark(in *conversation.Incoming, m *mime.Mail, it imapbox.Item, lang string) {
	var remarks []string
	if it.Cut {
		remarks = append(remarks, i18n.T(lang, "mail.cut", i18n.V{"size": i18n.Current().Size(lang, it.Size)}))
	}
	if len(in.Text) > maxText && utf8.RuneCountInString(in.Text) > maxText {
		n := 0
		for at := range in.Text {
			if n++; n > maxText {
				in.Text = in.Text[:at]
				break
			}
		}
		m.Problems = append(m.Problems, mime.ProblemText)
	}
	if len(in.HTML) > maxHTML {
		in.HTML = ""
		m.Problems = append(m.Problems, mime.ProblemText)
	}
	if len(m.Problems) > 0 {
		remarks = append(remarks, i18n.T(lang, "mail.unreadable"))
	}
	if m.Encrypted {
		remarks = append(remarks, i18n.T(lang, "mail.encrypted"))
	}
	if strings.TrimSpace(in.Text) == "" && len(in.Files) == 0 && len(remarks) == 0 {
		remarks = append(remarks, i18n.T(lang, "mail.text_none"))
	}
	if len(remarks) > 0 {
		in.Text = strings.TrimSpace(in.Text + "\n\n" + strings.Join(remarks, "\n"))
	}
}

// ledgerKey is the mail's key, short enough for its column.
func ledgerKey(m *mime.Mail) string {
	sum := sha256.Sum256([]byte(m.Key()))
	return "mail:" + hex.EncodeToString(sum[:])
}

// identityValue is an address in a form that contacts accept; "" if there is
// none. Japanese carriers give addresses like name.@docomo.ne.jp, which need
// quotes.
func identityValue(addr string) string {
	if addr == "" || contact.Normalise(schema.KindEmail, addr) != "" {
		return addr
	}
	local, domain, _ := strings.Cut(addr, "@")
	if quoted := `"` + local + `"@` + domain; contact.Normalise(schema.KindEmail, quoted) != "" {
		return quoted
	}
	return ""
}

// recipient is the address of ours that the mail came to.
func recipient(m *mime.Mail, own map[string]bool) string {
	for _, list := range [][]mime.Address{m.To, m.CC} {
		for _, a := range list {
			if auth.Own(a.Addr, own) {
				return a.Addr
			}
		}
	}
	if len(m.To) > 0 {
		return m.To[0].Addr
	}
	return ""
}

// others are the addresses that also got the mail, without ours. They are
// offered to staff; nobody is added to a conversation by a mail (rule 27).
func others(m *mime.Mail, own map[string]bool, sender string) []string {
	var all []string
	for _, a := range slices.Concat(m.To, m.CC) {
		if a.Addr != "" && a.Addr != sender && !auth.Own(a.Addr, own) && !slices.Contains(all, a.Addr) && len(all) < 50 {
			all = append(all, a.Addr)
		}
	}
	return all
}

// languageOf tells Bangla by its letters, if the shop speaks it. English and
// Bangla in Latin letters look alike, so nothing is said of them.
func languageOf(text string, spoken []string) string {
	if !slices.Contains(spoken, "bn") {
		return ""
	}
	letters, bangla := 0, 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		if letters++; unicode.Is(unicode.Bengali, r) {
			bangla++
		}
		if letters > 2000 {
			break
		}
	}
	if letters > 0 && bangla*3 > letters {
		return "bn"
	}
	return ""
}
