package doctor_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/doctor"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// healthy answers like the server.
func healthy(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/health" {
			fmt.Fprint(w, `{"message":"API is healthy.","code":200,"data":{}}`)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func deps(dir, url string) doctor.Deps {
	return doctor.Deps{
		Dir: dir, URL: url, Version: "1.2.3", Service: func() string { return doctor.ServiceAbsent },
		Compare: func(*dbx.DB) (doctor.Version, error) { return doctor.VersionSame, nil },
	}
}

// examine returns the lines by their words of state, and how many are wrong.
func examine(t *testing.T, d doctor.Deps, lang string) (lines []doctor.Line, bad int) {
	t.Helper()
	bad, _ = doctor.New(d, lang).Examine(context.Background(), func(l doctor.Line) { lines = append(lines, l) })
	for _, l := range lines {
		if l.State != schema.CheckOK && l.Do == "" {
			t.Errorf("it does not say what to do: %+v", l)
		}
		for _, s := range []string{l.Label, l.Said, l.Do} {
			if strings.Contains(s, "doctor.") || strings.Contains(s, "watch.") || strings.ContainsAny(s, "{}") {
				t.Errorf("a text is missing or not filled: %+v", l)
			}
		}
	}
	return lines, bad
}

func has(lines []doctor.Line, state, words string) bool {
	return slices.ContainsFunc(lines, func(l doctor.Line) bool {
		return l.State == state && strings.Contains(l.Label+": "+l.Said+" "+l.Do, words)
	})
}

// shop is a data folder with an owner, whose app still runs.
func shop(t *testing.T) *hookstest.App {
	t.Helper()
	app := hookstest.New(t)
	if err := os.Chmod(app.DataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	app.Agent("owner", schema.RoleOwner)
	return app
}

// folder is every file with a sum of what it holds.
func folder(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all = append(all, fmt.Sprintf("%s %x", path, sha256.Sum256(raw)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

func TestAHealthyShopIsWellWhetherItRunsOrNot(t *testing.T) {
	app := shop(t)
	for _, running := range []bool{true, false} {
		if !running {
			app.Stop()
		}
		before := folder(t, app.DataDir())
		for _, lang := range []string{"en", "bn"} {
			lines, bad := examine(t, deps(app.DataDir(), healthy(t)), lang)
			if bad != 0 || len(lines) < 11 {
				t.Errorf("running %t: %d wrong of %d: %+v", running, bad, len(lines), lines)
			}
		}
		if !running && folder(t, app.DataDir()) != before {
			t.Errorf("the folder is another one:\n%s\n%s", before, folder(t, app.DataDir()))
		}
	}
}

func TestAMissingFolderIsSaidAndNotMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "no-shop")
	lines, bad := examine(t, deps(dir, ""), "en")
	if bad != 1 || len(lines) != 1 || !has(lines, schema.CheckBad, dir) {
		t.Errorf("%d %+v", bad, lines)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it was made")
	}
	empty := t.TempDir()
	if lines, bad := examine(t, deps(empty, ""), "bn"); bad != 1 || !has(lines, schema.CheckBad, "data.db") {
		t.Errorf("%d %+v", bad, lines)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("something was made in it: %v %v", left, err)
	}
}

func exec(t *testing.T, app core.App, query string) {
	t.Helper()
	if _, err := app.NonconcurrentDB().NewQuery(query).Execute(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrongIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, app *hookstest.App, d *doctor.Deps)
		state string
		words string
	}{
		"no owner": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `UPDATE agents SET role = 'agent'`)
		}, schema.CheckBad, "shohay setup"},
		"no key": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			if err := os.Remove(filepath.Join(app.DataDir(), settings.KeyFile)); err != nil {
				t.Fatal(err)
			}
		}, schema.CheckBad, "sealed"},
		"open key": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			if err := os.Chmod(filepath.Join(app.DataDir(), settings.KeyFile), 0o644); err != nil {
				t.Fatal(err)
			}
		}, schema.CheckBad, "chmod 600"},
		"open folder": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			if err := os.Chmod(app.DataDir(), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(app.DataDir(), "data.db"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, schema.CheckWarn, "chmod 700"},
		"newer": {func(_ *testing.T, _ *hookstest.App, d *doctor.Deps) { d.Compare = always(doctor.VersionNewer) }, schema.CheckBad, "newer version"},
		"older": {func(_ *testing.T, _ *hookstest.App, d *doctor.Deps) { d.Compare = always(doctor.VersionOlder) }, schema.CheckWarn, "older version"},
		"stopped": {func(_ *testing.T, _ *hookstest.App, d *doctor.Deps) {
			d.URL, d.Service = nowhere, says(doctor.ServiceStopped)
		}, schema.CheckBad, "shohay start"},
		"silent": {func(_ *testing.T, _ *hookstest.App, d *doctor.Deps) {
			d.URL, d.Service = nowhere, says(doctor.ServiceRunning)
		}, schema.CheckBad, "shohay logs"},
		"by hand": {func(_ *testing.T, _ *hookstest.App, d *doctor.Deps) { d.URL = nowhere }, schema.CheckWarn, "shohay serve"},
		"no backup": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `UPDATE backup_places SET active = FALSE`)
		}, schema.CheckWarn, "No backups are made"},
		"old backup": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `UPDATE backup_places SET active = TRUE, last_good = '2001-01-01 00:00:00.000Z', updated = '2001-01-01 00:00:00.000Z', last_error = 'no room left'`)
		}, schema.CheckBad, "no room left"},
		"full disk": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `UPDATE shop SET disk_floor_mb = 2000000000`)
		}, schema.CheckBad, "are refused until"},
		"clock": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `INSERT INTO messages (id, seq, created) VALUES ('future000000001', 9000000, '2999-01-01 00:00:00.000Z')`)
		}, schema.CheckBad, "clock is wrong"},
		"mailbox": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `INSERT INTO mailboxes (id, address, active, imap_host, last_fetch, last_error, updated) VALUES ('box000000000001', 'help@shop.test', TRUE, 'imap.shop.test', datetime('now') || '.000Z', 'the password is wrong', datetime('now') || '.000Z')`)
		}, schema.CheckWarn, "the password is wrong"},
		"remembered": {func(t *testing.T, app *hookstest.App, _ *doctor.Deps) {
			exec(t, app, `INSERT INTO checks (id, name, state, code, since) VALUES ('check0000000001', 'certificate:help.shop.test', 'bad', 'certificate_ends', '2026-01-02 00:00:00.000Z')`)
		}, schema.CheckBad, "Certificate (help.shop.test): Not in order since"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasPrefix(name, "open") {
				return // modes mean nothing there
			}
			app := shop(t)
			d := deps(app.DataDir(), healthy(t))
			c.spoil(t, app, &d)
			lines, bad := examine(t, d, "en")
			if !has(lines, c.state, c.words) || (bad > 0) != (c.state == schema.CheckBad) {
				t.Errorf("%d wrong: %+v", bad, lines)
			}
		})
	}
}

