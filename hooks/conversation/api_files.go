package conversation

import (
	"encoding/json/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// FileURL is a signed link to an attachment of a message. Whoever has the
// link can open it until it ends, so it is only given to those who may see
// the message.
func (room *Room) FileURL(message, stored string) string { return room.fileURL(message, stored) }

func (room *Room) fileURL(message, stored string) string {
	end := time.Now().Add(fileLife).Truncate(24 * time.Hour).Add(24 * time.Hour).Unix()
	e := strconv.FormatInt(end, 10)
	k := room.keys().MAC(settings.PurposeFile, message, stored, e)
	return "/api/files/m/" + message + "/" + url.PathEscape(stored) + "?e=" + e + "&k=" + k
}

// serveFile answers GET /api/files/m/{message}/{name}?e=&k=. What browsers
// show safely is shown, everything else is a download, by the type that the
// content has (mail rule 54).
func (room *Room) serveFile(e *core.RequestEvent) error {
	message, stored := e.Request.PathValue("message"), e.Request.PathValue("name")
	q := e.Request.URL.Query()
	end, err := strconv.ParseInt(q.Get("e"), 10, 64)
	if err != nil || !room.keys().Check(q.Get("k"), settings.PurposeFile, message, stored, q.Get("e")) {
		return e.ForbiddenError(room.say(language(e), "error.file_link"), nil)
	}
	if time.Now().Unix() > end {
		return e.ForbiddenError(room.say(language(e), "error.file_expired"), nil)
	}
	r, err := e.App.FindRecordById(schema.Messages, message)
	if err != nil {
		return e.NotFoundError(room.say(language(e), "error.file_gone"), nil)
	}
	var infos []FileInfo
	if err := json.Unmarshal([]byte(r.GetString(schema.MsgFileInfo)), &infos); err != nil {
		return e.NotFoundError(room.say(language(e), "error.file_gone"), nil)
	}
	for _, f := range infos {
		if f.Stored != stored || stored == "" {
			continue
		}
		fs, err := e.App.NewFilesystem()
		if err != nil {
			return e.InternalServerError(room.say(language(e), "error.internal"), err)
		}
		defer fs.Close()
		h := e.Response.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // pictures in a chat on the shop's own site
		h.Set("Cache-Control", "private, max-age=86400, immutable")
		disposition := "attachment"
		if f.Image() || f.Type == "application/pdf" {
			disposition = "inline"
		}
		if f.Type == "application/pdf" {
			// Chrome shows no PDF in a sandbox. What is called one is read as one.
			h.Set("Content-Type", f.Type)
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		}
		if q.Get("download") != "" {
			disposition = "attachment"
		}
		h.Set("Content-Disposition", disposition+"; filename*=UTF-8''"+url.PathEscape(f.Name))
		if err := fs.Serve(e.Response, e.Request, r.BaseFilesPath()+"/"+stored, f.Name); err != nil {
			return e.NotFoundError(room.say(language(e), "error.file_gone"), err)
		}
		return nil
	}
	return e.NotFoundError(room.say(language(e), "error.file_gone"), nil)
}
