package request

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
)

// A code to sign in with.
const (
	codeLife  = 15 * time.Minute
	codeTries = 5
)

// letter is a code on its way to an address that may be nobody's.
type letter struct{ address, code, lang string }

// askCode takes an address. Whether anybody is known by it changes nothing
// here, neither the answer nor the time it takes: the loop that mails finds
// out.
func (room *Room) askCode(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	f, err := form.Read(e.Request, 0)
	defer func() { f.Close() }() // there is one even if it could not be read
	if err != nil {
		return room.doorPage(e, http.StatusBadRequest, lang, f.Line("email"), "portal.error_server", nil)
	}
	typed := f.Line("email")
	if wait, ok := room.asking.Allow(limit.Network(e.RealIP())); !ok {
		return room.tooMany(e, lang, typed, wait)
	}
	if f.Raw(form.Trap) != "" {
		return room.doorPage(e, http.StatusUnprocessableEntity, lang, typed, "portal.error_trap", nil)
	}
	address := contact.Normalise(schema.KindEmail, typed)
	if address == "" || strings.ContainsAny(typed, "<>\",; ") {
		return room.doorPage(e, http.StatusUnprocessableEntity, lang, typed, "portal.requests_bad_address", nil)
	}
	if form.CheckStamp(room.Keys(), f.Raw("form"), room.now()) == "portal.error_old" {
		return room.doorPage(e, http.StatusUnprocessableEntity, lang, typed, "portal.error_old", nil)
	}
	if wait, ok := room.codes.Allow(address); !ok {
		return room.tooMany(e, lang, typed, wait)
	}
	flow, code, err := newCode(e.App, address, room.now())
	if err != nil {
		e.App.Logger().Error("a code to sign in with could not be made", "error", err)
		return room.doorPage(e, http.StatusServiceUnavailable, lang, typed, "portal.error_server", nil)
	}
	select {
	case room.post <- letter{address, code, lang}:
	default:
		e.App.Logger().Warn("a code to sign in with is not mailed: too many wait")
	}
	return e.Redirect(http.StatusSeeOther, "/requests/code?"+url.Values{"lang": {lang}, "f": {flow}}.Encode())
}

func (room *Room) tooMany(e *core.RequestEvent, lang, typed string, wait time.Duration) error {
	limit.RetryAfter(e.Response.Header(), wait)
	return room.doorPage(e, http.StatusTooManyRequests, lang, typed, "portal.requests_many", map[string]any{"time": room.Catalogue.Duration(lang, wait+time.Second)})
}

// newCode notes a code for an address.
func newCode(app core.App, address string, now time.Time) (flow, code string, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", "", err
	}
	flow, code = strings.ToLower(rand.Text()), fmt.Sprintf("%06d", n)
	until, err := types.ParseDateTime(now.Add(codeLife))
	if err != nil {
		return "", "", err
	}
	collection, err := app.FindCachedCollectionByNameOrId(schema.SignInCodes)
	if err != nil {
		return "", "", err
	}
	r := core.NewRecord(collection)
	r.Set(schema.CodeFlow, digest(flow))
	r.Set(schema.CodeAddress, address)
	r.Set(schema.CodeHash, digest(flow, code))
	r.Set(schema.CodeExpires, until)
	return flow, code, app.Save(r)
}

// mailCodes mails codes to whom they are of use, until ctx ends.
func (room *Room) mailCodes(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-room.post:
			if err := room.mailCode(ctx, l); err != nil {
				room.base.Logger().Warn("a code to sign in with could not be mailed", "error", err)
			}
		}
	}
}

func (room *Room) mailCode(ctx context.Context, l letter) error {
	who, err := contact.FindByIdentity(room.base, schema.KindEmail, l.address)
	if err != nil || who == nil || who.Blocked() {
		return err
	}
	lang := l.lang
	if own := who.Language(); room.Catalogue.Has(own) {
		lang = own
	}
	return room.Code(ctx, room.base, l.address, lang, l.code, codeLife)
}

// codePage asks for the code; it looks the same for every address.
func (room *Room) codePage(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	return room.askForCode(e, http.StatusOK, lang, e.Request.URL.Query().Get("f"), "", nil)
}

// signIn takes the code.
func (room *Room) signIn(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	f, err := form.Read(e.Request, 0)
	defer func() { f.Close() }() // there is one even if it could not be read
	flow := f.Line("f")
	if err != nil {
		return room.askForCode(e, http.StatusBadRequest, lang, flow, "portal.error_server", nil)
	}
	if wait, ok := room.typing.Allow(limit.Network(e.RealIP())); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		return room.askForCode(e, http.StatusTooManyRequests, lang, flow, "portal.requests_many", map[string]any{"time": room.Catalogue.Duration(lang, wait+time.Second)})
	}
	identity, err := room.prove(e, flow, digits(f.Line("code")))
	if err != nil {
		e.App.Logger().Error("nobody can be signed in", "error", err)
		return room.askForCode(e, http.StatusServiceUnavailable, lang, flow, "portal.error_server", nil)
	}
	if identity == nil {
		return room.askForCode(e, http.StatusUnprocessableEntity, lang, flow, "portal.requests_bad_code", nil)
	}
	if err := room.welcome(e, identity, f.Raw("visitor")); err != nil {
		e.App.Logger().Error("nobody can be signed in", "error", err)
		return room.askForCode(e, http.StatusServiceUnavailable, lang, flow, "portal.error_server", nil)
	}
	return e.Redirect(http.StatusSeeOther, "/requests?"+url.Values{"lang": {lang}}.Encode())
}

