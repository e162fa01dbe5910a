package mail

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// preview answers GET /api/desk/mail/preview?template=&lang= with the mail as
// it would go out, with the data of a made-up customer. subject and body try
// words that are not saved yet.
func (room *Room) preview(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	lang, kind := q.Get("lang"), q.Get("template")
	if !i18n.Current().Has(lang) {
		lang = settings.Shop(e.App).Language()
	}
	if !slices.Contains([]string{letter.KindAck, letter.KindReply, letter.KindTranscript, letter.KindCode}, kind) {
		return e.NotFoundError("", nil)
	}
	words, err := OwnerTemplate(e.App, lang, kind)
	if err != nil {
		return err
	}
	builtin := letter.Builtin(lang, kind)
	if q.Has("subject") || q.Has("body") {
		words = letter.Template{Subject: q.Get("subject"), Body: q.Get("body")}.Or(builtin)
	}
	l := sample(e.App, kind, lang, words)
	e.Response.Header().Set("Cache-Control", "private, no-store")
	return e.JSON(http.StatusOK, map[string]any{
		"template": kind, "lang": lang, "subject": l.Subject, "html": l.HTML(), "text": l.Plain(),
		"words": map[string]string{"subject": words.Subject, "body": words.Body}, "builtin": map[string]string{"subject": builtin.Subject, "body": builtin.Body},
		"variables": letter.Variables(kind),
	})
}

// sample fills a kind of mail with the data of a made-up customer.
func sample(app core.App, kind, lang string, words letter.Template) letter.Letter {
	shop := settings.Shop(app)
	house := letter.Shop{Name: shop.Name(), Colour: shop.Colour()}
	at := func(ago time.Duration) string {
		return i18n.Current().DateTime(lang, time.Now().Add(-ago).In(shop.Location()))
	}
	switch kind {
	case letter.KindAck:
		l := letter.Ack(lang, house, 1024, rules.Promise(app, i18n.Current(), lang, schema.ChannelEmail, time.Now()), words)
		l.Link = sampleLink(app)
		return l
	case letter.KindTranscript:
		l := letter.Transcript(lang, house, 1024, []letter.Turn{
			{Who: i18n.T(lang, "mail.sample_customer"), When: at(2 * time.Hour), Text: i18n.T(lang, "mail.sample_question")},
			{Who: i18n.T(lang, "mail.sample_agent"), When: at(110 * time.Minute), Text: i18n.T(lang, "mail.sample_answer")},
			{Who: i18n.T(lang, "mail.sample_customer"), When: at(100 * time.Minute), Text: i18n.T(lang, "mail.sample_thanks")},
		}, words)
		l.Link = sampleLink(app)
		return l
	case letter.KindCode:
		return letter.Code(lang, house, "482915", i18n.Current().Digits(lang, "10"), words)
	}
	l := letter.Reply{
		Lang: lang, Shop: house, Number: 1024, Link: sampleLink(app), Text: i18n.T(lang, "mail.sample_answer"), Signature: i18n.T(lang, "mail.sample_agent") + "\n" + shop.Name(), Agent: i18n.T(lang, "mail.sample_agent"),
		Quotes: []letter.Quote{{Head: i18n.T(lang, "mail.wrote", i18n.V{"date": at(2 * time.Hour), "name": i18n.T(lang, "mail.sample_customer")}), Text: i18n.T(lang, "mail.sample_question")}},
	}.Letter(words)
	l.Subject = letter.Subject(i18n.T(lang, "mail.sample_subject"), 1024, shop.Name(), lang, true)
	return l
}

// sampleLink stands for the signed link to a request; it opens the page of all
// of them.
func sampleLink(app core.App) string {
	return strings.TrimRight(app.Settings().Meta.AppURL, "/") + "/requests"
}
