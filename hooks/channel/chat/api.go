package chat

import (
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	maxBody     = 64 << 20
	maxFiles    = 5
	maxText     = 10_000 // characters of one message
	historyPage = 50
)

// config tells a widget that was just opened everything it shows before there
// is a conversation.
func (room *Room) config(e *core.RequestEvent) error {
	if err := room.calm(e, nil, ""); err != nil {
		return err
	}
	lang, shop, now := language(e), settings.Shop(e.App), time.Now()
	open, next := rules.Office(e.App, now)
	agents := []map[string]string{}
	online := room.conv.OnlineAgents()
	for _, a := range online[:min(len(online), 3)] {
		agents = append(agents, map[string]string{"name": a.Name, "avatar": a.Avatar})
	}
	nextAt, when := "", "" // in the shop's words too: its clock is the one that its doors go by
	if !next.IsZero() {
		nextAt, when = next.UTC().Format(time.RFC3339), rules.When(i18n.Current(), lang, next, now, shop.Location())
	}
	return e.JSON(http.StatusOK, map[string]any{
		"shop": map[string]any{
			"name": shop.Name(), "logo": conversation.LogoURL(shop), "colour": shop.Colour(), "languages": shop.Languages(),
		},
		"enabled": shop.WidgetEnabled(), "lang": lang, "online": open && len(online) > 0, "agents": agents,
		"office":      map[string]any{"open": open, "next": nextAt, "when": when},
		"expectation": rules.Expectation(e.App, i18n.Current(), lang, schema.ChannelChat, now),
		"limits":      map[string]any{"file_bytes": shop.AttachmentBytes(), "files": maxFiles, "types": acceptTypes, "text": maxText},
		"strings":     i18n.Current().Section(lang, "widget"),
		"portal":      "/?lang=" + lang,
		"position":    shop.GetString(schema.ShopWidgetPosition),
		"articles":    room.help().Popular(e.App, lang),
		"bot":         room.greeting(e.App, lang, valid(e.Request.URL.Query().Get("page"), 500), open, false),
	})
}

type startForm struct {
	Token    string `json:"token"`
	Identity *struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Email string `json:"email"`
		Phone string `json:"phone"`
		Hash  string `json:"hash"`

		Fields map[string]string `json:"fields"` // of the owner's contact fields
	} `json:"identity"`
}

// start gives a token, or takes one up again, with the newest messages of its
// conversation. It writes nothing, except that a visitor who turns out to be
// a known customer takes the conversation they began along.
func (room *Room) start(e *core.RequestEvent) error {
	if err := room.calm(e, nil, ""); err != nil {
		return err
	}
	var form startForm
	if err := e.BindBody(&form); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	claims, known := read(room.keys(), form.Token)
	if !known {
		claims = Claims{Visitor: newVisitor()}
	}
	if id := form.Identity; id != nil && id.ID != "" {
		if len(id.ID) > 200 || !room.keys().CheckIdentity(id.ID, id.Hash) {
			return e.ForbiddenError(say(e, "error.identity_hash"), nil)
		}
		signed := Claims{
			Visitor: userVisitor(id.ID), User: valid(id.ID, 200), Name: valid(id.Name, 120),
			Email: contact.Normalise(schema.KindEmail, id.Email), Phone: contact.Normalise(schema.KindPhone, id.Phone),
		}
		if known && claims.User == "" {
			if err := takeAlong(e.App, claims, signed); err != nil {
				return e.InternalServerError(say(e, "error.internal"), err)
			}
		}
		claims = signed
		if len(id.Fields) > 0 && len(id.Fields) <= 50 {
			if err := room.fields(e.App, claims.User, id.Fields); err != nil {
				return e.InternalServerError(say(e, "error.internal"), err)
			}
		}
	}
	seq, err := conversation.NewestSeq(e.App)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	conv, err := room.own(e.App, claims)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	answer := map[string]any{"token": issue(room.keys(), claims), "conversation": nil, "messages": []any{}, "more": false, "seq": seq}
	if conv != nil {
		msgs, more, err := room.conv.PublicPage(e.App, conv.Id, 0, 0, historyPage)
		if err != nil {
			return e.InternalServerError(say(e, "error.internal"), err)
		}
		answer["conversation"], answer["messages"], answer["more"] = conversation.PublicView(conv), msgs, more
	}
	return e.JSON(http.StatusOK, answer)
}

func valid(s string, most int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most])
	}
	return s
}

