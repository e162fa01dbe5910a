package mail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
)

// A copy in the server's folder for sent mail is a convenience: it is filed
// after the send is settled, in a loop of its own, and neither delays nor
// repeats the send (rule 70).

const (
	fileAgain = 5 * time.Minute    // after a server that could not be used
	fileFor   = 3 * 24 * time.Hour // then a copy is given up
)

// filesItself are providers that file what is sent through them.
var filesItself = regexp.MustCompile(`(?i)(?:^|\.)(?:gmail\.com|googlemail\.com|google\.com|office365\.com|outlook\.com|hotmail\.com|yahoo\.[a-z.]+|yahoodns\.net|aol\.com)$`)

// files tells whether copies of sent mail are filed by us.
func (b *Mailbox) files() bool {
	return b.GetBool(schema.MailboxFileSent) && b.fetches() &&
		!filesItself.MatchString(b.GetString(schema.MailboxSMTPHost)) && !filesItself.MatchString(b.GetString(schema.MailboxIMAPHost))
}

// file asks for a copy of a row's mail.
func (room *Room) file(app core.App, it outbox.Item) {
	if it.Blind {
		return
	}
	_, err := app.DB().NewQuery(`UPDATE outbox SET filed = 'due' WHERE id = {:id} AND filed = ''`).Bind(dbx.Params{"id": it.ID}).Execute()
	if err != nil {
		app.Logger().Warn("mail: no copy of a sent mail is filed", "row", it.ID, "error", err)
	}
}

// copyDue is a sent mail that waits to be filed.
type copyDue struct {
	ID      string         `db:"id"`
	Mailbox string         `db:"mailbox"`
	Updated types.DateTime `db:"updated"`
}

// fileCopies files what waits, mailbox by mailbox. Uses idx_outbox_filed.
func (room *Room) fileCopies(ctx context.Context) {
	var rows []copyDue
	err := room.app.DB().NewQuery(`SELECT id, mailbox, updated FROM outbox WHERE filed = 'due' AND state = 'sent' ORDER BY updated LIMIT 100`).All(&rows)
	if err != nil {
		room.app.Logger().Error("mail: the copies to be filed cannot be read", "error", err)
		return
	}
	by := map[string][]copyDue{}
	for _, r := range rows {
		if time.Since(r.Updated.Time()) > fileFor {
			room.filed(r.ID, schema.FiledLost)
			continue
		}
		by[r.Mailbox] = append(by[r.Mailbox], r)
	}
	for id, rows := range by {
		if ctx.Err() != nil || time.Now().Before(room.fileAfter[id]) {
			continue
		}
		if err := room.fileInto(ctx, id, rows); err != nil {
			room.fileAfter[id] = time.Now().Add(room.timing.file)
			room.app.Logger().Warn("mail: copies of sent mail wait to be filed", "mailbox", id, "error", err)
		}
	}
}

func (room *Room) fileInto(ctx context.Context, id string, rows []copyDue) error {
	r, err := room.app.FindRecordById(schema.Mailboxes, id)
	if errorsIsNoRows(err) || err == nil && !wrap(r).files() {
		for _, row := range rows {
			room.filed(row.ID, schema.FiledLost) // the owner does not want them any more
		}
		return nil
	}
	if err != nil {
		return err
	}
	box := wrap(r)
	password, err := box.password(room.keys())
	if err != nil {
		return err
	}
	conn, err := imapbox.Dial(ctx, box.imap(password, room.tls), room.timing.imap)
	if err != nil {
		return err
	}
	defer conn.Close()
	folder := box.GetString(schema.MailboxSentFolder)
	if folder == "" {
		if folder, err = conn.SentFolder(); err != nil {
			if errors.Is(err, imapbox.ErrNoSent) {
				for _, row := range rows {
					room.filed(row.ID, schema.FiledLost)
				}
			}
			return err
		}
	}
	for _, row := range rows {
		raw, err := os.ReadFile(filepath.Join(room.app.DataDir(), spoolDir, row.ID+".eml"))
		if err != nil {
			room.filed(row.ID, schema.FiledLost)
			continue
		}
		m := mime.Parse(raw)
		if err := conn.File(folder, strings.Trim(m.MessageID, "<>"), row.Updated.Time(), raw); err != nil {
			return err
		}
		room.filed(row.ID, schema.FiledDone)
	}
	return nil
}

func (room *Room) filed(row, how string) {
	_, err := room.app.DB().NewQuery(`UPDATE outbox SET filed = {:how} WHERE id = {:id}`).Bind(dbx.Params{"id": row, "how": how}).Execute()
	if err != nil {
		room.app.Logger().Error("mail: a filed copy is not noted", "row", row, "error", err)
	}
}
