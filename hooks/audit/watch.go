package audit

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// eventWritten notes what an agent changed of a conversation, with the event
// that tells it.
func eventWritten(e *core.RecordEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	r := e.Record
	if r.GetString(schema.MsgKind) != schema.MessageEvent || r.GetString(schema.MsgAgent) == "" {
		return nil
	}
	var ev struct {
		Type  string            `json:"type"`
		From  string            `json:"from"`
		To    string            `json:"to"`
		Names map[string]string `json:"names"`
	}
	if r.UnmarshalJSONField(schema.MsgEvent, &ev) != nil || ev.Type == "" {
		return nil
	}
	named := func(id string) string {
		if n := ev.Names[id]; n != "" {
			return n
		}
		return id
	}
	conv := r.GetString(schema.MsgConversation)
	var number string
	if err := e.App.DB().NewQuery(`SELECT number FROM conversations WHERE id = {:id}`).Bind(dbx.Params{"id": conv}).Row(&number); err != nil {
		number = "?"
	}
	return Note(e.App, Entry{
		Kind: schema.AuditConversation, Action: ev.Type, Agent: r.GetString(schema.MsgAgent),
		Collection: schema.Conversations, Target: conv, Label: "#" + number,
		Changes: []Change{{ev.Type, clip(named(ev.From), mostValue), clip(named(ev.To), mostValue)}},
	})
}

// unheard are collections whose records are the program's own: they come and
// go all day.
var unheard = []string{schema.Audit, schema.Ledger, schema.Outbox, schema.PushSubscriptions, schema.Reminders, schema.Sessions, schema.SetupSteps, schema.OnceLinks}

func heard(c *core.Collection) bool {
	return !slices.Contains(unheard, c.Name) && (!c.System || c.Name == core.CollectionNameSuperusers)
}

// recordCreated, recordUpdated and recordDeleted note changes by the record
// API or the admin UI.

func recordCreated(e *core.RecordRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	return requested(e, "create", labelOf(e.Record), snapshot{}, snap(e.Record))
}

func recordUpdated(e *core.RecordRequestEvent) error {
	before := snap(e.Record.Original())
	if err := e.Next(); err != nil {
		return err
	}
	return requested(e, "update", labelOf(e.Record), before, snap(e.Record))
}

func recordDeleted(e *core.RecordRequestEvent) error {
	before := snap(e.Record)
	if err := e.Next(); err != nil {
		return err
	}
	return requested(e, "delete", labelOf(e.Record), before, snapshot{})
}

func requested(e *core.RecordRequestEvent, action, label string, before, after snapshot) error {
	changes := diff(e.Collection, before, after)
	if !heard(e.Collection) || len(changes) == 0 && action == "update" {
		return nil
	}
	return note(e.RequestEvent, Entry{
		Kind: kindOf(e.Collection.Name), Action: action, Collection: e.Collection.Name, Target: e.Record.Id, Label: label, Changes: changes,
	})
}

// note writes an entry of a request that is done. That it could not be written
// must not say that the request failed.
func note(e *core.RequestEvent, entry Entry) error {
	if err := Note(e.App, By(e, entry)); err != nil {
		e.App.Logger().Error("who did what is not noted", "action", entry.Action, "error", err)
	}
	return nil
}

// routes are the desk's own routes that change something of which no event
// tells; each with what is changed and, if it is no plain change of the
// record, the action.
var routes = map[string]struct{ collection, action string }{
	"PATCH /api/desk/me":                                   {schema.Agents, "update"},
	"PATCH /api/desk/contacts/{id}":                        {schema.Contacts, "update"},
	"POST /api/desk/contacts/{id}/identities":              {schema.Contacts, "identity_add"},
	"DELETE /api/desk/contacts/{id}/identities/{identity}": {schema.Contacts, "identity_remove"},
	"POST /api/desk/contacts/{id}/merge":                   {schema.Contacts, "contact_merge"},
	"PATCH /api/desk/contacts/{id}/custom":                 {schema.Contacts, "update"},
	"POST /api/desk/contacts/{id}/consents":                {schema.Contacts, "update"},
	"PATCH /api/desk/tags/{id}":                            {schema.Tags, "update"},
	"DELETE /api/desk/tags/{id}":                           {schema.Tags, "delete"},
	"POST /api/desk/tags/{id}/merge":                       {schema.Tags, "delete"},
	"PATCH /api/desk/views/{id}":                           {schema.Views, "update"},
	"DELETE /api/desk/views/{id}":                          {schema.Views, "delete"},
	"DELETE /api/desk/articles/{id}":                       {schema.Articles, "delete"},
	"DELETE /api/desk/quarantine/{id}":                     {schema.Quarantine, "delete"},
	"POST /api/desk/mailboxes/{id}/older":                  {schema.Mailboxes, "mail_older"},
	"POST /api/desk/mailboxes/{id}/signin/finish":          {schema.Mailboxes, "mail_signin"},
}

