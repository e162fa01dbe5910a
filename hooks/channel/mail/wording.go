package mail

import (
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/variable"
)

// checkTemplate refuses the owner's words for a mail if they have a variable
// that this mail does not know.
func checkTemplate(e *core.RecordEvent) error {
	known := letter.Variables(e.Record.GetString(schema.TemplateKey))
	for _, field := range []string{schema.TemplateSubject, schema.TemplateBody} {
		if err := checkWords(e, field, known); err != nil {
			return err
		}
	}
	return e.Next()
}

// checkSignature does so for the signature of a mailbox.
func checkSignature(e *core.RecordEvent) error {
	if err := checkWords(e, schema.MailboxSignature, letter.SignatureVariables()); err != nil {
		return err
	}
	return e.Next()
}

// checkOwnSignature does so for that of an agent.
func checkOwnSignature(e *core.RecordEvent) error {
	if err := checkWords(e, schema.AgentSignature, letter.SignatureVariables()); err != nil {
		return err
	}
	return e.Next()
}

// checkWords looks at a field that was changed.
func checkWords(e *core.RecordEvent, field string, known []string) error {
	text := e.Record.GetString(field)
	if !e.Record.IsNew() && text == e.Record.Original().GetString(field) {
		return nil
	}
	odd := letter.Strangers(text, known)
	if len(odd) == 0 {
		return nil
	}
	near := variable.Near(strings.Trim(odd[0], "{ }"), known)
	said := i18n.V{"name": "{" + odd[0] + "}", "list": "{" + strings.Join(near, "}, {") + "}"}
	return validation.Errors{field: validation.NewError("variable_unknown", i18n.T(settings.Shop(e.App).Language(), "error.variable_unknown", said))}
}
