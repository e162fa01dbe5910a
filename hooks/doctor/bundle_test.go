package doctor_test

import (
	"archive/zip"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/doctor"
)

// secrets are words that are found nowhere else.
var secrets = []string{
	"Zubaida", "Quaderi", "zubaida.q@nowhere.example", "+8801712345678", "০১৭১২৩৪৫৬৭৮", "flamingo-umbrella", "hunter2hunter2", "Xylophone Bazaar",
	"box-of-xylophone@bazaar.example", "imap.xylophone.example", "AKIAXYLOPHONE", "mnt/xylophone-disk", "203.0.113.77", "xylophone-agent", "smtp-hunter3",
}

func TestTheBundleHoldsNothingOfAnybody(t *testing.T) {
	app := shop(t)
	for _, q := range []string{
		`INSERT INTO contacts (id, name, note) VALUES ('contact00000001', 'Zubaida Quaderi', 'flamingo-umbrella')`,
		`INSERT INTO identities (id, contact, kind, value) VALUES ('identity0000001', 'contact00000001', 'email', 'zubaida.q@nowhere.example'), ('identity0000002', 'contact00000001', 'phone', '+8801712345678')`,
		`INSERT INTO messages (id, seq, text, created) VALUES ('message00000001', 8000000, 'flamingo-umbrella to ০১৭১২৩৪৫৬৭৮ from Zubaida', '2026-01-01 00:00:00.000Z')`,
		`INSERT INTO mailboxes (id, name, address, active, imap_host, smtp_host, login, password, secret, last_error) VALUES ('box000000000001', 'Xylophone Bazaar', 'box-of-xylophone@bazaar.example', TRUE, 'imap.xylophone.example', 'imap.xylophone.example', 'Quaderi', 'hunter2hunter2', 'hunter2hunter2', 'user Quaderi of Xylophone Bazaar: flamingo-umbrella')`,
		`UPDATE shop SET name = 'Xylophone Bazaar', time_zone = 'Asia/Dhaka'`,
		`UPDATE agents SET name = 'xylophone-agent', email = 'zubaida.q@nowhere.example'`,
		`INSERT INTO audit (id, kind, action, actor, label, changes, address) VALUES ('audit0000000001', 'contact', 'update', 'Zubaida', 'Quaderi', '{"name":"flamingo-umbrella"}', '203.0.113.77')`,
		`UPDATE backup_places SET name = 'Xylophone Bazaar', active = TRUE, folder = '/mnt/xylophone-disk', access_key = 'AKIAXYLOPHONE', secret_key = 'hunter2hunter2', passphrase = 'hunter2hunter2', last_error = 'mkdir /mnt/xylophone-disk: Zubaida'`,
		`INSERT INTO checks (id, name, state, code, since) VALUES ('check0000000001', 'certificate:imap.xylophone.example', 'bad', 'certificate_ends', '2026-01-02 00:00:00.000Z')`,
	} {
		exec(t, app.App, q)
	}
	s := app.Settings()
	s.SMTP.Password, s.Meta.AppName, s.Meta.AppURL = "smtp-hunter3", "Xylophone Bazaar", "http://imap.xylophone.example"
	if err := app.SaveNoValidate(s); err != nil {
		t.Fatal(err)
	}
	logs := filepath.Join(app.DataDir(), "logs")
	if err := os.MkdirAll(logs, 0o700); err != nil {
		t.Fatal(err)
	}
	line := `{"level":"WARN","msg":"mail of zubaida.q@nowhere.example from 203.0.113.77 waits","phone":"+8801712345678"}` + "\n"
	if err := os.WriteFile(filepath.Join(logs, "shohay.log"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	d := deps(app.DataDir(), nowhere)
	d.PocketBase = "0.1.2"
	out := filepath.Join(t.TempDir(), "bundle.zip")
	if err := doctor.Bundle(context.Background(), out, doctor.New(d, "en")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v %v", info, err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(raw)
		for _, s := range append(secrets, app.DataDir()) {
			if strings.Contains(strings.ToLower(string(raw)), strings.ToLower(s)) {
				t.Errorf("%s holds %q:\n%s", f.Name, s, raw)
			}
		}
	}
	for name, words := range map[string]string{
		"doctor.txt": "bad  Certificate", "versions.txt": "shohay 1.2.3\nPocketBase 0.1.2\ngo1", "schema.sql": "CREATE TABLE `messages`", "counts.txt": "contacts 1\n",
		"settings.txt": "[mailboxes]", "checks.txt": "certificate ‹22› bad certificate_ends", "logs/shohay.log": `"level":"WARN"`,
	} {
		if !strings.Contains(parts[name], words) || strings.Contains(parts[name], "could not be read") {
			t.Errorf("%s does not say %q:\n%s", name, words, parts[name])
		}
	}
	for _, line := range []string{"name = ‹16›", "widget_enabled = ", "password = ‹14›"} {
		if !strings.Contains(parts["settings.txt"], line) {
			t.Errorf("the settings do not say %q:\n%s", line, parts["settings.txt"])
		}
	}

	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := doctor.Bundle(context.Background(), out, doctor.New(d, "en")); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Errorf("it writes over a file: %v", err)
	}
	if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
		t.Errorf("the file that was there is another one: %v", err)
	}
	missing := deps(filepath.Join(t.TempDir(), "none"), "")
	if err := doctor.Bundle(context.Background(), out+"2", doctor.New(missing, "en")); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("a bundle of nothing: %v", err)
	}
	if _, err := os.Stat(out + "2"); err == nil {
		t.Error("it was made all the same")
	}
}
