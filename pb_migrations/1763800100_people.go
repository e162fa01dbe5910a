package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(peopleUp, func(app core.App) error {
		return drop(app, "identities", "contacts", "tags", "agents")
	})
}

// peopleUp creates those who answer (agents) and those who ask (contacts,
// reached through identities), and the tags both sides of the desk use.
func peopleUp(app core.App) error {
	agents := core.NewAuthCollection("agents", "shohay_agents01")
	agents.Fields.Add(
		text("name", "Name that customers see above an answer.", required, presentable, long(80)),
		&core.FileField{Name: "avatar", Help: "Picture customers see, up to 1 MB.", MaxSelect: 1, MaxSize: 1 << 20, MimeTypes: []string{"image/png", "image/jpeg", "image/webp"}, Thumbs: []string{"96x96"}},
		oneOf("role", "An owner may also change the shop, the mailboxes and the staff.", true, "owner", "agent"),
		oneOf("availability", "What the agent chose; an agent without an open desk counts as offline whatever stands here.", false, "online", "away", "offline"),
		text("signature", "Put under answers by e-mail.", long(500)),
		someOf("languages", "Languages this agent answers in; the first is the language of their desk.", "bn", "en"),
		structured("notify", "The agent's own choice of sound and desktop notices, set in the desk.", 4<<10),
	)
	agents.Fields.Add(stamps()...)
	agents.AuthAlert.Enabled = false
	agents.AuthToken.Duration = 14 * 24 * 3600
	agents.ListRule, agents.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	agents.CreateRule, agents.DeleteRule, agents.ManageRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	agents.UpdateRule = types.Pointer(`(id = @request.auth.id && @request.body.role:isset = false) || (` + isOwner + `)`)
	if err := app.Save(agents); err != nil {
		return err
	}

	tags := base("shohay_tags0001", "tags",
		text("name", "Short word shown on conversations and contacts.", required, presentable, long(40)),
		text("colour", "Colour of the tag as #rrggbb; empty is grey.", like(`^(#[0-9a-fA-F]{6})?$`)),
	)
	tags.ListRule, tags.ViewRule, tags.CreateRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isAgent)
	tags.UpdateRule, tags.DeleteRule = types.Pointer(isAgent), types.Pointer(isOwner)
	tags.AddIndex("idx_tags_name", true, "`name` COLLATE NOCASE", "")
	if err := app.Save(tags); err != nil {
		return err
	}

	contacts := core.NewAuthCollection("contacts", "shohay_contact1")
	// A contact may be known by a telephone number or a chat alone.
	contacts.Fields.GetByName("email").(*core.EmailField).Required = false
	contacts.Fields.Add(
		text("name", "Name of the customer as they or you wrote it.", presentable, long(120)),
		text("customer_no", "Number that names the customer in conversations with them; given by itself.", long(20)),
		oneOf("language", "Language the customer writes; answers and automatic mails follow it.", false, "bn", "en"),
		many("tags", "Tags of the customer.", tags.Id),
		text("note", "What staff should know; customers never see it.", long(5000)),
		flag("blocked", "Messages of a blocked customer are kept but open nothing and notify nobody."),
		structured("consents", "What the customer agreed to, with the time.", 8<<10),
		moment("last_seen", "Roughly when the customer was last on a page of yours."),
	)
	contacts.Fields.Add(stamps()...)
	contacts.AuthAlert.Enabled = false
	contacts.PasswordAuth.Enabled = false
	contacts.AuthRule = nil
	contacts.ListRule, contacts.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	contacts.AddIndex("idx_contacts_customer_no", true, "`customer_no`", "`customer_no` != ''")
	contacts.AddIndex("idx_contacts_name", false, "`name` COLLATE NOCASE", "")
	if err := app.Save(contacts); err != nil {
		return err
	}

	identities := base("shohay_identit1", "identities",
		one("contact", "Customer this address, number or browser belongs to.", contacts.Id, true, true),
		oneOf("kind", "How the customer is reached.", true, "email", "phone", "visitor", "user"),
		text("value", "The address in lower case, the number in international form, or the id of a browser.", required, presentable, long(320)),
		flag("verified", "Proven to belong to the customer, by a code, a signed link or the shop's own site."),
	)
	identities.ListRule, identities.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	identities.AddIndex("idx_identities_value", true, "`kind`, `value`", "")
	identities.AddIndex("idx_identities_contact", false, "`contact`", "")
	return app.Save(identities)
}
