package demo_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/demo"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// noon is today's in Dhaka: what the story puts off until tomorrow has to lie
// in the future.
func noon() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(6 * time.Hour) }

func register(app *hookstest.App, now func() time.Time) *demo.Demo {
	return demo.Register(app.App, demo.Deps{
		Group: app.Rooms.Group, Conversation: app.Rooms.Conversation, Site: app.Rooms.Site, Catalogue: i18n.Current(),
		IMAP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Now: now,
	})
}

func start(t *testing.T, now func() time.Time) (*hookstest.App, *demo.Demo) {
	t.Helper()
	app := hookstest.New(t)
	d := register(app, now)
	if err := d.Prepare(app.App); err != nil {
		t.Fatal(err)
	}
	return app, d
}

func query(t *testing.T, app core.App, sql string) []string {
	t.Helper()
	var list []string
	if err := app.DB().NewQuery(sql).Column(&list); err != nil {
		t.Fatal(sql, err)
	}
	return list
}

func one(t *testing.T, app core.App, sql string) string {
	t.Helper()
	if list := query(t, app, sql); len(list) == 1 {
		return list[0]
	}
	t.Fatalf("%s: not one row", sql)
	return ""
}

func TestTheStoryFillsTheDesk(t *testing.T) {
	app, _ := start(t, noon)
	for sql, want := range map[string]string{
		`SELECT COUNT(*) FROM conversations`:                "14",
		`SELECT COUNT(*) FROM contacts`:                     "12",
		`SELECT COUNT(*) FROM agents`:                       "2",
		`SELECT COUNT(*) FROM tags`:                         "6",
		`SELECT COUNT(*) FROM office_hours`:                 "7",
		`SELECT COUNT(DISTINCT status) FROM conversations`:  "4",
		`SELECT COUNT(DISTINCT channel) FROM conversations`: "3",
		`SELECT COUNT(*) FROM outbox WHERE state != 'sent'`: "0",
		`SELECT COUNT(*) FROM messages WHERE kind = 'outgoing' AND delivery NOT IN ('sent', 'delivered')`: "0",
		`SELECT COUNT(*) FROM conversations WHERE status = 'open' AND waiting_since = ''`:                 "0",
		`SELECT COUNT(*) FROM conversations WHERE status != 'open' AND waiting_since != ''`:               "0",
		`SELECT COUNT(*) FROM conversations WHERE status = 'solved' AND solved_at = ''`:                   "0",
		`SELECT COUNT(*) FROM conversations WHERE rating > 0`:                                             "2",
		`SELECT COUNT(*) FROM messages WHERE files != '[]' AND files != ''`:                               "3",
		// seq, number and time tell the same order
		`SELECT COUNT(*) FROM messages a JOIN messages b ON a.seq < b.seq AND a.created > b.created`:                                      "0",
		`SELECT COUNT(*) FROM conversations a JOIN conversations b ON a.number < b.number AND a.created > b.created`:                      "0",
		`SELECT COUNT(*) FROM conversations WHERE last_activity > '` + noon().Format("2006-01-02 15:04") + `' OR created > last_activity`: "0",
		`SELECT COUNT(*) FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.created < c.created`:                       "0",
	} {
		if got := one(t, app.App, sql); got != want {
			t.Errorf("%s = %s, want %s", sql, got, want)
		}
	}
	if n := len(query(t, app.App, `SELECT id FROM conversations WHERE status = 'open' AND assignee = ''`)); n < 3 {
		t.Errorf("only %d conversations are unassigned", n)
	}
	for sql, want := range map[string]string{ // what a stranger else sees empty
		`SELECT COUNT(*) FROM views WHERE owner = ''`: "2",
		`SELECT COUNT(*) FROM bot_questions q JOIN messages m ON m.conversation = q.conversation AND m.seq = q.seq WHERE m.kind = 'incoming'`: "1",
		`SELECT COUNT(*) FROM search_misses`: "4",
	} {
		if got := one(t, app.App, sql); got != want {
			t.Errorf("%s = %s, want %s", sql, got, want)
		}
	}
	for _, kind := range []string{"incoming", "outgoing", "note", "event"} {
		if len(query(t, app.App, `SELECT id FROM messages WHERE kind = '`+kind+`'`)) == 0 {
			t.Errorf("no %s in the story", kind)
		}
	}
}

