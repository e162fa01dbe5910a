package watchdog_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/watchdog"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestEveryFindingHasWordsInEveryLanguage(t *testing.T) {
	c, err := i18n.Load(hookstest.PublicFS())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		have := map[string]bool{}
		for _, k := range c.Keys(lang) {
			have[k] = true
		}
		need := func(key string) {
			if !have[key] {
				t.Errorf("%s has no %s", lang, key)
			}
		}
		for _, code := range watchdog.Codes {
			need("watch." + code)
			need("watch." + watchdog.DoKey(code) + "_do")
		}
		for _, kind := range watchdog.Kinds {
			need("watch.kind_" + kind)
			need("watch." + kind + "_ok")
		}
	}
}

// space is a disk that a test fills.
type space struct{ free atomic.Uint64 }

func (s *space) look(string) (disk.Space, error) {
	return disk.Space{Free: s.free.Load(), Total: 100 << 30}, nil
}

type health struct {
	Data watchdog.Health `json:"data"`
}

func (h health) check(t *testing.T, name string) watchdog.Check {
	t.Helper()
	for _, c := range h.Data.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %s: %+v", name, h.Data.Checks)
	return watchdog.Check{}
}

// A full disk is mailed once, in the owner's language, survives a restart
// without a second mail, and is over once.
func TestAFullDiskIsToldOnceAndOnceThatItIsOver(t *testing.T) {
	s := &space{}
	s.free.Store(80 << 30)
	app := hookstest.New(t, func(d *hooks.Deps) { d.Space = s.look })
	owner := app.Agent("asha", schema.RoleOwner)
	owner.Set(schema.AgentLanguages, []string{"bn"})
	if err := app.Save(owner); err != nil {
		t.Fatal(err)
	}
	app.Agent("rafi", schema.RoleAgent)
	mails := capture(app)
	room := app.Rooms.Watchdog
	at := time.Now()
	room.Begin(at)
	step := func(after time.Duration, want int) {
		t.Helper()
		at = at.Add(after)
		time.Sleep(1100 * time.Millisecond) // what the guard saw is believed for a second
		room.LookAt(at)
		if err := room.Post(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(*mails) != want {
			t.Fatalf("%d mails after %s, want %d", len(*mails), after, want)
		}
	}
	step(0, 0)
	s.free.Store(10 << 20)
	step(30*time.Second, 0)
	step(2*time.Minute, 1)
	step(time.Hour, 1)
	if m := (*mails)[0]; m.to != owner.Email() || !strings.Contains(m.text, "ডিস্ক") || !strings.Contains(m.text, "গ্রাহকদের পরে চেষ্টা") {
		t.Errorf("the mail to %s says:\n%s", m.to, m.text)
	}

	dir := app.DataDir()
	app.Stop()
	app = hookstest.Open(t, dir, func(d *hooks.Deps) { d.Space = s.look })
	mails, room = capture(app), app.Rooms.Watchdog
	room.Begin(at)
	step(time.Minute, 0)
	step(time.Hour, 0)
	s.free.Store(80 << 30)
	step(time.Minute, 0)
	step(5*time.Minute, 1)
	step(time.Hour, 1)
	var kept int
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM checks WHERE name = 'disk'`).Row(&kept); err != nil || kept != 0 {
		t.Errorf("what is over is still remembered: %d, %v", kept, err)
	}
}

type letter struct{ to, subject, text string }

// capture keeps what PocketBase would mail.
func capture(app core.App) *[]letter {
	mails := &[]letter{}
	app.OnMailerSend().BindFunc(func(e *core.MailerEvent) error {
		*mails = append(*mails, letter{e.Message.To[0].Address, e.Message.Subject, e.Message.Text})
		return nil
	})
	return mails
}

// The news that a mailbox is dead goes out by another mailbox.
func TestTheNewsOfADeadMailboxTakesAnotherWay(t *testing.T) {
	s := &space{}
	s.free.Store(80 << 30)
	app := hookstest.New(t, func(d *hooks.Deps) { d.Space = s.look })
	app.Agent("asha", schema.RoleOwner)
	dead, alive := mailtest.NewSMTP(t), mailtest.NewSMTP(t)
	first := box(t, app, "help@shop.test", dead.Port)
	box(t, app, "sales@shop.test", alive.Port)
	old, err := types.ParseDateTime(time.Now().Add(-5 * time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.DB().NewQuery(`UPDATE mailboxes SET last_fetch = {:at}, updated = {:at}, last_error = 'AUTHENTICATIONFAILED' WHERE id = {:id}`).Bind(dbx.Params{"at": old.String(), "id": first}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.DB().NewQuery(`UPDATE mailboxes SET last_fetch = {:at} WHERE id != {:id}`).Bind(dbx.Params{"at": types.NowDateTime().String(), "id": first}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	room := app.Rooms.Watchdog
	room.Begin(time.Now().Add(-24 * time.Hour))
	at := time.Now()
	room.LookAt(at)
	room.LookAt(at.Add(2 * time.Minute))
	if err := room.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(dead.Mails()); n != 0 {
		t.Errorf("%d mails by the dead mailbox", n)
	}
	got := alive.Mails()
	if len(got) != 1 || got[0].To[0] != "asha@shop.test" || !strings.Contains(got[0].Raw, "help@shop.test") {
		t.Fatalf("the other mailbox sent %d mails: %+v", len(got), got)
	}

	// With no other way it stays owed, and goes out when there is one.
	alive.Stop()
	dead.Stop()
	_, err = app.DB().NewQuery(`UPDATE checks SET told = FALSE, owed = ''`).Execute()
	if err != nil {
		t.Fatal(err)
	}
	forgetful := hookstest.Open(t, reopen(t, app), func(d *hooks.Deps) { d.Space = s.look })
	forgetful.OnMailerSend().BindFunc(func(*core.MailerEvent) error { return errors.New("no server") })
	room = forgetful.Rooms.Watchdog
	room.Begin(time.Now().Add(-24 * time.Hour))
	room.LookAt(at.Add(3 * time.Minute))
	room.LookAt(at.Add(6 * time.Minute))
	if err := room.Post(t.Context()); err == nil {
		t.Fatal("a mail that went nowhere counts as sent")
	}
	dead.Restart()
	if err := room.Post(t.Context()); err != nil {
		t.Fatal("there is a way again: ", err)
	}
	if n := len(dead.Mails()); n != 1 {
		t.Errorf("%d mails by the only way, want 1", n)
	}
}

func reopen(t *testing.T, app *hookstest.App) string {
	t.Helper()
	dir := app.DataDir()
	app.Stop()
	return dir
}

func box(t *testing.T, app *hookstest.App, address string, port int) string {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(schema.Mailboxes)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{
		schema.MailboxAddress: address, schema.MailboxActive: true, schema.MailboxIMAPHost: "127.0.0.1", schema.MailboxIMAPPort: 1, schema.MailboxIMAPSecurity: schema.SecurityNone,
		schema.MailboxSMTPHost: "127.0.0.1", schema.MailboxSMTPPort: port, schema.MailboxSMTPSecurity: schema.SecurityNone,
		schema.MailboxLogin: mailtest.Login, schema.MailboxPassword: mailtest.Password, schema.MailboxRateMinute: 1000, schema.MailboxRateDay: 1000,
	})
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r.Id
}

// Everybody learns that the program runs, owners how it is.
func TestHealth(t *testing.T) {
	s := &space{}
	s.free.Store(10 << 20)
	app := hookstest.New(t, func(d *hooks.Deps) { d.Space, d.Version = s.look, "1.2.3" })
	owner, agent, boss := app.Agent("asha", schema.RoleOwner), app.Agent("rafi", schema.RoleAgent), app.Superuser("boss@shop.test")
	base := app.Serve()
	get := func(token, path string) (hookstest.Answer, health) {
		t.Helper()
		a := (&hookstest.Client{TB: t, Base: base, Token: token}).Do(http.MethodGet, path, nil)
		var h health
		if a.Status == http.StatusOK && strings.Contains(string(a.Body), "checks") {
			a.JSON(t, &h)
		}
		return a, h
	}
	for who, token := range map[string]string{"a stranger": "", "an agent": app.Token(agent)} {
		if a, _ := get(token, "/api/health"); a.Status != http.StatusOK || strings.Contains(string(a.Body), "disk") || strings.Contains(string(a.Body), "1.2.3") {
			t.Errorf("%s sees %d %s", who, a.Status, a.Body)
		}
	}
	if a, _ := get(app.Token(boss), "/api/health"); !strings.Contains(string(a.Body), "canBackup") {
		t.Errorf("the admin UI misses its own health: %s", a.Body)
	}
	if _, h := get(app.Token(boss), "/api/health?details=1"); h.Data.Version != "1.2.3" {
		t.Errorf("a superuser who asks for details sees %+v", h)
	}
	_, h := get(app.Token(owner), "/api/health?lang=en&now=1")
	if h.Data.State != schema.CheckBad || h.Data.Version != "1.2.3" || h.Data.Disk == nil || h.Data.Disk.Free != 10<<20 || h.Data.Looked == "" || h.Data.Started == "" {
		t.Errorf("the owner sees %+v", h.Data)
	}
	if c := h.check(t, "disk"); c.State != schema.CheckBad || !strings.Contains(c.Said, "10 MB") || c.Do == "" || h.Data.Checks[0] != c {
		t.Errorf("the disk: %+v, first %+v", c, h.Data.Checks[0])
	}
	if c := h.check(t, "workers"); c.State != schema.CheckOK || len(h.Data.Workers) < 5 || h.Data.Goroutines < 10 {
		t.Errorf("background work: %+v, %+v", c, h.Data.Workers)
	}
	if _, h := get(app.Token(owner), "/api/health?lang=bn"); !strings.Contains(h.check(t, "disk").Said, "১০") {
		t.Errorf("in Bangla: %+v", h.check(t, "disk"))
	}
}

// A background loop that panics is begun again, counted, and seen.
func TestAWorkerThatFallsIsBegunAgainAndSeen(t *testing.T) {
	app := hookstest.New(t)
	var begun atomic.Int32
	app.Rooms.Group.Go("clumsy", func(ctx context.Context) {
		if begun.Add(1) == 1 {
			panic("it slipped")
		}
		<-ctx.Done()
	})
	app.Serve()
	hookstest.Until(t, "the second beginning", 60*time.Second, func() bool { return begun.Load() >= 2 })
	app.Rooms.Watchdog.Look(t.Context())
	h := app.Rooms.Watchdog.Health("en")
	for _, c := range h.Checks {
		if c.Kind == watchdog.KindWorkers && (c.State != schema.CheckWarn || !strings.Contains(c.Said, "clumsy")) {
			t.Errorf("the check says %+v", c)
		}
	}
	for _, w := range h.Workers {
		if w.Name == "clumsy" && (w.Falls != 1 || w.Alive != 1) {
			t.Errorf("the worker: %+v", w)
		}
	}
}

// The queue is what should have gone out: not what waits for its time.
func TestTheQueueIsReadFromTheOutbox(t *testing.T) {
	app := hookstest.New(t)
	put := func(id, state string, attempts int, due, created time.Duration) {
		t.Helper()
		at := func(d time.Duration) string {
			v, err := types.ParseDateTime(time.Now().Add(d))
			if err != nil {
				t.Fatal(err)
			}
			return v.String()
		}
		_, err := app.DB().NewQuery(`INSERT INTO outbox (id, message, channel, recipient, due, attempts, state, last_error, receipt, lane, blind, created, updated)
			VALUES ({:id}, {:id}, 'email', 'x', {:due}, {:attempts}, {:state}, '', '', '', FALSE, {:created}, {:now})`).
			Bind(dbx.Params{"id": id, "due": at(due), "attempts": attempts, "state": state, "created": at(created), "now": at(0)}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	room := app.Rooms.Watchdog
	room.Begin(time.Now().Add(-24 * time.Hour))
	queue := func() watchdog.Check {
		room.LookAt(time.Now())
		return health{room.Health("en")}.check(t, "queue")
	}
	put("later0000000001", "queued", 0, time.Hour, -5*time.Hour)
	put("sent00000000001", "sent", 1, -9*time.Hour, -9*time.Hour)
	if c := queue(); c.State != schema.CheckOK {
		t.Errorf("with nothing due: %+v", c)
	}
	put("tried0000000001", "queued", 4, time.Hour, -3*time.Hour) // its next try is later
	if c := queue(); c.State != schema.CheckBad || !strings.Contains(c.Said, "3 hours") {
		t.Errorf("with one that was tried for hours: %+v", c)
	}
}

func TestCertificatesAreRead(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	ends := srv.Certificate().NotAfter
	dir := t.TempDir()
	chain := append([]byte("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})...)
	for name, raw := range map[string][]byte{"help.shop.test": chain, "acme_account+key": []byte("key"), "help.shop.test+rsa": chain, "token+http-01": []byte("x"), "broken.shop.test": []byte("x")} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := watchdog.OwnCertificates(dir)
	if len(list) != 1 || list[0].Name != "help.shop.test" || !list[0].Until.Equal(ends) || !list[0].Ours {
		t.Errorf("read %+v", list)
	}
	if err == nil || !strings.Contains(err.Error(), "broken.shop.test") {
		t.Errorf("a broken one is not named: %v", err)
	}
	if list, err := watchdog.OwnCertificates(filepath.Join(dir, "none")); err != nil || list != nil {
		t.Errorf("without a folder: %v, %v", list, err)
	}
	if c, err := watchdog.Handshake(t.Context(), srv.Listener.Addr().String()); err != nil || !c.Until.Equal(ends) {
		t.Errorf("by a handshake: %s, %v; want %s", c.Until, err, ends)
	}

	// Behind a proxy the public address is asked.
	app := hookstest.New(t)
	set := app.Settings()
	set.Meta.AppURL = "https://help.shop.test"
	if err := app.Save(set); err != nil {
		t.Fatal(err)
	}
	room := app.Rooms.Watchdog
	room.Begin(time.Now())
	asked := ""
	room.Reach(t.Context(), func(_ context.Context, host string) (watchdog.Certificate, error) {
		asked = host
		return watchdog.Certificate{Until: time.Now().Add(3 * 24 * time.Hour)}, nil
	})
	room.LookAt(time.Now())
	c := health{room.Health("en")}.check(t, "certificate:help.shop.test")
	if asked != "help.shop.test:443" || c.State != schema.CheckBad || !strings.Contains(c.Do, "proxy") {
		t.Errorf("asked %s, found %+v", asked, c)
	}
}
