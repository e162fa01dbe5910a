package setup_test

import (
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/setup"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// shop is a served app without an owner.
type shop struct {
	*hookstest.App
	t    *testing.T
	base string
}

func open(t *testing.T) *shop {
	t.Helper()
	app := hookstest.New(t)
	s := app.Settings()
	s.RateLimits.Enabled = false
	if err := app.Save(s); err != nil {
		t.Fatal(err)
	}
	return &shop{app, t, app.Serve()}
}

func (s *shop) as(token string) *hookstest.Client {
	return &hookstest.Client{TB: s.t, Base: s.base, Token: token}
}

// link makes a link and returns its secret.
func (s *shop) link() string {
	s.t.Helper()
	link, err := setup.Link(s.App, s.Rooms.Settings.Keys(), s.base)
	if err != nil {
		s.t.Fatal(err)
	}
	before, secret, ok := strings.Cut(link, "/desk/#/start/")
	if !ok || before != s.base || len(secret) < 20 {
		s.t.Fatalf("the link is %s", link)
	}
	return secret
}

func who(token string) map[string]any {
	return map[string]any{"token": token, "email": "Mina@Shop.Test ", "name": "মিনা", "password": "a-long-password", "language": "bn"}
}

type refusal struct {
	Message string
	Data    map[string]struct{ Code, Message string }
}

func (s *shop) refused(a hookstest.Answer, status int, field, code string) {
	s.t.Helper()
	var r refusal
	a.JSON(s.t, &r)
	if a.Status != status || r.Data[field].Code != code || r.Data[field].Message == "" {
		s.t.Errorf("answered %d %s instead of %d with %s=%s", a.Status, a.Body, status, field, code)
	}
}

func TestTheLinkMakesTheOwnerOnce(t *testing.T) {
	s := open(t)
	token := s.link()
	var kept string
	if err := s.DB().NewQuery(`SELECT group_concat(hash || base) FROM once_links`).Row(&kept); err != nil || strings.Contains(kept, token) {
		t.Fatalf("the link is in the database: %s %v", kept, err)
	}
	raw, err := os.ReadFile(setup.FileOf(s.App))
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(raw)), token) {
		t.Fatalf("the file holds %q %v", raw, err)
	}
	if info, err := os.Stat(setup.FileOf(s.App)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v %v", info.Mode(), err)
	}

	var hello struct{ For, Email string }
	s.as("").Must(200, "POST", "/api/welcome", map[string]any{"token": token}).JSON(t, &hello)
	if hello.For != "owner" || hello.Email != "" {
		t.Errorf("the link is for %+v", hello)
	}
	var in struct {
		Token  string
		Record struct{ ID, Email, Role string }
	}
	s.as("").Must(200, "POST", "/api/welcome/in", who(token)).JSON(t, &in)
	if in.Record.Email != "mina@shop.test" || in.Record.Role != schema.RoleOwner {
		t.Errorf("the owner is %+v", in.Record)
	}
	s.as(in.Token).Must(200, "GET", "/api/desk/boot", nil)
	s.as("").Must(200, "POST", "/api/collections/_superusers/auth-with-password", map[string]any{"identity": "mina@shop.test", "password": "a-long-password"})
	agent, err := s.FindAuthRecordByEmail(schema.Agents, "mina@shop.test")
	if err != nil || agent.GetString(schema.AgentName) != "মিনা" || agent.GetStringSlice(schema.AgentLanguages)[0] != "bn" {
		t.Errorf("the owner at the desk: %v %v", agent, err)
	}
	if _, err := os.Stat(setup.FileOf(s.App)); !os.IsNotExist(err) {
		t.Error("the file is still there")
	}

	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": token}), http.StatusConflict, "token", "has_owner")
	s.refused(s.as("").Do("POST", "/api/welcome/in", who(token)), http.StatusConflict, "token", "has_owner")
	// A link that was made before somebody else became the owner.
	s.refused(s.as("").Do("POST", "/api/welcome/in", who(s.link())), http.StatusConflict, "token", "has_owner")
}

