package session

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// login is a session as it is kept in memory.
type login struct {
	agent   string
	limited bool
	ended   bool
	address string
	used    time.Time // as stored
	seen    time.Time
	from    string // address of the last request
}

// find returns a session, from memory or the database; nil if there is none.
func (room *Room) find(app core.App, id string) *login {
	room.mu.Lock()
	defer room.mu.Unlock()
	if l := room.known[id]; l != nil {
		return l
	}
	r, err := app.FindRecordById(schema.Sessions, id)
	if err != nil {
		return nil
	}
	l := &login{
		agent: r.GetString(schema.SessionAgent), limited: r.GetBool(schema.SessionLimited), ended: !r.GetDateTime(schema.SessionEnded).IsZero(),
		address: r.GetString(schema.SessionAddress), used: r.GetDateTime(schema.SessionUsed).Time(),
	}
	room.known[id] = l
	return l
}

func (room *Room) forget(id string) {
	room.mu.Lock()
	defer room.mu.Unlock()
	delete(room.known, id)
}

func (room *Room) forgetAgent(agent string) {
	room.mu.Lock()
	defer room.mu.Unlock()
	for id, l := range room.known {
		if l.agent == agent {
			delete(room.known, id)
		}
	}
}

// usedEvery is how exactly it is noted when a session was last used.
const usedEvery = 5 * time.Minute

// touch remembers that a session is used.
func (room *Room) touch(id, address string, now time.Time) {
	room.mu.Lock()
	defer room.mu.Unlock()
	if l := room.known[id]; l != nil {
		l.seen, l.from = now, address
	}
}

// store writes down which sessions were used, and lets go of those that were
// not for long.
func (room *Room) store(app core.App, now time.Time) error {
	type use struct {
		id, address string
		at          time.Time
	}
	var list []use
	room.mu.Lock()
	for id, l := range room.known {
		if l.seen.Sub(l.used) >= usedEvery || !l.seen.IsZero() && l.from != l.address {
			list = append(list, use{id, l.from, l.seen})
			l.used, l.address = l.seen, l.from
		}
		if now.Sub(l.seen) > time.Hour {
			delete(room.known, id)
		}
	}
	room.mu.Unlock()
	for _, u := range list {
		at, _ := types.ParseDateTime(u.at)
		_, err := app.DB().NewQuery(`UPDATE sessions SET last_used = {:at}, address = {:address} WHERE id = {:id}`).
			Bind(dbx.Params{"id": u.id, "at": at.String(), "address": u.address}).Execute()
		if err != nil {
			return fmt.Errorf("note the use of a session: %w", err)
		}
	}
	return nil
}

// begin makes a session.
func begin(app core.App, agent, device, address, mark string, limited bool) (string, error) {
	collection, err := app.FindCachedCollectionByNameOrId(schema.Sessions)
	if err != nil {
		return "", err
	}
	r := core.NewRecord(collection)
	r.Set(schema.SessionAgent, agent)
	r.Set(schema.SessionDevice, device)
	r.Set(schema.SessionAddress, address)
	r.Set(schema.SessionMark, mark)
	r.Set(schema.SessionUsed, types.NowDateTime())
	r.Set(schema.SessionLimited, limited)
	if err := app.SaveNoValidate(r); err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return r.Id, nil
}

// knownBrowser tells whether an agent has signed in with a browser before,
// and whether with any. Uses idx_sessions_agent.
func knownBrowser(app core.App, agent, mark string) (this, any bool, err error) {
	var row struct {
		This int `db:"this"`
		Any  int `db:"any_one"`
	}
	err = app.DB().NewQuery(`SELECT COALESCE(SUM(mark = {:mark} AND mark != ''), 0) AS this, COUNT(*) AS any_one FROM sessions WHERE agent = {:agent}`).
		Bind(dbx.Params{"agent": agent, "mark": mark}).One(&row)
	return row.This > 0, row.Any > 0, err
}

// end ends a session, or all of an agent but one.
func end(app core.App, agent, id, except string) error {
	_, err := app.DB().NewQuery(`UPDATE sessions SET ended = {:now} WHERE agent = {:agent} AND ended = '' AND ({:id} = '' OR id = {:id}) AND id != {:except}`).
		Bind(dbx.Params{"agent": agent, "id": id, "except": except, "now": types.NowDateTime().String()}).Execute()
	return err
}

