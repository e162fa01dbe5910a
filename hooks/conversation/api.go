package conversation

import (
	"database/sql"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	maxReplyBody = 64 << 20
	defaultPage  = 30
	maxPage      = 100
	talkPage     = 50
)

// language of a request: asked for, the agent's own, the browser's, the shop's.
func language(e *core.RequestEvent) string {
	shop := settings.Shop(e.App)
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		return l
	}
	if e.Auth != nil && e.Auth.Collection().Name == schema.Agents {
		if l := e.Auth.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			return l[0]
		}
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), shop.Language())
}

// fail turns an error of this package into an answer.
func (room *Room) fail(e *core.RequestEvent, err error) error {
	lang := language(e)
	var change ErrChange
	var since *Since
	switch {
	case errors.As(err, &since):
		return room.sinceAnswer(e, since)
	case errors.Is(err, sql.ErrNoRows):
		return e.NotFoundError(room.say(lang, "error.conversation_gone"), nil)
	case errors.Is(err, ErrEmpty):
		return e.BadRequestError(room.say(lang, "error.empty_message"), nil)
	case errors.As(err, &change):
		return e.BadRequestError(room.say(lang, string(change)), nil)
	}
	return e.InternalServerError(room.say(lang, "error.internal"), err)
}

// pathID is the conversation's id in the path, which may be "number:1024".
func (room *Room) pathID(e *core.RequestEvent) (string, error) {
	id := e.Request.PathValue("id")
	if number, ok := strings.CutPrefix(id, "number:"); ok {
		return findNumber(e.App, number)
	}
	return id, nil
}

func (room *Room) find(e *core.RequestEvent) (*Conversation, error) {
	id, err := room.pathID(e)
	if err != nil {
		return nil, err
	}
	conv, err := follow(e.App, id)
	if err == nil && (conv == nil || conv.Deleted() && !MayRestore(e.Auth, conv)) {
		err = sql.ErrNoRows
	}
	return conv, err
}

// boot gives a desk everything that changes rarely.
func (room *Room) boot(e *core.RequestEvent) error {
	count, err := room.tally(e.App)
	if err != nil {
		return room.fail(e, err)
	}
	counts, err := count(e.Auth.Id)
	if err != nil {
		return room.fail(e, err)
	}
	seq, err := newestSeq(e.App)
	if err != nil {
		return room.fail(e, err)
	}
	tags, err := tagViews(e.App)
	if err != nil {
		return room.fail(e, err)
	}
	canned, err := cannedViews(e.App, e.Auth.Id)
	if err != nil {
		return room.fail(e, err)
	}
	shop := settings.Shop(e.App)
	answer := map[string]any{
		"me": room.meView(e.Auth), "agents": room.agents.list(), "tags": tags, "canned": canned, "seq": seq,
		"counts": counts,
		"shop": map[string]any{
			"name": shop.Name(), "colour": shop.Colour(), "logo": LogoURL(shop), "language": shop.Language(),
			"languages": shop.Languages(), "time_zone": shop.GetString(schema.ShopTimeZone),
		},
	}
	if err := room.addBoot(answer, e.App, e.Auth.Id); err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, answer)
}

// LogoURL is the address of the shop's logo, "" without one.
func LogoURL(shop *settings.ShopRecord) string {
	if f := shop.GetString(schema.ShopLogo); f != "" {
		return "/api/files/" + shop.BaseFilesPath() + "/" + f + "?thumb=96x96"
	}
	return ""
}

