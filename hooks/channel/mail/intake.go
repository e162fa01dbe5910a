package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	tries   = 3         // readings after which a mail is put aside (rule 7)
	maxText = 1_900_000 // characters that a message holds
	maxHTML = 4_900_000
)

// takeIn takes one fetched mail in. It returns an error only when the mail has
// to be fetched again; a mail that cannot be read is put aside and that is the
// end of it.
func (room *Room) takeIn(box *Mailbox, own map[string]bool, src conversation.Source, it imapbox.Item) error {
	app := room.app
	if it.Raw == nil {
		return nil // removed from the server before we came
	}
	sha, err := keep(app, it.Raw)
	if err != nil {
		return err
	}
	e, err := begin(app, box.Id, src, sha)
	if err != nil || e.done() {
		return err
	}
	lang := settings.Shop(app).Language()
	if e.Attempts > tries {
		// It was begun often and never ended: it took the process with it.
		return room.aside(box, src, sha, it.Raw, i18n.T(lang, "mail.why_failed", i18n.V{"n": tries, "reason": "-"}))
	}
	err = room.read(box, own, src, sha, it)
	if err != nil && e.Attempts >= tries {
		app.Logger().Error("mail: a mail could not be taken in and was put aside", "mailbox", box.Id, "raw", sha, "error", err)
		return room.aside(box, src, sha, it.Raw, i18n.T(lang, "mail.why_failed", i18n.V{"n": tries, "reason": lastWords(err)}))
	}
	return err
}

// aside puts a mail into the quarantine, with as much of its head as can be read.
func (room *Room) aside(box *Mailbox, src conversation.Source, sha string, raw []byte, reason string) error {
	head := raw[:min(len(raw), 64<<10)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i > 0 {
		head = head[:i+4]
	}
	m := mime.Parse(head)
	sender := m.From.Addr
	if sender == "" {
		sender = mime.Text(m.Header.Get("From"))
	}
	return quarantine(room.app, box.Id, src, sha, sender, m.Subject, reason)
}

// read parses a mail and hands it on. A panic costs this mail and no other.
func (room *Room) read(box *Mailbox, own map[string]bool, src conversation.Source, sha string, it imapbox.Item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			room.app.Logger().Error("mail: reading a mail panicked", "mailbox", box.Id, "raw", sha, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%v", r)
		}
	}()
	app := room.app
	m := mime.Parse(it.Raw)

	// Rule 12: our own mail come back, by whatever way.
	if t, ok := readToken(m.MessageID); ok {
		if _, ok, err := room.proof(app, t, ""); err != nil {
			return err
		} else if ok {
			return settle(app, box.Id, src, nothing, "")
		}
	}
	if m.Bounce || m.Receipt {
		return room.report(box, src, sha, it.Raw, m)
	}
	in, ok, err := room.incoming(app, box, own, m, it)
	if err != nil {
		return err
	}
	if !ok {
		return room.aside(box, src, sha, it.Raw, i18n.T(settings.Shop(app).Language(), "mail.why_sender"))
	}
	in.Source, in.RawSHA = src, sha
	got, err := conversation.Receive(app, in)
	if err != nil || got.New {
		return err
	}
	// Known: by another place in this mailbox, or deleted since.
	message := nothing
	if got.Message != nil {
		message = got.Message.Id
	}
	return settle(app, box.Id, src, message, "")
}

// incoming turns a parsed mail into what conversation takes; false when it
// cannot be told who sent it (rule 21).
func (room *Room) incoming(app core.App, box *Mailbox, own map[string]bool, m *mime.Mail, it imapbox.Item) (conversation.Incoming, bool, error) {
	shop := settings.Shop(app)
	who := m.From
	if own[who.Addr] && len(m.ReplyTo) == 1 && m.ReplyTo[0].Addr != "" && !own[m.ReplyTo[0].Addr] {
		// The shop's own contact form: it writes in our name for a customer.
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
		Language:         languageOf(m.Subject+" "+m.Text, shop.Languages()),
	}
	if in.Subject == "" {
		in.Subject = i18n.T(shop.Language(), "mail.subject_none")
	}
	in.References = references(m)
	for _, id := range in.References {
		t, ok := readToken(id)
		if !ok {
			continue
		}
		address, ok, err := room.proof(app, t, who.Addr)
		if err != nil {
			return in, false, err
		}
		if ok {
			in.Thread = conversation.Thread{Conversation: t.conversation, Address: address}
			break // the newest proof wins (rules 17 and 18)
		}
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		in.Files = append(in.Files, conversation.File{
			Name: p.Name, Type: p.Type, ContentID: p.ContentID, Inline: p.Inline, Size: p.Size,
			Open: func() (io.ReadCloser, error) { return p.Open() },
		})
	}
	room.remark(&in, m, it, shop.Language())
	return in, true, nil
}

// remark adds what the agent should know about a mail that is not whole, and
// cuts what a message cannot hold; the original has it all.
func (room *Room) remark(in *conversation.Incoming, m *mime.Mail, it imapbox.Item, lang string) {
	var remarks []string
	if it.Cut {
		remarks = append(remarks, i18n.T(lang, "mail.cut", i18n.V{"size": i18n.Current().Size(lang, it.Size)}))
	}
	if r := []rune(in.Text); len(r) > maxText {
		in.Text = string(r[:maxText])
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

// proof checks a token of ours: it is real when it is bound to an address that
// the message went to. It returns that address. claimed is tried too, for a
// message whose records are gone.
func (room *Room) proof(app core.App, t token, claimed string) (address string, ok bool, err error) {
	keys := room.keys()
	sentTo, err := recipientsOf(app, t.message)
	if err != nil {
		return "", false, err
	}
	for _, a := range append(sentTo, claimed) {
		a = contact.Normalise(schema.KindEmail, a)
		if t.boundTo(keys, settings.PurposeThread, a) {
			return a, true, nil
		}
	}
	return "", false, nil
}

// ledgerKey is the mail's key, short enough for its column.
func ledgerKey(m *mime.Mail) string {
	sum := sha256.Sum256([]byte(m.Key()))
	return "mail:" + hex.EncodeToString(sum[:])
}

// references are the ids a mail refers to, newest first.
func references(m *mime.Mail) []string {
	var all []string
	add := func(id string) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for _, id := range m.InReplyTo {
		add(id)
	}
	for _, id := range slices.Backward(m.References) {
		add(id)
	}
	return all
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
			if own[a.Addr] {
				return a.Addr
			}
		}
	}
	if len(m.To) > 0 {
		return m.To[0].Addr
	}
	return ""
}

// others are the addresses that also got the mail (rule 27).
func others(m *mime.Mail, own map[string]bool, sender string) []string {
	var all []string
	for _, a := range slices.Concat(m.To, m.CC) {
		if a.Addr != "" && a.Addr != sender && !own[a.Addr] && !slices.Contains(all, a.Addr) && len(all) < 50 {
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
