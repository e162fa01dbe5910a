package mail_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/schema"
)

func TestOriginalsOfErasedMailsGoAndAllOthersStay(t *testing.T) {
	q := newQuiet(t)
	file := func(sha string) string {
		t.Helper()
		name, err := mail.KeptFile(q.App, sha)
		if err == nil {
			_, err = os.Stat(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		old := time.Now().AddDate(0, 0, -3)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
		return name
	}
	newest := func() string { // the original of the mail that came last
		t.Helper()
		var raw string
		if err := q.DB().NewQuery(`SELECT raw FROM ledger WHERE raw != '' ORDER BY rowid DESC LIMIT 1`).Row(&raw); err != nil {
			t.Fatal(err)
		}
		return raw
	}
	exec := func(query string, params dbx.Params) {
		t.Helper()
		if _, err := q.DB().NewQuery(query).Bind(params).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(raw string) string {
		t.Helper()
		pieces := []original.Piece{{Raw: []byte(raw)}}
		placed, err := original.Keep(q.DataDir(), pieces)
		if err == nil {
			err = placed()
		}
		if err != nil {
			t.Fatal(err)
		}
		return pieces[0].SHA
	}
	taken := func(subject string) (m *core.Record, sha string) {
		t.Helper()
		m = q.take(letter{subject: subject, body: subject})
		return m, newest()
	}
	stays, goes := map[string]string{}, map[string]string{}

	_, sha := taken("of a message")
	stays["the original of a message"] = file(sha)
	q.take(letter{from: "a@x.test, b@x.test", subject: "put aside"})
	stays["the original of the quarantine"] = file(newest())
	stays["an original that the ledger does not know"] = file(keep("the only copy"))
	begun := letter{subject: "begun"}.String()
	if err := q.Rooms.Mail.BeginAll(q.box, 900, [][]byte{[]byte(begun)}); err != nil {
		t.Fatal(err)
	}
	stays["a mail that is being read"] = file(newest())
	m, sha := taken("known by the message alone")
	exec(`UPDATE ledger SET message = 'xxxxxxxxxxxxxxx' WHERE message = {:id}`, dbx.Params{"id": m.Id})
	stays["the original of a message that the ledger does not know"] = file(sha)
	_, sha = taken("of two mails")
	exec(`INSERT INTO ledger (id, account, folder, uidvalidity, uid, dedupe_key, message, quarantine, raw, attempts, created, updated)
		VALUES ('abcdefghijklmn1', 'elsewhere', '', 0, 0, 'a key', 'xxxxxxxxxxxxxxx', '', {:sha}, 1, '', '')`, dbx.Params{"sha": sha})
	stays["an original that one of two needs"] = file(sha)
	m, passed := taken("never a message")
	exec(`UPDATE ledger SET message = '-' WHERE message = {:id}`, dbx.Params{"id": m.Id})
	exec(`DELETE FROM messages WHERE id = {:id}`, dbx.Params{"id": m.Id})
	stays["the original of a mail that was passed over"] = file(passed)
	m, sha = taken("erased and fresh")
	exec(`DELETE FROM messages WHERE id = {:id}`, dbx.Params{"id": m.Id})
	fresh, _ := mail.KeptFile(q.App, sha)
	stays["a fresh one"] = fresh

	m, sha = taken("erased")
	exec(`DELETE FROM messages WHERE id = {:id}`, dbx.Params{"id": m.Id})
	goes["the original of an erased message"] = file(sha)
	q.take(letter{from: "a@x.test, b@x.test", subject: "thrown away"})
	discarded := newest()
	goes["the original of a mail that was discarded"] = file(discarded)
	id, err := q.FindFirstRecordByData(schema.Quarantine, schema.QuarantineRaw, discarded)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(goes["the original of a mail that was discarded"])
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Rooms.Mail.Discard(q.App, id.Id); err != nil {
		t.Fatal(err)
	}
	if err := original.Write(goes["the original of a mail that was discarded"], raw); err != nil { // as a replica brings it back
		t.Fatal(err)
	}
	file(discarded)

	if sum := sha256.Sum256([]byte("the only copy")); !strings.Contains(stays["an original that the ledger does not know"], hex.EncodeToString(sum[:])) {
		t.Fatal("the test looks at another file")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if n, err := q.Rooms.Mail.Strays(stopped, q.App, time.Now().Add(-24*time.Hour)); n != 0 || err == nil {
		t.Errorf("%d went although it was stopped, %v", n, err)
	}
	if n, err := q.Rooms.Mail.Strays(t.Context(), q.App, time.Now().Add(-24*time.Hour)); err != nil || n != len(goes) {
		t.Errorf("%d originals went instead of %d, %v", n, len(goes), err)
	}
	for what, name := range stays {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s is gone", what)
		}
	}
	for what, name := range goes {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is there", what)
		}
	}
}
