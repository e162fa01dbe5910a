package portal

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// home is the page with an empty form. It is never shared or kept: it carries
// the form's own stamp.
func (room *Room) home(e *core.RequestEvent) error {
	f := question{Form: new(form.Form), stamp: form.NewStamp(room.Keys(), room.now())}
	e.Response.Header().Set("Cache-Control", "private, no-cache")
	lang := room.Site.Language(e)
	return room.Site.Render(e, http.StatusOK, page, room.withHelp(e, lang, room.formValues(e.App, lang, f, "", nil)))
}

// withHelp adds the help centre to a page. Without it the page is still one.
func (room *Room) withHelp(e *core.RequestEvent, lang string, values site.Values) site.Values {
	if room.Help == nil {
		return values
	}
	help, err := room.Help(e, lang)
	if err != nil {
		e.App.Logger().Error("the help centre cannot be shown", "error", err)
		return values
	}
	maps.Copy(values, help)
	return values
}

// hasHelp tells whether bar and foot lead to the help centre where its articles
// are not shown: beside mistakes and on the page of thanks.
func (room *Room) hasHelp(e *core.RequestEvent, lang string) bool {
	return room.withHelp(e, lang, site.Values{})["help"] == true
}

// ask takes the form.
func (room *Room) ask(e *core.RequestEvent) error {
	lang, now := room.Site.Language(e), room.now()
	most := settings.Shop(e.App).AttachmentBytes()
	wait, ok := room.limiter.Allow(limit.Network(e.RealIP()))
	if !ok {
		most = 0 // what was typed is shown again; files are not even kept for a moment
	}
	f, err := readQuestion(e.Request, most)
	defer func() { f.Close() }() // there is one even if it could not be read
	if !ok && form.Work(f.stamp, f.Raw("work")) {
		if _, fresh := room.proofs.Allow(form.ID(f.stamp)); fresh {
			wait, ok = room.worked.Allow(limit.Network(e.RealIP()))
		}
		if ok {
			most = settings.Shop(e.App).AttachmentBytes()
		}
	}
	if err != nil {
		// the connection broke, or the body has no end; what could be read is shown again
		return room.again(e, http.StatusBadRequest, lang, f, "portal.error_server", nil, nil)
	}
	if !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		values := i18n.V{"time": room.Catalogue.Duration(lang, wait+time.Second)}
		return room.again(e, http.StatusTooManyRequests, lang, f, "portal.error_many", values, nil)
	}
	if f.Raw(form.Trap) != "" {
		return room.again(e, http.StatusUnprocessableEntity, lang, f, "portal.error_trap", nil, nil)
	}
	if faults := f.check(most, func(n int64) string { return room.Catalogue.Size(lang, n) }); len(faults) > 0 {
		return room.again(e, http.StatusUnprocessableEntity, lang, f, "", nil, faults)
	}
	if key := form.CheckStamp(room.Keys(), f.stamp, now); key != "" {
		return room.again(e, http.StatusUnprocessableEntity, lang, f, key, nil, nil)
	}
	got, err := room.take(e, lang, f)
	if err != nil || got.Conversation == nil {
		if err != nil {
			e.App.Logger().Error("a question could not be saved", "error", err)
		}
		status, key := disk.Form(e.Response.Header(), err, "portal.error_server")
		return room.again(e, status, lang, f, key, nil, nil)
	}
	return e.Redirect(http.StatusSeeOther, room.sentLink(lang, got.Conversation.Number()))
}

func (room *Room) take(e *core.RequestEvent, lang string, f question) (conversation.Received, error) {
	if len(f.Files) > 0 {
		select {
		case room.heavy <- struct{}{}:
			defer func() { <-room.heavy }()
		case <-e.Request.Context().Done():
			return conversation.Received{}, e.Request.Context().Err()
		}
	}
	who, key := f.identity(), f.key()
	in := conversation.Incoming{
		Channel: schema.ChannelPortal, Account: schema.ChannelPortal, Keys: []string{key}, ClientID: key,
		From: []conversation.Identity{who}, Name: f.name, Language: lang,
		Subject: f.subject(), Text: f.said(func(key string) string { return room.Catalogue.T(lang, key) }), Files: f.Attachments(), Page: "/",
	}
	if who.Kind == schema.KindEmail {
		in.Email, in.SenderAddress = who.Value, who.Value
	}
	return room.receive(e.App, in)
}

// again shows the page with everything typed and what is wrong. A stamp that
// is still good stays, so that a repeated press stays one question.
func (room *Room) again(e *core.RequestEvent, status int, lang string, f question, key string, values i18n.V, faults []fault) error {
	now := room.now()
	if bad := form.CheckStamp(room.Keys(), f.stamp, now); bad == "portal.error_old" {
		// made a while ago, so that the very next press counts
		f.stamp = form.NewStamp(room.Keys(), now.Add(-form.TooQuick))
	}
	var summary string
	if key != "" {
		summary = room.Catalogue.T(lang, key, values)
	}
	v := room.formValues(e.App, lang, f, summary, faults)
	v["help"] = room.hasHelp(e, lang)
	return room.Site.Render(e, status, page, v)
}

const purposeSent = "sent" // first part of what the link to the thanks signs

func (room *Room) sentLink(lang string, number int64) string {
	n := strconv.FormatInt(number, 10)
	q := url.Values{"lang": {lang}, "n": {n}, "k": {room.Keys().MAC(settings.PurposeForm, purposeSent, n)}}
	return "/ask?" + q.Encode()
}

// asked is the page of thanks; only who holds its signed link sees that a
// number exists.
func (room *Room) asked(e *core.RequestEvent) error {
	lang, q := room.Site.Language(e), e.Request.URL.Query()
	if q.Get("n") == "" || !room.Keys().Check(q.Get("k"), settings.PurposeForm, purposeSent, q.Get("n")) {
		return e.Redirect(http.StatusSeeOther, "/?"+url.Values{"lang": {lang}}.Encode()+"#ask")
	}
	// idx_conversations_number
	record, err := e.App.FindFirstRecordByFilter(schema.Conversations, schema.ConvNumber+"={:n}", dbx.Params{"n": q.Get("n")})
	if err != nil {
		return e.Redirect(http.StatusSeeOther, "/?"+url.Values{"lang": {lang}}.Encode())
	}
	conv := conversation.Wrap(record)
	mail, phone := conv.GetString(schema.ConvEmail), ""
	if mail == "" {
		if phone, err = contact.Address(e.App, conv.Contact(), schema.KindPhone); err != nil {
			e.App.Logger().Error("the number for an answer cannot be read", "error", err)
		}
	}
	e.Response.Header().Set("Cache-Control", "private, no-cache")
	v := room.sentValues(e.App, lang, conv.Number(), mail, phone)
	v["help"] = room.hasHelp(e, lang)
	return room.Site.Render(e, http.StatusOK, page, v)
}