func (room *Room) listPage(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit <= 0 {
		limit = defaultPage
	}
	rows, next, err := room.list(e.App, Filter{
		View: q.Get("view"), Agent: e.Auth.Id, Sort: q.Get("sort"), Before: q.Get("before"), Query: q.Get("q"), Limit: min(limit, maxPage),
	})
	if err != nil {
		return e.BadRequestError(room.say(language(e), "error.list"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"rows": rows, "next": next})
}

func (room *Room) show(e *core.RequestEvent) error {
	conv, err := room.find(e)
	if err != nil {
		return room.fail(e, err)
	}
	row, err := room.row(e.App, conv.Id)
	if err != nil {
		return room.fail(e, err)
	}
	who, err := contact.View(e.App, conv.Contact())
	if err != nil {
		return room.fail(e, err)
	}
	before, err := earlier(e.App, conv.Contact(), conv.Id, 20)
	if err != nil {
		return room.fail(e, err)
	}
	msgs, more, err := room.staffPage(e.App, conv.Id, 0, 0, talkPage)
	if err != nil {
		return room.fail(e, err)
	}
	answer := map[string]any{
		"conversation": row, "contact": who, "messages": msgs, "more": more, "earlier": before, "viewing": room.viewers.list(conv.Id, time.Now()),
		"route": room.routeView(e, conv),
	}
	if err := room.addShow(answer, e.App, conv.Id, e.Auth.Id); err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, answer)
}

// routeView tells the composer how an answer would go.
func (room *Room) routeView(e *core.RequestEvent, conv *Conversation) map[string]any {
	v := room.wayView(e, conv, "")
	if v == nil {
		return nil
	}
	ways := []map[string]any{}
	for _, ch := range []string{schema.ChannelChat, schema.ChannelEmail} {
		if way := room.wayView(e, conv, ch); way != nil && way["channel"] == ch {
			ways = append(ways, way)
		}
	}
	v["ways"] = ways
	return v
}

// wayView is how an answer by a channel would go; "" is the usual one.
func (room *Room) wayView(e *core.RequestEvent, conv *Conversation, ch string) map[string]any {
	r, err := room.router.Route(e.App, conv, ch, "")
	if err != nil {
		e.App.Logger().Error("the way of an answer is not known", "conversation", conv.Id, "error", err)
		return nil
	}
	v := map[string]any{"channel": r.Channel, "recipient": r.Recipient, "detail": "", "then": ""}
	if r.Detail != "" {
		v["detail"] = room.say(language(e), r.Detail)
	}
	if conv.Channel() == schema.ChannelChat && r.Channel == schema.ChannelChat {
		v["recipient"], v["then"] = "", conv.GetString(schema.ConvEmail)
	}
	return v
}

func (room *Room) staffPage(app core.App, id string, after, before int64, limit int) ([]StaffMessage, bool, error) {
	rows, more, err := page(app, id, after, before, limit, false)
	views := make([]StaffMessage, 0, len(rows))
	for _, r := range rows {
		views = append(views, room.staff(r))
	}
	return views, more, err
}

// PublicPage is a page of a conversation for its customer; see page.
func (room *Room) PublicPage(app core.App, id string, after, before int64, limit int) ([]PublicMessage, bool, error) {
	rows, more, err := page(app, id, after, before, limit, true)
	views := make([]PublicMessage, 0, len(rows))
	for _, r := range rows {
		if m, ok := room.public(r); ok {
			views = append(views, m)
		}
	}
	return views, more, err
}

// PublicOfReceived is what was just received, for its customer.
func (room *Room) PublicOfReceived(app core.App, got Received) (PublicMessage, error) {
	if !got.New {
		return room.PublicOf(app, got.Message.Id)
	}
	m, ok := room.public(rowOf(got.Message, got.name))
	if !ok {
		return PublicMessage{}, sql.ErrNoRows
	}
	return m, nil
}

// PublicOf is one message for its customer.
func (room *Room) PublicOf(app core.App, id string) (PublicMessage, error) {
	r, err := messageByID(app, id)
	if err != nil {
		return PublicMessage{}, err
	}
	m, ok := room.public(r)
	if !ok {
		return PublicMessage{}, sql.ErrNoRows
	}
	return m, nil
}

func (room *Room) messages(e *core.RequestEvent) error {
	conv, err := room.find(e)
	if err != nil {
		return room.fail(e, err)
	}
	q := e.Request.URL.Query()
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64)
	msgs, more, err := room.staffPage(e.App, conv.Id, after, before, talkPage)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"messages": msgs, "more": more})
}

