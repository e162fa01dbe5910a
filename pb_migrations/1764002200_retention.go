package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// retentionFields say for how long things are kept.
func retentionFields() map[string][]core.Field {
	return map[string][]core.Field{
		"shop": {
			whole("quarantine_days", "Days for which mails that could not be read are kept, at least 7; then they are discarded with their originals. 0 keeps them for ever.", 0, 36500),
			whole("solved_days", "Days after which a solved conversation is erased for good with its messages, files and mails, counted from the last thing that happened in it, at least 30. 0, as it is at first, keeps them for ever. The desk (Settings, How long things are kept) says before how many would go.", 0, 36500),
			whole("spam_days", "Days for which conversations put aside as spam are kept, at least 7. 0 keeps them for ever.", 0, 36500),
			whole("sign_in_days", "Days for which it is kept who signed in when, from where and with which browser, at least 30. 0 keeps it for ever.", 0, 36500),
			whole("sent_days", "Days for which the post book keeps what was sent to whom and what the other server answered, at least 30. The messages themselves stay. 0 keeps it for ever.", 0, 36500),
			whole("question_days", "Days for which questions are kept that were searched for and not found, or that the bot could not answer, at least 7. 0 keeps them for ever.", 0, 36500),
			whole("log_days", "Days for which the program's own log is kept, which holds nothing about people.", 1, 365),
		},
	}
}

// retentionIndexes find what is old, and what was noted of what goes.
var retentionIndexes = [][4]string{
	{"outbox", "idx_outbox_sent", "`updated`", "`state` = 'sent'"},
	{"audit", "idx_audit_target", "`target`", "`target` != ''"},
}

func init() {
	m.Register(retentionUp, retentionDown)
}

func retentionUp(app core.App) error {
	if err := extend(app, retentionFields(), retentionIndexes); err != nil {
		return err
	}
	_, err := app.DB().NewQuery(`UPDATE shop SET quarantine_days = 365, spam_days = 90, sign_in_days = 180, sent_days = 180, question_days = 365, log_days = 14`).Execute()
	return err
}

func retentionDown(app core.App) error {
	return shrink(app, retentionFields(), retentionIndexes)
}
