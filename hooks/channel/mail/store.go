package mail

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// nothing stands in the ledger for a mail that became no message on purpose.
const nothing = "-"

// entry is a mail's row in the ledger.
type entry struct {
	Attempts   int    `db:"attempts"`
	Message    string `db:"message"`
	Quarantine string `db:"quarantine"`
	Key        string `db:"dedupe_key"`
}

func (e entry) done() bool { return e.Message != "" || e.Quarantine != "" || e.Key != "" }

func newID() string { return security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet) }

func now() string { return types.NowDateTime().String() }

// begin notes that reading a mail is begun, before anything can go wrong with
// it, and says how often that happened (rules 1 and 7). Uses idx_ledger_uid.
func begin(app core.App, box string, src conversation.Source, sha string) (entry, error) {
	var e entry
	err := app.DB().NewQuery(`INSERT INTO ledger (id, account, folder, uidvalidity, uid, dedupe_key, message, quarantine, raw, attempts, created, updated)
		VALUES ({:id}, {:account}, {:folder}, {:validity}, {:uid}, '', '', '', {:raw}, 1, {:now}, {:now})
		ON CONFLICT (account, folder, uidvalidity, uid) WHERE uid > 0
		DO UPDATE SET attempts = attempts + 1, raw = CASE excluded.raw WHEN '' THEN raw ELSE excluded.raw END, updated = excluded.updated
		RETURNING attempts, message, quarantine, dedupe_key`).
		Bind(dbx.Params{"id": newID(), "account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID), "raw": sha, "now": now()}).One(&e)
	if err != nil {
		return e, fmt.Errorf("begin the mail in the ledger: %w", err)
	}
	return e, nil
}

// beginAll notes that reading these mails is begun, and returns those that are
// not finished with. begun tells that one of them was begun before: then they
// have to be taken one by one, each counted, so that the one that took the
// process with it is found. Uses idx_ledger_uid.
func beginAll(app core.App, box string, all []*arrival) (open []*arrival, begun bool, err error) {
	if len(all) == 0 {
		return nil, false, nil
	}
	src := all[0].src
	err = app.RunInTransaction(func(tx core.App) error {
		var rows []struct {
			UID   uint32 `db:"uid"`
			entry `db:""`
		}
		err := tx.DB().NewQuery(`SELECT uid, attempts, message, quarantine, dedupe_key FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity}
			AND uid > 0 AND uid BETWEEN {:first} AND {:last}`).
			Bind(dbx.Params{"account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "first": int64(src.UID), "last": int64(all[len(all)-1].src.UID)}).All(&rows)
		if err != nil {
			return err
		}
		known := make(map[uint32]entry, len(rows))
		for _, r := range rows {
			known[r.UID] = r.entry
		}
		insert := tx.DB().NewQuery(`INSERT INTO ledger (id, account, folder, uidvalidity, uid, dedupe_key, message, quarantine, raw, attempts, created, updated)
			VALUES ({:id}, {:account}, {:folder}, {:validity}, {:uid}, '', '', '', {:raw}, 1, {:now}, {:now})
			ON CONFLICT (account, folder, uidvalidity, uid) WHERE uid > 0 DO UPDATE SET attempts = MAX(attempts, 1), raw = excluded.raw, updated = excluded.updated`)
		at := now()
		for _, a := range all {
			e, there := known[a.src.UID]
			if e.done() {
				continue
			}
			open = append(open, a)
			if begun = begun || e.Attempts > 0; there && e.Attempts > 0 {
				continue
			}
			if _, err := insert.Bind(dbx.Params{"id": newID(), "account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(a.src.UID), "raw": a.sha, "now": at}).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("begin mails in the ledger: %w", err)
	}
	return open, begun, nil
}

// forgive takes back the last reading of mails: a full disk is no fault of
// theirs, and they are not to be put aside for it. If there is no room for
// this either, [tries] more remain. Uses idx_ledger_uid.
func forgive(app core.App, box string, all []*arrival) {
	for _, a := range all {
		_, err := app.NonconcurrentDB().NewQuery(`UPDATE ledger SET attempts = MAX(0, attempts - 1) WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid}`).
			Bind(dbx.Params{"account": box, "folder": a.src.Folder, "validity": int64(a.src.UIDValidity), "uid": int64(a.src.UID)}).Execute()
		if err != nil {
			app.Logger().Warn("mail: that the disk was full is not noted", "error", err)
			return
		}
	}
}

// settle records what became of a fetched mail. Uses idx_ledger_uid.
func settle(app core.App, box string, src conversation.Source, message, quarantine string) error {
	_, err := app.DB().NewQuery(`UPDATE ledger SET message = {:message}, quarantine = {:quarantine}, updated = {:now}
		WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid} AND uid > 0`).
		Bind(dbx.Params{"message": message, "quarantine": quarantine, "now": now(), "account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID)}).Execute()
	if err != nil {
		return fmt.Errorf("settle the mail in the ledger: %w", err)
	}
	return nil
}

// pass enters mails that are not to be read, in one transaction with the
// checkpoint they lie below.
func pass(app core.App, box, folder string, validity uint32, uids []uint32) error {
	for _, uid := range uids {
		_, err := app.DB().NewQuery(`INSERT INTO ledger (id, account, folder, uidvalidity, uid, dedupe_key, message, quarantine, raw, attempts, created, updated)
			VALUES ({:id}, {:account}, {:folder}, {:validity}, {:uid}, '', {:message}, '', '', 0, {:now}, {:now}) ON CONFLICT DO NOTHING`).
			Bind(dbx.Params{"id": newID(), "account": box, "folder": folder, "validity": int64(validity), "uid": int64(uid), "message": nothing, "now": now()}).Execute()
		if err != nil {
			return fmt.Errorf("pass over a mail in the ledger: %w", err)
		}
	}
	return nil
}

// settled lists the UIDs above from that the ledger has finished with.
// Uses idx_ledger_uid.
func settled(app core.App, box, folder string, validity, from uint32) (map[uint32]bool, error) {
	var uids []uint32
	err := app.DB().NewQuery(`SELECT uid FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid > 0 AND uid >= {:from}
		AND (message != '' OR quarantine != '' OR dedupe_key != '')`).
		Bind(dbx.Params{"account": box, "folder": folder, "validity": int64(validity), "from": int64(from)}).Column(&uids)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	known := make(map[uint32]bool, len(uids))
	for _, u := range uids {
		known[u] = true
	}
	return known, nil
}

// forgetPlaces frees the places of a mailbox whose server changed: its UIDs
// mean nothing there. The keys stay, so known mail stays known.
func forgetPlaces(app core.App, box string) error {
	_, err := app.DB().NewQuery(`UPDATE ledger SET uid = 0 WHERE account = {:account} AND uid > 0`).Bind(dbx.Params{"account": box}).Execute()
	return err
}

// checkpoint is where reading a folder stands.
type checkpoint struct {
	Validity uint32 `db:"uidvalidity"`
	UID      uint32 `db:"uid"`
}

func readCheckpoint(app core.App, box string) (c checkpoint, err error) {
	err = app.DB().NewQuery(`SELECT uidvalidity, uid FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": box}).One(&c)
	return c, err
}

// The columns below change behind the record's back on purpose: a hook that
// reloads the mailboxes must not fire for each mail.

func saveCheckpoint(app core.App, box string, c checkpoint) error {
	_, err := app.DB().NewQuery(`UPDATE mailboxes SET uidvalidity = {:validity}, uid = {:uid} WHERE id = {:id}`).
		Bind(dbx.Params{"id": box, "validity": int64(c.Validity), "uid": int64(c.UID)}).Execute()
	if err != nil {
		return fmt.Errorf("move the checkpoint: %w", err)
	}
	return nil
}

// state is what the room itself keeps of a mailbox; no form changes it.
type state struct {
	checkpoint
	LastFetch string `db:"last_fetch"`
	LastSend  string `db:"last_send"`
	LastError string `db:"last_error"`
	Secret    string `db:"secret"`
}

func readState(app core.App, box string) (s state, err error) {
	err = app.DB().NewQuery(`SELECT uidvalidity, uid, last_fetch, last_send, last_error, secret FROM mailboxes WHERE id = {:id}`).Bind(dbx.Params{"id": box}).One(&s)
	return s, err
}

func saveHealth(app core.App, box, column string, at time.Time, problem string) error {
	stamp, _ := types.ParseDateTime(at)
	set := "last_error = {:problem}"
	if !at.IsZero() {
		set += ", " + column + " = {:at}"
	}
	_, err := app.DB().NewQuery(`UPDATE mailboxes SET ` + set + ` WHERE id = {:id}`).
		Bind(dbx.Params{"id": box, "at": stamp.String(), "problem": problem}).Execute()
	return err
}

// recipientsOf lists the addresses that a message of ours went to, copies
// included; for a plus address those that anything of the conversation went to.
// Uses idx_outbox_message and idx_messages_conversation.
func recipientsOf(app core.App, t token) (all []string, err error) {
	if t.message == plusMark {
		err = app.DB().NewQuery(`SELECT DISTINCT recipient FROM messages WHERE conversation = {:id} AND kind = 'outgoing' AND recipient != ''`).
			Bind(dbx.Params{"id": t.conversation}).Column(&all)
		return all, err
	}
	err = app.DB().NewQuery(`SELECT recipient FROM outbox WHERE message = {:id} AND channel = 'email'
		UNION SELECT recipient FROM messages WHERE id = {:id} AND recipient != ''
		UNION SELECT v.value FROM messages m, json_each(CASE WHEN json_valid(m.bcc) THEN m.bcc ELSE '[]' END) v WHERE m.id = {:id} AND v.type = 'text'
		UNION SELECT v.value FROM messages m, json_each(CASE WHEN json_valid(m.cc) THEN m.cc ELSE '[]' END) v WHERE m.id = {:id} AND m.kind = 'outgoing' AND v.type = 'text'
		UNION SELECT c.email FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = {:id} AND m.channel = 'chat' AND m.kind = 'outgoing' AND c.email != ''`).Bind(dbx.Params{"id": t.message}).Column(&all)
	return all, err
}

// chain lists the mails of a conversation before seq, oldest first.
// Uses idx_messages_conversation.
func chain(app core.App, conversationID string, seq int64) (lines []letter.Line, err error) {
	var rows []struct {
		Kind string `db:"kind"`
		ID   string `db:"channel_id"`
	}
	err = app.DB().NewQuery(`SELECT kind, channel_id FROM messages WHERE conversation = {:conv} AND seq < {:seq}
		AND channel_id != '' AND channel IN ('email', 'chat') AND trust != 'other' ORDER BY seq`).
		Bind(dbx.Params{"conv": conversationID, "seq": seq}).All(&rows)
	for _, r := range rows {
		lines = append(lines, letter.Line{Incoming: r.Kind == schema.MessageIncoming, ID: r.ID})
	}
	return lines, err
}

// nameID stores the Message-ID a message goes out with.
func nameID(app core.App, message, id string) error {
	_, err := app.DB().NewQuery(`UPDATE messages SET channel_id = {:ref} WHERE id = {:id}`).Bind(dbx.Params{"id": message, "ref": id}).Execute()
	return err
}

// hurry makes waiting mail due at once, when a mailbox has been put right.
// Uses idx_outbox_due.
func hurry(app core.App) error {
	_, err := app.DB().NewQuery(`UPDATE outbox SET due = {:now} WHERE state = 'queued' AND channel = 'email' AND due > {:now}`).Bind(dbx.Params{"now": now()}).Execute()
	return err
}

// quarantine puts a mail aside where staff see it, and settles it.
func quarantine(app core.App, box string, src conversation.Source, sha, sender, subject, reason string) error {
	return app.RunInTransaction(func(tx core.App) error {
		collection, err := tx.FindCachedCollectionByNameOrId(schema.Quarantine)
		if err != nil {
			return err
		}
		r := core.NewRecord(collection)
		r.Set(schema.QuarantineMailbox, box)
		r.Set(schema.QuarantineRaw, sha)
		r.Set(schema.QuarantineSender, clip(sender, 390))
		r.Set(schema.QuarantineSubject, clip(subject, 990))
		r.Set(schema.QuarantineReason, clip(reason, 1990))
		if err := tx.Save(r); err != nil {
			return fmt.Errorf("quarantine a mail: %w", err)
		}
		return settle(tx, box, src, "", r.Id)
	})
}

// clip cuts a text to so many characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for at := range s {
		if n == 0 {
			return s[:at]
		}
		n--
	}
	return s
}

func source(folder string, validity uint32, it imapbox.Item) conversation.Source {
	return conversation.Source{Folder: folder, UIDValidity: validity, UID: it.UID}
}
