package mail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/dkimkey"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// A mailbox that sends by a server of the shop's own signs its mail with a key
// of its own (rule 68). The key is made when the owner says so, stored sealed
// like the password, and shown to nobody; its public half goes into DNS.

// dnsTime is how long DNS may take to answer.
const dnsTime = 8 * time.Second

var errNoKey = errors.New("no key is stored")

// signingKey is the mailbox's key.
func (room *Room) signingKey(box *Mailbox) (*dkimkey.Key, error) {
	sealed := box.GetString(schema.MailboxDKIMSecret)
	if sealed == "" {
		return nil, errNoKey
	}
	text, err := room.keys().Open(sealed)
	if err != nil {
		return nil, fmt.Errorf("open the key of the mailbox: %w", err)
	}
	return dkimkey.Read(text)
}

// sealedKey makes a new key.
func (room *Room) sealedKey() (string, error) {
	key, err := dkimkey.New()
	if err != nil {
		return "", err
	}
	text, err := key.PEM()
	if err != nil {
		return "", err
	}
	return room.keys().Seal(text), nil
}

// signed adds a signature of the mailbox's own key where it sends by a server
// of its own; a provider signs itself.
func (room *Room) signed(box *Mailbox, raw []byte) ([]byte, error) {
	if !box.GetBool(schema.MailboxOwnServer) {
		return raw, nil
	}
	key, err := room.signingKey(box)
	if err != nil {
		return nil, err
	}
	return key.Sign(raw, box.Domain(), box.GetString(schema.MailboxDKIMSelector))
}

// makeKey runs on every save: the stored key stays, whatever a form sends, and
// the first time that one is needed it is made.
func (room *Room) makeKey(e *core.RecordEvent) error {
	var stored string
	if !e.Record.IsNew() {
		err := e.App.DB().NewQuery(`SELECT dkim_secret FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": e.Record.Id}).Row(&stored)
		if err != nil {
			return fmt.Errorf("read the key of the mailbox: %w", err)
		}
	}
	if stored == "" && e.Record.GetBool(schema.MailboxOwnServer) {
		var err error
		if stored, err = room.sealedKey(); err != nil {
			return err
		}
	}
	e.Record.Set(schema.MailboxDKIMSecret, stored)
	return e.Next()
}

// concealKey keeps the sealed key even from those who see hidden fields.
func concealKey(e *core.RecordEnrichEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	e.Record.Hide(schema.MailboxDKIMSecret)
	return nil
}

// dkim answers GET /api/desk/mailboxes/{id}/dkim with the DNS record of the
// mailbox's key and what DNS says of it now.
func (room *Room) dkim(e *core.RequestEvent) error {
	lang := language(e)
	r, err := e.App.FindRecordById(schema.Mailboxes, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError("", nil)
	}
	box := wrap(r)
	e.Response.Header().Set("Cache-Control", "no-store")
	key, err := room.signingKey(box)
	if errors.Is(err, errNoKey) {
		return e.JSON(http.StatusOK, map[string]any{"on": false, "good": false, "says": i18n.T(lang, "mail.dkim_off"), "record": nil})
	}
	if err != nil {
		return e.InternalServerError(i18n.T(lang, "error.internal"), err)
	}
	domain, selector := box.Domain(), box.GetString(schema.MailboxDKIMSelector)
	ctx, cancel := context.WithTimeout(e.Request.Context(), dnsTime)
	defer cancel()
	answer, record := key.Check(ctx, domain, selector, room.lookup), key.Record(domain, selector)
	return e.JSON(http.StatusOK, map[string]any{
		"on": box.GetBool(schema.MailboxOwnServer), "good": answer.Good, "says": i18n.T(lang, answer.Key, i18n.V(answer.Values)),
		"record": map[string]any{"name": record.Name, "host": record.Host, "type": record.Type, "value": record.Value, "parts": record.Parts},
	})
}
