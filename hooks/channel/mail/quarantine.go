package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Quarantined is a mail that could not become a message.
type Quarantined struct {
	ID      string `json:"id" db:"id"`
	Mailbox string `json:"mailbox" db:"mailbox"`
	Sender  string `json:"sender" db:"sender"`
	Subject string `json:"subject" db:"subject"`
	Reason  string `json:"reason" db:"reason"`
	Retried int    `json:"retried" db:"retried"`
	Raw     bool   `json:"raw" db:"raw"`
	Created string `json:"created" db:"created"`
}

const quarantinePage = 50

// quarantined answers GET /api/desk/quarantine?page=.
func (room *Room) quarantined(e *core.RequestEvent) error {
	page, _ := strconv.Atoi(e.Request.URL.Query().Get("page"))
	list := []Quarantined{}
	err := e.App.DB().NewQuery(`SELECT id, mailbox, sender, subject, reason, retried, raw != '' AS raw, created FROM quarantine ORDER BY created DESC, id LIMIT {:n} OFFSET {:from}`).
		Bind(dbx.Params{"n": quarantinePage + 1, "from": max(page-1, 0) * quarantinePage}).All(&list)
	if err != nil {
		return e.InternalServerError("", err)
	}
	more := len(list) > quarantinePage
	list = list[:min(len(list), quarantinePage)]
	for i := range list {
		list[i].Created = strings.Replace(list[i].Created, " ", "T", 1)
		list[i].Reason = spoken(e, list[i].Reason)
	}
	return e.JSON(http.StatusOK, map[string]any{"mails": list, "more": more})
}

// quarantinedRaw answers GET /api/desk/quarantine/{id}/raw.
func (room *Room) quarantinedRaw(e *core.RequestEvent) error {
	q, err := e.App.FindRecordById(schema.Quarantine, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.message_gone"), nil)
	}
	return room.download(e, q.GetString(schema.QuarantineRaw), "mail-"+q.Id)
}

// download gives a kept original in a way that no browser opens as anything
// else (rule 54).
func (room *Room) download(e *core.RequestEvent, sha, name string) error {
	file, err := KeptFile(e.App, sha)
	if err == nil {
		_, err = os.Stat(file)
	}
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.raw_gone"), nil)
	}
	f, err := os.Open(file)
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.raw_gone"), nil)
	}
	defer f.Close()
	h := e.Response.Header()
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.eml"`, name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	return e.Stream(http.StatusOK, "text/plain; charset=utf-8", f)
}

// discard answers DELETE /api/desk/quarantine/{id}: the mail is not wanted. The
// ledger goes on knowing it, so it does not come back.
func (room *Room) discard(e *core.RequestEvent) error {
	q, err := e.App.FindRecordById(schema.Quarantine, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.message_gone"), nil)
	}
	if err := room.Discard(e.App, q.Id); err != nil {
		return e.InternalServerError("", err)
	}
	return e.NoContent(http.StatusNoContent)
}

// Discard removes a mail from the quarantine, and its original unless
// something else needs it.
func (room *Room) Discard(app core.App, id string) error {
	sha := ""
	err := app.RunInTransaction(func(tx core.App) error {
		q, err := tx.FindRecordById(schema.Quarantine, id)
		if err != nil {
			return err
		}
		sha = q.GetString(schema.QuarantineRaw)
		// idx_ledger_quarantine
		if _, err := tx.DB().NewQuery(`UPDATE ledger SET message = {:nothing} WHERE quarantine = {:id} AND quarantine != '' AND message = ''`).
			Bind(dbx.Params{"id": id, "nothing": nothing}).Execute(); err != nil {
			return err
		}
		return tx.Delete(q)
	})
	if err != nil {
		return fmt.Errorf("discard a mail: %w", err)
	}
	return room.Forget(app, sha)
}

// parseAgain answers POST /api/desk/messages/{id}/parse: text, HTML and files
// are made anew from the kept original, for instance after an update. Its
// place, its time and whose it is stay.
func (room *Room) parseAgain(e *core.RequestEvent) error {
	lang := language(e)
	r, err := e.App.FindRecordById(schema.Messages, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(lang, "mail.message_gone"), nil)
	}
	if r.GetString(schema.MsgKind) != schema.MessageIncoming {
		return e.NotFoundError(i18n.T(lang, "mail.raw_gone"), nil)
	}
	err = withKept(e.App, r.GetString(schema.MsgRaw), func(raw []byte, m *mime.Mail) error {
		in := conversation.Incoming{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Files: filesOf(m)}
		if in.Subject == "" {
			in.Subject = i18n.T(settings.Shop(e.App).Language(), "mail.subject_none")
		}
		shop := settings.Shop(e.App)
		in.Evidence.Body = bodyOf(&in, m)
		invite(&in, m, shop)
		room.remark(&in, m, imapbox.Item{Size: int64(len(raw))}, shop.Language())
		return conversation.Rewrite(e.App, r.Id, in)
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e.NotFoundError(i18n.T(lang, "mail.raw_gone"), nil)
	case err != nil:
		return e.InternalServerError("", err)
	}
	return e.NoContent(http.StatusNoContent)
}

// sweepUnfinished removes what a crash left of mails on their way.
func sweepUnfinished(app core.App) {
	root := filepath.Join(app.DataDir(), original.Folder)
	for _, unfinished := range []string{".mail-*", filepath.Join("*", ".new-*")} {
		left, err := filepath.Glob(filepath.Join(root, unfinished))
		if err != nil {
			app.Logger().Warn("mail: unfinished files cannot be listed", "error", err)
		}
		for _, name := range left {
			if st, err := os.Stat(name); err == nil && time.Since(st.ModTime()) > 24*time.Hour {
				_ = os.Remove(name) // tried again in an hour
			}
		}
	}
}

// Originals counts the kept originals that are older than a time and not in
// the quarantine, and removes them if it is told to. Their messages stay.
func (room *Room) Originals(ctx context.Context, app core.App, before string, remove bool) (n int, err error) {
	old, err := types.ParseDateTime(before)
	if err != nil {
		return 0, err
	}
	var held []string
	if err := app.DB().NewQuery(`SELECT raw FROM quarantine WHERE raw != ''`).Column(&held); err != nil {
		return 0, fmt.Errorf("list the originals of the quarantine: %w", err)
	}
	root := filepath.Join(app.DataDir(), original.Folder)
	var failed error
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return nil // gone meanwhile
		}
		if d.IsDir() {
			if name == filepath.Join(app.DataDir(), spoolDir) {
				return fs.SkipDir
			}
			return nil
		}
		sha, isMail := strings.CutSuffix(d.Name(), ".eml")
		info, err := d.Info()
		if err != nil || !isMail || !original.Named(sha) || !info.ModTime().Before(old.Time()) || slices.Contains(held, sha) {
			return nil
		}
		if remove {
			if err := dropOriginal(app, name, sha); err != nil {
				failed = errors.Join(failed, err) // it does not keep the others
				return nil
			}
		}
		n++
		return nil
	})
	return n, errors.Join(err, failed)
}

func dropOriginal(app core.App, name, sha string) error {
	if err := os.Remove(name); err != nil {
		return err
	}
	// idx_ledger_raw
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE messages SET raw = '' WHERE id IN (SELECT message FROM ledger WHERE raw = {:sha} AND raw != '') AND raw = {:sha}`).Bind(dbx.Params{"sha": sha}).Execute()
	return err
}
