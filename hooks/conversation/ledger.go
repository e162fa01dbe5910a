package conversation

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/shohay/shohay/hooks/schema"
)

// findKnown returns the message that the ledger has under one of the keys, or
// nil. A message that was deleted since is still known: then Received holds
// no message. Uses idx_ledger_key.
func findKnown(tx core.App, account string, keys []string) (*Received, error) {
	for _, key := range keys {
		var id string
		err := tx.DB().NewQuery(`SELECT message FROM ledger WHERE account={:account} AND dedupe_key={:key} AND dedupe_key != ''`).
			Bind(dbx.Params{"account": account, "key": key}).Row(&id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		r, err := tx.FindRecordById(schema.Messages, id)
		if errors.Is(err, sql.ErrNoRows) || id == "" {
			return &Received{}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("find message %s: %w", id, err)
		}
		m := WrapMessage(r)
		conv, err := follow(tx, m.Conversation())
		if err != nil {
			return nil, err
		}
		return &Received{Message: m, Conversation: conv}, nil
	}
	return nil, nil
}

// remember enters the message under all its keys. For mail the row of the
// fetched UID may exist already, from when reading it was begun.
func remember(tx core.App, in Incoming, message string) error {
	for i, key := range in.Keys {
		src := in.Source
		if i > 0 {
			src = Source{}
		}
		_, err := tx.DB().NewQuery(`INSERT INTO ledger (id, account, folder, uidvalidity, uid, dedupe_key, message, quarantine, raw, attempts, created, updated)
			VALUES ({:id}, {:account}, {:folder}, {:validity}, {:uid}, {:key}, {:message}, '', {:raw}, 1, {:now}, {:now})
			ON CONFLICT (account, folder, uidvalidity, uid) WHERE uid > 0
			DO UPDATE SET dedupe_key = excluded.dedupe_key, message = excluded.message, raw = excluded.raw, quarantine = '', updated = excluded.updated`).
			Bind(dbx.Params{
				"id": security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet), "account": in.Account, "folder": src.Folder,
				"validity": int64(src.UIDValidity), "uid": int64(src.UID), "key": key, "message": message, "raw": in.RawSHA, "now": now().String(),
			}).Execute()
		if err != nil {
			return fmt.Errorf("write the ledger: %w", err)
		}
	}
	return nil
}
