package trash_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// What can be recognised of the customer, each in a place of its own and
// spelled as a search index keeps it.
var traces = []string{"zuleikha", "markerwala", "zz-erase", "01799887766", "8801799887766", "qxvchat", "qxvfile", "qxvmail", "qxvnote", "qxvdraft", "qxvreply", "qxvrating",
	"qxvtopic", "qxvcustom", "qxvportal", "qxvcontactnote", "qxvsubject", "qxvquestion", "qxvwhy", "qxvraw"}

// told makes a customer of whom every room knows something.
func (s *shop) told() (contact string) {
	s.t.Helper()
	web := &hookstest.Client{TB: s.t, Base: s.base}
	var started struct{ Token string }
	web.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(s.t, &started)
	web.Token = started.Token
	var sent struct{ Conversation struct{ ID string } }
	var body bytes.Buffer
	fmt.Fprint(&body, "--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nclient-scan-1\r\n--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nqxvchat where is it\r\n",
		"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"qxvfile.txt\"\r\nContent-Type: text/plain\r\n\r\nqxvfile content\r\n--b--\r\n")
	web.Must(200, "POST", "/api/chat/messages", hookstest.Form{Body: &body, Type: "multipart/form-data; boundary=b"}).JSON(s.t, &sent)
	web.Must(200, "POST", "/api/chat/email", map[string]any{"email": "zz-erase@customer.example", "name": "Zuleikha Markerwala"})
	web.Must(200, "POST", "/api/chat/rating", map[string]any{"score": 2, "comment": "qxvrating slow"})
	web.Must(200, "POST", "/api/chat/callback", map[string]any{"client_id": "client-scan-2", "phone": "01799887766", "topic": "qxvtopic"})
	conv := sent.Conversation.ID
	r, err := s.FindRecordById(schema.Conversations, conv)
	if err != nil {
		s.t.Fatal(err)
	}
	contact = r.GetString(schema.ConvContact)

	// Two more channels.
	from := []conversation.Identity{{Kind: schema.KindEmail, Value: "zz-erase@customer.example", Verified: true}}
	sum := s.original("qxvraw")
	_, err = conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelEmail, Account: "box1", Keys: []string{"<scan-1@elsewhere.test>"}, ChannelID: "scan-1@elsewhere.test", SenderAddress: "zz-erase@customer.example", Name: "Zuleikha Markerwala",
		Subject: "qxvsubject", Text: "qxvmail hello", HTML: "<p>qxvmail hello</p>", RawSHA: sum, From: from,
		Files: []conversation.File{{Name: "qxvfile.pdf", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("qxvfile")), nil }}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = conversation.Receive(s, conversation.Incoming{Channel: schema.ChannelPortal, Account: "portal:x", Keys: []string{"scan-2"}, ClientID: "client-scan-3", SenderAddress: "zz-erase@customer.example", Text: "qxvportal question", From: from})
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	if err := s.DB().NewQuery(`SELECT DISTINCT contact FROM conversations`).Column(&all); err != nil {
		s.t.Fatal(err)
	}
	for _, other := range all {
		if other != contact {
			s.rafi.Must(200, "POST", "/api/desk/contacts/"+contact+"/merge", map[string]any{"other": other})
		}
	}

	// What staff write of them.
	s.rafi.Must(200, "PATCH", "/api/desk/contacts/"+contact, map[string]any{"name": "Zuleikha Markerwala", "note": "qxvcontactnote pays late"})
	s.rafi.Must(200, "POST", "/api/desk/contacts/"+contact+"/consents", map[string]any{"what": "newsletter", "given": true})
	s.mina.Must(200, "POST", "/api/collections/contact_fields/records", map[string]any{"key": "size", "label_en": "Size", "label_bn": "মাপ", "kind": "text"})
	s.rafi.Must(200, "PATCH", "/api/desk/contacts/"+contact+"/custom", map[string]any{"size": "qxvcustom"})
	s.rafi.Must(200, "POST", "/api/desk/conversations/"+conv+"/reply", map[string]any{"kind": "note", "text": "qxvnote about her"})
	s.rafi.Must(200, "POST", "/api/desk/conversations/"+conv+"/reply", map[string]any{"kind": "reply", "text": "qxvreply dear Zuleikha"})
	s.rafi.Must(200, "PUT", "/api/desk/conversations/"+conv+"/draft", map[string]any{"text": "qxvdraft dear"})
	s.rafi.Must(200, "PATCH", "/api/desk/conversations/"+conv, map[string]any{"priority": 1, "subject": "qxvsubject two"})
	s.mina.Must(200, "PATCH", "/api/desk/contacts/"+contact, map[string]any{"name": "Zuleikha B. Markerwala"})

	// What works by itself keeps of them.
	said, err := s.FindFirstRecordByData(schema.Messages, schema.MsgConversation, conv)
	if err != nil {
		s.t.Fatal(err)
	}
	for collection, values := range map[string]map[string]any{
		schema.Outbox:         {"message": said.Id, "channel": "email", "recipient": "zz-erase@customer.example", "state": "failed", "last_error": "zz-erase is unknown"},
		schema.BotQuestions:   {"text": "qxvquestion", "why": "not_found", "state": "open", "seq": 1, "conversation": conv},
		schema.BotSessions:    {"conversation": conv, "question": "qxvquestion"},
		schema.AutomationRuns: {"automation": s.put(schema.Automations, map[string]any{"name": "a", "trigger": "created", "match": "all"}).Id, "conversation": conv, "contact": contact, "event": "scan:1", "result": "done", "why": []any{map[string]any{"found": "qxvwhy"}}},
		schema.SignInCodes:    {"flow": "f", "address": "zz-erase@customer.example", "code": "c", "expires": "2030-01-01 00:00:00.000Z"},
	} {
		s.put(collection, values)
	}
	return contact
}