func TestOfTwoWhoComeAtOnceOneIsTheOwner(t *testing.T) {
	s := open(t)
	token := s.link()
	var wg sync.WaitGroup
	status := make([]int, 8)
	for i := range status {
		wg.Go(func() {
			p := who(token)
			p["email"] = string(rune('a'+i)) + "@shop.test"
			status[i] = s.as("").Do("POST", "/api/welcome/in", p).Status
		})
	}
	wg.Wait()
	in := 0
	for _, code := range status {
		if code == http.StatusOK {
			in++
		} else if code != http.StatusGone && code != http.StatusConflict {
			t.Errorf("somebody was answered %d", code)
		}
	}
	if n, err := s.CountRecords(schema.Agents); in != 1 || err != nil || n != 1 {
		t.Errorf("%d came in, %d agents, %v", in, n, err)
	}
}

func TestALinkEnds(t *testing.T) {
	s := open(t)
	first := s.link()
	second := s.link()
	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": first}), http.StatusGone, "token", "expired")
	if _, err := s.DB().NewQuery(`UPDATE once_links SET expires = '2020-01-01 00:00:00.000Z' WHERE used = ''`).Execute(); err != nil {
		t.Fatal(err)
	}
	s.refused(s.as("").Do("POST", "/api/welcome/in", who(second)), http.StatusGone, "token", "expired")
	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}), http.StatusNotFound, "token", "unknown")
	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": ""}), http.StatusNotFound, "token", "unknown")
	if n, err := s.CountRecords(schema.Agents); n != 0 || err != nil {
		t.Errorf("there are %d agents, %v", n, err)
	}
}

func TestWhatIsTypedIsChecked(t *testing.T) {
	s := open(t)
	token := s.link()
	for _, c := range []struct{ field, value, wrong, code string }{
		{"email", "mina", "email", "email_wrong"}, {"email", "", "email", "email_wrong"}, {"name", "  ", "name", "name_wrong"},
		{"password", "short", "password", "password_length"}, {"password", strings.Repeat("x", 80), "password", "password_length"},
		{"password", "aaaaaaaaaa", "password", "password_plain"}, {"password", "mina@shop.test", "password", "password_plain"}, {"password", "", "password", "password_length"},
	} {
		p := who(token)
		p[c.field] = c.value
		s.refused(s.as("").Do("POST", "/api/welcome/in", p), http.StatusBadRequest, c.wrong, c.code)
	}
	s.as("").Must(200, "POST", "/api/welcome/in", who(token)) // the link was not used up
}

func TestStrangersAreSlowedDown(t *testing.T) {
	s := open(t)
	for range 60 {
		if a := s.as("").Do("POST", "/api/welcome", map[string]any{"token": "guess"}); a.Status == http.StatusTooManyRequests {
			if a.Header.Get("Retry-After") == "" {
				t.Error("it does not say when to come back")
			}
			return
		}
	}
	t.Error("sixty guesses were answered")
}

func TestBeginTellsANewShopAndTakesAnOldFileAway(t *testing.T) {
	s := open(t)
	keys := s.Rooms.Settings.Keys()
	if err := setup.Begin(s.App, keys, s.base); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.DataDir(), "first-link.txt")); err != nil {
		t.Error(err)
	}
	s.Superuser("boss@shop.test")
	if err := setup.Begin(s.App, keys, s.base); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(setup.FileOf(s.App)); !os.IsNotExist(err) {
		t.Error("the file with a useless link stays")
	}
}

type progress struct {
	Done, Of       int
	Wanted, Closed bool
	Steps          []struct {
		Step, State string
		Proof       *struct{ Host, Address, File string }
	}
	Staff []struct {
		ID, Email string
		Invited   bool
	}
	Office struct {
		Open, Always bool
		Next         string
	}
}

func (p progress) state(step string) string {
	for _, s := range p.Steps {
		if s.Step == step {
			return s.State
		}
	}
	return ""
}

func (s *shop) progress(token string) (p progress) {
	s.t.Helper()
	s.as(token).Must(200, "GET", "/api/desk/setup", nil).JSON(s.t, &p)
	return p
}

