package e2e

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aead.dev/minisign"
	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

const exeInside = "/usr/local/bin/shohay"

// place puts the executable and a shop into a machine.
func (m *machine) place(tb testing.TB, s *staff) {
	tb.Helper()
	raw, err := os.ReadFile(built(tb))
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(m.on(exeInside), raw, 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.CopyFS(m.on("/var/lib/shohay"), os.DirFS(s.dir)); err != nil {
		tb.Fatal(err)
	}
}

// database opens a copy of the stopped service's database: SQLite follows the
// path by itself, out of the machine.
func (m *machine) database() *dbx.DB {
	m.tb.Helper()
	dir := m.tb.TempDir()
	for _, name := range []string{"data.db", "data.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(m.on("/var/lib/shohay"), name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), raw, 0o600)
		}
		if err != nil {
			m.tb.Fatal(err)
		}
	}
	db, err := openReadOnly(dir)
	if err != nil {
		m.tb.Fatal(err)
	}
	return db
}

// answers waits for the first answer at a port of the machine.
func (m *machine) answers(base string) {
	m.tb.Helper()
	hookstest.Until(m.tb, "the service to answer", time.Minute, func() bool { return answersOnce(base) })
}

// The service lives a whole life under a real systemd: installed, killed,
// started with the machine, stopped while a mail goes out, removed.
func TestTheServiceUnderSystemd(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	s := prepare(t, 1, nil)
	s.mailbox(t, imap, smtp)
	m.place(t, s)
	t.Cleanup(func() {
		if t.Failed() && m.cmd != nil {
			said, _ := m.try(0, "journalctl", "-u", "shohay", "-n", "60", "--no-pager")
			t.Log(said)
		}
	})
	begun := time.Now()
	lap := func(what string) { t.Logf("%5.1f s  %s", time.Since(begun).Seconds(), what) }
	var base string
	boot := func() {
		t.Helper()
		m.boot()
		m.lend(imap.Port)
		m.lend(smtp.Port)
		base = m.reach(80)
	}
	boot()
	lap("booted")

	// Nothing is there yet, and strangers may change nothing.
	m.want(4, "not installed", "shohay", "status")
	m.want(0, "not installed", "shohay", "uninstall")
	m.want(1, "sudo shohay install", "shohay", "start")
	m.wantAs(nobody, 1, "sudo shohay install", "shohay", "install")

	const address = "0.0.0.0:80"
	m.want(0, "Runs as      shohay", "shohay", "install", "--http", address)
	m.want(0, "already installed", "shohay", "install", "--http", address)
	m.want(1, "other settings", "shohay", "install")
	m.want(3, "stopped", "shohay", "status")

	// Somebody else has the port: start says so, status does, and once the
	// port is free the service comes by itself.
	other := m.listen(80)
	m.want(1, "journalctl", "shohay", "start")
	m.soon(3, "again and again", "shohay", "status")
	m.want(0, "another program already listens on 0.0.0.0:80", "shohay", "logs")
	other.Close()
	m.answers(base)
	m.soon(0, "running\n", "shohay", "status")
	m.want(0, "already running", "shohay", "start")
	lap("started")

	// Its own user, on a port below 1024, and a folder nobody else sees.
	id := strings.Fields(m.want(0, "", "id", "-u", "shohay"))[0]
	if uids := strings.Fields(m.status("Uid")); len(uids) == 0 || uids[0] != id || id == "0" {
		t.Errorf("it runs as %v, its user is %s", uids, id)
	}
	if caps := m.status("CapEff"); caps != "0000000000000400" { // CAP_NET_BIND_SERVICE alone
		t.Errorf("it has the capabilities %s", caps)
	}
	if open := m.want(0, "", "find", "/var/lib/shohay", "!", "-user", "shohay", "-o", "-maxdepth", "0", "-perm", "/077"); open != "" {
		t.Errorf("not its user's alone:\n%s", open)
	}
	said := m.want(0, "Overall exposure level", "systemd-analyze", "security", "shohay", "--no-pager", "--threshold=20")
	t.Log(strings.TrimSpace(said[strings.Index(said, "→"):]))

	// Strangers on the machine.
	m.wantAs(nobody, 0, "running", "shohay", "status")
	for _, verb := range []string{"stop", "restart", "uninstall", "logs"} {
		m.wantAs(nobody, 1, "sudo shohay "+verb, "shohay", verb)
	}
	m.wantAs(nobody, 1, "sudo", "shohay", "doctor")

	// Everything works behind the walls of the unit: chat, mail in and out,
	// backups to a folder of another disk, and to the folder that is there.
	guest := &hookstest.Client{TB: t, Base: base}
	var start struct{ Token string }
	guest.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &start)
	tell := func(n int) {
		t.Helper()
		guest.Base, guest.Token = base, start.Token
		guest.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprintf("service-%d", n), "text": fmt.Sprintf("message %d", n)})
	}
	tell(1)
	imap.Put("From: nusrat@example.com\r\nTo: " + mailtest.Login + "\r\nSubject: Parcel\r\nMessage-ID: <one@example.com>\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\nWhere is it?\r\n")
	agent := &hookstest.Client{TB: t, Base: base, Token: s.tokens[0]}
	var list struct{ Rows []struct{ ID string } }
	hookstest.Until(t, "the mail", time.Minute, func() bool {
		agent.Must(200, "GET", "/api/desk/conversations?view=channel:email", nil).JSON(t, &list)
		return len(list.Rows) == 1
	})
	reply := func(text string) {
		t.Helper()
		agent.Base = base
		agent.Must(200, "POST", "/api/desk/conversations/"+list.Rows[0].ID+"/reply", map[string]any{"client_id": "reply-" + text, "kind": "reply", "text": text})
	}
	sent := func(text string) (n int) {
		for _, mail := range smtp.Mails() {
			if strings.Contains(mail.Raw, text) {
				n++
			}
		}
		return n
	}
	reply("today")
	hookstest.Until(t, "the answer", time.Minute, func() bool { return sent("today") == 1 })
	m.want(0, "", "install", "-d", "-o", "shohay", "-m", "700", "/srv/disk2")
	boss := &hookstest.Client{TB: t, Base: base, Token: s.admin}
	var second struct{ ID string }
	boss.Must(200, "POST", "/api/collections/backup_places/records", map[string]any{
		schema.PlaceName: "Second disk", schema.PlaceKind: schema.PlaceKindFolder, schema.PlaceFolder: "/srv/disk2", schema.PlaceActive: true, schema.PlaceContinuous: true,
	}).JSON(t, &second)
	m.want(0, "/srv/disk2/", "shohay", "backup", "now")
	hookstest.Until(t, "the replica", time.Minute, func() bool {
		found, _ := filepath.Glob(m.on("/srv/disk2/live/g*/db/0000/*"))
		return len(found) > 0
	})
	m.want(0, "Shohay is running.", "shohay", "logs", "-n", "50")
	lap("worked")

	// doctor knows where the service answers, and finds nothing wrong but the
	// missing owner of the test's shop.
	said, _ = m.try(0, "shohay", "doctor")
	if !strings.Contains(said, "It answers at http://127.0.0.1.") || strings.Count(said, "wrong") > strings.Count(said, "no owner") {
		t.Errorf("doctor says:\n%s", said)
	}
	m.want(0, "/root/bundle.zip", "shohay", "support-bundle", "--out", "/root/bundle.zip")
	if info, err := os.Stat(m.on("/root/bundle.zip")); err != nil || info.Size() < 2000 {
		t.Errorf("the bundle: %v %v", info, err)
	}

	// Killed, it comes again.
	pid, times := m.property("MainPID"), m.property("NRestarts")
	m.want(0, "", "kill", "-9", pid)
	hookstest.Until(t, "another process", time.Minute, func() bool { now := m.property("MainPID"); return now != pid && now != "0" })
	m.answers(base)
	if now := m.property("NRestarts"); now == times {
		t.Error("systemd counted no restart")
	}
	lap("came again after kill -9")
	tell(2)

	// Stop waits for the mail that is on its way.
	smtp.Forward(func(string) { time.Sleep(3 * time.Second) })
	reply("tomorrow")
	hookstest.Until(t, "the answer to be on its way", time.Minute, func() bool { return sent("tomorrow") == 1 })
	m.want(0, "is stopped", "shohay", "stop")
	smtp.Forward(nil)
	m.want(0, "already stopped", "shohay", "stop")
	m.want(3, "stopped", "shohay", "status")
	state := func(text string) string {
		t.Helper()
		db := m.database()
		defer db.Close()
		var state string
		if err := db.NewQuery(`SELECT o.state FROM outbox o JOIN messages m ON m.id = o.message WHERE m.text LIKE '%` + text + `%' AND o.channel = 'email'`).Row(&state); err != nil {
			t.Fatal(err)
		}
		return state
	}
	if got := state("tomorrow"); got != "sent" {
		t.Errorf("the mail that was on its way is %s", got)
	}
	lap("stopped")

	// Commands of the administrator leave the folder its user's.
	m.want(0, "/srv/disk2/", "shohay", "backup", "now")
	m.want(0, "", "shohay", "superuser", "upsert", "owner2@shop.test", "a-long-password-1")
	if open := m.want(0, "", "find", "/var/lib/shohay", "/srv/disk2", "!", "-user", "shohay", "-print"); open != "" {
		t.Errorf("root's after commands of root:\n%s", open)
	}
	m.want(0, "is running", "shohay", "start")
	m.want(0, "is running", "shohay", "restart")
	m.answers(base)
	tell(3)

	// The machine is switched off in order, and another time loses its power:
	// the service starts with it.
	m.down()
	boot()
	m.answers(base)
	lap("came again with the machine")
	tell(4)
	m.cut()
	boot()
	m.answers(base)
	lap("came again after a power cut")
	tell(5)
	m.soon(0, "running\n", "shohay", "status")

	// A signed executable takes the place of this one; one that does not start
	// is put away again.
	m.upgrade(t)
	m.answers(base)
	tell(6)
	lap("upgraded")

	// A domain: both ports are taken.
	m.want(0, "data folder was left", "shohay", "uninstall")
	m.want(0, "not installed", "shohay", "uninstall")
	m.want(4, "not installed", "shohay", "status")
	if _, err := os.Stat(m.on("/etc/systemd/system/shohay.service")); err == nil {
		t.Error("the unit is still there")
	}
	m.want(0, "is installed", "shohay", "install", "shop.example.com")
	m.want(0, "is running", "shohay", "start")
	for _, port := range []int{80, 443} {
		var c net.Conn
		hookstest.Until(t, fmt.Sprint("port ", port), time.Minute, func() bool {
			var err error
			c, err = m.dial(port)
			return err == nil
		})
		c.Close()
	}
	m.want(0, "is stopped", "shohay", "stop")
	m.want(0, "data folder was left", "shohay", "uninstall")
	lap("uninstalled")

	var n int
	db := m.database()
	defer db.Close()
	if err := db.NewQuery(`SELECT COUNT(*) FROM messages WHERE text LIKE 'message %' AND kind = 'incoming'`).Row(&n); err != nil || n != 6 {
		t.Errorf("%d of 6 messages are there: %v", n, err)
	}
	if sent("today") != 1 || sent("tomorrow") != 1 {
		t.Errorf("answers went out %d and %d times", sent("today"), sent("tomorrow"))
	}
	if info, err := os.Stat(m.on("/var/lib/shohay")); err != nil || info.Mode().Perm() != 0o700 || fmt.Sprint(info.Sys().(*syscall.Stat_t).Uid) != id {
		t.Errorf("the data folder: %v, %v", info, err)
	}
}

// upgrade hands the service a new executable and a broken one, both signed.
func (m *machine) upgrade(tb testing.TB) {
	tb.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	good, err := os.ReadFile(built(tb))
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range []struct {
		name string
		raw  []byte
		code int
		says string
	}{
		{"good", good, 0, "and it answers"},
		{"broken", []byte("#!/bin/sh\n[ \"$1\" = version ] && echo shohay 99.0.0 && exit\nexit 1\n"), 1, "is in its place again and runs"},
	} {
		file := "/root/" + c.name
		if err := os.WriteFile(m.on(file), c.raw, 0o755); err != nil {
			tb.Fatal(err)
		}
		m.want(1, "minisig", "shohay", "upgrade", file, "--key", public.String())
		r := minisign.NewReader(bytes.NewReader(c.raw))
		if _, err := io.Copy(io.Discard, r); err != nil {
			tb.Fatal(err)
		}
		m.write(file+".minisig", string(r.Sign(private)))
		m.want(c.code, c.says, "shohay", "upgrade", file, "--key", public.String())
		m.soon(0, "running\n", "shohay", "status")
	}
}
