package setup

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// How long links are good for.
const (
	ownerFor  = 24 * time.Hour
	inviteFor = 7 * 24 * time.Hour
	keptFor   = 30 * 24 * time.Hour // a used one still says that it was
)

// Why a link does not work.
var (
	errUnknown  = errors.New("there is no such link")
	errUsed     = errors.New("the link was used")
	errExpired  = errors.New("the link has ended")
	errHasOwner = errors.New("the shop has an owner")
)

// once is a row of once_links.
type once struct {
	ID      string `db:"id"`
	For     string `db:"purpose"`
	Agent   string `db:"agent"`
	Expires string `db:"expires"`
	Used    string `db:"used"`
}

// newLink makes a link's secret. Earlier ones for the same end with it.
func newLink(app core.App, keys *settings.Keys, purpose, agent, base string, now time.Time) (secret string, err error) {
	secret = strings.ToLower(rand.Text())
	err = app.RunInTransaction(func(tx core.App) error {
		at, err := types.ParseDateTime(now)
		if err != nil {
			return err
		}
		_, err = tx.DB().NewQuery(`UPDATE once_links SET expires = {:now} WHERE purpose = {:for} AND agent = {:agent} AND used = '' AND expires > {:now}`).
			Bind(dbx.Params{"now": at.String(), "for": purpose, "agent": agent}).Execute()
		if err != nil {
			return err
		}
		if _, err = tx.DB().NewQuery(`DELETE FROM once_links WHERE expires < {:old}`).Bind(dbx.Params{"old": at.Add(-keptFor).String()}).Execute(); err != nil {
			return err
		}
		collection, err := tx.FindCachedCollectionByNameOrId(schema.OnceLinks)
		if err != nil {
			return err
		}
		r := core.NewRecord(collection)
		r.Set(schema.OnceFor, purpose)
		r.Set(schema.OnceAgent, agent)
		r.Set(schema.OnceHash, keys.MAC(settings.PurposeOnce, secret))
		r.Set(schema.OnceBase, base)
		life := ownerFor
		if purpose == schema.OnceInvite {
			life = inviteFor
		}
		r.Set(schema.OnceExpires, at.Add(life))
		return tx.Save(r)
	})
	if err != nil {
		return "", fmt.Errorf("make a link: %w", err)
	}
	return secret, nil
}

// findLink reads a link and says whether it still works. Uses
// idx_once_links_hash.
func findLink(app core.App, keys *settings.Keys, secret string, now time.Time) (*once, error) {
	var l once
	err := app.DB().NewQuery(`SELECT id, purpose, agent, expires, used FROM once_links WHERE hash = {:hash}`).
		Bind(dbx.Params{"hash": keys.MAC(settings.PurposeOnce, secret)}).One(&l)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("find a link: %w", err)
	}
	at, err := types.ParseDateTime(now)
	if err != nil {
		return nil, err
	}
	switch {
	case l.Used != "":
		return &l, errUsed
	case l.For == schema.OnceOwner && HasOwner(app):
		return &l, errHasOwner
	case l.Expires <= at.String():
		return &l, errExpired
	}
	return &l, nil
}

// use takes a link for good. Of two that come at once one gets it. Call it in
// the transaction that does what the link is for.
func (l *once) use(tx core.App, now time.Time) error {
	at, err := types.ParseDateTime(now)
	if err != nil {
		return err
	}
	res, err := tx.DB().NewQuery(`UPDATE once_links SET used = {:now} WHERE id = {:id} AND used = '' AND expires > {:now}`).
		Bind(dbx.Params{"now": at.String(), "id": l.ID}).Execute()
	if err != nil {
		return fmt.Errorf("use a link: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errUsed, err)
	}
	return nil
}

// HasOwner tells whether somebody may set the shop up already.
func HasOwner(app core.App) bool {
	var n int
	err := app.DB().NewQuery(`SELECT (SELECT COUNT(*) FROM agents WHERE role = 'owner') + (SELECT COUNT(*) FROM _superusers WHERE email != {:installer})`).
		Bind(dbx.Params{"installer": core.DefaultInstallerEmail}).Row(&n)
	return err != nil || n > 0 // a database that does not answer lets nobody in
}
