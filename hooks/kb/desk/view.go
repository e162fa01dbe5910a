package desk

import (
	"encoding/json/jsontext"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
)

// row is an article in a list.
type row struct {
	ID        string `json:"id" db:"id"`
	Group     string `json:"group" db:"group"`
	Language  string `json:"language" db:"language"`
	Slug      string `json:"slug" db:"slug"`
	Title     string `json:"title" db:"title"`
	Summary   string `json:"summary" db:"summary"`
	Category  string `json:"category" db:"category"`
	Status    string `json:"status" db:"status"`
	Internal  bool   `json:"internal" db:"internal"`
	Position  int    `json:"position" db:"position"`
	Views     int    `json:"views" db:"views"`
	Up        int    `json:"up" db:"votes_up"`
	Down      int    `json:"down" db:"votes_down"`
	Edited    bool   `json:"edited" db:"edited"`
	By        string `json:"by" db:"written_by"`
	Published string `json:"published_at" db:"published_at"`
	Updated   string `json:"updated" db:"updated"`
	URL       string `json:"url" db:"-"`
}

const rowColumns = "id, `group`, language, slug, title, summary, category, status, internal, position, views, votes_up, votes_down, coalesce(edit, '') NOT IN ('', 'null') AS edited, written_by, published_at, updated"

func (r *row) finish() {
	r.Published, r.Updated = iso(r.Published), iso(r.Updated)
	r.URL = kb.Path(r.Language, r.Slug)
}

// iso is a database time as clients read it.
func iso(s string) string {
	d, err := types.ParseDateTime(s)
	if err != nil || d.IsZero() {
		return ""
	}
	return d.Time().UTC().Format("2006-01-02T15:04:05.000Z")
}

// filter narrows the list.
type filter struct {
	text, language, status, category, group string
	internal                                string // "1", "0", or both
	limit                                   int
}

// find lists articles. With a text the titles that begin with it come first.
func find(app core.App, f filter) ([]row, error) {
	where, params := []string{"1=1"}, dbx.Params{"limit": f.limit}
	add := func(condition, name, value string) {
		if value != "" {
			where = append(where, condition)
			params[name] = value
		}
	}
	add("language = {:lang}", "lang", f.language)
	add("status = {:status}", "status", f.status)
	add("category = {:category}", "category", strings.TrimPrefix(f.category, "none"))
	add("`group` = {:group}", "group", f.group)
	if f.category == "none" {
		where = append(where, "category = ''")
	}
	switch f.internal {
	case "1":
		where = append(where, "internal = TRUE")
	case "0":
		where = append(where, "internal = FALSE")
	}
	order := "position, published_at, title"
	if text := strings.TrimSpace(f.text); text != "" {
		for i, word := range strings.Fields(strings.ToLower(text)) {
			if i == 6 {
				break
			}
			name := "w" + string(rune('0'+i))
			where = append(where, "(lower(title) LIKE {:"+name+"} ESCAPE '~' OR slug LIKE {:"+name+"} ESCAPE '~' OR text LIKE {:"+name+"} ESCAPE '~')")
			params[name] = "%" + escape(word) + "%"
		}
		params["first"] = escape(strings.ToLower(text)) + "%"
		params["in"] = "%" + escape(strings.ToLower(text)) + "%"
		order = "lower(title) LIKE {:first} ESCAPE '~' DESC, lower(title) LIKE {:in} ESCAPE '~' DESC, views DESC, title"
	}
	rows := []row{}
	err := app.DB().NewQuery("SELECT " + rowColumns + " FROM articles WHERE " + strings.Join(where, " AND ") + " ORDER BY " + order + " LIMIT {:limit}").Bind(params).All(&rows)
	for i := range rows {
		rows[i].finish()
	}
	return rows, err
}

func escape(s string) string {
	return strings.NewReplacer("~", "~~", "%", "~%", "_", "~_").Replace(s)
}

// file is a picture or document of an article. Src is what stands in a text,
// URL opens it now.
type file struct {
	Name string `json:"name"`
	Src  string `json:"src"`
	URL  string `json:"url"`
}

// whole is an article as it is edited.
type whole struct {
	row
	Body      string         `json:"body"`
	Markdown  string         `json:"markdown"`
	Cover     *file          `json:"cover"`
	Video     string         `json:"video"`
	VideoFile *file          `json:"video_file"`
	Files     []file         `json:"files"`
	Related   []row          `json:"related"`
	Edit      jsontext.Value `json:"edit"`
	Others    []row          `json:"translations"`
	Reasons   []reason       `json:"reasons"`
}

// reason is why it did not help, in a reader's words.
type reason struct {
	Reason  string `json:"reason" db:"reason"`
	Comment string `json:"comment" db:"comment"`
	Created string `json:"created" db:"created"`
}

func (room *Room) file(r *core.Record, name string) *file {
	if name == "" {
		return nil
	}
	src := kb.FilesPath + r.Id + "/" + name
	return &file{name, src, kb.FileKey(room.Keys(), src, room.now())}
}

func (room *Room) whole(app core.App, r *core.Record) (*whole, error) {
	var w whole
	if err := app.DB().NewQuery("SELECT " + rowColumns + " FROM articles WHERE id = {:id}").Bind(dbx.Params{"id": r.Id}).One(&w.row); err != nil {
		return nil, err
	}
	w.finish()
	key := func(src string) string { return kb.FileKey(room.Keys(), src, room.now()) }
	w.Body, w.Markdown = kb.Keyed(r.GetString(schema.ArticleBody), key), r.GetString(schema.ArticleMarkdown)
	w.Cover, w.Video, w.VideoFile = room.file(r, r.GetString(schema.ArticleCover)), r.GetString(schema.ArticleVideo), room.file(r, r.GetString(schema.ArticleVideoFile))
	w.Files, w.Related, w.Reasons = []file{}, []row{}, []reason{}
	for _, name := range r.GetStringSlice(schema.ArticleFiles) {
		w.Files = append(w.Files, *room.file(r, name))
	}
	for _, id := range r.GetStringSlice(schema.ArticleRelated) {
		var other row
		if err := app.DB().NewQuery("SELECT " + rowColumns + " FROM articles WHERE id = {:id}").Bind(dbx.Params{"id": id}).One(&other); err == nil {
			other.finish()
			w.Related = append(w.Related, other)
		}
	}
	if w.Edited {
		w.Edit = jsontext.Value(r.GetString(schema.ArticleEdit))
	} else {
		w.Edit = jsontext.Value("null")
	}
	others, err := find(app, filter{group: r.GetString(schema.ArticleGroup), limit: 20})
	if err != nil {
		return nil, err
	}
	w.Others = others
	// idx_article_votes_voter
	err = app.DB().NewQuery(`SELECT reason, comment, created FROM article_votes WHERE article = {:id} AND helpful = FALSE AND (reason != '' OR comment != '') ORDER BY created DESC LIMIT 50`).
		Bind(dbx.Params{"id": r.Id}).All(&w.Reasons)
	for i := range w.Reasons {
		w.Reasons[i].Created = iso(w.Reasons[i].Created)
	}
	return &w, err
}

// edit is what is being written.
type edit struct {
	Title    string `json:"title"`
	Summary  string `json:"summary"`
	Body     string `json:"body"`
	Markdown string `json:"markdown"`
	By       string `json:"by"`
	At       string `json:"at"`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