func TestEverybodyCanSignIn(t *testing.T) {
	app, _ := start(t, noon)
	for _, who := range [][2]string{{schema.Agents, demo.OwnerEmail}, {schema.Agents, demo.AgentEmail}, {core.CollectionNameSuperusers, demo.OwnerEmail}} {
		r, err := app.FindAuthRecordByEmail(who[0], who[1])
		if err != nil || !r.ValidatePassword(demo.Password) {
			t.Errorf("%s cannot sign in to %s: %v", who[1], who[0], err)
		}
	}
	if got := one(t, app.App, `SELECT role FROM agents WHERE email = '`+demo.OwnerEmail+`'`); got != schema.RoleOwner {
		t.Errorf("the owner is %s", got)
	}
}

func TestTheSameStoryEveryTime(t *testing.T) {
	const all = `SELECT c.number || ' ' || c.channel || ' ' || c.status || ' ' || c.created || ' ' || m.seq || ' ' || m.kind || ' ' || m.text || ' ' || m.created
		FROM messages m JOIN conversations c ON c.id = m.conversation ORDER BY m.seq`
	a, _ := start(t, noon)
	b, _ := start(t, noon)
	if x, y := strings.Join(query(t, a.App, all), "\n"), strings.Join(query(t, b.App, all), "\n"); x != y || x == "" {
		t.Errorf("two demos differ:\n%s\n---\n%s", x, y)
	}
}

func TestASecondStartChangesNothing(t *testing.T) {
	app, _ := start(t, noon)
	dir := app.DataDir()
	const count = `SELECT (SELECT COUNT(*) FROM messages) || '/' || (SELECT COUNT(*) FROM contacts) || '/' || (SELECT COUNT(*) FROM canned_replies) || '/' || (SELECT COUNT(*) FROM mailboxes) || '/' || (SELECT MAX(seq) FROM messages)`
	before := one(t, app.App, count)
	post := func() (files []string) {
		files, _ = filepath.Glob(filepath.Join(dir, "demo_mail", "*", "*.eml"))
		return files
	}
	mails := len(post())
	app.Stop()
	again := hookstest.Open(t, dir)
	d := register(again, noon)
	if err := d.Prepare(again.App); err != nil {
		t.Fatal(err)
	}
	if after := one(t, again.App, count); after != before {
		t.Errorf("%s became %s", before, after)
	}
	if n := len(post()); n != mails || n == 0 {
		t.Errorf("%d mails became %d", mails, n)
	}
	box, err := again.FindFirstRecordByData(schema.Mailboxes, schema.MailboxAddress, demo.ShopAddress)
	if err != nil {
		t.Fatal(err)
	}
	if _, smtpAt := ports(t, d); !strings.HasSuffix(smtpAt, ":"+box.GetString(schema.MailboxSMTPPort)) {
		t.Errorf("the mailbox points to port %s, the server is at %s", box.GetString(schema.MailboxSMTPPort), smtpAt)
	}
}

func TestAnInterruptedFirstStartIsCompleted(t *testing.T) {
	app := hookstest.New(t)
	// everything but the conversations is there
	if err := register(app, noon).Prepare(app.App); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"messages", "conversations", "contacts", "identities", "outbox", "ledger"} {
		if _, err := app.DB().NewQuery("DELETE FROM " + table).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	dir := app.DataDir()
	app.Stop()
	again := hookstest.Open(t, dir)
	if err := register(again, noon).Prepare(again.App); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{`SELECT COUNT(*) FROM conversations`: "14", `SELECT COUNT(*) FROM tags`: "6", `SELECT COUNT(*) FROM canned_replies`: "8", `SELECT COUNT(*) FROM office_hours`: "7", `SELECT COUNT(*) FROM mailboxes`: "1"} {
		if got := one(t, again.App, sql); got != want {
			t.Errorf("%s = %s, want %s", sql, got, want)
		}
	}
}