func (s *shop) owner() string {
	s.t.Helper()
	var in struct{ Token string }
	s.as("").Must(200, "POST", "/api/welcome/in", who(s.link())).JSON(s.t, &in)
	return in.Token
}

func TestStepsAreKeptAndProveThemselves(t *testing.T) {
	s := open(t)
	token := s.owner()
	p := s.progress(token)
	if p.Done != 1 || p.Of != 8 || !p.Wanted || p.state("account") != "done" || !p.Office.Always || !p.Office.Open {
		t.Fatalf("at first: %+v", p)
	}
	do := func(status int, step, state string) {
		t.Helper()
		s.as(token).Must(status, "POST", "/api/desk/setup/"+step, map[string]any{"state": state})
	}
	do(200, "shop", "done")
	do(200, "look", "skipped")
	do(200, "look", "done")
	do(200, "look", "skipped")
	do(400, "look", "almost")
	do(404, "nothing", "done")
	do(404, "account", "skipped")
	for _, step := range []string{"mail", "widget", "backup"} {
		do(409, step, "done")
		do(200, step, "skipped")
		do(200, step, "open")
	}
	if p = s.progress(token); p.state("shop") != "done" || p.state("look") != "skipped" || p.state("mail") != "open" || p.Done != 2 {
		t.Errorf("then: %+v", p)
	}
	// What is done elsewhere is done here.
	s.as(token).Must(200, "POST", "/api/collections/office_hours/records", map[string]any{"day": "1", "opens": "09:00", "closes": "18:00"})
	if p = s.progress(token); p.state("hours") != "done" || p.Office.Always || p.Office.Next == "" {
		t.Errorf("with hours: %+v", p)
	}
	var places struct{ Items []struct{ ID string } }
	s.as(token).Must(200, "GET", "/api/collections/backup_places/records", nil).JSON(t, &places)
	s.as(token).Must(202, "POST", "/api/desk/backups/"+places.Items[0].ID+"/now", nil)
	hookstest.Until(t, "the backup", time.Minute, func() bool { return s.progress(token).state("backup") == "done" })
	do(200, "closed", "done")
	if p = s.progress(token); p.Wanted || !p.Closed {
		t.Errorf("put away: %+v", p)
	}
	do(200, "closed", "open")
	if p = s.progress(token); !p.Wanted {
		t.Errorf("taken out again: %+v", p)
	}
}

func TestTheWidgetTellsWhoLoadedItFirst(t *testing.T) {
	s := open(t)
	load := func(path, origin, referer string) {
		t.Helper()
		c := s.as("")
		c.Head = http.Header{}
		if origin != "" {
			c.Head.Set("Origin", origin)
		}
		if referer != "" {
			c.Head.Set("Referer", referer)
		}
		c.Do("GET", path, nil)
	}
	load("/widget.js", "", "https://early.example/") // nobody waits for it yet
	token := s.owner()
	host := func() string {
		for _, step := range s.progress(token).Steps {
			if step.Step == "widget" && step.State == "done" && step.Proof != nil {
				return step.Proof.Host
			}
		}
		return ""
	}
	for _, own := range []string{s.base + "/", "", "null", "javascript:alert(1)", "https://", "https://user@evil.example/"} {
		load("/widget.js", "", own)
	}
	load("/api/chat/config", s.base, "")
	load("/desk/main.js", "", "https://shop.example/")
	if got := host(); got != "" {
		t.Fatalf("%q was taken for the shop's site", got)
	}
	load("/widget.js", "", "https://WWW.Stranger.example/cart?id=1")
	if got := host(); got != "www.stranger.example" {
		t.Fatalf("the page is %q", got)
	}
	load("/widget.js", "", "https://later.example/")
	if got := host(); got != "www.stranger.example" {
		t.Errorf("a later page took the first one's place: %q", got)
	}
	s.as(token).Must(200, "POST", "/api/desk/setup/widget", map[string]any{"state": "open"})
	load("/widget.js", "", "https://www.stranger.example/")
	if got := host(); got != "" {
		t.Errorf("the strange page is back: %q", got)
	}
	load("/api/chat/config", "http://127.0.0.1:5500", "")
	if got := host(); got != "127.0.0.1:5500" {
		t.Errorf("the page on another port is %q", got)
	}
	s.Shop(map[string]any{schema.ShopAllowedOrigins: []string{"https://mine.example"}})
	s.as(token).Must(200, "POST", "/api/desk/setup/widget", map[string]any{"state": "open"})
	load("/widget.js", "", "https://other.example/")
	if got := host(); got != "" {
		t.Errorf("a site that may not carry the chat counts: %q", got)
	}
	load("/widget.js", "", "https://mine.example/")
	if got := host(); got != "mine.example" {
		t.Errorf("the shop's site is %q", got)
	}
}

