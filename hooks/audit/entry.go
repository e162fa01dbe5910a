package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Entry is one thing that somebody did.
type Entry struct {
	Kind       string // schema.AuditConversation, …
	Action     string // of a fixed set: the desk has words for it
	Agent      string // id
	Actor      string // name; found by Agent if empty
	Collection string
	Target     string
	Label      string
	Changes    []Change
	Address    string
}

// Change is a field that changed.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

const (
	mostValue   = 300 // characters of a value
	mostChanges = 60
)

// Note writes an entry; inside a transaction it exists with what it tells of.
func Note(app core.App, e Entry) error {
	collection, err := app.FindCachedCollectionByNameOrId(schema.Audit)
	if err != nil {
		return err
	}
	if e.Actor == "" && e.Agent != "" {
		if r, err := app.FindRecordById(schema.Agents, e.Agent); err == nil {
			e.Actor = r.GetString(schema.AgentName)
		}
	}
	if len(e.Changes) > mostChanges {
		e.Changes = e.Changes[:mostChanges]
	}
	r := core.NewRecord(collection)
	r.Set(schema.AuditKind, e.Kind)
	r.Set(schema.AuditAction, clip(e.Action, 60))
	r.Set(schema.AuditAgent, e.Agent)
	r.Set(schema.AuditActor, clip(e.Actor, 120))
	r.Set(schema.AuditCollection, e.Collection)
	r.Set(schema.AuditTarget, e.Target)
	r.Set(schema.AuditLabel, clip(e.Label, 200))
	r.Set(schema.AuditAddress, clip(e.Address, 60))
	if len(e.Changes) > 0 {
		r.Set(schema.AuditChanges, e.Changes)
	}
	if err := app.SaveNoValidate(r); err != nil {
		return fmt.Errorf("note who did what: %w", err)
	}
	return nil
}

// By fills in who sent a request.
func By(e *core.RequestEvent, entry Entry) Entry {
	entry.Address = e.RealIP()
	if e.Auth != nil {
		entry.Agent = e.Auth.Id
		entry.Actor = e.Auth.GetString(schema.AgentName)
		if entry.Actor == "" {
			entry.Actor = e.Auth.Email()
		}
	}
	return entry
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// quiet are fields that say nothing of who did what.
var quiet = []string{schema.ID, schema.Created, schema.Updated, schema.AgentAvailability, "last_seen", "last_fetch", "last_send", "last_error", "uid", "uidvalidity", "older", "alerts"}

// said are fields that hold what people said to each other.
var said = []string{schema.MsgText, schema.MsgHTML, schema.ConvPreview, schema.ConvRatingComment}

// secret tells whether a field's values stay out of the trail.
func secret(f core.Field) bool {
	if f.GetHidden() || f.Type() == core.FieldTypePassword {
		return true
	}
	name := strings.ToLower(f.GetName())
	for _, part := range []string{"password", "secret", "token"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// snapshot is a record's fields as text. Of secrets it holds only whether
// there is one and which, by the caller's comparison.
type snapshot map[string]string

func snap(r *core.Record) snapshot {
	s := snapshot{}
	if r == nil {
		return s
	}
	for _, f := range r.Collection().Fields {
		if !slices.Contains(quiet, f.GetName()) {
			s[f.GetName()] = r.GetString(f.GetName())
			if f.Type() == core.FieldTypePassword {
				s[f.GetName()] = r.GetString(f.GetName() + ":hash")
			}
		}
	}
	return s
}

// hiddenValue stands for a secret that is there.
const hiddenValue = "•••"

// diff lists what differs, in the order of the collection's fields.
func diff(c *core.Collection, before, after snapshot) (list []Change) {
	conversation := c.Name == schema.Conversations || c.Name == schema.Messages
	for _, f := range c.Fields {
		name := f.GetName()
		from, to := before[name], after[name]
		if from == to || empty(from) && empty(to) || name == core.FieldNameTokenKey {
			continue
		}
		if secret(f) || conversation && slices.Contains(said, name) {
			from, to = veil(from), veil(to)
		}
		list = append(list, Change{name, clip(from, mostValue), clip(to, mostValue)})
	}
	return list
}

func empty(s string) bool { return s == "" || s == "null" || s == "0" || s == "false" || s == "[]" }

func veil(s string) string {
	if s == "" {
		return ""
	}
	return hiddenValue
}

// labelOf is what people call a record.
func labelOf(r *core.Record) string {
	switch r.Collection().Name {
	case schema.Conversations:
		return "#" + r.GetString(schema.ConvNumber)
	}
	for _, f := range []string{"name", "title", "address", "value", "label", "email", "key", "day", "customer_no"} {
		if r.Collection().Fields.GetByName(f) != nil {
			if v := r.GetString(f); v != "" {
				return v
			}
		}
	}
	return r.Id
}

// kindOf is what a change of a collection concerns.
func kindOf(collection string) string {
	switch collection {
	case schema.Contacts, schema.Identities:
		return schema.AuditContact
	case schema.Conversations, schema.Messages:
		return schema.AuditConversation
	}
	return schema.AuditConfiguration
}
