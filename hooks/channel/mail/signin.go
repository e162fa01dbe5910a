package mail

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/oauth"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// secrets is what the sealed tokens field holds.
type secrets struct {
	oauth.Tokens
	Client string `json:"client"` // the registration's secret
	Device string `json:"device"` // of a sign-in that is going on
	Until  int64  `json:"until"`  // of that, Unix seconds

	// Of a sign-in at the provider's page.
	State    string `json:"state,omitempty"`    // what the owner comes back with, once
	Verifier string `json:"verifier,omitempty"` // RFC 7636
	Redirect string `json:"redirect,omitempty"`
	Done     bool   `json:"done,omitempty"` // they came back; the desk has not heard of it
}

// oauth tells whether the mailbox signs in with tokens.
func (b *Mailbox) oauth() bool {
	switch b.GetString(schema.MailboxSignIn) {
	case schema.SignInGoogle, schema.SignInMicrosoft:
		return true
	}
	return false
}

// client is the shop's registration at the mailbox's provider.
func (room *Room) client(box *Mailbox, s secrets) oauth.Client {
	var special oauth.Endpoints
	if raw := box.GetString(schema.MailboxOAuthURLs); raw != "" && raw != "null" {
		if err := box.UnmarshalJSONField(schema.MailboxOAuthURLs, &special); err != nil {
			room.app.Logger().Warn("mail: the addresses of a sign-in cannot be read", "mailbox", box.Id, "error", err)
		}
	}
	return oauth.Client{
		ID: box.GetString(schema.MailboxOAuthClient), Secret: s.Client,
		Endpoints: special.Or(oauth.Providers[box.GetString(schema.MailboxSignIn)]), HTTP: room.http,
	}
}