type invited struct {
	ID, Link, Said string
	Mailed         bool
}

func TestAColleagueIsInvited(t *testing.T) {
	s := open(t)
	token := s.owner()
	var got invited
	s.as(token).Must(200, "POST", "/api/desk/staff/invite", map[string]any{"email": "Rafi@shop.test", "name": "Rafi"}).JSON(t, &got)
	if got.Mailed || got.Said == "" || !strings.HasPrefix(got.Link, s.base+"/desk/#/join/") {
		t.Fatalf("without a mailbox: %+v", got)
	}
	s.refused(s.as(token).Do("POST", "/api/desk/staff/invite", map[string]any{"email": "rafi@shop.test"}), 400, "email", "email_taken")
	s.refused(s.as(token).Do("POST", "/api/desk/staff/invite", map[string]any{"email": "rafi"}), 400, "email", "email_wrong")
	if p := s.progress(token); p.state("staff") != "done" || len(p.Staff) != 2 || !p.Staff[1].Invited {
		t.Errorf("the staff: %+v", p.Staff)
	}
	old := got.Link[strings.LastIndex(got.Link, "/")+1:]
	s.as(token).Must(200, "POST", "/api/desk/staff/"+got.ID+"/invite", nil).JSON(t, &got)
	secret := got.Link[strings.LastIndex(got.Link, "/")+1:]
	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": old}), http.StatusGone, "token", "expired")
	var hello struct{ For, Email, Name string }
	s.as("").Must(200, "POST", "/api/welcome", map[string]any{"token": secret}).JSON(t, &hello)
	if hello.For != "invite" || hello.Email != "rafi@shop.test" || hello.Name != "Rafi" {
		t.Errorf("the invitation is for %+v", hello)
	}
	var in struct {
		Token  string
		Record struct{ Email, Role string }
	}
	p := who(secret) // an address that is typed changes nothing
	s.as("").Must(200, "POST", "/api/welcome/in", p).JSON(t, &in)
	if in.Record.Email != "rafi@shop.test" || in.Record.Role != schema.RoleAgent {
		t.Errorf("the colleague is %+v", in.Record)
	}
	s.as(in.Token).Must(200, "GET", "/api/desk/boot", nil)
	s.as(in.Token).Must(403, "GET", "/api/desk/setup", nil)
	s.as("").Must(200, "POST", "/api/collections/agents/auth-with-password", map[string]any{"identity": "rafi@shop.test", "password": "a-long-password"})
	s.refused(s.as("").Do("POST", "/api/welcome/in", p), http.StatusGone, "token", "used")
	// Who is here is not taken back like an invitation.
	s.as(token).Must(404, "DELETE", "/api/desk/staff/"+got.ID+"/invite", nil)
	s.as(token).Must(404, "POST", "/api/desk/staff/"+got.ID+"/invite", nil)

	s.as(token).Must(200, "POST", "/api/desk/staff/invite", map[string]any{"email": "gone@shop.test"}).JSON(t, &got)
	s.as(token).Must(204, "DELETE", "/api/desk/staff/"+got.ID+"/invite", nil)
	s.refused(s.as("").Do("POST", "/api/welcome", map[string]any{"token": got.Link[strings.LastIndex(got.Link, "/")+1:]}), http.StatusNotFound, "token", "unknown")
}