// digits are the digits of a text, of either script.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		case r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// prove returns the identity whose code was typed, or nil: wrong, used, too
// old, tried too often and sent to nobody are one answer. A try counts before
// it is looked at, so that many at once are no more tries.
func (room *Room) prove(e *core.RequestEvent, flow, code string) (identity *core.Record, err error) {
	var row struct {
		ID      string `db:"id"`
		Address string `db:"address"`
		Code    string `db:"code"`
	}
	// idx_sign_in_codes_flow
	err = e.App.NonconcurrentDB().NewQuery(`UPDATE sign_in_codes SET tries = tries + 1 WHERE flow = {:flow} AND tries < {:most} AND expires > {:now} RETURNING id, address, code`).
		Bind(dbx.Params{"flow": digest(flow), "most": codeTries, "now": dateTime(room.now())}).One(&row)
	if err != nil {
		return nil, noRows(err)
	}
	if _, ok := room.guesses.Allow(row.Address); !ok || subtle.ConstantTimeCompare([]byte(row.Code), []byte(digest(flow, code))) != 1 {
		return nil, nil
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		res, err := tx.DB().NewQuery(`DELETE FROM sign_in_codes WHERE id = {:id}`).Bind(dbx.Params{"id": row.ID}).Execute()
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return err // somebody else used it this very moment
		}
		r, err := tx.FindFirstRecordByFilter(schema.Identities, "kind = {:kind} && value = {:value}", dbx.Params{"kind": schema.KindEmail, "value": row.Address})
		if err != nil {
			return noRows(err)
		}
		who, err := tx.FindRecordById(schema.Contacts, r.GetString(schema.IdentityContact))
		if err != nil || who.GetBool(schema.ContactBlocked) {
			return err
		}
		identity = r
		return own(tx, r, room.now())
	})
	return identity, err
}

// own makes the proven address the customer's own, unless they are known by
// others: somebody may have typed this one by mistake, and its holder must not
// read what they have to do with us. An agent may say so.
func own(tx core.App, identity *core.Record, now time.Time) error {
	if identity.GetBool(schema.IdentityVerified) {
		return nil
	}
	var others int
	// idx_identities_contact
	err := tx.DB().NewQuery(`SELECT COUNT(*) FROM identities WHERE contact = {:contact} AND id != {:id} AND kind IN ('email', 'user')`).
		Bind(dbx.Params{"contact": identity.GetString(schema.IdentityContact), "id": identity.Id}).Row(&others)
	if err != nil || others > 0 {
		return err
	}
	identity.Set(schema.IdentityVerified, true)
	identity.Set(schema.IdentityVerifiedHow, schema.IdentityHowCode)
	identity.Set(schema.IdentityVerifiedAt, dateTime(now))
	return tx.Save(identity)
}

// welcome signs the browser in and brings along what it said in the chat.
func (room *Room) welcome(e *core.RequestEvent, identity *core.Record, token string) error {
	joined := false
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if visitor, signed, ok := room.Visitor(token); ok && !signed && identity.GetBool(schema.IdentityVerified) {
			if joined, err = join(tx, identity.GetString(schema.IdentityContact), visitor); err != nil {
				return err
			}
		}
		return room.enter(e, tx, identity.Id, "")
	})
	if err == nil && joined {
		room.Talks.TellContact(e.App, identity.GetString(schema.IdentityContact))
	}
	return err
}

// join makes the guest of a chat the customer who has just proven who they
// are in the same browser. Somebody who is known by anything else than the
// browser and what was typed there stays who they are.
func join(tx core.App, keep, visitor string) (bool, error) {
	guest, err := contact.FindByIdentity(tx, schema.KindVisitor, visitor)
	if err != nil || guest == nil || guest.Id == keep || guest.Blocked() {
		return false, err
	}
	var known bool
	// idx_identities_contact
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM identities WHERE contact = {:id} AND (kind = 'user' OR kind IN ('email', 'phone') AND verified = TRUE))`).
		Bind(dbx.Params{"id": guest.Id}).Row(&known)
	if err != nil || known {
		return false, err
	}
	return true, contact.Merge(tx, keep, guest.Id)
}

func dateTime(t time.Time) string {
	at, _ := types.ParseDateTime(t)
	return at.String()
}

// forgetExpired removes what has ended.
func forgetExpired(app core.App, now time.Time) error {
	for _, table := range []string{schema.SignInCodes, schema.SignIns} {
		if _, err := app.NonconcurrentDB().NewQuery(`DELETE FROM ` + table + ` WHERE expires < {:now}`).Bind(dbx.Params{"now": dateTime(now)}).Execute(); err != nil {
			return fmt.Errorf("remove ended %s: %w", table, err)
		}
	}
	return nil
}
