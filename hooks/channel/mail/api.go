package mail

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// html answers GET /api/desk/messages/{id}/html?remote=1&fold=1: the mail's
// page, safe to show in a sandboxed frame, and how many pictures from elsewhere
// were left out. remote=1 leaves them in; fold=1 gives the signature and the
// quoted history apart, but of a forwarded mail.
func (room *Room) html(e *core.RequestEvent) error {
	m, err := e.App.FindRecordById(schema.Messages, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.message_gone"), nil)
	}
	var infos []conversation.FileInfo
	if raw := m.GetString(schema.MsgFileInfo); raw != "" && raw != "null" {
		if err := m.UnmarshalJSONField(schema.MsgFileInfo, &infos); err != nil {
			return e.InternalServerError("", err)
		}
	}
	resolve := func(cid string) string {
		for _, f := range infos {
			if f.ContentID != "" && f.ContentID == cid && f.Stored != "" && f.Image() {
				return room.files.FileURL(m.Id, f.Stored)
			}
		}
		return ""
	}
	q := e.Request.URL.Query()
	page, quoted := m.GetString(schema.MsgHTML), ""
	if q.Get("fold") == "1" && !content.ForwardSubject(m.GetString(schema.MsgSubject)) {
		body, history := content.SplitHTMLQuote(page)
		body, signature := content.SplitHTMLSignature(body)
		page, quoted = body, signature+history
	}
	safe, blocked := content.SafeHTML(page, resolve, q.Get("remote") == "1")
	safeQuoted, more := content.SafeHTML(quoted, resolve, q.Get("remote") == "1")
	e.Response.Header().Set("Cache-Control", "private, no-store")
	return e.JSON(http.StatusOK, map[string]any{"html": safe, "quoted": safeQuoted, "blocked": blocked + more})
}

// raw answers GET /api/desk/messages/{id}/raw with the mail as it came. It is
// a download that no browser opens as anything else (rule 54).
func (room *Room) raw(e *core.RequestEvent) error {
	m, err := e.App.FindRecordById(schema.Messages, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "mail.message_gone"), nil)
	}
	return room.download(e, m.GetString(schema.MsgRaw), fmt.Sprintf("message-%d", m.GetInt(schema.MsgSeq)))
}

// language of a request: asked for, the agent's own, the browser's, the shop's.
func language(e *core.RequestEvent) string {
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		return l
	}
	if e.Auth != nil && e.Auth.Collection().Name == schema.Agents {
		if l := e.Auth.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			return strings.TrimSpace(l[0])
		}
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

// spoken says a kept sentence in the language of who asks.
func spoken(e *core.RequestEvent, text string) string {
	return i18n.Current().Told(language(e), text, settings.Shop(e.App).Location())
}

// speak says the kept sentences of a record to whoever reads records: the
// admin UI, in the language of the shop. The desk says them itself.
func speak(e *core.RecordEnrichEvent) error {
	shop := settings.Shop(e.App)
	for _, field := range []string{schema.MsgDeliveryDetail, schema.OutboxLastError, schema.IdentityBounceReason, schema.IdentityQuietReason, schema.QuarantineReason} {
		if text, ok := e.Record.GetRaw(field).(string); ok && text != "" {
			e.Record.Set(field, i18n.Current().Told(shop.Language(), text, shop.Location()))
		}
	}
	return e.Next()
}

func errorsIsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
