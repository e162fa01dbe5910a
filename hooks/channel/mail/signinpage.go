package mail

import (
	"crypto/subtle"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/shohay/shohay/hooks/channel/mail/oauth"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/site"
)

const (
	signInPath = "/api/mail/signin"
	signInTime = 15 * time.Minute
)

// beginAtPage sends the owner to the provider's page. What they come back with
// is known to nobody else and counts once: the route they come back to cannot
// know who they are.
func (room *Room) beginAtPage(e *core.RequestEvent, box *Mailbox, client oauth.Client, s secrets) error {
	until := time.Now().Add(signInTime)
	s.State, s.Verifier, s.Until = box.Id+"."+security.RandomString(40), security.RandomString(64), until.Unix()
	s.Redirect = site.Base(e) + signInPath
	s.Device, s.Done = "", false
	if err := room.saveSecrets(e.App, box.Id, s); err != nil {
		return e.InternalServerError("", err)
	}
	link := client.Link(s.Redirect, s.State, s.Verifier, box.GetString(schema.MailboxLogin))
	return e.JSON(http.StatusOK, map[string]any{"url": link, "code": "", "redirect": s.Redirect, "expires": until.UTC(), "interval": 3})
}

// cameBack answers GET /api/mail/signin?state&code: the owner, sent back by the
// provider. The desk, which waits in another window, goes on by itself.
func (room *Room) cameBack(e *core.RequestEvent) error {
	q, lang := e.Request.URL.Query(), language(e)
	id, _, _ := strings.Cut(q.Get("state"), ".")
	room.signing.Lock()
	defer room.signing.Unlock()
	r, err := e.App.FindRecordById(schema.Mailboxes, id)
	if err != nil {
		return signInPage(e, http.StatusGone, i18n.T(lang, "mail.signin_over"))
	}
	s, err := room.readSecrets(e.App, id)
	if err != nil || s.State == "" || subtle.ConstantTimeCompare([]byte(s.State), []byte(q.Get("state"))) != 1 || time.Now().Unix() > s.Until {
		return signInPage(e, http.StatusGone, i18n.T(lang, "mail.signin_over"))
	}
	verifier, redirect := s.Verifier, s.Redirect
	s.State, s.Verifier, s.Redirect, s.Until = "", "", "", 0
	if q.Get("code") == "" {
		if err := room.saveSecrets(e.App, id, s); err != nil {
			return e.InternalServerError("", err)
		}
		return signInPage(e, http.StatusBadRequest, i18n.T(lang, "mail.signin_failed", i18n.V{"said": clip(q.Get("error"), 80)}))
	}
	tokens, err := room.client(wrap(r), s).Exchange(e.Request.Context(), q.Get("code"), redirect, verifier)
	if err == nil {
		s.Tokens, s.Done = tokens, true
	}
	if serr := room.saveSecrets(e.App, id, s); serr != nil {
		return e.InternalServerError("", serr)
	}
	if err != nil {
		return signInPage(e, http.StatusBadGateway, i18n.T(lang, "mail.signin_failed", i18n.V{"said": lastWords(err)}))
	}
	room.ring(id) // the loop that was refused begins at once
	return signInPage(e, http.StatusOK, i18n.T(lang, "mail.signin_back"))
}

// signInPage is one sentence, without anything that could be loaded or run.
func signInPage(e *core.RequestEvent, status int, words string) error {
	h := e.Response.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	return e.HTML(status, fmt.Sprintf(`<!doctype html><html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shohay</title><p>%s</p></html>`, language(e), html.EscapeString(words)))
}
