package lookup

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	fillBatch  = 200                    // rows a transaction: some 50 ms during which others wait to write
	fillAll    = 2000                   // when somebody waits for it
	fillPause  = 100 * time.Millisecond // at least, between two of them
	fillsAgain = time.Minute            // after an error

	tidyFirst = 5 * time.Minute // after the start
	tidyEach  = 24 * time.Hour
)

// fill indexes what was there before the index, the newest messages first. It
// remembers how far it came, and rests longer than it works.
func (room *Room) fill(ctx context.Context) {
	for {
		begun := time.Now()
		more, err := fillSome(room.app, fillBatch)
		rest := max(fillPause, 2*time.Since(begun))
		switch {
		case err != nil && ctx.Err() == nil:
			room.app.Logger().Error("older messages cannot be made searchable yet", "error", err)
			rest = fillsAgain
		case !more:
			room.tidy(ctx)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// tidy keeps the indexes in few parts for as long as the server runs.
func (room *Room) tidy(ctx context.Context) {
	for wait := tidyFirst; ; wait = tidyEach {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		for _, ix := range Indexes() {
			did, err := ix.Tidy(ctx, writing{room.app})
			if err != nil && ctx.Err() == nil {
				room.app.Logger().Error("the search cannot be tidied", "index", ix.Name, "error", err)
			} else if did {
				room.app.Logger().Info("the search was tidied", "index", ix.Name)
			}
		}
	}
}

// fillSome indexes one batch and tells whether there is more.
func fillSome(app core.App, batch int) (more bool, err error) {
	at, err := filled(app)
	if err != nil {
		return false, err
	}
	switch {
	case at["contacts"] != "":
		return true, fillContacts(app, at["contacts"], batch)
	case at["messages"] != "":
		return true, fillMessages(app, at["messages"], batch)
	}
	return false, nil
}

// filled is what comes next of each index, "" for nothing.
func filled(app core.App) (map[string]string, error) {
	var rows []struct {
		Name string `db:"name"`
		At   string `db:"at"`
	}
	if err := app.DB().NewQuery(`SELECT name, at FROM shohay_search_fill`).All(&rows); err != nil {
		return nil, fmt.Errorf("read how far the search is filled: %w", err)
	}
	at := map[string]string{}
	for _, r := range rows {
		at[r.Name] = r.At
	}
	return at, nil
}

func setFilled(tx core.App, name, at string) error {
	_, err := tx.DB().NewQuery(`UPDATE shohay_search_fill SET at = {:at} WHERE name = {:name}`).Bind(dbx.Params{"name": name, "at": at}).Execute()
	return err
}

func fillMessages(app core.App, at string, batch int) error {
	before, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return fmt.Errorf("how far the search is filled: %w", err)
	}
	in := zone(app)
	return app.RunInTransaction(func(tx core.App) error {
		var list []said
		// idx_messages_seq
		err := tx.DB().NewQuery(`SELECT seq, conversation, kind, agent, subject, text, COALESCE(file_info, '') NOT IN ('', 'null', '[]') AS files, COALESCE(event, '') AS event, ` + saidAt + `
			FROM messages WHERE seq < {:before} ORDER BY seq DESC LIMIT ` + strconv.Itoa(batch)).Bind(dbx.Params{"before": before}).All(&list)
		if err != nil {
			return err
		}
		at = ""
		for _, m := range list {
			if err := m.put(tx, in); err != nil {
				return err
			}
			at = strconv.FormatInt(m.Seq, 10)
		}
		return setFilled(tx, "messages", at)
	})
}

func fillContacts(app core.App, after string, batch int) error {
	return app.RunInTransaction(func(tx core.App) error {
		var ids []string
		err := tx.DB().NewQuery(`SELECT id FROM contacts WHERE id > {:after} ORDER BY id LIMIT ` + strconv.Itoa(batch)).Bind(dbx.Params{"after": after}).Column(&ids)
		if err != nil {
			return err
		}
		at := ""
		for _, id := range ids {
			if err := indexContact(tx, id); err != nil {
				return err
			}
			at = id
		}
		return setFilled(tx, "contacts", at)
	})
}

// Again has everything indexed once more in the background, for when records
// were changed by SQL.
func Again(app core.App) error {
	var newest int64
	if err := app.DB().NewQuery(`SELECT COALESCE(MAX(seq), 0) FROM messages`).Row(&newest); err != nil {
		return err
	}
	return errors.Join(setFilled(app, "messages", strconv.FormatInt(newest+1, 10)), setFilled(app, "contacts", "0"))
}

// Rebuild empties the indexes, fills them again in one part each, and tells
// from time to time how many messages are in. A server may run meanwhile.
func Rebuild(ctx context.Context, app core.App, tell func(done, of int64)) error {
	var all int64
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM messages`).Row(&all); err != nil {
		return err
	}
	err := app.RunInTransaction(func(tx core.App) error {
		return errors.Join(messages.Clear(tx), contacts.Clear(tx), Again(tx))
	})
	if err != nil {
		return fmt.Errorf("empty the search: %w", err)
	}
	told := time.Now()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if more, err = fillSome(app, fillAll); err != nil {
			return err
		}
		if time.Since(told) > time.Second || !more {
			left, err := toFill(app)
			if err != nil {
				return err
			}
			told = time.Now()
			tell(max(all-left, 0), all)
		}
	}
	return Purge(ctx, app)
}

// toFill is how many messages are not searchable yet, those included that were
// deleted since. Uses idx_messages_seq.
func toFill(app core.App) (n int64, err error) {
	at, err := filled(app)
	if err != nil || at["messages"] == "" {
		return 0, err
	}
	before, err := strconv.ParseInt(at["messages"], 10, 64)
	if err != nil {
		return 0, err
	}
	err = app.DB().NewQuery(`SELECT {:before} - COALESCE(MIN(seq), {:before}) FROM messages`).Bind(dbx.Params{"before": before}).Row(&n)
	return max(n, 0), err
}