func (room *Room) readSecrets(app core.App, box string) (s secrets, err error) {
	var sealed string
	err = app.DB().NewQuery(`SELECT tokens FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": box}).Row(&sealed)
	if err != nil || sealed == "" {
		return s, err
	}
	raw, err := room.keys().Open(sealed)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(raw, &s)
}

// saveSecrets writes behind the record's back: a renewed token must not begin
// the loops anew.
func (room *Room) saveSecrets(app core.App, box string, s secrets) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = app.NonconcurrentDB().NewQuery(`UPDATE mailboxes SET tokens = {:tokens} WHERE id = {:id}`).
		Bind(dbx.Params{"id": box, "tokens": room.keys().Seal(raw)}).Execute()
	if err != nil {
		return fmt.Errorf("store the tokens: %w", err)
	}
	return nil
}

var errNotSignedIn = errors.New("nobody has signed in at the provider yet")

// accessToken is a token that can be used for the next minutes, renewed if
// need be. A refresh token that the provider changed is stored before the new
// access token is used: the old one is worth nothing from then on.
func (room *Room) accessToken(ctx context.Context, app core.App, box *Mailbox) (string, error) {
	room.signing.Lock()
	defer room.signing.Unlock()
	s, err := room.readSecrets(app, box.Id)
	if err != nil {
		return "", err
	}
	if s.Refresh == "" {
		return "", errNotSignedIn
	}
	if s.Fresh(time.Now()) {
		return s.Access, nil
	}
	tokens, err := room.client(box, s).Refresh(ctx, s.Tokens)
	if err != nil {
		return "", err
	}
	s.Tokens = tokens
	return s.Access, room.saveSecrets(app, box.Id, s)
}

// imapAccount is how to sign in to read the mailbox.
func (room *Room) imapAccount(ctx context.Context, box *Mailbox) (imapbox.Account, error) {
	if !box.oauth() {
		password, err := box.password(room.keys())
		if err != nil {
			return imapbox.Account{}, &imapbox.AuthError{Text: err.Error()}
		}
		return room.spooled(box.imap(password, room.tls)), nil
	}
	token, err := room.accessToken(ctx, room.app, box)
	if err != nil {
		return imapbox.Account{}, tokenError(err)
	}
	a := room.spooled(box.imap("", room.tls))
	a.Token = token
	return a, nil
}

// spooled gives the account a folder for big mails on their way.
func (room *Room) spooled(a imapbox.Account) imapbox.Account {
	dir := filepath.Join(room.app.DataDir(), original.Folder)
	if err := os.MkdirAll(dir, 0o700); err == nil {
		a.Spool = dir
	}
	return a
}

// tokenError tells a refusal, which no soon try mends, from a passing trouble.
func tokenError(err error) error {
	var refused *oauth.Error
	if errors.As(err, &refused) || errors.Is(err, errNotSignedIn) {
		return &imapbox.AuthError{Text: err.Error()}
	}
	return err
}

// beginSignIn answers POST /api/desk/mailboxes/{id}/signin?way=page: where the
// owner goes and what code they type there; no code, but the address that has
// to be registered at the provider, when they are sent back by themselves.
func (room *Room) beginSignIn(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	lang := language(e)
	if !box.oauth() || box.GetString(schema.MailboxOAuthClient) == "" {
		return e.BadRequestError(i18n.T(lang, "mail.signin_client"), nil)
	}
	room.signing.Lock()
	defer room.signing.Unlock()
	s, err := room.readSecrets(e.App, box.Id)
	if err != nil {
		return e.BadRequestError(i18n.T(lang, "mail.secret_unreadable"), nil)
	}
	client := room.client(box, s)
	if client.Device == "" || e.Request.URL.Query().Get("way") == "page" {
		return room.beginAtPage(e, box, client, s)
	}
	d, err := client.Begin(e.Request.Context())
	if err != nil {
		return e.Error(http.StatusBadGateway, i18n.T(lang, "mail.signin_failed", i18n.V{"said": lastWords(err)}), nil)
	}
	s.Device, s.Until, s.State, s.Done = d.Code, d.Expires.Unix(), "", false
	if err := room.saveSecrets(e.App, box.Id, s); err != nil {
		return e.InternalServerError("", err)
	}
	return e.JSON(http.StatusOK, map[string]any{"url": d.URL, "code": d.UserCode, "expires": d.Expires.UTC(), "interval": int(d.Interval.Seconds())})
}

// finishSignIn answers POST /api/desk/mailboxes/{id}/signin/finish: the desk
// asks it every few seconds until the owner has typed the code.
func (room *Room) finishSignIn(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	lang := language(e)
	room.signing.Lock()
	defer room.signing.Unlock()
	s, err := room.readSecrets(e.App, box.Id)
	if err != nil {
		return e.BadRequestError(i18n.T(lang, "mail.secret_unreadable"), nil)
	}
	if s.Done {
		s.Done = false
		if err := room.saveSecrets(e.App, box.Id, s); err != nil {
			return e.InternalServerError("", err)
		}
		return e.JSON(http.StatusOK, map[string]any{"state": "signed_in"})
	}
	if s.State != "" && time.Now().Unix() <= s.Until {
		return e.JSON(http.StatusOK, map[string]any{"state": "pending"})
	}
	if s.Device == "" || time.Now().Unix() > s.Until {
		return e.Error(http.StatusGone, i18n.T(lang, "mail.signin_over"), nil)
	}
	tokens, err := room.client(box, s).Poll(e.Request.Context(), s.Device)
	if errors.Is(err, oauth.ErrPending) {
		return e.JSON(http.StatusOK, map[string]any{"state": "pending"})
	}
	if err != nil {
		return e.Error(http.StatusBadGateway, i18n.T(lang, "mail.signin_failed", i18n.V{"said": lastWords(err)}), nil)
	}
	s.Tokens, s.Device, s.Until = tokens, "", 0
	if err := room.saveSecrets(e.App, box.Id, s); err != nil {
		return e.InternalServerError("", err)
	}
	room.ring(box.Id) // the loop that was refused begins at once
	return e.JSON(http.StatusOK, map[string]any{"state": "signed_in"})
}

// sealClient seals a typed client secret into the tokens; without one those
// that are stored stay. Another way to sign in, or another registration, makes
// the tokens worthless.
func (room *Room) sealClient(app core.App, r *core.Record, isNew bool) error {
	typed := r.GetString(schema.MailboxOAuthSecret)
	r.Set(schema.MailboxOAuthSecret, "")
	var s secrets
	if !isNew {
		var sealed string
		if err := app.DB().NewQuery(`SELECT tokens FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": r.Id}).Row(&sealed); err != nil {
			return err
		}
		r.Set(schema.MailboxTokens, sealed)
		before := r.Original()
		other := before.GetString(schema.MailboxSignIn) != r.GetString(schema.MailboxSignIn) || before.GetString(schema.MailboxOAuthClient) != r.GetString(schema.MailboxOAuthClient) ||
			before.GetString(schema.MailboxLogin) != r.GetString(schema.MailboxLogin)
		if typed == "" && !other {
			return nil
		}
		if sealed != "" {
			if raw, err := room.keys().Open(sealed); err == nil {
				if err := json.Unmarshal(raw, &s); err != nil {
					return err
				}
			}
		}
		if other {
			s = secrets{Client: s.Client}
		}
	}
	if typed != "" {
		s.Client = typed
	}
	if s == (secrets{}) {
		r.Set(schema.MailboxTokens, "")
		return nil
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	r.Set(schema.MailboxTokens, room.keys().Seal(raw))
	return nil
}

// signInWords says what is wrong with the tokens.
func signInWords(lang string, err error) string {
	return i18n.T(lang, "mail.signin_failed", i18n.V{"said": lastWords(err)})
}