type messageForm struct {
	ClientID string `json:"client_id" form:"client_id"`
	Text     string `json:"text" form:"text"`
	Lang     string `json:"lang" form:"lang"`
	Page     struct {
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"page"`
	PageURL string `json:"-" form:"page_url"`
}

// send takes a message in. Repeating a request with the same client id is
// harmless and answers the same.
func (room *Room) send(e *core.RequestEvent) error {
	claims, err := room.visitor(e)
	if err != nil {
		return err
	}
	if err := room.calm(e, room.perVisitor, claims.Visitor); err != nil {
		return err
	}
	var form messageForm
	if err := e.BindBody(&form); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	if n := len(form.ClientID); n < 8 || n > 80 {
		return e.BadRequestError(say(e, "error.client_id"), nil)
	}
	if utf8.RuneCountInString(form.Text) > maxText {
		return e.BadRequestError(say(e, "error.text_length", i18n.V{"n": maxText}), nil)
	}
	files, err := uploads(e)
	if err != nil {
		return err
	}
	if strings.TrimSpace(form.Text) == "" && len(files) == 0 {
		return e.BadRequestError(say(e, "error.empty_message"), nil)
	}
	in := conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:" + claims.Visitor, Keys: []string{form.ClientID}, ClientID: form.ClientID,
		From: claims.identities(), Name: claims.Name, Email: claims.Email, Visitor: claims.Visitor,
		Text: form.Text, Files: files, Page: form.Page.URL + form.PageURL,
	}
	if i18n.Current().Has(form.Lang) {
		in.Language = form.Lang
	} else {
		in.Language = language(e)
	}
	if some, err := conversation.HasConversation(e.App, claims.Visitor); err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	} else if !some {
		if wait, ok := room.newcomers.AllowTimes(e.RealIP(), settings.Shop(e.App).StreamsPerAddress()); !ok {
			return tooMany(e, wait)
		}
	}
	got, err := conversation.Receive(e.App, in)
	if err != nil {
		return e.InternalServerError(say(e, "error.not_stored"), err)
	}
	if got.Message == nil { // known, and deleted by staff since
		return e.NotFoundError(say(e, "error.message_gone"), nil)
	}
	m, err := room.conv.PublicOfReceived(e.App, got)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"message": m, "conversation": conversation.PublicView(got.Conversation), "duplicate": !got.New})
}

// history pages through the visitor's conversation.
func (room *Room) history(e *core.RequestEvent) error {
	claims, err := room.visitor(e)
	if err != nil {
		return err
	}
	if err := room.calm(e, room.perVisitor, claims.Visitor); err != nil {
		return err
	}
	conv, err := room.own(e.App, claims)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	if conv == nil {
		return e.JSON(http.StatusOK, map[string]any{"messages": []any{}, "more": false, "conversation": nil})
	}
	q := e.Request.URL.Query()
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64)
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit <= 0 || limit > historyPage {
		limit = historyPage
	}
	if q.Has("after") && after <= 0 {
		after = -1 // from the very beginning
	}
	msgs, more, err := room.conv.PublicPage(e.App, conv.Id, after, before, limit)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"messages": msgs, "more": more, "conversation": conversation.PublicView(conv)})
}

// mine authorises a small request about the visitor's conversation.
func (room *Room) mine(e *core.RequestEvent, body any) (*conversation.Conversation, error) {
	claims, err := room.visitor(e)
	if err != nil {
		return nil, err
	}
	if err := room.calm(e, room.perTyping, claims.Visitor); err != nil {
		return nil, err
	}
	if err := e.BindBody(body); err != nil {
		return nil, e.BadRequestError(say(e, "error.body"), err)
	}
	conv, err := room.own(e.App, claims)
	if err != nil {
		return nil, e.InternalServerError(say(e, "error.internal"), err)
	}
	if conv == nil {
		return nil, e.NotFoundError(say(e, "error.no_conversation"), nil)
	}
	return conv, nil
}

func (room *Room) typing(e *core.RequestEvent) error {
	var body struct {
		On bool `json:"on"`
	}
	conv, err := room.mine(e, &body)
	if err != nil {
		return err
	}
	name, err := contact.NameOf(e.App, conv.Contact())
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	room.conv.ContactTyping(conv.Id, conv.Contact(), name, body.On)
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) markRead(e *core.RequestEvent) error {
	var body struct {
		Seq int64 `json:"seq"`
	}
	conv, err := room.mine(e, &body)
	if err != nil {
		return err
	}
	if err := room.conv.Seen(e.App, conv.Id, schema.ConvContactSeenSeq, body.Seq); err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) rate(e *core.RequestEvent) error {
	var body struct {
		Score   int    `json:"score"`
		Comment string `json:"comment"`
	}
	conv, err := room.mine(e, &body)
	if err != nil {
		return err
	}
	return room.changed(e)(conversation.Rate(e.App, conv.Id, body.Score, body.Comment))
}

func (room *Room) leaveEmail(e *core.RequestEvent) error {
	var body struct {
		Email string `json:"email"`
		Name  string `json:"name"`
	}
	conv, err := room.mine(e, &body)
	if err != nil {
		return err
	}
	return room.changed(e)(conversation.LeaveEmail(e.App, conv.Id, body.Email, body.Name))
}

// changed answers with the conversation after a change, or with why there was
// none.
func (room *Room) changed(e *core.RequestEvent) func(*conversation.Conversation, error) error {
	return func(conv *conversation.Conversation, err error) error {
		var refused conversation.ErrChange
		switch {
		case errors.As(err, &refused):
			return e.BadRequestError(say(e, string(refused)), nil)
		case errors.Is(err, sql.ErrNoRows):
			return e.NotFoundError(say(e, "error.no_conversation"), nil)
		case err != nil:
			return e.InternalServerError(say(e, "error.internal"), err)
		}
		return e.JSON(http.StatusOK, map[string]any{"conversation": conversation.PublicView(conv)})
	}
}
