package mail

import (
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/schema"
)

const olderChunk = 50 // mails of the past between two looks for new ones

// Older is how far reading mail of the past has come (rule 11). It stands in
// the mailbox's record, so that a restart goes on where it stopped.
type Older struct {
	State string `json:"state"` // running, done, stopped or "" for never asked
	Days  int    `json:"days"`  // 0 is everything
	Total int    `json:"total"`
	Done  int    `json:"done"`
	UID   uint32 `json:"uid"` // the last one taken in
	Began string `json:"began"`
	Ended string `json:"ended"`
}

const (
	olderRunning = "running"
	olderDone    = "done"
	olderStopped = "stopped"
)

func readOlder(app core.App, box string) (o Older, err error) {
	var raw string
	err = app.DB().NewQuery(`SELECT COALESCE(older, '') FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": box}).Row(&raw)
	if err != nil || raw == "" || raw == "null" {
		return o, err
	}
	return o, json.Unmarshal([]byte(raw), &o)
}

// saveOlder keeps a stop that was asked for meanwhile.
func saveOlder(app core.App, box string, o Older, unlessStopped bool) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return err
	}
	query := `UPDATE mailboxes SET older = {:older} WHERE id = {:id}`
	if unlessStopped {
		query += ` AND json_extract(older, '$.state') = 'running'`
	}
	_, err = app.DB().NewQuery(query).Bind(dbx.Params{"id": box, "older": string(raw)}).Execute()
	if err != nil {
		return fmt.Errorf("note how far older mail is read: %w", err)
	}
	return nil
}

// older takes in a piece of the past that was asked for; true when there is
// more of it.
func (f *fetcher) older(conn *imapbox.Conn) (bool, error) {
	app := f.room.app
	o, err := readOlder(app, f.box.Id)
	if err != nil || o.State != olderRunning {
		return false, err
	}
	var uids []uint32
	if o.Days > 0 {
		began, err := time.Parse(time.RFC3339, o.Began)
		if err != nil {
			began = time.Now()
		}
		uids, err = conn.Since(began.AddDate(0, 0, -o.Days))
		if err != nil {
			return false, err
		}
	} else if uids, err = conn.After(0); err != nil {
		return false, err
	}
	o.Total = len(uids)
	left := slices.DeleteFunc(slices.Clone(uids), func(u uint32) bool { return u <= o.UID || u > f.at.UID })
	o.Done = len(uids) - len(left)
	chunk := left[:min(len(left), olderChunk)]
	if err := unpass(app, f.box.Id, f.box.Folder(), f.at.Validity, chunk); err != nil {
		return false, err
	}
	f.past = true
	err = f.fetch(conn, chunk, false)
	f.past = false
	if err != nil {
		return false, err
	}
	o.Done += len(chunk)
	if len(chunk) > 0 {
		o.UID = chunk[len(chunk)-1]
	}
	if len(chunk) == len(left) {
		o.State, o.Done, o.Ended = olderDone, o.Total, time.Now().UTC().Format(time.RFC3339)
	}
	return o.State == olderRunning, saveOlder(app, f.box.Id, o, true)
}

// unpass lets mails that were passed over on the first reading be read.
func unpass(app core.App, box, folder string, validity uint32, uids []uint32) error {
	for _, uid := range uids {
		_, err := app.DB().NewQuery(`UPDATE ledger SET message = '' WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid}
			AND uid > 0 AND message = {:nothing} AND attempts = 0`).
			Bind(dbx.Params{"account": box, "folder": folder, "validity": int64(validity), "uid": int64(uid), "nothing": nothing}).Execute()
		if err != nil {
			return fmt.Errorf("look at a mail of the past again: %w", err)
		}
	}
	return nil
}

// process moves mails that became messages into the folder for them, if the
// owner wants that (rule 8). What is not moved now is moved when the folder is
// compared with the ledger.
func (f *fetcher) process(conn *imapbox.Conn, uids []uint32) error {
	to := f.box.GetString(schema.MailboxProcessed)
	if to == "" || to == f.box.Folder() || len(uids) == 0 {
		return nil
	}
	done, err := becameMessages(f.room.app, f.box.Id, f.box.Folder(), f.at.Validity, uids)
	if err != nil || len(done) == 0 {
		return err
	}
	return conn.Move(done, to)
}

// clear moves what an interrupted run left behind.
func (f *fetcher) clear(conn *imapbox.Conn, uids []uint32, known map[uint32]bool) error {
	if f.box.GetString(schema.MailboxProcessed) == "" {
		return nil
	}
	return f.process(conn, slices.DeleteFunc(slices.Clone(uids), func(u uint32) bool { return !known[u] }))
}

// becameMessages are those of the UIDs that are stored here. Uses
// idx_ledger_uid.
func becameMessages(app core.App, box, folder string, validity uint32, uids []uint32) (done []uint32, err error) {
	var stored []uint32
	err = app.DB().NewQuery(`SELECT uid FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid > 0
		AND uid BETWEEN {:first} AND {:last} AND message NOT IN ('', {:nothing})`).
		Bind(dbx.Params{"account": box, "folder": folder, "validity": int64(validity), "first": int64(slices.Min(uids)), "last": int64(slices.Max(uids)), "nothing": nothing}).Column(&stored)
	for _, u := range stored {
		if slices.Contains(uids, u) {
			done = append(done, u)
		}
	}
	return done, err
}