// original keeps a mail and returns its name.
func (s *shop) original(text string) string {
	s.t.Helper()
	sum := sha256.Sum256([]byte(text))
	sha := hex.EncodeToString(sum[:])
	name, err := mail.KeptFile(s, sha)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(name), 0o700)
	}
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return sha
}

// put writes a record as its room would.
func (s *shop) put(collection string, values map[string]any) *core.Record {
	s.t.Helper()
	c, err := s.FindCollectionByNameOrId(collection)
	if err != nil {
		s.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := s.SaveNoValidate(r); err != nil {
		s.t.Fatal(collection, ": ", err)
	}
	return r
}

// found lists where a trace is: "table.column" or a file.
func (s *shop) found() (places []string) {
	s.t.Helper()
	look := func(where string, raw []byte) {
		raw = bytes.ToLower(raw)
		for _, trace := range traces {
			if bytes.Contains(raw, []byte(trace)) {
				places = append(places, where+": "+trace)
			}
		}
	}
	for of, db := range map[string]dbx.Builder{"data": s.DB(), "aux": s.AuxDB()} {
		var tables []string
		if err := db.NewQuery(`SELECT name FROM sqlite_schema WHERE type = 'table'`).Column(&tables); err != nil {
			s.t.Fatal(err)
		}
		for _, table := range tables {
			rows, err := db.NewQuery(`SELECT * FROM "` + table + `"`).Rows()
			if err != nil {
				if strings.Contains(err.Error(), "contentless") || strings.Contains(err.Error(), "fts5") {
					continue // its shadow tables are read below
				}
				s.t.Fatal(table, ": ", err)
			}
			columns, err := rows.Columns()
			if err != nil {
				s.t.Fatal(err)
			}
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					s.t.Fatal(err)
				}
				for i, v := range values {
					if b, ok := v.([]byte); ok {
						v = string(b)
					}
					look(of+"."+table+"."+columns[i], fmt.Append(nil, v))
				}
			}
			if err := rows.Close(); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	err := filepath.WalkDir(s.DataDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(filepath.Base(path), ".db") {
			return err // of the databases every table was read
		}
		rel, _ := filepath.Rel(s.DataDir(), path)
		raw, err := os.ReadFile(path)
		look("file "+rel, append(raw, rel...))
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// TestNothingIsLeftOfACustomer erases one of whom every room knows something,
// and looks for them in every column of every table and in every file.
func TestNothingIsLeftOfACustomer(t *testing.T) {
	s := open(t)
	contact := s.told()
	before := s.found()
	for _, trace := range traces {
		if trace != "8801799887766" && !slices.ContainsFunc(before, func(p string) bool { return strings.HasSuffix(p, ": "+trace) }) {
			t.Errorf("the story does not hold %s: the scan could not miss it", trace)
		}
	}
	for _, table := range []string{"data.audit.", "data.shohay_search_messages_", "data.shohay_search_contacts_", "data.callbacks.", "data.drafts.", "data.outbox.", "file storage", "file mail"} {
		if !slices.ContainsFunc(before, func(p string) bool { return strings.HasPrefix(p, table) }) {
			t.Errorf("nothing of them was in %s: the scan could not miss it", table)
		}
	}
	r, err := s.FindRecordById(schema.Contacts, contact)
	if err != nil {
		t.Fatal(err)
	}
	number := map[string]any{"number": r.GetString(schema.ContactCustomerNo)}
	s.rafi.Must(403, "DELETE", "/api/desk/contacts/"+contact, number)
	s.rafi.Must(403, "GET", "/api/desk/contacts/"+contact+"/archive", nil)
	s.mina.Must(400, "DELETE", "/api/desk/contacts/"+contact, map[string]any{"number": "C-0"})
	packed := s.mina.Must(200, "GET", "/api/desk/contacts/"+contact+"/archive", nil)
	z, err := zip.NewReader(bytes.NewReader(packed.Body), int64(len(packed.Body)))
	if err != nil || len(z.File) < 3 {
		t.Fatalf("the archive: %v", err)
	}
	s.mina.Must(204, "DELETE", "/api/desk/contacts/"+contact, number)
	s.mina.Must(404, "DELETE", "/api/desk/contacts/"+contact, number)
	var left []string
	begun := time.Now()
	hookstest.Until(t, "everything to be gone", 30*time.Second, func() bool {
		left = s.found()
		if len(left) > 0 {
			time.Sleep(300 * time.Millisecond)
		}
		return len(left) == 0 || time.Since(begun) > 25*time.Second
	})
	for _, place := range left {
		t.Error("left: ", place)
	}
	// Who did something is still known.
	var entries int
	if err := s.DB().NewQuery(`SELECT COUNT(*) FROM audit WHERE target = {:id}`).Bind(dbx.Params{"id": contact}).Row(&entries); err != nil || entries == 0 {
		t.Errorf("%d entries are left of what was done: %v", entries, err)
	}
}
