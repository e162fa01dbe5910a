package callback

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// template is the page; an owner may replace it.
const template = "parts/callback.html"

const maxTopic = 500

// wishOf reads a form.
func wishOf(f *form.Form) (w Wish, key string) {
	w = Wish{Phone: f.Line("phone"), Name: f.Line("name"), Topic: f.Text("topic"), Email: contact.Normalise(schema.KindEmail, f.Line("email")), Slot: f.Raw("when"), Key: f.Raw("form")}
	switch {
	case contact.Normalise(schema.KindPhone, w.Phone) == "":
		key = "callback.error_phone"
	case len([]rune(w.Topic)) > maxTopic:
		key = "callback.error_topic"
	case f.Line("email") != "" && (w.Email == "" || strings.ContainsAny(f.Line("email"), "<>\",; ")):
		key = "callback.error_email"
	}
	return w, key
}

// page shows the form, or what happens next.
func (room *Room) page(e *core.RequestEvent) error {
	lang, q := room.Site.Language(e), e.Request.URL.Query()
	if n := q.Get("n"); n != "" && room.Keys().Check(q.Get("k"), settings.PurposeForm, "callback", n, q.Get("w")) {
		v := room.values(e, lang)
		v["sent"], v["number"], v["when"] = true, room.Catalogue.Digits(lang, n), q.Get("w")
		v["title"] = room.Catalogue.T(lang, "callback.sent_title")
		return room.send(e, http.StatusOK, lang, v)
	}
	return room.again(e, http.StatusOK, lang, nil, form.NewStamp(room.Keys(), room.now()), "", nil)
}

func (room *Room) values(e *core.RequestEvent, lang string) site.Values {
	v := site.ShopValues(settings.Shop(e.App), room.Catalogue, lang)
	if room.Bar != nil {
		maps.Copy(v, room.Bar(e, lang))
	}
	v["title"] = room.Catalogue.T(lang, "callback.title")
	return v
}

func (room *Room) send(e *core.RequestEvent, status int, lang string, v site.Values) error {
	e.Response.Header().Set("Cache-Control", "private, no-cache")
	return room.Site.Show(e, status, site.View{Page: template, Lang: lang, Values: v})
}

func (room *Room) again(e *core.RequestEvent, status int, lang string, f *form.Form, stamp, key string, values i18n.V) error {
	v := room.values(e, lang)
	if f == nil {
		f = new(form.Form)
	}
	shop := settings.Shop(e.App)
	var times []site.Values
	for _, s := range slots(rules.Current(e.App), room.now(), shop.Location(), room.Catalogue, lang) {
		if s.id == "" {
			s.words = room.Catalogue.T(lang, "callback.soon")
		}
		times = append(times, site.Values{"id": s.id, "words": s.words, "chosen": s.id == f.Raw("when")})
	}
	v["ask"], v["times"], v["stamp"] = true, times, stamp
	v["typed.phone"], v["typed.name"], v["typed.topic"], v["typed.email"] = f.Line("phone"), f.Line("name"), f.Text("topic"), f.Line("email")
	if key != "" {
		v["failed"], v["summary"] = true, room.Catalogue.T(lang, key, values)
	}
	return room.send(e, status, lang, v)
}

