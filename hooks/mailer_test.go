package hooks_test

import (
	"net"
	"net/mail"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// PocketBase's own mailer goes where mailboxes may go, and nowhere else.
func TestTheAdminsMailServerIsBehindTheGuard(t *testing.T) {
	app := hookstest.New(t)
	admin, err := app.FindFirstRecordByFilter(core.CollectionNameSuperusers, "id != ''")
	if err != nil {
		c, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
		if err != nil {
			t.Fatal(err)
		}
		admin = core.NewRecord(c)
		admin.SetEmail("root@shop.test")
		admin.SetPassword(hookstest.Password)
		if err := app.Save(admin); err != nil {
			t.Fatal(err)
		}
	}
	c := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(admin)}
	smtp := func(host string, port int) map[string]any {
		return map[string]any{"smtp": map[string]any{"enabled": true, "host": host, "port": port}}
	}
	app.Shop(map[string]any{schema.ShopLanguage: "bn"})
	for _, host := range []string{"169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1", "fd00:ec2::254"} {
		a := c.Must(400, "PATCH", "/api/settings", smtp(host, 25))
		if !strings.Contains(string(a.Body), host) || !strings.Contains(string(a.Body), "মেইল") {
			t.Errorf("%s: %s", host, a.Body)
		}
	}
	send := func(host string, port int) error {
		set := app.Settings()
		set.SMTP.Enabled, set.SMTP.Host, set.SMTP.Port = true, host, port
		if err := app.Save(set); err != nil { // as one who has the file would
			t.Fatal(err)
		}
		return app.NewMailClient().Send(&mailer.Message{From: mail.Address{Address: "a@shop.test"}, To: []mail.Address{{Address: "b@shop.test"}}, Subject: "x", HTML: "x"})
	}
	if err := send("169.254.169.254", 25); err == nil || !strings.Contains(err.Error(), "169.254.169.254") || !strings.Contains(err.Error(), "মেইল") {
		t.Errorf("sent there: %v", err)
	}
	// This machine is allowed, as it is for mailboxes.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	came := make(chan struct{}, 8)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			came <- struct{}{}
			_, _ = conn.Write([]byte("421 not now\r\n"))
			_ = conn.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	c.Must(200, "PATCH", "/api/settings", smtp("127.0.0.1", port))
	if err := send("localhost", port); err == nil || strings.Contains(err.Error(), "মেইল") {
		t.Errorf("to this machine: %v", err)
	}
	<-came
}
