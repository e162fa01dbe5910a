package hooks_test

import (
	"encoding/json/v2"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// prefixes are how the constants of a collection's fields and values begin.
var prefixes = map[string]string{
	schema.Targets: "Target", schema.Automations: "Automation", schema.ContactFields: "Custom", schema.AutomationRuns: "Run",
	schema.Shop: "Shop", schema.Agents: "Agent", schema.Contacts: "Contact", schema.Identities: "Identity",
	schema.BackupPlaces: "Place", schema.Checks: "Check",
	schema.Mailboxes: "Mailbox", schema.Conversations: "Conv", schema.Messages: "Msg", schema.Ledger: "Ledger",
	schema.Quarantine: "Quarantine", schema.Outbox: "Outbox", schema.CannedReplies: "Canned", schema.Tags: "Tag", schema.OfficeHours: "Hours",
	schema.BlockedSenders: "Blocked", schema.MailTemplates: "Template", schema.Views: "View", schema.Holidays: "Holiday",
	schema.PushSubscriptions: "Push", schema.Reminders: "Reminder",
	schema.Callbacks: "Callback", schema.SignIns: "Door", schema.SignInCodes: "Code",
	schema.Drafts:     "Draft",
	schema.Categories: "Category", schema.Articles: "Article", schema.ArticleVersions: "Version", schema.ArticleVotes: "Vote",
	schema.ArticleRedirects: "Redirect", schema.SearchMisses: "Miss",
	schema.Bot: "Bot", schema.BotFlows: "Flow", schema.BotSessions: "Talk", schema.BotTasks: "Task", schema.BotQuestions: "Question",
	schema.LanguageModel: "Model", schema.LanguageModelUse: "Use",
	schema.SetupSteps: "Step", schema.OnceLinks: "Once",
	schema.Mentions: "Mention", schema.Follows: "Follow",
	schema.Audit: "Audit", schema.Sessions: "Session", schema.SecondFactors: "Factor", schema.Imports: "Import", schema.ImportRows: "Row",
}

// free are select fields whose values are no statuses of ours: languages,
// corners of the screen, days, how a mail came back, which channel/mail's
// report names, signs of categories and why an article did not help, which
// kb/page names.
var free = []string{"icon", "reason", "language", "languages", "widget_position", "day", "bounce_kind"}

// constants reads the string constants of package schema; collections are
// those of the first block.
func constants(t *testing.T) (all, collections map[string]string) {
	t.Helper()
	all, collections = map[string]string{}, map[string]string{}
	files, err := filepath.Glob(filepath.Join(hooksDir(), "schema", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			into := all
			// The block of collections, or one that a later file declares
			// alone.
			if strings.HasPrefix(decl.Doc.Text(), "Collections") || !decl.Lparen.IsValid() && !slices.Contains(plainTables, decl.Specs[0].(*ast.ValueSpec).Names[0].Name) {
				into = collections
			}
			for _, spec := range decl.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					value, err := strconv.Unquote(v.Values[i].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatalf("%s: %v", name.Name, err)
					}
					into[name.Name] = value
				}
			}
		}
	}
	if len(all) < 100 || len(collections) < 10 {
		t.Fatalf("only %d constants and %d collections were read", len(all), len(collections))
	}
	return all, collections
}

// ours are the collections that are not PocketBase's own.
func ours(t *testing.T, app core.App) map[string]*core.Collection {
	t.Helper()
	all, err := app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*core.Collection{}
	for _, c := range all {
		if !c.System {
			found[c.Name] = c
		}
	}
	return found
}

// plainTables are the constants of tables that are no collections.
var plainTables = []string{"Counters", "Awaited", "Unclaimed"}

// choices are the values of a collection's select fields.
func choices(c *core.Collection) (values []string) {
	for _, f := range c.Fields {
		if s, ok := f.(*core.SelectField); ok {
			values = append(values, s.Values...)
		}
	}
	return values
}

