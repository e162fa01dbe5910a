package conversation

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/shohay/shohay/hooks/schema"
)

// Rewrite gives a message that was read anew from its original other words and
// files. Its place, its time and whose it is stay as they are.
func Rewrite(app core.App, message string, in Incoming) error {
	return app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Messages, message)
		if err != nil {
			return err
		}
		m := WrapMessage(r)
		m.Set(schema.MsgSubject, clip(clean(in.Subject), 990))
		m.Set(schema.MsgText, clean(in.Text))
		m.Set(schema.MsgHTML, in.HTML)
		if ev := m.Evidence(); m.GetString(schema.MsgChannel) == schema.ChannelEmail {
			ev.Body = in.Evidence.Body
			m.Set(schema.MsgEvidence, ev)
		}
		m.Set(schema.MsgFiles, []*filesystem.File{})
		m.Set(schema.MsgFileInfo, []FileInfo{})
		if err := attachFiles(m, in.Files); err != nil {
			return err
		}
		if err := tx.Save(m.Record); err != nil {
			return fmt.Errorf("save message: %w", err)
		}
		_, err = edit(tx, m.Conversation(), func(_ core.App, conv *Conversation) error {
			if int64(conv.GetInt(schema.ConvLastIncomingSeq)) == m.Seq() && conv.GetString(schema.ConvPreviewKind) == schema.MessageIncoming {
				conv.Set(schema.ConvPreview, previewOf(in.Text, in.Files))
			}
			return nil
		})
		return err
	})
}