func TestTheInvitationIsMailedAndTheMailboxProvesItself(t *testing.T) {
	s := open(t)
	token := s.owner()
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	smtp.Forward(func(raw string) { imap.Put(raw) })
	var box struct{ ID string }
	s.as(token).Must(200, "POST", "/api/collections/mailboxes/records", map[string]any{
		"address": mailtest.Login, "active": false, "password": mailtest.Password, "imap_host": "127.0.0.1", "imap_port": imap.Port, "imap_security": "none",
		"smtp_host": "127.0.0.1", "smtp_port": smtp.Port, "smtp_security": "none", "sign_in": "password",
	}).JSON(t, &box)

	// Each step is told when it is done, and a failure ends it with what to do.
	imap.Stop()
	lines := strings.Split(strings.TrimSpace(string(s.as(token).Must(200, "POST", "/api/desk/mailboxes/"+box.ID+"/try?live=1", nil).Body)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"step":"connect","ok":false`) || !strings.Contains(lines[1], `"hint":"`) {
		t.Errorf("without a server: %q", lines)
	}
	if got := s.progress(token).state("mail"); got != "open" {
		t.Errorf("a mailbox that does not work is %s", got)
	}
	imap.Restart()
	answer := s.as(token).Must(200, "POST", "/api/desk/mailboxes/"+box.ID+"/try?live=1", nil)
	lines = strings.Split(strings.TrimSpace(string(answer.Body)), "\n")
	if len(lines) != 7 || !strings.Contains(lines[5], `"step":"arrive","ok":true`) || !strings.Contains(lines[6], `"ok":true`) || answer.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("the trial: %q", lines)
	}
	if got := s.progress(token).state("mail"); got != "open" {
		t.Errorf("a mailbox that is not in use is %s", got)
	}
	s.as(token).Must(200, "PATCH", "/api/collections/mailboxes/records/"+box.ID, map[string]any{"active": true})
	if got := s.progress(token).state("mail"); got != "done" {
		t.Errorf("the mailbox that heard itself is %s", got)
	}

	var got invited
	s.as(token).Must(200, "POST", "/api/desk/staff/invite", map[string]any{"email": "rafi@home.test", "name": "Rafi"}).JSON(t, &got)
	if !got.Mailed {
		t.Fatalf("it was not mailed: %+v", got)
	}
	var letter string
	hookstest.Until(t, "the invitation", 20*time.Second, func() bool {
		for _, m := range smtp.Mails() {
			if len(m.To) == 1 && m.To[0] == "rafi@home.test" {
				letter = m.Raw
			}
		}
		return letter != ""
	})
	m, err := mail.ReadMessage(strings.NewReader(letter))
	if err != nil || m.Header.Get("Subject") == "" {
		t.Fatal(err, letter)
	}
	if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(letter, "=\r\n", ""), "=3D", "="), got.Link) {
		t.Errorf("the link is not in the mail:\n%s", letter)
	}
	// Without a mailbox that is in use the step is open again.
	s.as(token).Must(200, "PATCH", "/api/collections/mailboxes/records/"+box.ID, map[string]any{"active": false})
	if got := s.progress(token).state("mail"); got != "open" {
		t.Errorf("without a mailbox in use the step is %s", got)
	}
}

func TestAShopThatHadAnOwnerIsNotAskedToSetUp(t *testing.T) {
	app := hookstest.New(t)
	app.Superuser("boss@shop.test")
	// As if it had been set up before there was a set-up.
	for _, m := range core.AppMigrations.Items() {
		if strings.HasSuffix(m.File, "1764001710_setup.go") {
			if err := app.RunInTransaction(m.Down); err != nil {
				t.Fatal(err)
			}
			if err := app.RunInTransaction(m.Up); err != nil {
				t.Fatal(err)
			}
		}
	}
	n, err := app.CountRecords(schema.SetupSteps)
	if err != nil || n != 1 {
		t.Errorf("%d records, %v", n, err)
	}
}