func TestSchemaMatchesDatabase(t *testing.T) {
	app := hookstest.New(t)
	found := ours(t, app)
	all, collections := constants(t)

	for name, value := range collections {
		if found[value] == nil {
			t.Errorf("schema.%s names the collection %s, which does not exist", name, value)
		}
	}
	var every []string
	for name, c := range found {
		if !slices.Contains(values(collections), name) {
			t.Errorf("the collection %s has no constant", name)
		}
		if prefixes[name] == "" {
			t.Errorf("the collection %s has no prefix in this test", name)
			continue
		}
		every = append(every, choices(c)...)
		for _, field := range []string{schema.ID, schema.Created, schema.Updated} {
			if c.Fields.GetByName(field) == nil {
				t.Errorf("%s has no field %s", name, field)
			}
		}
		named := map[string]bool{schema.ID: true, schema.Created: true, schema.Updated: true}
		for constant, value := range all {
			if rest, ok := strings.CutPrefix(constant, prefixes[name]); !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' {
				continue
			}
			named[value] = true
			if c.Fields.GetByName(value) == nil && !slices.Contains(choices(c), value) {
				t.Errorf("schema.%s: %s has neither a field nor a value %q", constant, name, value)
			}
		}
		for _, f := range c.Fields {
			if !f.GetSystem() && !named[f.GetName()] {
				t.Errorf("%s.%s has no constant", name, f.GetName())
			}
			if s, ok := f.(*core.SelectField); ok && !slices.Contains(free, f.GetName()) {
				for _, value := range s.Values {
					if !slices.Contains(values(all), value) {
						t.Errorf("%s.%s: the value %q has no constant", name, f.GetName(), value)
					}
				}
			}
		}
	}
	// Statuses, kinds, roles: constants that begin with no collection's prefix.
	for constant, value := range all {
		if slices.Contains(plainTables, constant) || constant == "ID" || constant == "Created" || constant == "Updated" || strings.HasPrefix(constant, "Counter") {
			continue
		}
		mine := false
		for _, p := range prefixes {
			mine = mine || strings.HasPrefix(constant, p)
		}
		if !mine && !slices.Contains(every, value) {
			t.Errorf("schema.%s: no select field has the value %q", constant, value)
		}
	}

	var counters []string
	if err := app.DB().NewQuery("SELECT name FROM " + schema.Counters).Column(&counters); err != nil {
		t.Fatal(err)
	}
	var want []string
	for constant, value := range all {
		if strings.HasPrefix(constant, "Counter") && constant != "Counters" {
			want = append(want, value)
		}
	}
	slices.Sort(counters)
	slices.Sort(want)
	if !slices.Equal(counters, want) {
		t.Errorf("the counters are %v, the constants %v", counters, want)
	}
}

func values(m map[string]string) (list []string) {
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

func TestOwnersAreHelpedWithEveryField(t *testing.T) {
	for name, c := range ours(t, hookstest.New(t)) {
		for _, f := range c.Fields {
			if _, stamp := f.(*core.AutodateField); stamp || f.GetSystem() || f.GetHidden() {
				continue
			}
			var described struct {
				Help string `json:"help"`
			}
			raw, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &described); err != nil {
				t.Fatal(err)
			}
			if len(described.Help) < 4 || !strings.HasSuffix(described.Help, ".") {
				t.Errorf("%s.%s has no sentence of help: %q", name, f.GetName(), described.Help)
			}
		}
	}
}

// fixedID is an id that a migration gives by hand; PocketBase makes ids such
// as pbc_1234567890.
var fixedID = regexp.MustCompile(`^shohay_[a-z0-9]{8}$`)

// picture is a collection as a migration made it.
func picture(t *testing.T, c *core.Collection) string {
	t.Helper()
	raw, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "created")
	delete(m, "updated")
	for _, key := range []string{"authToken", "passwordResetToken", "emailChangeToken", "verificationToken", "fileToken"} {
		if token, ok := m[key].(map[string]any); ok {
			delete(token, "secret") // random
		}
	}
	if raw, err = json.Marshal(m, json.Deterministic(true)); err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// tables lists what the database holds.
func tables(t *testing.T, app core.App) (names []string) {
	t.Helper()
	if err := app.DB().NewQuery(`SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1`).Column(&names); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestMigrationsGoUpAndDownAndUpAgain(t *testing.T) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.ClearBootstrap(); err != nil {
			t.Error(err)
		}
	})
	// PocketBase's own first, so that what it leaves is known.
	var theirs, mine core.MigrationsList
	for _, m := range core.AppMigrations.Items() {
		if _, err := os.Stat(filepath.Join(hooksDir(), "..", "pb_migrations", m.File)); err == nil {
			mine.Add(m)
		} else {
			theirs.Add(m)
		}
	}
	if len(mine.Items()) < 5 {
		t.Fatalf("only %d migrations of ours are registered", len(mine.Items()))
	}
	if _, err := core.NewMigrationsRunner(app, theirs).Up(); err != nil {
		t.Fatal(err)
	}
	before := tables(t, app)
	runner := core.NewMigrationsRunner(app, mine)

	up := func() map[string]string {
		t.Helper()
		applied, err := runner.Up()
		if err != nil {
			t.Fatal("up: ", err)
		}
		if len(applied) != len(mine.Items()) {
			t.Fatalf("%d of %d migrations were applied", len(applied), len(mine.Items()))
		}
		if err := app.ReloadCachedCollections(); err != nil {
			t.Fatal(err)
		}
		pictures := map[string]string{}
		for name, c := range ours(t, app) {
			if !fixedID.MatchString(c.Id) {
				t.Errorf("%s has the id %s, which is not given by hand", name, c.Id)
			}
			pictures[name] = picture(t, c)
		}
		return pictures
	}

	first := up()
	if _, err := runner.Down(len(mine.Items())); err != nil {
		t.Fatal("down: ", err)
	}
	if left := ours(t, app); len(left) > 0 {
		t.Errorf("down left %d collections", len(left))
	}
	for _, name := range tables(t, app) {
		if !slices.Contains(before, name) {
			t.Errorf("down left the %s", name)
		}
	}
	second := up()
	for name, p := range first {
		if second[name] != p {
			t.Errorf("%s is another one the second time:\n%s\n%s", name, p, second[name])
		}
	}
	if len(first) != len(second) {
		t.Errorf("%d collections, then %d", len(first), len(second))
	}
}
