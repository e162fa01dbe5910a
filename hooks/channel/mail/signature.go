package mail

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// signature is what stands under an agent's answer from a mailbox, and the
// agent's name: the mailbox's own signature instead of the agent's or below it,
// as the owner chose. The agent's is left out where the text already ends with
// it, and without any the name signs. Both may hold the same variables.
func signature(app core.App, m *conversation.Message, conv *conversation.Conversation, box *Mailbox, shop letter.Shop, lang string) (sign letter.Signature, name string) {
	agent := m.GetString(schema.MsgAgent)
	if agent == "" || m.GetBool(schema.MsgAutomatic) {
		return sign, ""
	}
	r, err := app.FindRecordById(schema.Agents, agent)
	if err != nil {
		return sign, "" // left since; the answer still goes out
	}
	name = strings.TrimSpace(r.GetString(schema.AgentName))
	number := i18n.Current().Digits(lang, strconv.FormatInt(conv.Number(), 10))
	values := letter.Values{"agent": name, "shop": shop.Name, "number": number, "address": box.Address()}
	own := letter.ReadSignature(r.GetString(schema.AgentSignature), r.GetString(schema.AgentSignatureHTML)).Fill(values)
	if own.Text == "" {
		own.Text = name
	}
	if own.Text != "" && strings.HasSuffix(strings.TrimSpace(m.GetString(schema.MsgText)), own.Text) {
		own = letter.Signature{}
	}
	of := letter.ReadSignature(box.GetString(schema.MailboxSignature), box.GetString(schema.MailboxSignatureHTML)).Fill(values)
	return joined(own, of, box.GetString(schema.MailboxSignatureUse)), name
}

// joined puts the two together.
func joined(own, of letter.Signature, use string) letter.Signature {
	switch {
	case of.Text == "":
		return own
	case use == schema.MailboxSignBelow:
		return own.Above(of)
	}
	return of
}

// trySignature answers POST /api/desk/mail/signature with an answer as it would
// go out: {"text", "html"} are the agent's own, "mailbox" whose signature comes
// with it, or "box" {"text", "html", "use"} one that is not saved yet.
func (room *Room) trySignature(e *core.RequestEvent) error {
	var body struct {
		Text    string `json:"text"`
		HTML    string `json:"html"`
		Mailbox string `json:"mailbox"`
		Lang    string `json:"lang"`
		Box     *struct {
			Text string `json:"text"`
			HTML string `json:"html"`
			Use  string `json:"use"`
		} `json:"box"`
	}
	lang := conversation.LanguageOf(e)
	if err := e.BindBody(&body); err != nil || len(body.Text)+len(body.HTML) > 20_000 || body.Box != nil && len(body.Box.Text)+len(body.Box.HTML) > 20_000 {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	shop := settings.Shop(e.App)
	if !i18n.Current().Has(body.Lang) {
		body.Lang = shop.Language()
	}
	own := letter.ReadSignature(body.Text, body.HTML)
	name := strings.TrimSpace(e.Auth.GetString(schema.AgentName))
	if own.Text == "" {
		own.Text = name
	}
	var of letter.Signature
	use, address := "", ""
	if body.Mailbox != "" {
		box, err := e.App.FindRecordById(schema.Mailboxes, body.Mailbox)
		if err != nil {
			return e.NotFoundError(i18n.T(lang, "mail.mailbox_gone"), nil)
		}
		of, use = letter.ReadSignature(box.GetString(schema.MailboxSignature), box.GetString(schema.MailboxSignatureHTML)), box.GetString(schema.MailboxSignatureUse)
		address = box.GetString(schema.MailboxAddress)
	}
	if body.Box != nil {
		of, use = letter.ReadSignature(body.Box.Text, body.Box.HTML), body.Box.Use
	}
	values := letter.Values{"agent": name, "shop": shop.Name(), "number": i18n.Current().Digits(body.Lang, "1024"), "address": address}
	sign := joined(own.Fill(values), of.Fill(values), use)
	words, err := OwnerTemplate(e.App, body.Lang, letter.KindReply)
	if err != nil {
		return err
	}
	l := letter.Reply{
		Lang: body.Lang, Shop: letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, Number: 1024, Text: i18n.T(body.Lang, "mail.sample_answer"),
		Signature: sign.Text, SignatureHTML: sign.HTML, Agent: name,
	}.Letter(words)
	e.Response.Header().Set("Cache-Control", "private, no-store")
	return e.JSON(http.StatusOK, map[string]any{"html": l.HTML(), "text": strings.ReplaceAll(l.Plain(), "\r\n", "\n"), "variables": letter.SignatureVariables()})
}
