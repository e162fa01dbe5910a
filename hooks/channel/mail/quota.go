package mail

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// How much of what one sender attaches is stored in a day (rule 55). Of one
// mail it is a hundred files at most (mime), and no more than the mail may be
// large.
const attachedPerDay = 200 << 20

// ration leaves out attachments that are over what their sender may leave with
// us in a day, and says so in the text; the original keeps them all. What comes
// in a sender's name without being theirs is counted apart, so that nobody can
// use up what is somebody else's. Call it in the transaction that takes the
// mail in. Uses idx_messages_sender.
func (room *Room) ration(tx core.App, in *conversation.Incoming) error {
	if len(in.Files) == 0 || in.Older {
		return nil
	}
	most := int64(attachedPerDay)
	if room.attached > 0 {
		most = room.attached
	}
	var stored int64
	err := tx.DB().NewQuery(`SELECT COALESCE(SUM((SELECT SUM(json_extract(f.value, '$.size')) FROM json_each(m.file_info) f)), 0)
		FROM messages m WHERE m.kind = 'incoming' AND m.channel = 'email' AND m.sender = {:sender} AND m.created > {:day}
		AND m.file_info LIKE '[{%' AND (COALESCE(json_extract(m.evidence, '$.auth'), '') = 'fail') = {:forged}`).
		Bind(dbx.Params{"sender": in.SenderAddress, "day": types.NowDateTime().Add(-24 * time.Hour).String(), "forged": in.Auth == "fail"}).Row(&stored)
	if err != nil {
		return fmt.Errorf("count what a sender attached: %w", err)
	}
	var kept []conversation.File
	var left int64
	for _, f := range in.Files {
		if stored+f.Size > most {
			left += f.Size
			continue
		}
		stored += f.Size
		kept = append(kept, f)
	}
	if n := len(in.Files) - len(kept); n > 0 {
		lang := settings.Shop(tx).Language()
		c := i18n.Current()
		words := i18n.T(lang, "mail.files_over", i18n.V{"n": n, "size": c.Size(lang, left), "most": c.Size(lang, most)})
		in.Text = strings.TrimSpace(in.Text + "\n\n" + words)
		in.Files = kept
	}
	return nil
}
