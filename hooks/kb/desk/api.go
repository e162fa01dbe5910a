package desk

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	mostRows   = 1000
	mostPicked = 12 // for whoever links to an article while writing
	maxBody    = 2 << 20
)

// category as the desk lists it.
type category struct {
	ID        string            `json:"id"`
	Slug      string            `json:"slug"`
	Titles    map[string]string `json:"titles"`
	Summaries map[string]string `json:"summaries"`
	Icon      string            `json:"icon"`
	Position  int               `json:"position"`
}

// miss is what customers searched for and did not find.
type miss struct {
	ID       string `json:"id" db:"id"`
	Text     string `json:"text" db:"text"`
	Language string `json:"language" db:"language"`
	Count    int    `json:"count" db:"count"`
	Last     string `json:"last_at" db:"last_at"`
}

// list answers the articles area, and with pick=1 whoever links to an article
// from an answer: those are public unless internal=1.
func (room *Room) list(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	f := filter{text: q.Get("q"), language: q.Get("language"), status: q.Get("status"), category: q.Get("category"), internal: q.Get("internal"), limit: mostRows}
	if q.Get("pick") != "" {
		f.limit, f.status = mostPicked, schema.StatusPublished
		if f.internal == "" {
			f.internal = "0"
		}
	}
	rows, err := find(e.App, f)
	if err != nil {
		return room.fail(e, err)
	}
	if q.Get("pick") != "" {
		return e.JSON(http.StatusOK, map[string]any{"articles": rows})
	}
	library, err := room.Knowledge.Library(e.App)
	if err != nil {
		return room.fail(e, err)
	}
	categories := []category{}
	for _, c := range library.Categories {
		categories = append(categories, category{c.ID, c.Slug, c.Titles, c.Summaries, c.Icon, c.Position})
	}
	misses := []miss{}
	// idx_search_misses_count
	if err := e.App.DB().NewQuery(`SELECT id, text, language, count, last_at FROM search_misses WHERE article = '' ORDER BY count DESC, last_at DESC LIMIT 100`).All(&misses); err != nil {
		return room.fail(e, err)
	}
	for i := range misses {
		misses[i].Last = iso(misses[i].Last)
	}
	return e.JSON(http.StatusOK, map[string]any{"articles": rows, "categories": categories, "misses": misses})
}

func (room *Room) find(e *core.RequestEvent) (*core.Record, error) {
	return e.App.FindRecordById(schema.Articles, e.Request.PathValue("id"))
}

func (room *Room) show(e *core.RequestEvent) error {
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	return room.answer(e, r)
}

func (room *Room) answer(e *core.RequestEvent, r *core.Record) error {
	w, err := room.whole(e.App, r)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"article": w})
}

// request is what may be changed; what is absent stays.
type request struct {
	Title    *string   `json:"title"`
	Language *string   `json:"language"`
	Group    *string   `json:"group"` // a translation of
	Slug     *string   `json:"slug"`
	Category *string   `json:"category"`
	Internal *bool     `json:"internal"`
	Video    *string   `json:"video"`
	Cover    *string   `json:"cover"`      // "" removes it
	Film     *string   `json:"video_file"` // likewise
	Related  *[]string `json:"related"`
	Edit     *edit     `json:"edit"`
	Seen     string    `json:"seen"` // when the edit was made that this one continues
	Do       string    `json:"do"`   // publish, save, unpublish, discard
}

func read(e *core.RequestEvent, into any) error {
	e.Request.Body = http.MaxBytesReader(nil, e.Request.Body, maxBody)
	if err := json.UnmarshalRead(e.Request.Body, into); err != nil {
		return e.BadRequestError(say(e, "error.body"), nil)
	}
	return nil
}

