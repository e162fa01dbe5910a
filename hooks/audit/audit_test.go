package audit_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

type row struct {
	ID, Kind, Action, Agent, Actor, Collection, Target, Label, Created string
	Changes                                                            []audit.Change
}

type desk struct {
	*hookstest.App
	t            *testing.T
	owner, agent *hookstest.Client
	super        *hookstest.Client
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{App: hookstest.New(t), t: t}
	d.super = &hookstest.Client{TB: t, Token: d.Token(d.Superuser("boss@shop.test"))}
	d.owner = &hookstest.Client{TB: t, Token: d.Token(d.Agent("mina", schema.RoleOwner))}
	d.agent = &hookstest.Client{TB: t, Token: d.Token(d.Agent("rafi", schema.RoleAgent))}
	base := d.Serve()
	d.super.Base, d.owner.Base, d.agent.Base = base, base, base
	return d
}

func (d *desk) trail(query string) (rows []row, next string) {
	d.t.Helper()
	var got struct {
		Rows []row
		Next string
	}
	d.owner.Must(200, "GET", "/api/desk/audit?"+query, nil).JSON(d.t, &got)
	return got.Rows, got.Next
}

func (d *desk) says(key string) *conversation.Conversation {
	d.t.Helper()
	got, err := conversation.Receive(d.App, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v", Keys: []string{key}, ClientID: key, Visitor: "visitor-one-123", Text: "the secret words",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "visitor-one-123"}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return got.Conversation
}

func TestWhatAgentsDoIsNotedAndWhatIsSaidIsNot(t *testing.T) {
	d := newDesk(t)
	conv := d.says("one")
	path := "/api/desk/conversations/" + conv.Id
	d.agent.Must(200, "POST", path+"/reply", map[string]any{"client_id": "reply-one", "kind": "reply", "text": "the secret answer"})
	d.says("two")
	d.agent.Must(200, "POST", path+"/reply", map[string]any{"client_id": "reply-two", "kind": "note", "text": "the secret note"})
	d.agent.Must(200, "POST", path+"/reply", map[string]any{"client_id": "reply-three", "kind": "reply", "text": "another secret answer"})
	if rows, _ := d.trail(""); len(rows) != 1 || rows[0].Action != "assigned" { // to who answered first
		t.Errorf("ordinary messages are noted: %+v", rows)
	}
	d.agent.Must(200, "PATCH", path, map[string]any{"status": "solved"})
	rows, _ := d.trail("kind=conversation")
	if len(rows) != 2 || rows[0].Action != "status" || rows[0].Actor != "rafi" || rows[0].Label != fmt.Sprintf("#%d", conv.Number()) ||
		len(rows[0].Changes) != 1 || rows[0].Changes[0].To != "solved" {
		t.Fatalf("noted %+v", rows)
	}

	d.agent.Must(200, "PATCH", "/api/desk/contacts/"+conv.Contact(), map[string]any{"name": "Nusrat"})
	d.agent.Must(200, "POST", "/api/desk/contacts/"+conv.Contact()+"/identities", map[string]any{"kind": "email", "value": "n@mail.test"})
	rows, _ = d.trail("kind=contact")
	if len(rows) != 2 || rows[0].Action != "identity_add" || rows[0].Changes[0].To != "n@mail.test" || rows[1].Changes[0] != (audit.Change{Field: "name", To: "Nusrat"}) {
		t.Errorf("noted %+v", rows)
	}
	// What was refused did not happen.
	d.agent.Must(404, "PATCH", "/api/desk/contacts/none00000000000", map[string]any{"name": "x"})
	if again, _ := d.trail("kind=contact"); len(again) != 2 {
		t.Errorf("noted %+v", again)
	}
	body := d.owner.Must(200, "GET", "/api/desk/audit", nil).Body
	if bytes.Contains(body, []byte("secret")) {
		t.Errorf("what was said is in the trail: %s", body)
	}
}

func TestEveryChangeOfTheConfigurationIsNotedWithoutSecrets(t *testing.T) {
	d := newDesk(t)
	var made struct{ ID string }
	d.owner.Must(200, "POST", "/api/collections/mailboxes/records", map[string]any{"address": "help@shop.test", "active": false, "login": "help", "password": "box-password", "oauth_secret": "oauth-hidden"}).JSON(t, &made)
	d.super.Must(200, "PATCH", "/api/collections/mailboxes/records/"+made.ID, map[string]any{"name": "Help desk", "password": "new-box-password"})
	d.owner.Must(200, "PATCH", "/api/collections/shop/records/shop00000000001", map[string]any{"tagline": "Sarees"})
	d.agent.Must(404, "DELETE", "/api/collections/mailboxes/records/"+made.ID, nil)
	d.owner.Must(204, "DELETE", "/api/collections/mailboxes/records/"+made.ID, nil)
	rows, _ := d.trail("kind=configuration")
	var said []string
	for _, r := range rows {
		said = append(said, r.Actor+" "+r.Action+" "+r.Collection+" "+r.Label)
	}
	want := "mina delete mailboxes Help desk|mina update shop "
	if all := strings.Join(said, "|"); len(rows) != 4 || !strings.HasPrefix(all, want) || !strings.Contains(all, "boss@shop.test update mailboxes") {
		t.Errorf("noted %s", all)
	}
	named := false
	for _, c := range rows[2].Changes {
		named = named || c == audit.Change{Field: "name", To: "Help desk"}
	}
	if !named {
		t.Errorf("changes %+v", rows[2].Changes)
	}
	d.owner.Must(200, "PATCH", "/api/collections/agents/records/"+rows[0].Agent, map[string]any{"name": "Mina", "password": "another-long-one", "passwordConfirm": "another-long-one", "oldPassword": hookstest.Password})
	raw, err := d.FindAllRecords(schema.Audit)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range raw {
		text := r.GetString(schema.AuditChanges)
		for _, secret := range []string{"box-password", "oauth-hidden", "another-long-one", "v1.", "$2"} {
			if strings.Contains(text, secret) {
				t.Errorf("the trail holds %s: %s", secret, text)
			}
		}
	}
}

func TestTheTrailIsReadByOwnersAndChangedByNobody(t *testing.T) {
	d := newDesk(t)
	for i := range 120 {
		if err := audit.Note(d.App, audit.Entry{Kind: schema.AuditContact, Action: "update", Agent: "someone", Actor: "Somebody", Label: fmt.Sprintf("Contact %d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	seen, query := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		rows, next := d.trail(query)
		for _, r := range rows {
			if seen[r.ID] {
				t.Errorf("%s came twice", r.Label)
			}
			seen[r.ID] = true
		}
		if next == "" || pages > 5 {
			break
		}
		query = "before=" + url.QueryEscape(next)
	}
	if len(seen) != 120 {
		t.Errorf("%d entries on all pages", len(seen))
	}
	for query, want := range map[string]int{"q=contact+11": 11, "q=100%25": 0, "q=contact_1": 0, "agent=someone&q=Contact+7": 11, "kind=export": 0, "from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z": 0} {
		if rows, _ := d.trail(query); len(rows) != want {
			t.Errorf("%s: %d entries instead of %d", query, len(rows), want)
		}
	}
	d.owner.Must(400, "GET", "/api/desk/audit?from=yesterday", nil)
	d.agent.Must(403, "GET", "/api/desk/audit", nil)
	rows, _ := d.trail("")
	path := "/api/collections/audit/records"
	for _, c := range []*hookstest.Client{d.super, d.owner, d.agent} {
		for _, a := range []hookstest.Answer{c.Do("PATCH", path+"/"+rows[0].ID, map[string]any{"label": "x"}), c.Do("DELETE", path+"/"+rows[0].ID, nil), c.Do("POST", path, map[string]any{"kind": "contact", "action": "x"})} {
			if a.Status < 400 {
				t.Errorf("somebody changed the trail: %d %s", a.Status, a.Body)
			}
		}
	}
}

// An owner reads what was done in words, in both languages, once.
func TestWhatIsDoneToConversationsAndTagsIsNotedInWords(t *testing.T) {
	d := newDesk(t)
	path := "/api/desk/conversations/" + d.says("hello-1").Id
	d.agent.Must(200, "DELETE", path, nil)
	d.agent.Must(200, "POST", path+"/restore", nil)
	var made struct{ Tag struct{ ID string } }
	d.owner.Must(200, "POST", "/api/desk/tags", map[string]any{"name": "Parcel"}).JSON(t, &made)
	d.owner.Must(200, "PATCH", "/api/desk/tags/"+made.Tag.ID, map[string]any{"name": "Parcels"})
	d.owner.Must(200, "DELETE", "/api/desk/tags/"+made.Tag.ID, nil)
	rows, _ := d.trail("")
	said := map[string]int{}
	for _, r := range rows {
		said[r.Collection+" "+r.Action]++
	}
	for _, what := range []string{"conversations deleted", "conversations restored", "tags update", "tags delete"} {
		if said[what] != 1 {
			t.Errorf("%q is noted %d times: %v", what, said[what], said)
		}
	}
	if said["conversations delete"] > 0 {
		t.Error("a deleted conversation is noted by its event and by its route")
	}
	for _, action := range []string{"status", "assigned", "tagged", "untagged", "priority", "subject", "merged", "unmerged", "split", "split_from", "deleted", "restored", "accepted", "spam", "not_spam", "update", "delete"} {
		for _, lang := range i18n.Current().Languages() {
			if key := "audit.act_" + action; i18n.T(lang, key) == key {
				t.Errorf("%s has no words for %q", lang, action)
			}
		}
	}
}