// routed notes what the desk's own routes change.
func routed(e *core.RequestEvent) error {
	method := e.Request.Method
	if method == http.MethodGet || method == http.MethodHead || !strings.HasPrefix(e.Request.URL.Path, "/api/desk/") || e.Auth == nil {
		return e.Next()
	}
	route, ok := routes[e.Request.Pattern]
	if !ok {
		return e.Next()
	}
	id := e.Request.PathValue("id")
	if route.collection == schema.Agents {
		id = e.Auth.Id
	}
	r, err := e.App.FindRecordById(route.collection, id)
	if err != nil {
		return e.Next() // the route says so itself
	}
	label, collection := labelOf(r), r.Collection()
	before, reached := snap(r), addresses(e.App, route.collection, id)
	if err := e.Next(); err != nil {
		return err
	}
	after := snapshot{}
	if now, err := e.App.FindRecordById(route.collection, id); err == nil {
		after = snap(now)
	}
	changes := diff(collection, before, after)
	if now := addresses(e.App, route.collection, id); now != reached {
		changes = append(changes, Change{"identities", clip(reached, mostValue), clip(now, mostValue)})
	}
	if len(changes) == 0 && route.action != "mail_older" {
		return nil
	}
	return note(e, Entry{Kind: kindOf(route.collection), Action: route.action, Collection: route.collection, Target: id, Label: label, Changes: changes})
}

// addresses are how a contact is reached, in words.
func addresses(app core.App, collection, id string) string {
	if collection != schema.Contacts {
		return ""
	}
	var values []string
	err := app.DB().NewQuery(`SELECT value FROM identities WHERE contact = {:id} AND kind IN ('email', 'phone') ORDER BY kind, value`).
		Bind(dbx.Params{"id": id}).Column(&values)
	if err != nil {
		return ""
	}
	return strings.Join(values, ", ")
}

// settingsChanged notes that PocketBase's own settings were saved; their
// values hold passwords of servers, so only the names of the parts are told.
func settingsChanged(e *core.SettingsUpdateRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	return note(e.RequestEvent, Entry{Kind: schema.AuditConfiguration, Action: "settings", Label: "PocketBase"})
}

func collectionCreated(e *core.CollectionRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	return collectionChanged(e, "collection_create")
}

func collectionUpdated(e *core.CollectionRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	return collectionChanged(e, "collection_update")
}

func collectionDeleted(e *core.CollectionRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	return collectionChanged(e, "collection_delete")
}

func collectionChanged(e *core.CollectionRequestEvent, action string) error {
	return note(e.RequestEvent, Entry{Kind: schema.AuditConfiguration, Action: action, Collection: e.Collection.Name, Label: e.Collection.Name})
}

// downloaded notes that somebody took a backup away.
func downloaded(e *core.RequestEvent) error {
	key, ok := strings.CutPrefix(e.Request.URL.Path, "/api/backups/")
	if !ok || key == "" || e.Request.Method != http.MethodGet {
		return e.Next()
	}
	if err := e.Next(); err != nil {
		return err
	}
	return note(e, Entry{Kind: schema.AuditExport, Action: "backup", Label: clip(key, 100)})
}

// keepEntries refuses to touch the trail by request.
func keepEntries(e *core.RecordRequestEvent) error {
	return e.ForbiddenError(say(e.RequestEvent, "audit.append_only"), nil)
}