// create begins a draft, which needs a title at most.
func (room *Room) create(e *core.RequestEvent) error {
	var q request
	if err := read(e, &q); err != nil {
		return err
	}
	c, err := e.App.FindCachedCollectionByNameOrId(schema.Articles)
	if err != nil {
		return room.fail(e, err)
	}
	r := core.NewRecord(c)
	r.Set(schema.ArticleTitle, say(e, "error.help_untitled"))
	r.Set(schema.ArticleLanguage, settings.Shop(e.App).Language())
	r.Set(schema.ArticleStatus, schema.StatusDraft)
	if q.Group != nil && *q.Group != "" {
		if first, err := e.App.FindFirstRecordByData(schema.Articles, schema.ArticleGroup, *q.Group); err == nil {
			for _, field := range []string{schema.ArticleGroup, schema.ArticleCategory, schema.ArticleInternal, schema.ArticlePosition, schema.ArticleVideo} {
				r.Set(field, first.Get(field))
			}
			r.Set(schema.ArticleSlug, first.GetString(schema.ArticleSlug))
		}
	}
	return room.save(e, r, q)
}

func (room *Room) change(e *core.RequestEvent) error {
	var q request
	if err := read(e, &q); err != nil {
		return err
	}
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	return room.save(e, r, q)
}

// save writes what is asked for. Two who write at the same time do not
// overwrite each other unseen.
func (room *Room) save(e *core.RequestEvent, r *core.Record, q request) error {
	var now edit
	_ = json.Unmarshal([]byte(r.GetString(schema.ArticleEdit)), &now) // null is none
	if q.Edit != nil {
		if now.At != "" && now.By != e.Auth.Id && q.Seen != now.At {
			name := now.By
			if other, err := e.App.FindRecordById(schema.Agents, now.By); err == nil {
				name = other.GetString(schema.AgentName)
			}
			return e.Error(http.StatusConflict, say(e, "error.help_conflict", i18n.V{"name": name}), nil)
		}
		now = *q.Edit
		now.By, now.At = e.Auth.Id, stamp(room.now())
		if now.Markdown == "" {
			now.Body = kb.Clean(now.Body)
		}
	}
	if q.Language != nil {
		r.Set(schema.ArticleLanguage, *q.Language)
	}
	if q.Title != nil && strings.TrimSpace(*q.Title) != "" {
		r.Set(schema.ArticleTitle, *q.Title)
	}
	for field, value := range map[string]*string{schema.ArticleSlug: q.Slug, schema.ArticleCategory: q.Category, schema.ArticleVideo: q.Video} {
		if value != nil {
			r.Set(field, *value)
		}
	}
	if q.Internal != nil {
		r.Set(schema.ArticleInternal, *q.Internal)
	}
	if q.Related != nil {
		r.Set(schema.ArticleRelated, slices.DeleteFunc(*q.Related, func(id string) bool { return id == r.Id }))
	}
	if q.Cover != nil && *q.Cover == "" {
		r.Set(schema.ArticleCover, nil)
	}
	if q.Film != nil && *q.Film == "" {
		r.Set(schema.ArticleVideoFile, nil)
	}
	switch q.Do {
	case "publish", "save":
		if now.At != "" {
			take(r, now)
		}
		now = edit{}
		if q.Do == "publish" {
			if q.Slug == nil && r.GetString(schema.ArticleStatus) != schema.StatusPublished && untitled(r.GetString(schema.ArticleSlug)) {
				r.Set(schema.ArticleSlug, "") // it was begun without a title; the address follows the one it has now
			}
			r.Set(schema.ArticleStatus, schema.StatusPublished)
		}
	case "unpublish":
		r.Set(schema.ArticleStatus, schema.StatusDraft)
	case "discard":
		now = edit{}
	}
	var kept any
	if now.At != "" {
		raw, err := json.Marshal(now)
		if err != nil {
			return room.fail(e, err)
		}
		kept = jsontext.Value(raw)
		r.Set(schema.ArticleEdit, string(raw))
	} else {
		r.Set(schema.ArticleEdit, kept)
	}
	r.Set(schema.ArticleWrittenBy, e.Auth.Id)
	if err := e.App.Save(r); err != nil {
		return room.fail(e, err)
	}
	return room.answer(e, r)
}

