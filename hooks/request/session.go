package request

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// cookie is the name of what a signed-in browser keeps. No script reads it,
// and no other site's form sends it along.
const cookie = "shohay_requests"

// How long a browser stays signed in: by a code, and by the link in a mail.
const (
	codeStay = 30 * 24 * time.Hour
	linkStay = 7 * 24 * time.Hour
)

// session is who is signed in.
type session struct {
	id      string
	address string
	contact *contact.Contact
	only    string // the one conversation it opens; "" for more
	full    bool   // the address is proven the customer's own
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// who is signed in; nil for nobody. What was true at the sign-in is looked at
// again: the address may have been taken away, its customer blocked.
func (room *Room) who(e *core.RequestEvent) (*session, error) {
	c, err := e.Request.Cookie(cookie)
	if err != nil || len(c.Value) < 20 || len(c.Value) > 100 {
		return nil, nil
	}
	row, err := e.App.FindFirstRecordByData(schema.SignIns, schema.DoorSecret, digest(c.Value)) // idx_sign_ins_secret
	if err != nil {
		return nil, noRows(err)
	}
	return room.sessionOf(e.App, row)
}

func (room *Room) sessionOf(app core.App, row *core.Record) (*session, error) {
	if !row.GetDateTime(schema.DoorExpires).Time().After(room.now()) {
		return nil, nil
	}
	identity, err := app.FindRecordById(schema.Identities, row.GetString(schema.DoorIdentity))
	if err != nil {
		return nil, noRows(err)
	}
	r, err := app.FindRecordById(schema.Contacts, identity.GetString(schema.IdentityContact))
	if err != nil {
		return nil, noRows(err)
	}
	s := &session{
		id: row.Id, address: identity.GetString(schema.IdentityValue), contact: contact.Wrap(r),
		only: row.GetString(schema.DoorConversation), full: identity.GetBool(schema.IdentityVerified),
	}
	if s.full = s.full && s.only == ""; s.contact.Blocked() {
		return nil, nil
	}
	return s, nil
}

func noRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// enter signs a browser in. The session that it had ends.
func (room *Room) enter(e *core.RequestEvent, app core.App, identity, only string) error {
	if err := room.leave(e, app); err != nil {
		return err
	}
	collection, err := app.FindCachedCollectionByNameOrId(schema.SignIns)
	if err != nil {
		return err
	}
	stay := codeStay
	if only != "" {
		stay = linkStay
	}
	secret := rand.Text() + rand.Text()
	until, err := types.ParseDateTime(room.now().Add(stay))
	if err != nil {
		return err
	}
	r := core.NewRecord(collection)
	r.Set(schema.DoorSecret, digest(secret))
	r.Set(schema.DoorIdentity, identity)
	r.Set(schema.DoorConversation, only)
	r.Set(schema.DoorExpires, until)
	r.Set(schema.DoorBrowser, clip(form.OneLine(strings.ToValidUTF8(e.Request.UserAgent(), "")), 190))
	if err := app.Save(r); err != nil {
		return err
	}
	room.setCookie(e, secret, stay)
	return nil
}

// leave ends the browser's session, if it has one.
func (room *Room) leave(e *core.RequestEvent, app core.App) error {
	if c, err := e.Request.Cookie(cookie); err == nil && c.Value != "" {
		row, err := app.FindFirstRecordByData(schema.SignIns, schema.DoorSecret, digest(c.Value))
		if err == nil {
			err = app.Delete(row)
		}
		if noRows(err) != nil {
			return err
		}
	}
	return nil
}

func (room *Room) setCookie(e *core.RequestEvent, value string, stay time.Duration) {
	http.SetCookie(e.Response, &http.Cookie{
		Name: cookie, Value: value, Path: "/", MaxAge: int(stay / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https",
	})
}

// csrf is what the forms of one session carry beside the cookie.
func (room *Room) csrf(s *session) string {
	return room.Keys().MAC(settings.PurposeRequests, "form", s.id)
}

// page goes around every page: none may be kept by anybody on the way, and
// what changes something must come from a page of ours.
func (room *Room) page(show func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error { return room.guarded(e, show) }
}

func (room *Room) guarded(e *core.RequestEvent, show func(*core.RequestEvent) error) error {
	h := e.Response.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Robots-Tag", "noindex")
	if e.Request.Method == http.MethodPost && !room.sameSite(e) {
		return room.refuse(e, http.StatusForbidden, "portal.requests_elsewhere")
	}
	return show(e)
}

// sameSite tells whether a browser says that a form came from here. The
// shop's public address counts beside the one that was asked: a proxy may
// have changed it.
func (room *Room) sameSite(e *core.RequestEvent) bool {
	if room.same.Check(e.Request) == nil {
		return true
	}
	own, err := url.Parse(e.App.Settings().Meta.AppURL)
	origin, oerr := url.Parse(e.Request.Header.Get("Origin"))
	site := e.Request.Header.Get("Sec-Fetch-Site")
	return err == nil && oerr == nil && own.Host != "" && strings.EqualFold(own.Host, origin.Host) && (site == "" || site == "same-origin")
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