// post takes the form.
func (room *Room) post(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	f, err := form.Read(e.Request, 0)
	defer func() { f.Close() }() // there is one even if it could not be read
	stamp := f.Raw("form")
	if err != nil {
		return room.again(e, http.StatusBadRequest, lang, f, stamp, "portal.error_server", nil)
	}
	if wait, ok := room.asking.Allow(limit.Network(e.RealIP())); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		return room.again(e, http.StatusTooManyRequests, lang, f, stamp, "portal.requests_many", i18n.V{"time": room.Catalogue.Duration(lang, wait+time.Second)})
	}
	if f.Raw(form.Trap) != "" {
		return room.again(e, http.StatusUnprocessableEntity, lang, f, stamp, "portal.error_trap", nil)
	}
	w, key := wishOf(f)
	w.Language = lang
	if bad := form.CheckStamp(room.Keys(), stamp, room.now()); key == "" && bad != "" {
		if key = bad; bad == "portal.error_old" {
			stamp = form.NewStamp(room.Keys(), room.now().Add(-form.TooQuick))
		}
	}
	if key != "" {
		return room.again(e, http.StatusUnprocessableEntity, lang, f, stamp, key, nil)
	}
	if wait, ok := room.phones.Allow(contact.Normalise(schema.KindPhone, w.Phone)); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		return room.again(e, http.StatusTooManyRequests, lang, f, stamp, "callback.error_often", nil)
	}
	asked, err := room.ask(e.App, w)
	var bad ErrWish
	switch {
	case errors.As(err, &bad):
		return room.again(e, http.StatusUnprocessableEntity, lang, f, stamp, string(bad), nil)
	case err != nil:
		e.App.Logger().Error("a wish for a call could not be saved", "error", err)
		status, key := disk.Form(e.Response.Header(), err, "portal.error_server")
		return room.again(e, status, lang, f, stamp, key, nil)
	}
	n := number("en", asked.Conversation.Number())
	q := url.Values{"lang": {lang}, "n": {n}, "w": {asked.When}, "k": {room.Keys().MAC(settings.PurposeForm, "callback", n, asked.When)}}
	return e.Redirect(http.StatusSeeOther, "/callback?"+q.Encode())
}

// offer answers GET /api/chat/callback: the times a customer may choose.
func (room *Room) offer(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	list := []map[string]string{}
	for _, s := range slots(rules.Current(e.App), room.now(), settings.Shop(e.App).Location(), room.Catalogue, lang) {
		if s.id == "" {
			s.words = room.Catalogue.T(lang, "callback.soon")
		}
		list = append(list, map[string]string{"id": s.id, "words": s.words})
	}
	return e.JSON(http.StatusOK, map[string]any{"times": list})
}

// fromChat answers POST /api/chat/callback {"phone", "when", "topic",
// "client_id"} of a visitor: the wish goes into their conversation.
func (room *Room) fromChat(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	token := strings.TrimPrefix(e.Request.Header.Get("Authorization"), "Bearer ")
	visitor, _, ok := room.Visitor(token)
	if !ok {
		return e.UnauthorizedError(i18n.T(lang, "error.chat_token"), nil)
	}
	var body struct {
		ClientID string `json:"client_id"`
		Phone    string `json:"phone"`
		When     string `json:"when"`
		Topic    string `json:"topic"`
		Name     string `json:"name"`
	}
	if err := e.BindBody(&body); err != nil || len(body.ClientID) < 8 || len(body.ClientID) > 80 || len([]rune(body.Topic)) > maxTopic {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	phone := contact.Normalise(schema.KindPhone, body.Phone)
	if phone == "" {
		return e.BadRequestError(i18n.T(lang, "callback.error_phone"), nil)
	}
	for l, key := range map[*limit.Limiter]string{room.asking: limit.Network(e.RealIP()), room.phones: phone} {
		if wait, ok := l.Allow(key); !ok {
			limit.RetryAfter(e.Response.Header(), wait)
			return e.TooManyRequestsError(i18n.T(lang, "callback.error_often"), nil)
		}
	}
	asked, err := room.ask(e.App, Wish{
		Phone: phone, Name: form.OneLine(body.Name), Topic: strings.TrimSpace(body.Topic), Slot: body.When, Language: lang, Key: visitor + body.ClientID, Visitor: visitor,
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: visitor, Verified: true}},
	})
	var bad ErrWish
	if errors.As(err, &bad) {
		return e.BadRequestError(i18n.T(lang, string(bad)), nil)
	}
	if err != nil {
		return e.InternalServerError(i18n.T(lang, "error.not_stored"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": conversation.PublicView(asked.Conversation), "when": asked.When})
}
