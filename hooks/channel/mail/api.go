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
// were left out. remote=1 leaves them in; fold=1 gives the quoted history apart.
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
	if q.Get("fold") == "1" {
		page, quoted = content.SplitHTMLQuote(page)
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

func errorsIsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
