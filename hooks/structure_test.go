package hooks_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
)

const module = "github.com/shohay/shohay/"

// kernel are the rooms below everything that knows customers.
const kernel = "outward schema i18n lifecycle settings outbox live limit rules disk"

// mayImport is what each package may import beside the standard library:
// rooms by their path under hooks, other modules by a prefix of theirs. The
// order is the one of the rooms, and imports only go up in it. Tests and
// packages that only tests use may import anything.
var mayImport = []struct{ pkg, imports string }{
	{"schema", ""},
	{"i18n", ""},
	{"outward", ""},
	{"limit", "golang.org/x/time"},
	{"lifecycle", "pocketbase"},
	{"settings", "pocketbase schema"},
	{"disk", "pocketbase golang.org/x/sys schema i18n settings"},
	{"redact", ""},
	{"logbook", "pocketbase redact disk lifecycle"},
	{"outbox", "pocketbase schema lifecycle"},
	{"live", "pocketbase schema"},
	{"whole", "pocketbase"},
	{"search", "pocketbase golang.org/x/text whole"},
	{"variable", "search"},
	{"search/sample", ""},
	{"search/eval", "pocketbase modernc.org/sqlite search search/sample"},
	{"rules", "pocketbase schema i18n settings"},
	{"rich", "golang.org/x/net"},
	{"staff", "pocketbase schema settings"},
	{"audit", "pocketbase schema i18n settings"},
	{"upload", "pocketbase golang.org/x/image schema i18n settings"},
	{"site", "pocketbase schema i18n settings"},
	{"kb", "pocketbase github.com/microcosm-cc/bluemonday github.com/yuin/goldmark golang.org/x/net golang.org/x/text search search/sample " + kernel},
	{"kb/page", "pocketbase kb search site upload " + kernel},
	{"kb/desk", "pocketbase kb search/sample " + kernel},
	{"kb/starter", "pocketbase search/sample " + kernel},
	{"contact", "pocketbase golang.org/x/net golang.org/x/text " + kernel},
	{"conversation", "pocketbase github.com/gabriel-vasile/mimetype golang.org/x/image golang.org/x/text contact rich " + kernel},
	{"profile", "pocketbase contact conversation " + kernel},
	{"rules/target", "pocketbase contact conversation " + kernel},
	{"rules/assign", "pocketbase conversation contact whole " + kernel},
	{"rules/automation", "pocketbase golang.org/x/text contact conversation variable " + kernel},
	{"lookup", "pocketbase search contact conversation whole " + kernel},
	{"undo", "pocketbase conversation schema i18n"},
	{"tag", "pocketbase conversation undo schema i18n"},
	{"team", "pocketbase conversation undo schema i18n live"},
	{"view", "pocketbase conversation undo schema i18n settings live"},
	{"merge", "pocketbase audit contact conversation undo schema i18n"},
	{"trash", "pocketbase conversation undo schema lifecycle"},
	{"stray", "pocketbase lifecycle whole"},
	{"retention", "pocketbase audit schema i18n lifecycle settings whole"},
	{"bulk", "pocketbase conversation undo schema i18n"},
	{"channel", "pocketbase contact conversation " + kernel},
	{"channel/chat", "pocketbase github.com/gabriel-vasile/mimetype channel contact conversation " + kernel},
	{"channel/portal/form", "pocketbase github.com/gabriel-vasile/mimetype conversation settings"},
	{"channel/portal", "pocketbase channel channel/portal/form contact conversation site " + kernel},
	{"channel/mail/gate", "golang.org/x/text"},
	{"channel/mail/content", "golang.org/x/net golang.org/x/text github.com/microcosm-cc/bluemonday channel/mail/gate"},
	{"channel/mail/calendar", "i18n"},
	{"channel/mail/tnef", "golang.org/x/text"},
	{"channel/mail/mime", "golang.org/x/text golang.org/x/net channel/mail/gate channel/mail/content channel/mail/calendar channel/mail/tnef"},
	{"channel/mail/report", "channel/mail/mime"},
	{"channel/mail/forward", "channel/mail/content channel/mail/mime"},
	{"channel/mail/auth", "github.com/emersion/go-msgauth golang.org/x/net golang.org/x/text channel/mail/mime"},
	{"channel/mail/spam", "golang.org/x/net golang.org/x/text channel/mail/mime"},
	{"channel/mail/oauth", "outward"},
	{"channel/mail/dkimkey", "github.com/emersion/go-msgauth golang.org/x/net"},
	{"channel/mail/letter", "i18n rich"},
	{"channel/mail/original", ""},
	{"channel/mail/imapbox", "schema outward github.com/emersion/go-imap/v2 github.com/emersion/go-sasl"},
	{"channel/mail/submit", "schema outward github.com/wneessen/go-mail"},
	{"channel/mail/dkimkey", "github.com/emersion/go-msgauth golang.org/x/net"},
	{"channel/mail", `pocketbase github.com/emersion/go-imap/v2 github.com/wneessen/go-mail channel contact conversation whole
		channel/mail/auth channel/mail/content channel/mail/dkimkey channel/mail/forward channel/mail/imapbox channel/mail/letter channel/mail/mime
		channel/mail/oauth channel/mail/original channel/mail/report channel/mail/spam channel/mail/submit search site variable ` + kernel},
	{"bot/flow", "search"},
	{"bot/intent", "search"},
	{"bot/judge", "search"},
	{"bot/model", "outward"},
	{"bot", "pocketbase bot/flow bot/intent bot/judge bot/model kb search contact conversation " + kernel},
	{"bot/eval", "pocketbase modernc.org/sqlite bot/intent bot/judge search search/sample"},
	{"callback", "pocketbase channel channel/portal/form contact conversation site " + kernel},
	{"request", "pocketbase audit channel/mail/content channel/portal/form contact conversation site " + kernel},
	{"rules/ack", "pocketbase channel channel/mail/letter contact conversation " + kernel},
	{"importer", "pocketbase golang.org/x/text audit contact conversation " + kernel},
	{"session/qr", ""},
	{"session", "pocketbase github.com/golang-jwt/jwt/v5 audit channel/mail/letter conversation session/qr " + kernel},
	{"notice", "pocketbase channel/mail/letter contact conversation site " + kernel},
	{"setup", "pocketbase github.com/spf13/cobra audit channel/mail/letter site " + kernel},
	{"backup/depot", "pocketbase"},
	{"backup", "pocketbase filippo.io/age github.com/spf13/cobra backup/depot whole " + kernel},
	{"replica", `pocketbase filippo.io/age github.com/benbjohnson/litestream github.com/superfly/ltx github.com/spf13/cobra
		backup backup/depot ` + kernel},
	{"files", "pocketbase github.com/spf13/cobra"},
	{"certificate", "pocketbase golang.org/x/crypto " + kernel},
	{"watchdog", "pocketbase channel/mail/letter " + kernel},
	{"doctor", "pocketbase github.com/spf13/cobra golang.org/x/sys redact watchdog " + kernel},
	{"newer", "pocketbase schema settings lifecycle outward"},
	{"canned", "pocketbase schema i18n settings live rich variable"},
	{"draft", "pocketbase contact conversation rich " + kernel},
	{"demo", "pocketbase github.com/emersion channel/mail/mime contact conversation site " + kernel},
	{".", "*"}, // hooks itself, the only importer of every room
	{"../installer", "pocketbase aead.dev/minisign github.com/kardianos/service github.com/spf13/cobra golang.org/x/sys . lifecycle doctor"},
	{"../pb_migrations", "pocketbase"},
	{"../release", "aead.dev/minisign"},
}