// nowhere is an address that nothing answers at.
const nowhere = "http://127.0.0.1:1"

func always(v doctor.Version) func(*dbx.DB) (doctor.Version, error) {
	return func(*dbx.DB) (doctor.Version, error) { return v, nil }
}

func says(state string) func() string { return func() string { return state } }

func TestADamagedDatabaseIsFound(t *testing.T) {
	app := shop(t)
	app.Stop()
	name := filepath.Join(app.DataDir(), "data.db")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 8192; i < len(raw)/2; i++ {
		raw[i] = 0x5a
	}
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	lines, bad := examine(t, deps(app.DataDir(), healthy(t)), "en")
	if bad == 0 || !has(lines, schema.CheckBad, "shohay restore") {
		t.Errorf("%d wrong: %+v", bad, lines)
	}
}

func TestTheLocaleChoosesTheLanguage(t *testing.T) {
	texts, err := i18n.Load(hookstest.PublicFS())
	if err != nil {
		t.Fatal(err)
	}
	i18n.Use(texts)
	for _, c := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"}, {"", "", "bn_BD.UTF-8", "bn"}, {"", "bn", "en_US.UTF-8", "bn"}, {"C", "bn", "bn", "en"}, {"bn@x", "", "", "bn"}, {"", "", "fr_FR", "en"},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		if got := doctor.Language(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
