package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	strayRows = 5000 // messages that are looked through between two breaths
	strayRest = 20 * time.Millisecond
)

// erased are the originals, of those asked for, whose mails were all taken in
// and erased: every row of the ledger names a message, or a row of the
// quarantine, that is not there any more. What never became either stays, and
// so does what the ledger does not know: it may be the only copy of a mail.
// Uses idx_ledger_raw.
func erased(ctx context.Context, app core.App, shas []string) (gone []string, err error) {
	places, params := make([]string, len(shas)), dbx.Params{"nothing": nothing}
	for i, sha := range shas {
		key := fmt.Sprint("sha", i)
		places[i], params[key] = "{:"+key+"}", sha
	}
	err = whole.Column(ctx, app.DB().NewQuery(`SELECT l.raw FROM ledger l WHERE l.raw != '' AND l.raw IN (`+strings.Join(places, ", ")+`) GROUP BY l.raw
		HAVING MIN(CASE WHEN l.message NOT IN ('', {:nothing}) THEN NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = l.message) ELSE l.quarantine != '' END) = 1
		AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.raw = l.raw)`).Bind(params), &gone)
	if err != nil {
		return nil, fmt.Errorf("ask which originals are of erased mails: %w", err)
	}
	return gone, nil
}

// Strays removes originals of mails that were erased and whose files stayed:
// the program ended in between, the mail came into two mailboxes, or a replica
// brought them back. Only files older than before go. It pauses again and
// again and ends with ctx.
func (room *Room) Strays(ctx context.Context, app core.App, before time.Time) (n int, err error) {
	folders, err := filepath.Glob(filepath.Join(app.DataDir(), original.Folder, "[0-9a-f][0-9a-f]"))
	if err != nil {
		return 0, err
	}
	found := map[string]bool{}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		var shas []string
		for i, e := range entries {
			if sha, isMail := strings.CutSuffix(e.Name(), ".eml"); isMail && original.Named(sha) && e.Type().IsRegular() {
				shas = append(shas, sha)
			}
			if len(shas) < 200 && i < len(entries)-1 || len(shas) == 0 {
				continue
			}
			gone, err := erased(ctx, app, shas)
			if err != nil {
				return 0, err
			}
			for _, sha := range gone {
				found[sha] = true
			}
			if shas = shas[:0]; !lifecycle.Rest(ctx, strayRest) {
				return 0, ctx.Err()
			}
		}
	}
	if err := needed(ctx, app, found); err != nil {
		return 0, err
	}
	var failed error
	for sha := range found {
		name, err := KeptFile(app, sha)
		if err != nil {
			return n, err
		}
		info, err := os.Stat(name)
		if err != nil || !info.ModTime().Before(before) {
			continue // it is gone already, or came again
		}
		still, err := erased(ctx, app, []string{sha})
		if err != nil {
			return n, errors.Join(failed, err)
		}
		if len(still) == 0 {
			continue
		}
		if err := os.Remove(name); err != nil {
			failed = errors.Join(failed, err) // it does not keep the others
			continue
		}
		n++
	}
	return n, failed
}

// needed takes out of found what a message names that the ledger does not know
// of. Messages have no index by their original, so all are looked through, if
// there is anything to look for.
func needed(ctx context.Context, app core.App, found map[string]bool) error {
	for from := int64(0); len(found) > 0; {
		var rows []struct {
			Row int64  `db:"row"`
			Raw string `db:"raw"`
		}
		err := whole.All(ctx, app.DB().NewQuery(`SELECT rowid AS row, raw FROM messages WHERE rowid > {:from} ORDER BY rowid LIMIT {:n}`).
			Bind(dbx.Params{"from": from, "n": strayRows}), &rows)
		if err != nil {
			return fmt.Errorf("ask which originals messages need: %w", err)
		}
		for _, r := range rows {
			delete(found, r.Raw)
			from = r.Row
		}
		if len(rows) < strayRows {
			return nil
		}
		if !lifecycle.Rest(ctx, strayRest) {
			return ctx.Err()
		}
	}
	return nil
}