// replyForm is the body of an answer or note, as JSON or as a form with files.
type replyForm struct {
	ClientID string   `json:"client_id" form:"client_id"`
	Kind     string   `json:"kind" form:"kind"`
	Text     string   `json:"text" form:"text"`
	HTML     string   `json:"html" form:"html"`
	CIDs     []string `json:"cids" form:"cids"` // of each file; "" for one that does not stand in the text
	Channel  string   `json:"channel" form:"channel"`
	Then     string   `json:"then" form:"then"`
	To       string   `json:"to" form:"to"`
	CC       []string `json:"cc" form:"cc"`
	BCC      []string `json:"bcc" form:"bcc"`
	Contact  string   `json:"contact" form:"contact"`
	Email    string   `json:"email" form:"email"`
	Name     string   `json:"name" form:"name"`
	Subject  string   `json:"subject" form:"subject"`
	Base     int64    `json:"base" form:"base"`     // seq of the newest message that was there when the writing began
	Anyway   bool     `json:"anyway" form:"anyway"` // send although others wrote since
}

func (room *Room) draft(e *core.RequestEvent, form *replyForm) (Draft, error) {
	if err := e.BindBody(form); err != nil {
		return Draft{}, e.BadRequestError(room.say(language(e), "error.body"), err)
	}
	if len(form.ClientID) > 80 {
		return Draft{}, e.BadRequestError(room.say(language(e), "error.body"), nil)
	}
	d := Draft{Agent: e.Auth.Id, ClientID: form.ClientID, Text: form.Text, Then: form.Then, To: form.To, CC: form.CC, BCC: form.BCC, Kind: schema.MessageOutgoing, Channel: form.Channel, Base: form.Base, Anyway: form.Anyway}
	if form.Kind == "note" {
		d.Kind = schema.MessageNote
	}
	if e.Request.MultipartForm != nil {
		for i, h := range e.Request.MultipartForm.File["files"] {
			if h.Size > MaxFile {
				return Draft{}, e.BadRequestError(room.say(language(e), "error.file_size", i18n.V{"mb": MaxFile >> 20, "name": FileName(h.Filename)}), nil)
			}
			f := UploadedFile(h)
			if i < len(form.CIDs) {
				f.ContentID = form.CIDs[i]
			}
			d.Files = append(d.Files, f)
		}
	}
	if form.HTML != "" {
		d.Format(form.HTML)
	}
	return d, nil
}

// UploadedFile is a file of a form.
func UploadedFile(h *multipart.FileHeader) File {
	return File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Size: h.Size, Open: func() (io.ReadCloser, error) { return h.Open() }}
}

// DraftOf reads an answer or a note from a request, as the reply route takes
// it.
func (room *Room) DraftOf(e *core.RequestEvent) (Draft, error) {
	var form replyForm
	d, err := room.draft(e, &form)
	if err != nil {
		return d, err
	}
	d.Conversation, err = room.pathID(e)
	return d, err
}

// Fail turns an error of this package into an answer.
func (room *Room) Fail(e *core.RequestEvent, err error) error { return room.fail(e, err) }

// LanguageOf is the language of a request's sentences.
func LanguageOf(e *core.RequestEvent) string { return language(e) }

func (room *Room) reply(e *core.RequestEvent) error {
	id, err := room.pathID(e)
	if err != nil {
		return room.fail(e, err)
	}
	var form replyForm
	d, err := room.draft(e, &form)
	if err != nil {
		return err
	}
	d.Conversation = id
	sent, err := room.Reply(e.App, d)
	if err != nil {
		return room.fail(e, err)
	}
	return room.answerSent(e, sent)
}

func (room *Room) answerSent(e *core.RequestEvent, sent Sent) error {
	row, err := room.row(e.App, sent.Conversation.Id)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"message": room.staff(rowOf(sent.Message, "")), "conversation": row})
}

// Opening is a conversation that the shop begins by e-mail.
type Opening struct {
	To            contact.Identity
	Name, Subject string
	Draft         Draft
}

