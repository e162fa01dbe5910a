package merge

import (
	"database/sql"
	"errors"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// people answers POST /api/desk/contacts/{id}/merge {"other": id}: the other
// contact becomes part of the one in the path, and can be made one of its own
// again.
func (r *room) people(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var body struct {
		Other string `json:"other"`
	}
	id := e.Request.PathValue("id")
	if err := e.BindBody(&body); err != nil || body.Other == "" || body.Other == id {
		return e.BadRequestError(i18n.T(lang, "error.merge"), err)
	}
	var m contact.Merged
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		m, err = contact.MergeKept(tx, id, body.Other)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return e.NotFoundError(i18n.T(lang, "error.contact_gone"), nil)
	}
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	entry := audit.By(e, audit.Entry{Kind: schema.AuditContact, Action: "contact_apart", Collection: schema.Contacts, Target: id})
	undo := r.Undo.Keep(e.Auth.Id, func(app core.App) error {
		return app.RunInTransaction(func(tx core.App) error {
			err := contact.Unmerge(tx, m)
			var apart contact.ErrApart
			if errors.As(err, &apart) {
				return conversation.ErrChange(apart)
			}
			if err != nil {
				return err
			}
			if entry.Label, err = contact.NameOf(tx, id); err != nil {
				return err
			}
			return audit.Note(tx, entry)
		})
	})
	v, err := contact.View(e.App, id)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"contact": v, "undo": undo})
}
