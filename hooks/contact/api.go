package contact

import (
	"database/sql"
	"errors"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const foundAtMost = 20

// say is a sentence in the language of the agent who asks.
func say(e *core.RequestEvent, key string) string {
	lang := settings.Shop(e.App).Language()
	if e.Auth != nil {
		if l := e.Auth.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			lang = l[0]
		}
	}
	return i18n.T(lang, key)
}

func fail(e *core.RequestEvent, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return e.NotFoundError(say(e, "error.contact_gone"), nil)
	}
	return e.InternalServerError(say(e, "error.internal"), err)
}

func search(e *core.RequestEvent) error {
	found, err := Find(e.App, e.Request.URL.Query().Get("q"), foundAtMost)
	if err != nil {
		return fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"contacts": found})
}

// past is one of the customer's conversations, newest first.
type past struct {
	ID           string `json:"id" db:"id"`
	Number       int64  `json:"number" db:"number"`
	Subject      string `json:"subject" db:"subject"`
	Preview      string `json:"preview" db:"preview"`
	Channel      string `json:"channel" db:"channel"`
	Status       string `json:"status" db:"status"`
	Rating       int    `json:"rating" db:"rating"`
	LastActivity string `json:"last_activity" db:"last_activity"`
}

func show(e *core.RequestEvent) error {
	id := e.Request.PathValue("id")
	v, err := View(e.App, id)
	if err != nil {
		return fail(e, err)
	}
	all := []past{}
	// idx_conversations_contact
	err = e.App.DB().NewQuery(`SELECT id, number, subject, preview, channel, status, rating, last_activity FROM conversations
		WHERE contact = {:contact} AND merged_into = '' AND deleted_at = '' ORDER BY last_activity DESC LIMIT 50`).Bind(dbx.Params{"contact": id}).All(&all)
	if err != nil {
		return fail(e, err)
	}
	for i := range all {
		all[i].LastActivity = iso(all[i].LastActivity)
	}
	return e.JSON(http.StatusOK, map[string]any{"contact": v, "conversations": all})
}

func change(e *core.RequestEvent) error {
	var body struct {
		Name     *string   `json:"name"`
		Language *string   `json:"language"`
		Note     *string   `json:"note"`
		Tags     *[]string `json:"tags"`
		Blocked  *bool     `json:"blocked"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	r, err := e.App.FindRecordById(schema.Contacts, e.Request.PathValue("id"))
	if err != nil {
		return fail(e, err)
	}
	if body.Name != nil {
		r.Set(schema.ContactName, cleanName(*body.Name))
	}
	if body.Language != nil {
		r.Set(schema.ContactLanguage, *body.Language)
	}
	if body.Note != nil {
		r.Set(schema.ContactNote, *body.Note)
	}
	if body.Tags != nil {
		r.Set(schema.ContactTags, *body.Tags)
	}
	if body.Blocked != nil {
		r.Set(schema.ContactBlocked, *body.Blocked)
	}
	if err := e.App.Save(r); err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	return answer(e, r.Id)
}

func answer(e *core.RequestEvent, id string) error {
	v, err := View(e.App, id)
	if err != nil {
		return fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"contact": v})
}

func addIdentity(e *core.RequestEvent) error {
	var body struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	switch {
	case body.Kind != schema.KindEmail && body.Kind != schema.KindPhone:
		return e.BadRequestError(say(e, "error.body"), nil)
	case Normalise(body.Kind, body.Value) == "" && body.Kind == schema.KindEmail:
		return e.BadRequestError(say(e, "error.email"), nil)
	case Normalise(body.Kind, body.Value) == "":
		return e.BadRequestError(say(e, "error.phone"), nil)
	}
	id := e.Request.PathValue("id")
	if _, err := e.App.FindRecordById(schema.Contacts, id); err != nil {
		return fail(e, err)
	}
	mine := false
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		mine, err = AddIdentity(tx, id, Identity{Kind: body.Kind, Value: body.Value})
		return err
	})
	if err != nil {
		return fail(e, err)
	}
	if !mine {
		return e.BadRequestError(say(e, "error.identity_taken"), nil)
	}
	return answer(e, id)
}

func removeIdentity(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById(schema.Identities, e.Request.PathValue("identity"))
	if err != nil || r.GetString(schema.IdentityContact) != e.Request.PathValue("id") {
		return e.NotFoundError(say(e, "error.contact_gone"), nil)
	}
	if err := e.App.Delete(r); err != nil {
		return fail(e, err)
	}
	return answer(e, e.Request.PathValue("id"))
}

// clearIdentity answers POST /api/desk/contacts/{id}/identities/{identity}/clear:
// somebody knows that mail arrives there again, or may be sent again.
func clearIdentity(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById(schema.Identities, e.Request.PathValue("identity"))
	if err != nil || r.GetString(schema.IdentityContact) != e.Request.PathValue("id") {
		return e.NotFoundError(say(e, "error.contact_gone"), nil)
	}
	for _, field := range []string{schema.IdentityBounceKind, schema.IdentityBounceReason, schema.IdentityBouncedAt, schema.IdentityQuietUntil, schema.IdentityQuietReason} {
		r.Set(field, "")
	}
	r.Set(schema.IdentityBounceCount, 0)
	if err := e.App.Save(r); err != nil {
		return fail(e, err)
	}
	return answer(e, e.Request.PathValue("id"))
}
