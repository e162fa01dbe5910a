package contact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ kind, in, want string }{
		{schema.KindEmail, "Ayesha@Mail.TEST", "ayesha@mail.test"},
		{schema.KindEmail, ` "Rahman, A." <a.Rahman+shop@mail.test> `, "a.rahman+shop@mail.test"},
		{schema.KindEmail, "ayesha@münchen.example", "ayesha@xn--mnchen-3ya.example"},
		{schema.KindEmail, "ayesha@XN--MNCHEN-3ya.example", "ayesha@xn--mnchen-3ya.example"},
		{schema.KindEmail, "ayesha", ""},
		{schema.KindEmail, "a@b.test, c@d.test", ""},
		{schema.KindEmail, "a@b.test\r\nBcc: all@d.test", ""},
		{schema.KindEmail, strings.Repeat("x", 250) + "@mail.test", ""},
		{schema.KindEmail, "", ""},
		{schema.KindPhone, "+880 1712-345678", "+8801712345678"},
		{schema.KindPhone, "০১৭১২ ৩৪৫৬৭৮", "01712345678"},
		{schema.KindPhone, "(0171) 234.5678", "01712345678"},
		{schema.KindPhone, "017+12345", ""},
		{schema.KindPhone, "call me", ""},
		{schema.KindPhone, "123", ""},
		{schema.KindPhone, "1234567890123456", ""},
		{schema.KindVisitor, " a1b2 ", "a1b2"},
		{schema.KindVisitor, strings.Repeat("x", 201), ""},
	} {
		if got := contact.Normalise(c.kind, c.in); got != c.want {
			t.Errorf("Normalise(%s, %q) = %q instead of %q", c.kind, c.in, got, c.want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"a@b.test", "A <a@b>", "+৮৮০১", "\"x@y\"@z.test", "a@[127.0.0.1]", "ক@খ.বাংলা", "\xff@x.y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, kind := range []string{schema.KindEmail, schema.KindPhone, schema.KindVisitor} {
			got := contact.Normalise(kind, in)
			if got == "" {
				continue
			}
			if again := contact.Normalise(kind, got); again != got {
				t.Errorf("%s %q becomes %q, and that becomes %q", kind, in, got, again)
			}
			if !utf8.ValidString(got) || kind != schema.KindVisitor && strings.ContainsAny(got, "\r\n\x00") {
				t.Errorf("%s %q becomes %q", kind, in, got)
			}
		}
	})
}

