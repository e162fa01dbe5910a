package mail

import (
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// again answers POST /api/desk/quarantine/{id}/retry: the mail is read once
// more from its kept original, for instance after an update. It answers with
// the message, or with 422 and why the mail stays where it is.
func (room *Room) again(e *core.RequestEvent) error {
	app, lang := e.App, language(e)
	q, err := app.FindRecordById(schema.Quarantine, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(lang, "mail.message_gone"), nil)
	}
	kept, err := original.Open(app.DataDir(), q.GetString(schema.QuarantineRaw))
	if err != nil {
		return e.NotFoundError(i18n.T(lang, "mail.raw_gone"), nil)
	}
	defer kept.Close()
	br, err := app.FindRecordById(schema.Mailboxes, q.GetString(schema.QuarantineMailbox))
	if err != nil {
		return e.Error(http.StatusUnprocessableEntity, i18n.T(lang, "mail.no_mailbox"), nil)
	}
	place, err := findPlace(app, q.Id)
	if err != nil {
		return e.InternalServerError("", err)
	}
	box := wrap(br)
	a := &arrival{item: imapbox.Item{UID: place.UID, Size: int64(len(kept.Bytes))}, src: place, sha: q.GetString(schema.QuarantineRaw), raw: kept.Bytes}
	rerr := room.settleOne(box, a)

	reason := q.GetString(schema.QuarantineReason)
	var now entry
	if rerr == nil {
		if now, err = findEntry(app, box.Id, place); err != nil {
			return e.InternalServerError("", err)
		}
	} else {
		reason = lastWords(rerr)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		switch {
		case rerr == nil && now.Quarantine == "":
			return tx.Delete(q)
		case rerr == nil && now.Quarantine != q.Id: // put aside anew: one record is enough
			if err := tx.Delete(q); err != nil {
				return err
			}
			fresh, err := tx.FindRecordById(schema.Quarantine, now.Quarantine)
			if err != nil {
				return err
			}
			reason = fresh.GetString(schema.QuarantineReason)
			fresh.Set(schema.QuarantineRetried, q.GetInt(schema.QuarantineRetried)+1)
			return tx.Save(fresh)
		}
		q.Set(schema.QuarantineRetried, q.GetInt(schema.QuarantineRetried)+1)
		q.Set(schema.QuarantineReason, clip(reason, 1990))
		return tx.Save(q)
	})
	if err != nil {
		return e.InternalServerError("", err)
	}
	if rerr != nil || now.Quarantine != "" {
		return e.Error(http.StatusUnprocessableEntity, spoken(e, reason), nil)
	}
	answer := map[string]string{"message": "", "conversation": ""}
	if m, err := app.FindRecordById(schema.Messages, now.Message); err == nil {
		answer["message"], answer["conversation"] = m.Id, m.GetString(schema.MsgConversation)
	}
	return e.JSON(http.StatusOK, answer)
}

// findPlace is where a mail of the quarantine lay on its server. It reads the
// whole ledger, which is for a person's click and nothing else.
func findPlace(app core.App, quarantine string) (conversation.Source, error) {
	var row struct {
		Folder   string `db:"folder"`
		Validity uint32 `db:"uidvalidity"`
		UID      uint32 `db:"uid"`
	}
	err := app.DB().NewQuery(`SELECT folder, uidvalidity, uid FROM ledger WHERE quarantine = {:id} LIMIT 1`).Bind(dbx.Params{"id": quarantine}).One(&row)
	if err != nil {
		return conversation.Source{}, fmt.Errorf("find the mail in the ledger: %w", err)
	}
	return conversation.Source{Folder: row.Folder, UIDValidity: row.Validity, UID: row.UID}, nil
}

// findEntry uses idx_ledger_uid.
func findEntry(app core.App, box string, src conversation.Source) (e entry, err error) {
	err = app.DB().NewQuery(`SELECT attempts, message, quarantine, dedupe_key FROM ledger WHERE account = {:account} AND folder = {:folder} AND uidvalidity = {:validity} AND uid = {:uid} AND uid > 0`).
		Bind(dbx.Params{"account": box, "folder": src.Folder, "validity": int64(src.UIDValidity), "uid": int64(src.UID)}).One(&e)
	return e, err
}