// take makes what was written the article.
// untitled says whether an address is the one of an article without a title, with
// or without the number that tells it from others.
func untitled(slug string) bool {
	slug = strings.TrimRight(strings.TrimRight(slug, "0123456789"), "-")
	return slices.ContainsFunc(i18n.Current().Languages(), func(lang string) bool {
		return slug == kb.Slug(i18n.T(lang, "error.help_untitled"))
	})
}

func take(r *core.Record, now edit) {
	if strings.TrimSpace(now.Title) != "" {
		r.Set(schema.ArticleTitle, now.Title)
	}
	r.Set(schema.ArticleSummary, now.Summary)
	if now.Markdown != "" {
		r.Set(schema.ArticleMarkdown, now.Markdown)
		return
	}
	r.Set(schema.ArticleMarkdown, "")
	r.Set(schema.ArticleBody, kb.Clean(now.Body))
}

func (room *Room) remove(e *core.RequestEvent) error {
	r, err := room.find(e)
	if err != nil {
		return gone(e)
	}
	if !isOwner(e) {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	if err := e.App.Delete(r); err != nil {
		return room.fail(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}

// bulk does the same to many, all or none; order puts them in the order given.
func (room *Room) bulk(e *core.RequestEvent) error {
	var q struct {
		IDs      []string `json:"ids"`
		Do       string   `json:"do"`
		Category string   `json:"category"`
	}
	if err := read(e, &q); err != nil {
		return err
	}
	if len(q.IDs) == 0 || len(q.IDs) > mostRows || !slices.Contains([]string{"publish", "unpublish", "internal", "public", "category", "delete", "order"}, q.Do) {
		return e.BadRequestError(say(e, "error.body"), nil)
	}
	if q.Do == "delete" && !isOwner(e) {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		for i, id := range q.IDs {
			if q.Do == "order" {
				// Every language of an article has the same place.
				if _, err := tx.DB().NewQuery("UPDATE articles SET position = {:n} WHERE `group` = (SELECT `group` FROM articles WHERE id = {:id})").Bind(dbx.Params{"n": i + 1, "id": id}).Execute(); err != nil {
					return err
				}
				continue
			}
			r, err := tx.FindRecordById(schema.Articles, id)
			if err != nil {
				continue // somebody deleted it meanwhile
			}
			switch q.Do {
			case "publish":
				r.Set(schema.ArticleStatus, schema.StatusPublished)
			case "unpublish":
				r.Set(schema.ArticleStatus, schema.StatusDraft)
			case "internal":
				r.Set(schema.ArticleInternal, true)
			case "public":
				r.Set(schema.ArticleInternal, false)
			case "category":
				r.Set(schema.ArticleCategory, q.Category)
			case "delete":
				if err := tx.Delete(r); err != nil {
					return err
				}
				continue
			}
			r.Set(schema.ArticleWrittenBy, e.Auth.Id)
			if err := tx.Save(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.Knowledge.Forget()
	return e.NoContent(http.StatusNoContent)
}

// preview shows how a text will look.
func (room *Room) preview(e *core.RequestEvent) error {
	var q struct {
		Body     string `json:"body"`
		Markdown string `json:"markdown"`
	}
	if err := read(e, &q); err != nil {
		return err
	}
	body := kb.Clean(q.Body)
	if q.Markdown != "" {
		var err error
		if body, err = kb.FromMarkdown(q.Markdown); err != nil {
			return e.BadRequestError(say(e, "error.help_markdown"), nil)
		}
	}
	html, _ := kb.Page(body, func(src string) string { return kb.FileKey(room.Keys(), src, room.now()) })
	return e.JSON(http.StatusOK, map[string]any{"html": html})
}