func find(t *testing.T, app core.App, d contact.Defaults, ids ...contact.Identity) (c *contact.Contact) {
	t.Helper()
	err := app.RunInTransaction(func(tx core.App) (err error) {
		c, err = contact.FindOrCreate(tx, ids, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func email(v string) contact.Identity { return contact.Identity{Kind: schema.KindEmail, Value: v} }

func TestFindOrCreate(t *testing.T) {
	app := hookstest.New(t)
	a := find(t, app, contact.Defaults{Name: "Ayesha\u202E \x00 Rahman", Language: "bn"}, email("Ayesha@mail.test"), contact.Identity{Kind: schema.KindPhone, Value: "0171 2345678"})
	if a.GetString(schema.ContactName) != "Ayesha Rahman" || a.Language() != "bn" || a.GetString(schema.ContactCustomerNo) != "C-00001" {
		t.Errorf("made %v", a.FieldsData())
	}
	if b := find(t, app, contact.Defaults{Name: "Somebody", Language: "en"}, email("AYESHA@MAIL.TEST")); b.Id != a.Id || b.GetString(schema.ContactName) != "Ayesha Rahman" || b.Language() != "bn" {
		t.Errorf("found %v", b.FieldsData())
	}
	if b := find(t, app, contact.Defaults{}, contact.Identity{Kind: schema.KindPhone, Value: "01712345678"}); b.Id != a.Id {
		t.Error("not found by the second identity")
	}
	other := find(t, app, contact.Defaults{}, email("other@mail.test"))
	// Who names two people's addresses is the first, and gets nothing of the second.
	if b := find(t, app, contact.Defaults{}, email("ayesha@mail.test"), email("other@mail.test")); b.Id != a.Id {
		t.Error("the first identity does not decide")
	}
	if c, err := contact.FindByIdentity(app, schema.KindEmail, "other@mail.test"); err != nil || c.Id != other.Id {
		t.Error("an address changed hands")
	}
	// Broken identities are left out; nothing but broken ones is an error.
	if b := find(t, app, contact.Defaults{}, email("nonsense"), email("other@mail.test")); b.Id != other.Id {
		t.Error("a broken identity stood in the way")
	}
	err := app.RunInTransaction(func(tx core.App) error {
		_, err := contact.FindOrCreate(tx, []contact.Identity{email("nonsense")}, contact.Defaults{Name: "X"})
		return err
	})
	if err == nil {
		t.Error("a contact that nobody can find was made")
	}
	// Proof is taken over, and stays.
	find(t, app, contact.Defaults{}, contact.Identity{Kind: schema.KindEmail, Value: "other@mail.test", Verified: true})
	find(t, app, contact.Defaults{}, email("other@mail.test"))
	if v, err := contact.View(app, other.Id); err != nil || len(v.Identities) != 1 || !v.Identities[0].Verified {
		t.Errorf("%+v, %v", v.Identities, err)
	}
}

// Whatever comes together, in whatever order: no identity has two owners and
// nobody's changes hands.
func TestIdentitiesStayWithTheirOwner(t *testing.T) {
	app := hookstest.New(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	owner := map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for range 40 {
				var ids []contact.Identity
				for range 1 + r.IntN(3) {
					ids = append(ids, email(fmt.Sprintf("p%d@mail.test", r.IntN(25))))
				}
				var c *contact.Contact
				err := app.RunInTransaction(func(tx core.App) (err error) {
					c, err = contact.FindOrCreate(tx, ids, contact.Defaults{})
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				for _, id := range ids {
					who, err := contact.FindByIdentity(app, id.Kind, id.Value)
					if err != nil || who == nil {
						t.Errorf("%s has no owner: %v", id.Value, err)
						return
					}
					mu.Lock()
					if before := owner[id.Value]; before != "" && before != who.Id {
						t.Errorf("%s went from %s to %s", id.Value, before, who.Id)
					}
					owner[id.Value] = who.Id
					mu.Unlock()
				}
				_ = c
			}
		})
	}
	wg.Wait()
	var n, numbers int
	if err := app.DB().NewQuery(`SELECT COUNT(*), COUNT(DISTINCT customer_no) FROM contacts`).Row(&n, &numbers); err != nil || n != numbers {
		t.Errorf("%d contacts with %d customer numbers, %v", n, numbers, err)
	}
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact = c.id)`).Row(&n); err != nil || n != 0 {
		t.Errorf("%d contacts cannot be found by anything, %v", n, err)
	}
}

func TestMergeLosesNothing(t *testing.T) {
	app := hookstest.New(t)
	say := func(from, id string) conversation.Received {
		got, err := conversation.Receive(app, conversation.Incoming{
			Channel: schema.ChannelEmail, Account: "box", Keys: []string{id}, Text: id, From: []conversation.Identity{{Kind: schema.KindEmail, Value: from}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, two := say("one@mail.test", "m1"), say("two@mail.test", "m2")
	keep, drop := one.Conversation.Contact(), two.Conversation.Contact()
	for id, values := range map[string]map[string]any{
		keep: {schema.ContactNote: "first note"},
		drop: {schema.ContactNote: "second note", schema.ContactName: "Two", schema.ContactBlocked: true},
	} {
		r, err := app.FindRecordById(schema.Contacts, id)
		if err != nil {
			t.Fatal(err)
		}
		r.Load(values)
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	merge := func(a, b string) error {
		return app.RunInTransaction(func(tx core.App) error { return contact.Merge(tx, a, b) })
	}
	if merge(keep, keep) == nil || merge(keep, "nobody000000000") == nil || merge("nobody000000000", drop) == nil {
		t.Error("a merge that makes no sense was made")
	}
	if err := merge(keep, drop); err != nil {
		t.Fatal(err)
	}
	v, err := contact.View(app, keep)
	if err != nil || len(v.Identities) != 2 || v.Name != "Two" || v.Note != "first note\nsecond note" || !v.Blocked {
		t.Errorf("%+v, %v", v, err)
	}
	var n int
	for _, table := range []string{schema.Conversations, schema.Messages} {
		if err := app.DB().NewQuery(`SELECT COUNT(*) FROM ` + table + ` WHERE contact = {:c}`).Bind(dbx.Params{"c": keep}).Row(&n); err != nil || n != 2 {
			t.Errorf("%s: %d of 2 moved, %v", table, n, err)
		}
	}
	if got := say("two@mail.test", "m3"); got.Conversation.Contact() != keep {
		t.Error("the next mail opens the old contact again")
	}
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM contacts`).Row(&n); err != nil || n != 1 {
		t.Errorf("%d contacts, %v", n, err)
	}
}

// What a message makes by SQL is, column by column, what the admin UI's save
// makes.
func TestAContactOfAMessageIsLikeAnyOther(t *testing.T) {
	app := hookstest.New(t).App
	made := find(t, app, contact.Defaults{Name: "Rahim", Language: "bn"}, email("rahim@example.test"), email("Rahim@Example.test"),
		contact.Identity{Kind: schema.KindVisitor, Value: "browser1", Verified: true})
	if !made.Made() || made.IsNew() || made.Name() != "Rahim" || made.GetString(schema.ContactCustomerNo) == "" || made.GetDateTime(schema.Created).IsZero() {
		t.Errorf("made %v, new %v: %v", made.Made(), made.IsNew(), made.PublicExport())
	}
	if again := find(t, app, contact.Defaults{}, email("rahim@example.test")); again.Id != made.Id || again.Made() {
		t.Errorf("found %s instead of %s, made %v", again.Id, made.Id, again.Made())
	}
	save := func(collection string, values map[string]any) string {
		c, err := app.FindCollectionByNameOrId(collection)
		if err != nil {
			t.Fatal(err)
		}
		r := core.NewRecord(c)
		r.Load(values)
		if c.IsAuth() {
			r.RefreshTokenKey()
		}
		if err := app.SaveNoValidate(r); err != nil {
			t.Fatal(err)
		}
		return r.Id
	}
	saved := save(schema.Contacts, map[string]any{schema.ContactName: "Rahim", schema.ContactLanguage: "bn"})
	save(schema.Identities, map[string]any{schema.IdentityContact: saved, schema.IdentityKind: schema.KindEmail, schema.IdentityValue: "other@example.test"})
	// These differ between any two.
	own := map[string]bool{"id": true, "customer_no": true, "tokenKey": true, "created": true, "updated": true, "contact": true, "value": true}
	for _, query := range []string{`SELECT * FROM contacts WHERE id = {:id}`, `SELECT * FROM identities WHERE contact = {:id} AND kind = 'email'`} {
		var a, b []dbx.NullStringMap
		for id, rows := range map[string]*[]dbx.NullStringMap{made.Id: &a, saved: &b} {
			if err := app.DB().NewQuery(query).Bind(dbx.Params{"id": id}).All(rows); err != nil || len(*rows) != 1 {
				t.Fatalf("%d rows, %v", len(*rows), err)
			}
		}
		for column, v := range b[0] {
			if got := a[0][column]; got != v && !own[column] || got.Valid != v.Valid || len(got.String) == 0 != (len(v.String) == 0) {
				t.Errorf("%s is %v, saved by PocketBase %v", column, got, v)
			}
		}
		if len(a[0]["tokenKey"].String) != len(b[0]["tokenKey"].String) || len(a[0]["created"].String) != len(b[0]["created"].String) {
			t.Errorf("key or time of another form: %v", a[0])
		}
	}
	// It can be changed and saved like any other.
	made.Set(schema.ContactNote, "friendly")
	if err := app.Save(made.Record); err != nil {
		t.Fatal(err)
	}
	if r, err := app.FindRecordById(schema.Contacts, made.Id); err != nil || r.GetString(schema.ContactNote) != "friendly" || r.GetString(schema.ContactName) != "Rahim" {
		t.Errorf("%v, %v", r, err)
	}
}
