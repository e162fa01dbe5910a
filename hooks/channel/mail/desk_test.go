package mail_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func (d *desk) guest() *hookstest.Client { return &hookstest.Client{TB: d.t, Base: d.url} }

func (d *desk) signed(role string) *hookstest.Client {
	return &hookstest.Client{TB: d.t, Base: d.url, Token: d.Token(d.Agent(role, role))}
}

func TestTheQuarantineIsListedDownloadedAndDiscarded(t *testing.T) { // rules 7 and 21
	q := newQuiet(t)
	q.take(letter{from: "a@x.test, b@x.test", subject: "nobody's"})
	agent := q.signed(schema.RoleAgent)
	var list struct{ Mails []mail.Quarantined }
	agent.Must(200, "GET", "/api/desk/quarantine", nil).JSON(t, &list)
	if len(list.Mails) != 1 || list.Mails[0].Subject != "nobody's" || list.Mails[0].Reason == "" || !list.Mails[0].Raw {
		t.Fatalf("%+v", list)
	}
	path := "/api/desk/quarantine/" + list.Mails[0].ID
	raw := agent.Must(200, "GET", path+"/raw", nil)
	if !strings.HasPrefix(string(raw.Body), "From: a@x.test") || !strings.HasPrefix(raw.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q %v", raw.Body, raw.Header)
	}
	for _, m := range []string{"GET /api/desk/quarantine", "GET " + path + "/raw", "DELETE " + path, "GET /api/desk/mailboxes"} {
		method, p, _ := strings.Cut(m, " ")
		q.guest().Must(401, method, p, nil)
	}
	agent.Must(204, "DELETE", path, nil)
	agent.Must(404, "DELETE", path, nil)
	q.uid--
	q.take(letter{from: "a@x.test, b@x.test", subject: "nobody's"})
	if q.count("quarantine", "TRUE") != 0 {
		t.Error("what was discarded came back")
	}
}

func TestAMessageIsReadAgainFromItsOriginal(t *testing.T) {
	q := newQuiet(t)
	m := q.take(letter{extra: "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nThe text\n--x\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\nfile\n--x--\n"})
	before := m.FieldsData()
	m.Set(schema.MsgText, "an old reading")
	m.Set(schema.MsgFileInfo, []any{})
	if err := q.Save(m); err != nil {
		t.Fatal(err)
	}
	q.signed(schema.RoleAgent).Must(204, "POST", "/api/desk/messages/"+m.Id+"/parse", nil)
	after := q.message(m.Id)
	for _, f := range []string{schema.MsgText, schema.MsgSeq, schema.Created, schema.MsgConversation, schema.MsgFrom} {
		if fmt.Sprint(before[f]) != fmt.Sprint(after.Get(f)) {
			t.Errorf("%s was %v and is %v", f, before[f], after.Get(f))
		}
	}
	if files := after.GetStringSlice(schema.MsgFiles); len(files) != 1 {
		t.Errorf("files %v", files)
	}
	if err := os.RemoveAll(q.DataDir() + "/mail"); err != nil {
		t.Fatal(err)
	}
	q.signed("owner").Must(404, "POST", "/api/desk/messages/"+m.Id+"/parse", nil)
}

