package page

import (
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/upload"
)

// widths are the sizes a picture is offered in.
var widths = []string{"480", "960"}

// file serves a picture or file of an article: to everybody if the article is
// public in any language, else to who holds a key from the desk.
func (room *Room) file(e *core.RequestEvent) error {
	id, name := e.Request.PathValue("article"), e.Request.PathValue("name")
	record, err := e.App.FindRecordById(schema.Articles, id)
	if err != nil {
		return room.noFile(e)
	}
	field := ""
	for _, f := range []string{schema.ArticleFiles, schema.ArticleCover, schema.ArticleVideoFile} {
		if slices.Contains(record.GetStringSlice(f), name) {
			field = f
		}
	}
	library, err := room.Knowledge.Library(e.App)
	if err != nil {
		return err
	}
	open := len(library.Translations(record.GetString(schema.ArticleGroup))) > 0
	if field == "" || !open && !kb.CheckFileKey(room.Keys(), id, name, e.Request.URL.Query(), room.now()) {
		return room.noFile(e)
	}
	fsys, err := e.App.NewFilesystem()
	if err != nil {
		return err
	}
	defer fsys.Close()
	key := record.BaseFilesPath() + "/" + name
	if width := e.Request.URL.Query().Get("w"); slices.Contains(widths, width) {
		key = room.smaller(e, fsys, record.BaseFilesPath(), name, width)
	}
	h := e.Response.Header()
	if open {
		h.Set("Cache-Control", "public, max-age=86400") // names are never used twice
	} else {
		h.Set("Cache-Control", "private, max-age=600")
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return fsys.Serve(e.Response, e.Request, key, name)
}

func (room *Room) noFile(e *core.RequestEvent) error {
	return e.NotFoundError(room.Catalogue.T(room.Site.Language(e), "error.help_file"), nil)
}

// smaller is the key of a picture in a width; the picture itself if it cannot
// be made smaller, or not now.
func (room *Room) smaller(e *core.RequestEvent, fsys *filesystem.System, folder, name, width string) string {
	original := folder + "/" + name
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg":
	default:
		return original
	}
	thumb := folder + "/thumbs_" + name + "/" + width + "x0_" + name
	if ok, err := fsys.Exists(thumb); err == nil && ok {
		return thumb
	}
	select {
	case room.resizes <- struct{}{}:
		defer func() { <-room.resizes }()
	case <-time.After(2 * time.Second):
		return original
	case <-e.Request.Context().Done():
		return original
	}
	if !upload.Shrinks(fsys, original) {
		return original
	}
	if err := fsys.CreateThumb(original, thumb, width+"x0"); err != nil {
		e.App.Logger().Debug("a picture could not be made smaller", "file", original, "error", err)
		return original
	}
	return thumb
}

// vote takes a reader's word. Without a script the answer is the page again.
func (room *Room) vote(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	e.Request.Body = http.MaxBytesReader(nil, e.Request.Body, 16<<10)
	if err := e.Request.ParseForm(); err != nil {
		return e.BadRequestError(room.Catalogue.T(lang, "error.help_vote"), nil)
	}
	if where := e.Request.Header.Get("Sec-Fetch-Site"); where == "cross-site" {
		return e.ForbiddenError(room.Catalogue.T(lang, "error.help_vote"), nil)
	}
	library, err := room.Knowledge.Library(e.App)
	if err != nil {
		return err
	}
	f := e.Request.PostForm
	entry := library.Entry(f.Get("article"))
	answer, reason := f.Get("vote"), f.Get("reason")
	if entry == nil || answer != "yes" && answer != "no" {
		return e.NotFoundError(room.Catalogue.T(lang, "error.help_vote"), nil)
	}
	if !slices.Contains(reasons, reason) {
		reason = ""
	}
	comment := strings.TrimSpace(strings.ToValidUTF8(f.Get("comment"), ""))
	if r := []rune(comment); len(r) > maxComment {
		comment = string(r[:maxComment])
	}
	err = room.Knowledge.Vote(e.App, entry.ID, reader(e), answer == "yes", reason, comment)
	next := answer
	switch {
	case errors.Is(err, kb.ErrTooMany):
		next = "many"
	case err != nil:
		return err
	case answer == "no" && f.Has("comment"):
		next = "done"
	}
	if strings.Contains(e.Request.Header.Get("Accept"), "application/json") {
		status := http.StatusOK
		if next == "many" {
			status = http.StatusTooManyRequests
			e.Response.Header().Set("Retry-After", strconv.Itoa(30))
		}
		return e.JSON(status, map[string]any{"next": next})
	}
	shown := entry.Path()
	if at := f.Get("lang"); slices.Contains(room.languages(e.App), at) {
		shown = kb.Path(at, entry.Slug)
	}
	return e.Redirect(http.StatusSeeOther, shown+"?voted="+next+"#helpful")
}

// maxComment is how many letters a reader may add.
const maxComment = 500

var reasons = []string{"missing", "unclear", "wrong", "other"}
