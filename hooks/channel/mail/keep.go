package mail

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
)

// spoolDir is the folder of mails on their way out, in the data folder.
const spoolDir = original.Folder + "/out"

// KeptFile is the path of a kept original.
func KeptFile(app core.App, sha string) (string, error) { return original.Path(app.DataDir(), sha) }

// settleOriginals gives back what keeping mails together took, until ctx ends.
func (room *Room) settleOriginals(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
		if err := original.Settle(room.app.DataDir()); err != nil {
			room.app.Logger().Warn("mail: bundles of originals stay for now", "error", err)
		}
	}
}

// withKept reads a kept mail and hands it over; neither the bytes nor the
// mail's parts can be used afterwards.
func withKept(app core.App, sha string, use func(raw []byte, m *mime.Mail) error) error {
	kept, err := original.Open(app.DataDir(), sha)
	if err != nil {
		return err
	}
	defer kept.Close()
	return use(kept.Bytes, mime.Parse(kept.Bytes))
}