func TestARealShopIsNotOverwritten(t *testing.T) {
	app := hookstest.New(t)
	collection, err := app.FindCollectionByNameOrId(schema.Agents)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(collection)
	r.SetEmail("me@shop.example")
	r.SetPassword("a-long-password")
	r.Load(map[string]any{schema.AgentName: "Me", schema.AgentRole: schema.RoleOwner})
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	if err := register(app, noon).Prepare(app.App); !errors.Is(err, demo.ErrRealShop) {
		t.Errorf("err = %v", err)
	}
	if got := one(t, app.App, `SELECT name FROM shop`); got != "My shop" {
		t.Errorf("the shop is called %s now", got)
	}
	if _, err := os.Stat(filepath.Join(app.DataDir(), "demo_mail")); err == nil {
		t.Error("a mail folder was made")
	}
}

func TestTheShopIsOpenWheneverItIsTried(t *testing.T) {
	app, _ := start(t, func() time.Time { return noon().Add(14 * time.Hour) }) // two at night
	if got := query(t, app.App, `SELECT DISTINCT opens || '-' || closes FROM office_hours`); len(got) != 1 || got[0] != "00:00-24:00" {
		t.Errorf("hours at night: %v", got)
	}
	app, _ = start(t, noon)
	if got := query(t, app.App, `SELECT DISTINCT opens || '-' || closes FROM office_hours`); len(got) != 1 || got[0] != "09:00-22:00" {
		t.Errorf("hours at noon: %v", got)
	}
}

// ports reads the servers' addresses from what the terminal shows.
func ports(t *testing.T, d *demo.Demo) (imapAt, smtpAt string) {
	t.Helper()
	m := regexp.MustCompile(`SMTP (\S+), IMAP ([0-9.]+:[0-9]+)`).FindStringSubmatch(d.Text("http://127.0.0.1:8090"))
	if m == nil {
		t.Fatal("the text names no addresses")
	}
	return m[2], m[1]
}