func TestOriginalsAreKeptAsLongAsTheShopWants(t *testing.T) {
	q := newQuiet(t)
	m := q.take(letter{})
	q.take(letter{from: "a@x.test, b@x.test"}) // quarantined
	all := func() (n int) {
		records, err := q.FindAllRecords(schema.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			name, err := mail.KeptFile(q.App, r.GetString(schema.LedgerRaw))
			if err != nil {
				continue
			}
			if _, err := os.Stat(name); err == nil {
				n++
				old := r.GetDateTime(schema.Created).Time().AddDate(0, 0, -40)
				if err := os.Chtimes(name, old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
		return n
	}
	if all() != 2 {
		t.Fatal("two originals are kept")
	}
	if _, err := q.Rooms.Retention.Run(t.Context(), time.Now()); err != nil || all() != 2 { // 0 days: for ever
		t.Errorf("kept for ever, something is gone: %v", err)
	}
	q.Shop(map[string]any{schema.ShopRawDays: 30})
	if gone, err := q.Rooms.Retention.Run(t.Context(), time.Now()); err != nil || gone["originals"] != 1 {
		t.Errorf("%v went, %v", gone, err)
	}
	if all() != 1 || q.message(m.Id).GetString(schema.MsgRaw) != "" {
		t.Errorf("%d originals, the message says %q", all(), q.message(m.Id).GetString(schema.MsgRaw))
	}
}

func TestOlderMailIsReadQuietly(t *testing.T) { // rule 11
	d := newDesk(t)
	for i := range 120 {
		d.imap.Put(letter{id: fmt.Sprintf("old%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i), body: fmt.Sprint("old ", i)}.String())
	}
	d.serve()
	d.Shop(map[string]any{schema.ShopAckEnabled: true})
	owner := d.signed(schema.RoleOwner)
	path := "/api/desk/mailboxes/" + d.box.Id + "/older"
	d.signed(schema.RoleAgent).Must(403, "POST", path, map[string]any{"all": true})
	owner.Must(400, "POST", path, map[string]any{})
	owner.Must(200, "POST", path, map[string]any{"days": 3})
	var health struct{ Mailboxes []mail.Health }
	d.until("it is done", func() bool {
		owner.Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
		return health.Mailboxes[0].Older.State == "done"
	})
	if o := health.Mailboxes[0].Older; o.Total != 120 || o.Done != 120 {
		t.Errorf("%+v", o)
	}
	d.incoming(120)
	if d.count("conversations", "status != 'solved'") != 0 || d.count("messages", "kind = 'outgoing'") != 0 || d.count("outbox", "TRUE") != 0 {
		t.Error("the past sets something in motion")
	}
	d.imap.Put(letter{id: "new@customer.test", from: "new@customer.test"}.String())
	d.incoming(121)
	owner.Must(200, "POST", path, map[string]any{"all": true})
	d.until("it is done again", func() bool {
		owner.Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
		return health.Mailboxes[0].Older.State == "done"
	})
	d.incoming(121)
}

func TestTheHealthOfMailboxes(t *testing.T) { // rule 73
	d := newDesk(t).serve()
	var health struct{ Mailboxes []mail.Health }
	d.signed(schema.RoleAgent).Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
	if h := health.Mailboxes[0]; h.Address != mailtest.Login || h.LastError != "" || h.Owner != nil {
		t.Errorf("an agent sees %+v", h)
	}
	d.imap.Stop()
	owner := d.signed(schema.RoleOwner)
	d.until("what is wrong is said", func() bool {
		owner.Must(200, "GET", "/api/desk/mailboxes", nil).JSON(t, &health)
		return strings.Contains(health.Mailboxes[0].LastError, "no mail server listens")
	})
	if h := health.Mailboxes[0]; h.Owner == nil || !h.Owner.SignedIn || h.Owner.IMAPHost != "127.0.0.1" || !h.Active {
		t.Errorf("an owner sees %+v", h)
	}
}

func TestFoldersAreListedAndMailsMovedWhenStored(t *testing.T) { // rule 8
	d := newDesk(t, func(r *core.Record) { r.Set(schema.MailboxProcessed, "Processed") }).serve()
	for i := range 30 {
		d.imap.Put(letter{id: fmt.Sprintf("%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i)}.String())
	}
	d.imap.Put(letter{from: "a@x.test, b@x.test", subject: "nobody's"}.String())
	d.incoming(30)
	d.until("all but what is put aside are moved", func() bool { return d.imap.Count("Processed") == 30 && d.imap.Count("INBOX") == 1 })
	var folders struct{ Folders []struct{ Name, Use string } }
	d.signed(schema.RoleOwner).Must(200, "GET", "/api/desk/mailboxes/"+d.box.Id+"/folders", nil).JSON(t, &folders)
	if len(folders.Folders) != 2 || folders.Folders[0].Use != "inbox" {
		t.Errorf("%+v", folders)
	}
	d.signed(schema.RoleAgent).Must(403, "GET", "/api/desk/mailboxes/"+d.box.Id+"/folders", nil)
}

func TestMailWaitsOnTheServerWhileTheDiskIsFull(t *testing.T) { // rule 10
	d := newDesk(t)
	var free atomic.Uint64
	free.Store(1 << 20)
	d.Rooms.Mail.Disk(free.Load)
	d.serve()
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.until("the owner is told", func() bool { return strings.Contains(d.field(schema.MailboxLastError), "The disk has less than") })
	if d.count("messages", "TRUE") != 0 {
		t.Error("it was taken in")
	}
	free.Store(1 << 40)
	d.incoming(1)
	d.until("the words are gone", func() bool { return d.field(schema.MailboxLastError) == "" })
}

func TestAMailThatIsTooLargeSaysSo(t *testing.T) { // rule 9
	d := newDesk(t)
	d.Rooms.Mail.Largest(3 << 20)
	d.serve()
	big := func(id string, n int) string {
		return letter{id: id, extra: "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nThe text\n--x\nContent-Type: application/octet-stream; name=a.bin\n\n" + strings.Repeat(strings.Repeat("b", 75)+"\n", n/76) + "--x--\n"}.String()
	}
	d.imap.Put(big("large@customer.test", 4<<20))
	d.imap.Put(big("fits@customer.test", 2500<<10))
	m := d.incoming(2)
	if text := m[0].GetString(schema.MsgText); !strings.HasPrefix(text, "The text") || !strings.Contains(text, "too large to be taken in whole") {
		t.Errorf("%q", text)
	}
	if text := m[1].GetString(schema.MsgText); text != "The text" || len(m[1].GetStringSlice(schema.MsgFiles)) != 1 {
		t.Errorf("%q", text)
	}
	left, err := os.ReadDir(d.DataDir() + "/mail")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), ".mail-") {
			t.Errorf("%s was left behind", f.Name())
		}
	}
}

func TestAMailboxWritesToItself(t *testing.T) {
	d := newDesk(t).serve()
	d.smtp.Forward(func(raw string) { d.imap.Put(raw) })
	owner := d.signed(schema.RoleOwner)
	path := "/api/desk/mailboxes/" + d.box.Id + "/try"
	d.signed(schema.RoleAgent).Must(403, "POST", path, nil)
	try := func() (got mail.Trial) {
		t.Helper()
		owner.Must(200, "POST", path, nil).JSON(t, &got)
		return got
	}
	last := func(tr mail.Trial) mail.Step { return tr.Steps[len(tr.Steps)-1] }
	if got := try(); !got.OK || last(got).Step != "arrive" || len(got.Steps) != 6 {
		t.Fatalf("%+v", got)
	}
	d.imap.Put(letter{id: "after@customer.test"}.String())
	d.incoming(1) // and the letter to itself became nothing
	if d.count("quarantine", "TRUE") != 0 {
		t.Error("the letter to itself was put aside")
	}

	d.smtp.Forward(nil)
	if got := try(); got.OK || last(got).Step != "arrive" || last(got).OK || !strings.Contains(got.Hint, "spam") {
		t.Errorf("%+v", got)
	}
	d.smtp.Fail("mail", &mailtest.Fault{Code: 550, Times: 1})
	if got := try(); got.OK || last(got).Step != "send" || !strings.Contains(last(got).Said, "550") {
		t.Errorf("%+v", got)
	}
	d.imap.Stop()
	if got := try(); got.OK || last(got).Step != "connect" || !strings.Contains(got.Hint, "993") {
		t.Errorf("%+v", got)
	}
	d.imap.Restart()
	if _, err := d.DB().NewQuery("UPDATE mailboxes SET login = 'somebody@shop.test', imap_host = 'localhost'").Execute(); err != nil {
		t.Fatal(err)
	}
	if got := try(); got.OK || last(got).Step != "sign_in" || !strings.Contains(got.Hint, "cPanel") {
		t.Errorf("%+v", got)
	}
}

// Point 1 of the way in: tokens instead of passwords, in both directions.
func TestSigningInWithTokens(t *testing.T) { // rules 65 and 72
	var asked atomic.Int32
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		var body string
		switch n := asked.Add(1); {
		case r.URL.Path == "/device":
			body = `{"device_code":"D","user_code":"ABCD","verification_uri":"https://provider.test/go","expires_in":900,"interval":1}`
		case r.PostForm.Get("device_code") == "D":
			body = `{"access_token":"` + mailtest.Token + `","refresh_token":"R1","expires_in":60}` // so soon over that it is renewed before use
		case r.PostForm.Get("refresh_token") == "R1":
			body = `{"access_token":"` + mailtest.Token + `","refresh_token":"R2","expires_in":3600}`
		default:
			w.WriteHeader(400)
			body = fmt.Sprintf(`{"error":"invalid_grant","error_description":"asked %d times"}`, n)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(provider.Close)
	d := newDesk(t, func(r *core.Record) {
		r.Load(map[string]any{
			schema.MailboxSignIn: schema.SignInGoogle, schema.MailboxOAuthClient: "client", schema.MailboxOAuthSecret: "client-secret", schema.MailboxPassword: "",
			schema.MailboxOAuthURLs: map[string]string{"device": provider.URL + "/device", "token": provider.URL + "/token"},
		})
	}).serve2()
	d.until("the owner is told to sign in", func() bool { return d.field(schema.MailboxLastError) != "" })
	owner, base := d.signed(schema.RoleOwner), "/api/desk/mailboxes/"+d.box.Id
	d.signed(schema.RoleAgent).Must(403, "POST", base+"/signin", nil)
	owner.Must(410, "POST", base+"/signin/finish", nil)
	var begun struct{ URL, Code string }
	owner.Must(200, "POST", base+"/signin", nil).JSON(t, &begun)
	if begun.URL != "https://provider.test/go" || begun.Code != "ABCD" {
		t.Errorf("%+v", begun)
	}
	owner.Must(200, "POST", base+"/signin/finish", nil)
	d.until("it is read", func() bool {
		return d.field(schema.MailboxUIDValidity) != "0" && d.field(schema.MailboxLastError) == ""
	})
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "hello")
	d.taken(1)
	if got := d.smtp.SignedIn(); got != "XOAUTH2" {
		t.Errorf("the submission server was signed in to by %s", got)
	}
	sealed := d.field(schema.MailboxTokens)
	if !strings.HasPrefix(sealed, "v1.") || strings.Contains(sealed, mailtest.Token) || d.field(schema.MailboxOAuthSecret) != "" {
		t.Errorf("stored %q, %q", sealed, d.field(schema.MailboxOAuthSecret))
	}
	if n := asked.Load(); n != 3 { // device, code, one renewal: the rotated token was kept
		t.Errorf("the provider was asked %d times", n)
	}
	if a := owner.Do("GET", "/api/collections/mailboxes/records/"+d.box.Id, nil); strings.Contains(string(a.Body), sealed) || strings.Contains(string(a.Body), "client-secret") {
		t.Error("a secret is shown")
	}
}

// Google gives mail to nobody who types a code: the owner agrees at its page
// and is sent back, once, with what only they can know.
func TestSigningInAtTheProvidersPage(t *testing.T) { // rules 65 and 72
	var challenge string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		body := `{"error":"invalid_grant"}`
		switch {
		case r.PostForm.Get("grant_type") == "refresh_token" && r.PostForm.Get("refresh_token") == "R1":
			body = `{"access_token":"` + mailtest.Token + `","refresh_token":"R2","expires_in":3600}`
		case r.PostForm.Get("code") == "C1" && r.PostForm.Get("client_secret") == "client-secret" && base64.RawURLEncoding.EncodeToString(sum[:]) == challenge &&
			strings.HasSuffix(r.PostForm.Get("redirect_uri"), "/api/mail/signin"):
			body = `{"access_token":"` + mailtest.Token + `","refresh_token":"R1","expires_in":60}`
		default:
			w.WriteHeader(400)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(provider.Close)
	d := newDesk(t, func(r *core.Record) {
		r.Load(map[string]any{
			schema.MailboxSignIn: schema.SignInGoogle, schema.MailboxOAuthClient: "client", schema.MailboxOAuthSecret: "client-secret", schema.MailboxPassword: "",
			schema.MailboxOAuthURLs: map[string]string{"auth": provider.URL + "/auth", "token": provider.URL + "/token"},
		})
	}).serve2()
	owner, base := d.signed(schema.RoleOwner), "/api/desk/mailboxes/"+d.box.Id
	guest := &hookstest.Client{TB: t, Base: d.url}
	begin := func() url.Values {
		var begun struct{ URL, Code, Redirect string }
		owner.Must(200, "POST", base+"/signin", nil).JSON(t, &begun)
		u, err := url.Parse(begun.URL)
		if err != nil || !strings.HasPrefix(begun.URL, provider.URL+"/auth?") || begun.Code != "" || !strings.HasSuffix(begun.Redirect, "/api/mail/signin") {
			t.Fatalf("%+v, %v", begun, err)
		}
		challenge = u.Query().Get("code_challenge")
		return u.Query()
	}
	back := func(want int, state, code string) {
		t.Helper()
		a := guest.Must(want, "GET", "/api/mail/signin?"+url.Values{"state": {state}, "code": {code}, "error": {"<script>"}}.Encode(), nil)
		if strings.Contains(string(a.Body), "<script>") || strings.Contains(string(a.Body), mailtest.Token) {
			t.Errorf("the page is %s", a.Body)
		}
	}
	q := begin()
	if q.Get("code_challenge_method") != "S256" || q.Get("access_type") != "offline" || q.Get("scope") != "https://mail.google.com/" || q.Get("login_hint") != mailtest.Login {
		t.Errorf("asked with %v", q)
	}
	back(410, d.box.Id+".guessed", "C1")
	back(410, d.box.Id+".", "C1")
	back(410, "", "C1")
	back(400, q.Get("state"), "") // the owner said no
	back(410, q.Get("state"), "C1")
	q = begin()
	back(502, q.Get("state"), "wrong")
	q = begin()
	owner.Must(200, "POST", base+"/signin/finish", nil)
	back(200, q.Get("state"), "C1")
	back(410, q.Get("state"), "C1") // once
	if a := owner.Must(200, "POST", base+"/signin/finish", nil); !strings.Contains(string(a.Body), "signed_in") {
		t.Errorf("the desk hears %s", a.Body)
	}
	owner.Must(410, "POST", base+"/signin/finish", nil)
	d.until("it is read", func() bool {
		return d.field(schema.MailboxUIDValidity) != "0" && d.field(schema.MailboxLastError) == ""
	})
	d.imap.Put(letter{id: "one@customer.test"}.String())
	d.reply(d.incoming(1)[0].GetString(schema.MsgConversation), "hello")
	d.taken(1)
	if got := d.smtp.SignedIn(); got != "XOAUTH2" {
		t.Errorf("the submission server was signed in to by %s", got)
	}
	if sealed := d.field(schema.MailboxTokens); !strings.HasPrefix(sealed, "v1.") {
		t.Errorf("stored %q", sealed)
	}
}
