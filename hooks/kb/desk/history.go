package desk

import (
	"image"
	_ "image/gif"  // to know the size of what is uploaded
	_ "image/jpeg" // the same
	_ "image/png"  // the same
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
)

// version is an article as it was.
type version struct {
	ID       string `json:"id" db:"id"`
	Title    string `json:"title" db:"title"`
	Summary  string `json:"summary" db:"summary"`
	Body     string `json:"-" db:"body"`
	Text     string `json:"text" db:"-"`
	Markdown bool   `json:"markdown" db:"is_markdown"`
	By       string `json:"by" db:"by"`
	Created  string `json:"created" db:"created"`
}

// versions are what the article said, the newest first, as plain text to be
// compared.
func (room *Room) versions(e *core.RequestEvent) error {
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	list := []version{}
	// idx_article_versions_article
	err = e.App.DB().NewQuery("SELECT id, title, summary, body, markdown != '' AS is_markdown, `by`, created FROM article_versions WHERE article = {:id} ORDER BY created DESC, rowid DESC LIMIT 100").
		Bind(dbx.Params{"id": r.Id}).All(&list)
	if err != nil {
		return room.fail(e, err)
	}
	for i := range list {
		list[i].Text, list[i].Created = kb.PlainText(list[i].Body), iso(list[i].Created)
	}
	return e.JSON(http.StatusOK, map[string]any{"versions": list})
}

// restore makes an old version the newest.
func (room *Room) restore(e *core.RequestEvent) error {
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	v, err := e.App.FindRecordById(schema.ArticleVersions, e.Request.PathValue("version"))
	if err != nil || v.GetString(schema.VersionArticle) != r.Id {
		return gone(e)
	}
	r.Set(schema.ArticleTitle, v.GetString(schema.VersionTitle))
	r.Set(schema.ArticleSummary, v.GetString(schema.VersionSummary))
	r.Set(schema.ArticleMarkdown, v.GetString(schema.VersionMarkdown))
	if v.GetString(schema.VersionMarkdown) == "" {
		r.Set(schema.ArticleBody, v.GetString(schema.VersionBody))
	}
	r.Set(schema.ArticleEdit, nil)
	r.Set(schema.ArticleWrittenBy, e.Auth.Id)
	if err := e.App.Save(r); err != nil {
		return room.fail(e, err)
	}
	return room.answer(e, r)
}

// upload adds a picture or file to an article: field file, cover or
// video_file. The answer says what to put into the text.
func (room *Room) upload(e *core.RequestEvent) error {
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	for _, field := range []string{schema.ArticleFiles, schema.ArticleCover, schema.ArticleVideoFile} {
		name := field
		if field == schema.ArticleFiles {
			name = "file"
		}
		files, err := e.FindUploadedFiles(name)
		if err != nil || len(files) == 0 {
			continue
		}
		before := r.GetStringSlice(field)
		width, height := 0, 0
		if reader, err := files[0].Reader.Open(); err == nil {
			if size, _, err := image.DecodeConfig(reader); err == nil {
				width, height = size.Width, size.Height
			}
			_ = reader.Close()
		}
		if field == schema.ArticleFiles {
			r.Set(field+"+", files)
		} else {
			r.Set(field, files[0])
		}
		r.Set(schema.ArticleWrittenBy, e.Auth.Id)
		if err := e.App.Save(r); err != nil {
			return room.fail(e, err)
		}
		for _, stored := range r.GetStringSlice(field) {
			if !slices.Contains(before, stored) {
				f := room.file(r, stored)
				return e.JSON(http.StatusOK, map[string]any{"file": map[string]any{"name": files[0].OriginalName, "src": f.Src, "url": f.URL, "width": width, "height": height}})
			}
		}
	}
	return e.BadRequestError(say(e, "error.help_upload"), nil)
}