func mailbox(t *testing.T, at, user, password string) (*imapclient.Client, uint32, error) {
	t.Helper()
	c, err := imapclient.DialInsecure(at, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(user, password).Wait(); err != nil {
		return c, 0, err
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		return c, 0, err
	}
	return c, box.NumMessages, nil
}

func TestMailGoesToWhomItIsAddressed(t *testing.T) {
	_, d := start(t, noon)
	imapAt, smtpAt := ports(t, d)
	raw := []byte("From: Nusrat <nusrat@example.com>\r\nTo: help@rupali.test\r\nSubject: hello\r\nMessage-ID: <1@example.com>\r\n\r\nIs it blue?\r\n")

	shop, before, err := mailbox(t, imapAt, demo.ShopAddress, demo.MailPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, capability := range []imap.Cap{imap.CapIdle, imap.CapUIDPlus, imap.CapMove} {
		if !shop.Caps().Has(capability) {
			t.Errorf("the server lacks %s", capability)
		}
	}
	idle, err := shop.Idle()
	if err != nil {
		t.Fatal(err)
	}
	if err := smtp.SendMail(smtpAt, nil, "nusrat@example.com", []string{"Help@Rupali.Test"}, raw); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for shop.Mailbox().NumMessages == before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	if got := shop.Mailbox().NumMessages; got != before+1 {
		t.Errorf("an idling client saw %d mails, want %d", got, before+1)
	}

	// anybody else has a mailbox of their own, with the demo's password only
	auth := smtp.PlainAuth("", demo.ShopAddress, demo.MailPassword, "127.0.0.1")
	if err := smtp.SendMail(smtpAt, auth, demo.ShopAddress, []string{"new@example.org"}, raw); err != nil {
		t.Fatal(err)
	}
	if _, n, err := mailbox(t, imapAt, "new@example.org", demo.MailPassword); err != nil || n != 1 {
		t.Errorf("new@example.org has %d mails (%v)", n, err)
	}
	if _, n, err := mailbox(t, imapAt, "nobody@example.org", demo.MailPassword); err != nil || n != 0 {
		t.Errorf("a mailbox nobody wrote to: %d mails (%v)", n, err)
	}
	if _, _, err := mailbox(t, imapAt, "new@example.org", "guess"); err == nil {
		t.Error("any password opens a mailbox")
	}
	if err := smtp.SendMail(smtpAt, smtp.PlainAuth("", "x", "guess", "127.0.0.1"), "a@example.org", []string{"b@example.org"}, raw); err == nil {
		t.Error("any password may send")
	}
	for _, bad := range []string{"../../etc@example.org", "a/b@example.org", strings.Repeat("a", 200) + "@example.org"} {
		if err := smtp.SendMail(smtpAt, nil, "a@example.org", []string{bad}, raw); err == nil {
			t.Errorf("mail to %s was taken", bad)
		}
	}
}

func TestMailSurvivesARestart(t *testing.T) {
	app, d := start(t, noon)
	_, smtpAt := ports(t, d)
	for i := range 3 {
		raw := fmt.Sprintf("From: a@example.org\r\nSubject: number %d\r\n\r\nx\r\n", i)
		if err := smtp.SendMail(smtpAt, nil, "a@example.org", []string{"kept@example.org"}, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	dir := app.DataDir()
	app.Stop()
	again := hookstest.Open(t, dir)
	d = register(again, noon)
	if err := d.Prepare(again.App); err != nil {
		t.Fatal(err)
	}
	imapAt, _ := ports(t, d)
	c, n, err := mailbox(t, imapAt, "kept@example.org", demo.MailPassword)
	if err != nil || n != 3 {
		t.Fatalf("%d mails (%v)", n, err)
	}
	list, err := c.Fetch(imap.SeqSetNum(1, 2, 3), &imap.FetchOptions{UID: true, Envelope: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range list {
		if m.UID != imap.UID(i+1) || m.Envelope.Subject != fmt.Sprintf("number %d", i) {
			t.Errorf("mail %d has UID %d and says %q", i, m.UID, m.Envelope.Subject)
		}
	}
}

func TestServersStayOnThisMachine(t *testing.T) {
	app := hookstest.New(t)
	d := demo.Register(app.App, demo.Deps{Group: app.Rooms.Group, Conversation: app.Rooms.Conversation, Site: app.Rooms.Site, Catalogue: i18n.Current(), IMAP: "0.0.0.0:0", SMTP: "127.0.0.1:0"})
	if err := d.Prepare(app.App); err == nil || !strings.Contains(err.Error(), "not an address of this machine alone") {
		t.Errorf("err = %v", err)
	}
}

func TestATakenPortBecomesAFreeOne(t *testing.T) {
	app, d := start(t, noon)
	imapAt, smtpAt := ports(t, d)
	other := hookstest.New(t)
	second := demo.Register(other.App, demo.Deps{Group: other.Rooms.Group, Conversation: other.Rooms.Conversation, Site: other.Rooms.Site, Catalogue: i18n.Current(), IMAP: imapAt, SMTP: smtpAt, Now: noon})
	if err := second.Prepare(other.App); err != nil {
		t.Fatal(err)
	}
	if i, s := ports(t, second); i == imapAt || s == smtpAt {
		t.Error("two servers at one address")
	}
	_ = app
}

func TestThePageOfACustomersMail(t *testing.T) {
	app := hookstest.New(t)
	d := register(app, noon)
	base := app.Serve()
	_, smtpAt := ports(t, d)

	page := func(path string) string {
		t.Helper()
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v", path, res.StatusCode, err)
		}
		return string(body)
	}
	if got := page("/demo/mail/?lang=en"); !strings.Contains(got, "nusrat@example.com") || !strings.Contains(got, "Choose a customer") {
		t.Error("the first page lists nobody:", got)
	}
	got := page("/demo/mail/?to=nusrat@example.com&lang=en")
	for _, want := range []string{"হালকা নীলটা আছে", "Re: অর্ডার ২০২৬: শাড়ি বদলাতে চাই", "In-Reply-To: &lt;demo-", "রূপালী স্টোর"} {
		if !strings.Contains(got, want) {
			t.Errorf("nusrat's page lacks %s", want)
		}
	}
	evil := "From: \"<script>alert(1)</script>\" <x@example.org>\r\nTo: evil@example.org\r\nSubject: <img src=x onerror=alert(1)>\r\nContent-Type: text/html\r\n\r\n<script>alert(2)</script><p>hello</p>\r\n"
	if err := smtp.SendMail(smtpAt, nil, "x@example.org", []string{"evil@example.org"}, []byte(evil)); err != nil {
		t.Fatal(err)
	}
	got = page("/demo/mail/?to=evil@example.org")
	if strings.Contains(got, "<script>alert") || strings.Contains(got, "<img src=x") || !strings.Contains(got, "hello") {
		t.Error("a mail's HTML reaches the page:", got)
	}
	if raw := page("/demo/mail/raw?to=evil@example.org&n=1"); raw != evil {
		t.Errorf("the raw mail is %q", raw)
	}

	// writing as a customer answers the newest mail they have
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(base+"/demo/mail/send?to=nusrat@example.com&lang=en", url.Values{"subject": {"Re: শাড়ি"}, "text": {"ছবি পাঠালাম।\r\nনুসরাত"}})
	if err != nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("%v %v", res, err)
	}
	files, _ := filepath.Glob(filepath.Join(app.DataDir(), "demo_mail", demo.ShopAddress, "*.eml"))
	if len(files) != 1 {
		t.Fatalf("the shop has %d mails", len(files))
	}
	mail, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var answers string
	for lines := bufio.NewScanner(strings.NewReader(string(mail))); lines.Scan(); {
		if v, ok := strings.CutPrefix(lines.Text(), "In-Reply-To: "); ok {
			answers = v
		}
	}
	if known := query(t, app.App, `SELECT channel_id FROM messages WHERE '<' || channel_id || '>' = '`+answers+`' AND kind = 'outgoing'`); len(known) != 1 {
		t.Errorf("the mail answers %q, which is none of ours", answers)
	}
	for _, form := range []url.Values{{"text": {" "}}, {}} {
		res, err := client.PostForm(base+"/demo/mail/send?to=nusrat@example.com", form)
		if err != nil || res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("an empty mail: %v %v", res, err)
		}
	}
}

func TestTheTextNamesWhatThereIs(t *testing.T) {
	_, d := start(t, noon)
	text := d.Text("http://127.0.0.1:8090/")
	for _, want := range []string{
		"http://127.0.0.1:8090/demo/", "http://127.0.0.1:8090/desk/", "http://127.0.0.1:8090/_/", demo.OwnerEmail, demo.AgentEmail, demo.Password,
		"curl -sS --crlf --url smtp://127.0.0.1:", "http://127.0.0.1:8090/demo/mail/?to=nusrat@example.com", "curl -sS -u nusrat@example.com:demo 'imap://127.0.0.1:",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %s", want)
		}
	}
}

func TestTheHelpPageLeadsToTheStorefrontOfThisRun(t *testing.T) {
	app := hookstest.New(t)
	for addr, want := range map[string]string{"127.0.0.1:8090": "http://127.0.0.1:8090/demo/", ":8091": "http://127.0.0.1:8091/demo/", "0.0.0.0:8092": "http://127.0.0.1:8092/demo/"} {
		if err := demo.NameWebsite(app.App, addr); err != nil {
			t.Fatal(addr, err)
		}
		if got := settings.Shop(app.App).GetString(schema.ShopWebsite); got != want {
			t.Errorf("%s gives %s", addr, got)
		}
	}
	for _, addr := range []string{"", "127.0.0.1:0"} {
		if err := demo.NameWebsite(app.App, addr); err != nil || settings.Shop(app.App).GetString(schema.ShopWebsite) == "" {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}
