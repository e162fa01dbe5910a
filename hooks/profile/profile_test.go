package profile_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/profile"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func create(t *testing.T, app core.App, collection string, values map[string]any) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func person(t *testing.T, app core.App, name string, ids ...contact.Identity) string {
	t.Helper()
	c, err := contact.FindOrCreate(app, ids, contact.Defaults{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return c.Id
}

func email(v string) contact.Identity { return contact.Identity{Kind: schema.KindEmail, Value: v} }
func phone(v string) contact.Identity { return contact.Identity{Kind: schema.KindPhone, Value: v} }

func say(t *testing.T, app core.App, address, key, text string) conversation.Received {
	t.Helper()
	got, err := conversation.Receive(app, conversation.Incoming{
		Channel: schema.ChannelEmail, Account: "box", Keys: []string{key}, Subject: "about " + key, Text: text, From: []conversation.Identity{{Kind: schema.KindEmail, Value: address}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

type blocks struct {
	Blocks []struct {
		ID   string
		Data any
	}
}

func (b blocks) get(id string) any {
	for _, x := range b.Blocks {
		if x.ID == id {
			return x.Data
		}
	}
	return nil
}

func TestValuesAreKeptInTheFormOfTheirField(t *testing.T) {
	for _, tc := range []struct {
		kind, in, want string
		ok             bool
	}{
		{"text", "  জামদানি ", "জামদানি", true}, {"text", strings.Repeat("x", 2001), "", false},
		{"number", "২,৫০০.৫", "2500.5", true}, {"number", "12", "12", true}, {"number", "many", "", false}, {"number", "NaN", "", false}, {"number", "1e99", "", false},
		{"date", "২০২৬-০৩-২৬", "2026-03-26", true}, {"date", "2026-02-30", "", false}, {"date", "tomorrow", "", false},
		{"choice", "gold", "gold", true}, {"choice", "tin", "", false}, {"yes_no", "yes", "yes", true}, {"yes_no", "maybe", "", false}, {"number", " ", "", true},
	} {
		f := profile.Field{Kind: tc.kind, Choices: []string{"gold", "silver"}}
		if got, ok := f.Fit(tc.in); ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s %q: %q %v", tc.kind, tc.in, got, ok)
		}
	}
}

func TestTheOwnersFieldsAreKeptCheckedAndMerged(t *testing.T) {
	app := hookstest.New(t)
	create(t, app.App, schema.ContactFields, map[string]any{"key": "birthday", "label_en": "Birthday", "label_bn": "জন্মদিন", "kind": "date"})
	create(t, app.App, schema.ContactFields, map[string]any{"key": "level", "label_en": "Level", "label_bn": "স্তর", "kind": "choice", "choices": []string{"gold", "silver"}, "required": true})
	id, other := person(t, app.App, "Ayesha Rahman", email("a@mail.test")), person(t, app.App, "A", email("b@mail.test"))
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	stream := agent.Listen("topic=inbox")
	stream.Await("hello", "")
	var b blocks
	agent.Must(200, "PATCH", "/api/desk/contacts/"+id+"/custom", map[string]any{"birthday": "২০০০-০১-৩১", "level": "gold"}).JSON(t, &b)
	if data := fmt.Sprint(b.get("custom")); !strings.Contains(data, "birthday:2000-01-31") || !strings.Contains(data, "স্তর") {
		t.Errorf("custom: %s", data)
	}
	stream.Await("contact", id)
	for _, bad := range []map[string]any{{"birthday": "soon"}, {"level": "tin"}, {"shoe": "42"}} {
		agent.Must(400, "PATCH", "/api/desk/contacts/"+id+"/custom", bad)
	}
	agent.Must(200, "PATCH", "/api/desk/contacts/"+other+"/custom", map[string]any{"birthday": "1999-01-01", "level": "silver"})
	agent.Must(200, "PATCH", "/api/desk/contacts/"+id+"/custom", map[string]any{"level": ""})
	agent.Must(200, "POST", "/api/desk/contacts/"+id+"/merge", map[string]any{"other": other})
	agent.Must(200, "GET", "/api/desk/contacts/"+id+"/blocks", nil).JSON(t, &b)
	if data := fmt.Sprint(b.get("custom")); !strings.Contains(data, "birthday:2000-01-31") || !strings.Contains(data, "level:silver") {
		t.Errorf("after the merge: %s", data)
	}
	// Through the admin UI what a field cannot hold is refused too.
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil {
		t.Fatal(err)
	}
	r.Set("custom", map[string]string{"level": "tin"})
	if err := app.Save(r); err == nil || !strings.Contains(err.Error(), "custom") {
		t.Errorf("saved: %v", err)
	}
}

func TestConsentsSayWhenWhereAndWhoWroteThemDown(t *testing.T) {
	app := hookstest.New(t)
	id := person(t, app.App, "Ayesha", email("a@mail.test"))
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	var b blocks
	agent.Must(200, "POST", "/api/desk/contacts/"+id+"/consents", map[string]any{"what": "newsletter", "given": true, "note": "on the phone"})
	agent.Must(200, "POST", "/api/desk/contacts/"+id+"/consents", map[string]any{"what": "newsletter", "given": false}).JSON(t, &b)
	data := fmt.Sprint(b.get("consents"))
	if !strings.Contains(data, "on the phone") || strings.Count(data, "source:desk") != 2 || !strings.Contains(data, "by:rafi") || !strings.Contains(data, "at:"+time.Now().UTC().Format("2006-01-02")) {
		t.Errorf("%s", data)
	}
	path := "/api/desk/contacts/" + id + "/consents"
	agent.Must(400, "POST", path, map[string]any{"what": "my soul", "given": true})
	agent.Must(400, "POST", path, map[string]any{"what": "calls", "given": true, "channel": "dream"})
	agent.Must(400, "POST", path, map[string]any{"what": "calls", "given": true, "words": strings.Repeat("হ", 601)})
	// Where it was said has to be a conversation of theirs.
	say := func(address string) *conversation.Conversation {
		got, err := conversation.Receive(app, conversation.Incoming{
			Channel: schema.ChannelEmail, Account: "box1", Keys: []string{"<" + address + ">"}, ChannelID: address, SenderAddress: address, Text: "call me",
			From: []conversation.Identity{{Kind: schema.KindEmail, Value: address, Verified: true}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return got.Conversation
	}
	own, others := say("a@mail.test"), say("b@mail.test")
	agent.Must(404, "POST", path, map[string]any{"what": "calls", "given": true, "conversation": others.Id})
	agent.Must(200, "POST", path, map[string]any{"what": "calls", "given": true, "conversation": own.Id, "words": "May we call you about offers?"}).JSON(t, &b)
	if data = fmt.Sprint(b.get("consents")); !strings.Contains(data, "channel:email") || !strings.Contains(data, "about offers?") || !strings.Contains(data, fmt.Sprint("number:", own.Number())) {
		t.Errorf("%s", data)
	}
	// However often it changes, the last word on each thing stays.
	for i := range 90 {
		agent.Must(200, "POST", path, map[string]any{"what": "newsletter", "given": i%2 == 0, "words": strings.Repeat("শব্দ ", 119)})
	}
	r, err := app.FindRecordById(schema.Contacts, id)
	if err != nil {
		t.Fatal(err)
	}
	if list := contact.Consents(r); len(list) != 60 || !contact.Agreed(r)["calls"].Given || contact.Agreed(r)["newsletter"].Given {
		t.Errorf("%d are kept, %+v", len(list), contact.Agreed(r)["calls"])
	}
}

// Merged, both pasts are one, in the order of time: a withdrawal is not lost.
func TestAMergeKeepsWhatBothAgreedTo(t *testing.T) {
	app := hookstest.New(t)
	one, two := person(t, app.App, "Ayesha", email("a@mail.test")), person(t, app.App, "Ayesha R", email("b@mail.test"))
	for id, said := range map[string][]contact.Consent{
		one: {{What: "newsletter", Given: true, At: "2026-01-01T00:00:00Z"}, {What: "calls", Given: true, At: "2026-05-01T00:00:00Z"}},
		two: {{What: "newsletter", Given: false, At: "2026-03-01T00:00:00Z"}},
	} {
		r, err := app.FindRecordById(schema.Contacts, id)
		if err != nil {
			t.Fatal(err)
		}
		contact.AddConsents(r, said...)
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	agent.Must(200, "POST", "/api/desk/contacts/"+one+"/merge", map[string]any{"other": two})
	r, err := app.FindRecordById(schema.Contacts, one)
	if err != nil {
		t.Fatal(err)
	}
	if last := contact.Agreed(r); len(contact.Consents(r)) != 3 || last["newsletter"].Given || !last["calls"].Given {
		t.Errorf("%+v", contact.Consents(r))
	}
}

func TestAnAddressIsProvenByItsCodeOrSaidByHand(t *testing.T) {
	app := hookstest.New(t)
	mailed := ""
	app.Rooms.Profile.Code = func(_ context.Context, _ core.App, to, _, code string, _ time.Duration) error {
		mailed = code
		if to != "a@mail.test" {
			t.Errorf("mailed to %s", to)
		}
		return nil
	}
	id := person(t, app.App, "Ayesha", email("a@mail.test"), phone("01711204437"))
	v, err := contact.View(app.App, id)
	if err != nil {
		t.Fatal(err)
	}
	address, number := v.Identities[0].ID, v.Identities[1].ID
	rafi := app.Agent("rafi", schema.RoleAgent)
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(rafi)}
	path := func(identity, what string) string {
		return "/api/desk/contacts/" + id + "/identities/" + identity + "/" + what
	}
	agent.Must(400, "POST", path(address, "verify"), map[string]any{"code": "123456"})
	agent.Must(204, "POST", path(address, "code"), nil)
	agent.Must(400, "POST", path(address, "code"), nil) // a moment ago
	if len(mailed) != 6 {
		t.Fatalf("mailed %q", mailed)
	}
	wrong := "000000"
	if mailed == wrong {
		wrong = "000001"
	}
	for range 4 {
		agent.Must(400, "POST", path(address, "verify"), map[string]any{"code": wrong})
	}
	var got struct{ Contact contact.ContactView }
	agent.Must(200, "POST", path(address, "verify"), map[string]any{"code": " " + mailed[:3] + " " + mailed[3:]}).JSON(t, &got)
	if one := got.Contact.Identities[0]; !one.Verified || one.How != "code" || one.By != rafi.Id || one.At == "" {
		t.Errorf("%+v", one)
	}
	agent.Must(400, "POST", path(address, "verify"), map[string]any{"code": mailed}) // it counts once
	agent.Must(400, "POST", path(number, "code"), nil)
	agent.Must(200, "POST", path(number, "verify"), map[string]any{"verified": true}).JSON(t, &got)
	if one := got.Contact.Identities[1]; !one.Verified || one.How != "hand" || one.By != rafi.Id {
		t.Errorf("%+v", one)
	}
	agent.Must(200, "POST", path(number, "verify"), map[string]any{"verified": false}).JSON(t, &got)
	if one := got.Contact.Identities[1]; one.Verified || one.How != "" || one.By != "" {
		t.Errorf("taken back: %+v", one)
	}
	other := person(t, app.App, "B", email("b@mail.test"))
	agent.Must(404, "POST", "/api/desk/contacts/"+other+"/identities/"+address+"/verify", map[string]any{"verified": true})
}

func TestFiveWrongCodesEndIt(t *testing.T) {
	app := hookstest.New(t)
	mailed := ""
	app.Rooms.Profile.Code = func(_ context.Context, _ core.App, _, _, code string, _ time.Duration) error {
		mailed = code
		return nil
	}
	id := person(t, app.App, "Ayesha", email("a@mail.test"))
	v, err := contact.View(app.App, id)
	if err != nil {
		t.Fatal(err)
	}
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	path := "/api/desk/contacts/" + id + "/identities/" + v.Identities[0].ID
	agent.Must(204, "POST", path+"/code", nil)
	wrong := "000000"
	if mailed == wrong {
		wrong = "000001"
	}
	for range 5 {
		agent.Must(400, "POST", path+"/verify", map[string]any{"code": wrong})
	}
	agent.Must(400, "POST", path+"/verify", map[string]any{"code": mailed})
}

func TestWhoTheyMayBeTooAndWhatHappened(t *testing.T) {
	app := hookstest.New(t)
	id := person(t, app.App, "Nusrat Jahan", email("n@mail.test"), phone("+8801711204437"))
	samePhone := person(t, app.App, "N. J.", phone("01711204437"))
	sameName := person(t, app.App, "nusrat jahan", email("nusrat@other.test"))
	person(t, app.App, "Somebody Else", phone("01711204438"))
	first := say(t, app.App, "n@mail.test", "1", "where is my saree")
	if _, err := app.Rooms.Conversation.Reply(app.App, conversation.Draft{Conversation: first.Conversation.Id, Kind: schema.MessageNote, Agent: app.Agent("mina", schema.RoleAgent).Id, Text: "called, no answer"}); err != nil {
		t.Fatal(err)
	}
	if _, err := conversation.Rate(app.App, first.Conversation.Id, 4, "quick"); err != nil {
		t.Fatal(err)
	}
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	var b blocks
	agent.Must(200, "GET", "/api/desk/contacts/"+id+"/blocks", nil).JSON(t, &b)
	alike := fmt.Sprint(b.get("alike"))
	if !strings.Contains(alike, samePhone) || !strings.Contains(alike, sameName) || strings.Count(alike, "customer_no:") != 2 {
		t.Errorf("alike: %s", alike)
	}
	if s := fmt.Sprint(b.get("satisfaction")); !strings.Contains(s, "average:4") || !strings.Contains(s, "quick") {
		t.Errorf("satisfaction: %s", s)
	}
	var line struct {
		Moments []struct{ Kind, Text, ID, At string }
		Next    string
	}
	for i := range 40 {
		say(t, app.App, "n@mail.test", fmt.Sprint("more", i), "again")
	}
	seen := map[string]bool{}
	kinds, last, before := map[string]int{}, "9", ""
	for page := 0; page == 0 || line.Next != ""; page++ {
		agent.Must(200, "GET", "/api/desk/contacts/"+id+"/timeline?before="+strings.ReplaceAll(before, " ", "%20"), nil).JSON(t, &line)
		for _, m := range line.Moments {
			if seen[m.ID] || m.At > last {
				t.Fatalf("%s at %s after %s", m.ID, m.At, last)
			}
			seen[m.ID], last = true, m.At
			kinds[m.Kind]++
		}
		before = line.Next
	}
	if kinds["conversation"] != 41 || kinds["note"] != 1 || kinds["rating"] != 1 {
		t.Errorf("the timeline has %v", kinds)
	}
}

// A room above adds what it knows.
type orders struct{}

func (orders) ID() string { return "orders" }
func (orders) Data(_ core.App, contact, lang string) (any, error) {
	return map[string]string{"of": contact, "in": lang}, nil
}

type broken struct{}

func (broken) ID() string                                 { return "broken" }
func (broken) Data(core.App, string, string) (any, error) { return nil, fmt.Errorf("no such table") }

func TestOtherRoomsAddBlocksAndABrokenOneHidesNone(t *testing.T) {
	app := hookstest.New(t)
	app.Rooms.Profile.Add(broken{})
	app.Rooms.Profile.Add(orders{})
	id := person(t, app.App, "Ayesha", email("a@mail.test"))
	agent := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	var b blocks
	agent.Must(200, "GET", "/api/desk/contacts/"+id+"/blocks", nil).JSON(t, &b)
	if got := fmt.Sprint(b.get("orders")); !strings.Contains(got, id) || b.get("broken") != nil {
		t.Errorf("%+v", b)
	}
	agent.Must(404, "GET", "/api/desk/contacts/none00000000000/blocks", nil)
}

func TestTheShopsSiteFillsWhatItMay(t *testing.T) {
	app := hookstest.New(t)
	create(t, app.App, schema.ContactFields, map[string]any{"key": "level", "label_en": "Level", "label_bn": "স্তর", "kind": "choice", "choices": []string{"gold", "silver"}, "widget": true})
	create(t, app.App, schema.ContactFields, map[string]any{"key": "debt", "label_en": "Debt", "label_bn": "বাকি", "kind": "number"})
	id := person(t, app.App, "Ayesha", contact.Identity{Kind: schema.KindUser, Value: "42", Verified: true})
	site := &hookstest.Client{TB: t, Base: app.Serve()}
	start := func(hash string, status int) {
		t.Helper()
		site.Must(status, "POST", "/api/chat/start", map[string]any{"identity": map[string]any{"id": "42", "hash": hash, "fields": map[string]string{"level": "gold", "debt": "0", "shoe": "42"}}})
	}
	values := func() string {
		r, err := app.FindRecordById(schema.Contacts, id)
		if err != nil {
			t.Fatal(err)
		}
		return r.GetString("custom")
	}
	start("forged", 403)
	if got := values(); strings.Contains(got, "gold") {
		t.Errorf("a stranger wrote %s", got)
	}
	start(signed(t, app.Rooms.Settings.Keys().IdentityKey(), "42"), 200)
	if got := values(); got != `{"level":"gold"}` {
		t.Errorf("kept %s", got)
	}
}

// signed is what the shop's site makes of an id.
func signed(t *testing.T, key, id string) string {
	t.Helper()
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(id))
	return hex.EncodeToString(m.Sum(nil))
}