// sessionRow is a session as its agent sees it.
type sessionRow struct {
	ID      string `json:"id" db:"id"`
	Device  string `json:"device" db:"device"`
	Address string `json:"address" db:"address"`
	Used    string `json:"last_used" db:"last_used"`
	Created string `json:"created" db:"created"`
	Current bool   `json:"current" db:"-"`
}

// open lists the sessions of an agent whose tokens may still be good. Uses
// idx_sessions_agent.
func open(app core.App, agent string, lasts time.Duration) (list []sessionRow, err error) {
	since, _ := types.ParseDateTime(time.Now().Add(-lasts))
	list = []sessionRow{}
	err = app.DB().NewQuery(`SELECT id, device, address, replace(last_used, ' ', 'T') AS last_used, replace(created, ' ', 'T') AS created FROM sessions
		WHERE agent = {:agent} AND ended = '' AND last_used > {:since} ORDER BY last_used DESC LIMIT 100`).
		Bind(dbx.Params{"agent": agent, "since": since.String()}).All(&list)
	return list, err
}

// factor is an agent's second factor.
type factor struct {
	ID     string `db:"id"`
	Secret string `db:"secret"`
	Step   int64  `db:"step"`
	Codes  types.JSONArray[string]
	Active bool `db:"active"`
}

// factorOf returns an agent's second factor; nil if there is none.
func factorOf(app core.App, agent string) (*factor, error) {
	var row struct {
		ID     string                  `db:"id"`
		Secret string                  `db:"secret"`
		Step   int64                   `db:"step"`
		Codes  types.JSONArray[string] `db:"codes"`
		Active bool                    `db:"active"`
	}
	err := app.DB().NewQuery(`SELECT id, secret, step, COALESCE(codes, '[]') AS codes, active FROM second_factors WHERE agent = {:agent}`).
		Bind(dbx.Params{"agent": agent}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the second factor: %w", err)
	}
	return &factor{row.ID, row.Secret, row.Step, row.Codes, row.Active}, nil
}

// saveFactor begins a second factor, or replaces one that was not confirmed.
func saveFactor(app core.App, agent, sealed string) error {
	return app.RunInTransaction(func(tx core.App) error {
		if err := dropFactor(tx, agent); err != nil {
			return err
		}
		collection, err := tx.FindCachedCollectionByNameOrId(schema.SecondFactors)
		if err != nil {
			return err
		}
		r := core.NewRecord(collection)
		r.Set(schema.FactorAgent, agent)
		r.Set(schema.FactorSecret, sealed)
		return tx.Save(r)
	})
}

func dropFactor(app core.App, agent string) error {
	_, err := app.DB().NewQuery(`DELETE FROM second_factors WHERE agent = {:agent}`).Bind(dbx.Params{"agent": agent}).Execute()
	return err
}

// useStep marks a code as used; false when somebody was faster with it.
func useStep(app core.App, id string, step int64) (bool, error) {
	res, err := app.DB().NewQuery(`UPDATE second_factors SET step = {:step} WHERE id = {:id} AND step < {:step}`).
		Bind(dbx.Params{"id": id, "step": step}).Execute()
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// setCodes replaces the recovery codes and makes the factor active.
func setCodes(app core.App, keys *settings.Keys, agent string, f *factor, codes []string) error {
	macs := make(types.JSONArray[string], 0, len(codes))
	for _, c := range codes {
		macs = append(macs, keys.MAC(settings.PurposeRecovery, agent, plainCode(c)))
	}
	return saveCodes(app, f.ID, macs)
}

func saveCodes(app core.App, id string, macs types.JSONArray[string]) error {
	raw, err := macs.Value()
	if err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`UPDATE second_factors SET codes = {:codes}, active = TRUE WHERE id = {:id}`).Bind(dbx.Params{"id": id, "codes": raw}).Execute()
	return err
}

// useRecovery takes a recovery code off the list; false when it is not on it.
func useRecovery(app core.App, keys *settings.Keys, agent, code string) (ok bool, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		f, err := factorOf(tx, agent)
		if err != nil || f == nil {
			return err
		}
		i := slices.IndexFunc(f.Codes, func(mac string) bool { return keys.Check(mac, settings.PurposeRecovery, agent, plainCode(code)) })
		if i < 0 {
			return nil
		}
		ok = true
		return saveCodes(tx, f.ID, slices.Delete(f.Codes, i, i+1))
	})
	return ok, err
}