// forTests are packages that only tests import.
var forTests = []string{"hookstest", "e2e", "e2e/load", "hookstest/template", "hookstest/bucket", "hookstest/device", "channel/mail/mailtest", "channel/mail/dovecottest", "channel/mail/eximtest"}

// hooksDir is the folder of package hooks.
func hooksDir() string {
	return filepath.Join(hookstest.Root(), "hooks")
}

// packages lists the folders with Go files, relative to hooks.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, top := range []string{".", "../installer", "../pb_migrations"} {
		err := filepath.WalkDir(filepath.Join(hooksDir(), top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			rel, err := filepath.Rel(hooksDir(), filepath.Dir(path))
			rel = filepath.ToSlash(rel)
			if strings.HasPrefix(rel, "..") {
				rel = "../" + filepath.Base(rel)
			}
			found[rel] = append(found[rel], path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// imports are a file's imports outside the standard library, ours relative to
// hooks.
func imports(t *testing.T, file string) (list []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case path == module+"hooks":
			list = append(list, ".")
		case strings.HasPrefix(path, module+"hooks/"):
			list = append(list, strings.TrimPrefix(path, module+"hooks/"))
		case strings.HasPrefix(path, module):
			list = append(list, "../"+strings.TrimPrefix(path, module))
		case strings.Contains(strings.Split(path, "/")[0], "."):
			list = append(list, path)
		}
	}
	return list
}

func allowed(rule, path string) bool {
	for _, entry := range strings.Fields(rule) {
		switch {
		case entry == "*":
			return true
		case entry == "pocketbase" && strings.HasPrefix(path, "github.com/pocketbase/"):
			return true
		case strings.Contains(entry, ".") && (path == entry || strings.HasPrefix(path, entry+"/")):
			return true
		case entry == path:
			return true
		}
	}
	return false
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	rules := map[string]string{}
	for i, r := range mayImport {
		rules[r.pkg] = r.imports
		for _, entry := range strings.Fields(r.imports) {
			at := slices.IndexFunc(mayImport, func(o struct{ pkg, imports string }) bool { return o.pkg == entry })
			if at > i && r.pkg != "../installer" {
				t.Errorf("%s may import %s, which comes after it", r.pkg, entry)
			}
		}
	}
	seen := map[string]bool{}
	for pkg, files := range packages(t) {
		seen[pkg] = true
		if slices.Contains(forTests, pkg) {
			continue
		}
		rule, known := rules[pkg]
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			if !known {
				t.Errorf("package %s is not in the table", pkg)
				break
			}
			for _, path := range imports(t, file) {
				if slices.Contains(forTests, path) {
					t.Errorf("%s imports %s, which is for tests", file, path)
				} else if !allowed(rule, path) {
					t.Errorf("%s imports %s, which %s may not", file, path, pkg)
				}
			}
		}
	}
	for pkg := range rules {
		if !seen[pkg] {
			t.Errorf("the table names package %s, which does not exist", pkg)
		}
	}
}

// The table is worth what it refuses.
func TestTheTableOfImportsRefuses(t *testing.T) {
	for _, c := range []struct {
		rule, path string
		ok         bool
	}{
		{"", "github.com/pocketbase/dbx", false},
		{"pocketbase", "github.com/pocketbase/dbx", true},
		{"pocketbase schema", "settings", false},
		{"pocketbase schema", "schema", true},
		{"channel", "channel/mail", false},
		{"golang.org/x/text", "golang.org/x/text/unicode/norm", true},
		{"golang.org/x/text", "golang.org/x/textual", false},
		{"*", "channel/mail", true},
	} {
		if got := allowed(c.rule, c.path); got != c.ok {
			t.Errorf("%q allows %s: %t", c.rule, c.path, got)
		}
	}
}
