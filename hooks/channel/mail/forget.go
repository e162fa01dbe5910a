package mail

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Forget removes the original of a mail whose message is erased, unless
// another message or the quarantine needs it. The ledger still knows that the
// mail was taken in. Uses idx_ledger_raw and idx_ledger_quarantine.
func (room *Room) Forget(app core.App, sha string) error {
	name, err := KeptFile(app, sha)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no name of an original
	}
	if err != nil {
		return err
	}
	var needed bool
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM ledger l JOIN messages m ON m.id = l.message WHERE l.raw = {:sha} AND l.raw != '' AND m.raw = {:sha})
		OR EXISTS (SELECT 1 FROM quarantine WHERE raw = {:sha})`).Bind(dbx.Params{"sha": sha}).Row(&needed)
	if err != nil {
		return fmt.Errorf("ask who needs an original: %w", err)
	}
	if needed {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an original: %w", err)
	}
	return nil
}

// Teach tells the spam filter what an agent said of a conversation.
func (room *Room) Teach(conversation string, spam bool) { room.teach(lesson{conversation, spam}) }
