package request

import (
	"net/http"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// What an owner does for a customer who asks by telephone or by mail.

func deskLanguage(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(i18n.T(deskLanguage(e), "error.owners_only"), nil)
	}
	return e.Next()
}

// customer is the contact of the address.
func customer(e *core.RequestEvent) (*contact.Contact, error) {
	r, err := e.App.FindRecordById(schema.Contacts, e.Request.PathValue("id"))
	if err != nil {
		return nil, e.NotFoundError(i18n.T(deskLanguage(e), "error.contact_gone"), err)
	}
	return contact.Wrap(r), nil
}

// note keeps who did it to whom, without a name: it outlives them.
func note(e *core.RequestEvent, action string, c *contact.Contact) {
	entry := audit.Entry{Kind: schema.AuditContact, Action: action, Collection: schema.Contacts, Target: c.Id, Label: c.GetString(schema.ContactCustomerNo)}
	if err := audit.Note(e.App, audit.By(e, entry)); err != nil {
		e.App.Logger().Error("who did what is not noted", "action", action, "error", err)
	}
}

// deskArchive answers GET /api/desk/contacts/{id}/archive: what the customer
// would get on the page of their requests.
func (room *Room) deskArchive(e *core.RequestEvent) error {
	c, err := customer(e)
	if err != nil {
		return err
	}
	note(e, "archive", c)
	lang := c.Language()
	if !room.Catalogue.Has(lang) {
		lang = deskLanguage(e)
	}
	return room.sendArchive(e, lang, &session{contact: c, full: true})
}

// deskErase answers DELETE /api/desk/contacts/{id} {"number"}: everything of
// the customer, for good. The customer's number says that it is meant.
func (room *Room) deskErase(e *core.RequestEvent) error {
	c, err := customer(e)
	if err != nil {
		return err
	}
	lang := deskLanguage(e)
	var body struct {
		Number string `json:"number"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	number := c.GetString(schema.ContactCustomerNo)
	if number == "" {
		number = c.Id
	}
	if body.Number != number {
		words := i18n.T(lang, "error.erase_number", i18n.V{"number": number})
		return e.BadRequestError(words, validation.Errors{"number": validation.NewError("number", words)})
	}
	if err := room.Erase(e.Request.Context(), e.App, c.Id); err != nil {
		return e.InternalServerError(i18n.T(lang, "error.internal"), err)
	}
	note(e, "erase", c)
	return e.NoContent(http.StatusNoContent)
}