// OpeningOf reads one from a request; its errors are answers.
func (room *Room) OpeningOf(e *core.RequestEvent) (o Opening, err error) {
	var form replyForm
	if o.Draft, err = room.draft(e, &form); err != nil {
		return o, err
	}
	if form.Contact != "" {
		if form.Email, err = contact.Address(e.App, form.Contact, schema.KindEmail); err != nil {
			return o, room.fail(e, err)
		}
	}
	o.To = contact.Identity{Kind: schema.KindEmail, Value: contact.Normalise(schema.KindEmail, form.Email)}
	o.Name, o.Subject = form.Name, form.Subject
	if o.To.Value == "" {
		return o, e.BadRequestError(room.say(language(e), "error.email"), nil)
	}
	if strings.TrimSpace(o.Draft.Text) == "" && len(o.Draft.Files) == 0 {
		return o, room.fail(e, ErrEmpty)
	}
	return o, nil
}

// create opens a conversation by e-mail.
func (room *Room) create(e *core.RequestEvent) error {
	o, err := room.OpeningOf(e)
	if err != nil {
		return err
	}
	sent, err := room.NewOutgoing(e.App, o.To, o.Name, o.Subject, o.Draft)
	if err != nil {
		return room.fail(e, err)
	}
	return room.answerSent(e, sent)
}

func (room *Room) change(e *core.RequestEvent) error {
	conv, err := room.find(e)
	if err != nil {
		return room.fail(e, err)
	}
	var c Change
	if err := e.BindBody(&c); err != nil {
		return e.BadRequestError(room.say(language(e), "error.body"), err)
	}
	if conv, err = Apply(e.App, conv.Id, e.Auth.Id, c); err != nil {
		return room.fail(e, err)
	}
	row, err := room.row(e.App, conv.Id)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": row})
}

func (room *Room) seen(e *core.RequestEvent) error {
	var body struct {
		Seq int64 `json:"seq"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(room.say(language(e), "error.body"), err)
	}
	if err := room.Seen(e.App, e.Request.PathValue("id"), schema.ConvStaffSeenSeq, body.Seq); err != nil {
		return room.fail(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) unseen(e *core.RequestEvent) error {
	id := e.Request.PathValue("id")
	if err := MarkUnseen(e.App, id); err != nil {
		return room.fail(e, err)
	}
	room.publishRows(id)
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) typing(e *core.RequestEvent) error {
	var body struct {
		On   bool   `json:"on"`
		What string `json:"what"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(room.say(language(e), "error.body"), err)
	}
	if body.What != "reply" { // anything unknown stays among staff
		body.What = "note"
	}
	a, _ := room.agents.get(e.Auth.Id)
	room.agentTyping(e.Request.PathValue("id"), a, body.On, body.What)
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) viewing(e *core.RequestEvent) error {
	var body struct {
		On bool `json:"on"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(room.say(language(e), "error.body"), err)
	}
	id := e.Request.PathValue("id")
	agents := room.viewers.set(id, e.Auth.Id, body.On, time.Now())
	room.hub.TellStaff(live.Inbox, live.ForStaff("viewing", 0, struct {
		Conversation string   `json:"conversation"`
		Agents       []string `json:"agents"`
	}{id, agents}))
	return e.NoContent(http.StatusNoContent)
}

// retry sends an answer again that had failed for good, unless its conversation
// was deleted since.
func (room *Room) retry(e *core.RequestEvent) error {
	if r, err := e.App.FindRecordById(schema.Messages, e.Request.PathValue("id")); err == nil {
		conv, err := findLive(e.App, r.GetString(schema.MsgConversation))
		if err == nil && conv == nil {
			err = sql.ErrNoRows
		}
		if err != nil {
			return room.fail(e, err)
		}
	}
	some, err := outbox.Retry(e.App, e.Request.PathValue("id"))
	if err != nil {
		return room.fail(e, err)
	}
	if !some {
		return e.BadRequestError(room.say(language(e), "error.nothing_to_retry"), nil)
	}
	room.outbox.Wake()
	return e.NoContent(http.StatusNoContent)
}
