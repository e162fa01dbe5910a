package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(func(app core.App) error { return extend(app, signatureFields(), nil) },
		func(app core.App) error { return shrink(app, signatureFields(), nil) })
}

// signatureFields are signatures with formatting, of agents and of mailboxes.
func signatureFields() map[string][]core.Field {
	return map[string][]core.Field{
		"agents": {text("signature_html", "The signature with formatting, as the desk writes it; counts as long as it says the same as the signature in plain text.", long(6000))},
		"mailboxes": {
			text("signature", "Put under answers from this mailbox. {agent}, {shop}, {number} and {address} stand for who answers, the shop's name, the number of the conversation and the mailbox's address.", long(1000)),
			text("signature_html", "The same with formatting, as the desk writes it; counts as long as it says the same as the signature in plain text.", long(8000)),
			oneOf("signature_use", "How it goes together with the agent's own: instead of it (or empty), or below it.", false, "instead", "below"),
		},
	}
}
