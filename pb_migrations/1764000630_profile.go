package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(profileUp, profileDown)
}

func profileUp(app core.App) error {
	const agents = "shohay_agents01"
	fields := base("shohay_cfields1", "contact_fields",
		text("key", "Short name for programs, for example birthday. It stays as it is once used.", required, presentable, long(40), like(`^[a-z][a-z0-9_]*$`)),
		text("label_en", "What it is called in English.", required, long(60)),
		text("label_bn", "What it is called in Bangla.", required, long(60)),
		oneOf("kind", "What it holds.", true, "text", "number", "date", "choice", "yes_no"),
		structured("choices", `For a choice: what there is to choose, such as ["gold", "silver"].`, 8<<10),
		flag("required", "Shown as missing until it is known."),
		whole("sort", "Its place.", 0, 1000000),
		flag("widget", "Your own site may fill it for customers who are signed in there."),
	)
	fields.ListRule, fields.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	fields.CreateRule, fields.UpdateRule, fields.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	fields.AddIndex("idx_contact_fields_key", true, "`key`", "")
	if err := app.Save(fields); err != nil {
		return err
	}

	contacts, err := app.FindCollectionByNameOrId("contacts")
	if err != nil {
		return err
	}
	contacts.Fields.Add(structured("custom", "What else is known, by the key of your contact fields.", 32<<10))
	contacts.AddIndex("idx_contacts_name", false, "`name` COLLATE NOCASE", "`name` != ''")
	if err := app.Save(contacts); err != nil {
		return err
	}

	identities, err := app.FindCollectionByNameOrId("identities")
	if err != nil {
		return err
	}
	code := text("code", "Of a mailed code.", hidden, long(100))
	until, tries := moment("code_until", "Until when it holds."), counter("code_tries", "How often it was tried.")
	until.Hidden, tries.Hidden = true, true
	identities.Fields.Add(
		one("verified_by", "Agent who said that it is theirs; empty where it was proven.", agents, false, false),
		oneOf("verified_how", "hand: an agent said so. code: a mailed code was told. Empty: the channel proved it.", false, "hand", "code"),
		moment("verified_at", "When."),
		code, until, tries,
	)
	return app.Save(identities)
}

func profileDown(app core.App) error {
	identities, err := app.FindCollectionByNameOrId("identities")
	if err != nil {
		return err
	}
	for _, f := range []string{"verified_by", "verified_how", "verified_at", "code", "code_until", "code_tries"} {
		identities.Fields.RemoveByName(f)
	}
	if err := app.Save(identities); err != nil {
		return err
	}
	contacts, err := app.FindCollectionByNameOrId("contacts")
	if err != nil {
		return err
	}
	contacts.RemoveIndex("idx_contacts_name")
	contacts.Fields.RemoveByName("custom")
	if err := app.Save(contacts); err != nil {
		return err
	}
	return drop(app, "contact_fields")
}
