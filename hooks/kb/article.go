package kb

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// keptVersions is how many versions of an article are kept.
const keptVersions = 100

// say is a sentence for whoever saves a record, of whom nothing is known.
func say(app core.App, key string, values ...i18n.V) string {
	return i18n.T(settings.Shop(app).Language(), key, values...)
}

func wrong(app core.App, field, key string, values ...i18n.V) error {
	return validation.Errors{field: validation.NewError("help_"+strings.TrimPrefix(key, "error."), say(app, key, values...))}
}

// Faults are what is wrong with a record, by field; nil for other errors.
func Faults(err error) error {
	var faults validation.Errors
	if errors.As(err, &faults) {
		return faults
	}
	return nil
}

// saveArticle makes an article what the rest relies on, and writes its history
// and old address in the same transaction.
func (room *Room) saveArticle(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		r := e.Record
		oldLanguage, oldSlug, err := address(e.App, r.Id)
		if err != nil {
			return err
		}
		if err := prepare(e.App, r); err != nil {
			return err
		}
		rewritten := r.IsNew() || changed(r, schema.ArticleTitle, schema.ArticleSummary, schema.ArticleBody, schema.ArticleMarkdown)
		if err := e.Next(); err != nil {
			return err
		}
		if oldSlug != "" && (oldSlug != r.GetString(schema.ArticleSlug) || oldLanguage != r.GetString(schema.ArticleLanguage)) {
			if err := redirect(e.App, oldLanguage, oldSlug, r); err != nil {
				return err
			}
		}
		if rewritten {
			if err := remember(e.App, r); err != nil {
				return err
			}
		}
		return room.index(e.App, r)
	})
}

// address is where an article stands in the database, "" if it is new.
func address(app core.App, id string) (lang, slug string, err error) {
	err = app.DB().NewQuery(`SELECT language, slug FROM articles WHERE id = {:id}`).Bind(dbx.Params{"id": id}).Row(&lang, &slug)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return lang, slug, err
}

func changed(r *core.Record, fields ...string) bool {
	for _, f := range fields {
		if r.GetString(f) != r.Original().GetString(f) {
			return true
		}
	}
	return false
}

func prepare(app core.App, r *core.Record) error {
	title := strings.Join(strings.Fields(r.GetString(schema.ArticleTitle)), " ")
	r.Set(schema.ArticleTitle, title)
	r.Set(schema.ArticleSummary, strings.Join(strings.Fields(r.GetString(schema.ArticleSummary)), " "))
	if r.GetString(schema.ArticleStatus) == "" {
		r.Set(schema.ArticleStatus, schema.StatusDraft)
	}
	if r.GetString(schema.ArticleLanguage) == "" {
		r.Set(schema.ArticleLanguage, settings.Shop(app).Language())
	}
	if err := prepareBody(app, r); err != nil {
		return err
	}
	if link := strings.TrimSpace(r.GetString(schema.ArticleVideo)); link != "" {
		if _, ok := ParseVideo(link); !ok {
			return wrong(app, schema.ArticleVideo, "error.help_video")
		}
		r.Set(schema.ArticleVideo, link)
	}
	if r.GetString(schema.ArticleGroup) == "" {
		if r.Id == "" {
			r.Id = core.GenerateDefaultRandomId()
		}
		r.Set(schema.ArticleGroup, r.Id)
	}
	if err := prepareSlug(app, r); err != nil {
		return err
	}
	if r.GetString(schema.ArticleStatus) == schema.StatusPublished && r.GetDateTime(schema.ArticlePublishedAt).IsZero() {
		r.Set(schema.ArticlePublishedAt, types.NowDateTime())
	}
	if r.GetString(schema.ArticleStatus) == schema.StatusPublished && r.GetString(schema.ArticleText) == "" && r.GetString(schema.ArticleVideo) == "" && r.GetString(schema.ArticleVideoFile) == "" {
		return wrong(app, schema.ArticleBody, "error.help_empty")
	}
	return translation(app, r)
}

// prepareBody: Markdown that was changed makes the body; a body that was
// changed without it is HTML from now on.
func prepareBody(app core.App, r *core.Record) error {
	source, was := r.GetString(schema.ArticleMarkdown), r.Original()
	switch {
	case source != "" && (r.IsNew() || source != was.GetString(schema.ArticleMarkdown)):
		body, err := FromMarkdown(source)
		if err != nil {
			return wrong(app, schema.ArticleMarkdown, "error.help_markdown")
		}
		r.Set(schema.ArticleBody, body)
	case r.IsNew() || r.GetString(schema.ArticleBody) != was.GetString(schema.ArticleBody):
		r.Set(schema.ArticleMarkdown, "")
		r.Set(schema.ArticleBody, Clean(r.GetString(schema.ArticleBody)))
	}
	r.Set(schema.ArticleText, PlainText(r.GetString(schema.ArticleBody)))
	return nil
}

// prepareSlug gives an article its address; one that is asked for and taken is
// an error, one that is made gets a number.
func prepareSlug(app core.App, r *core.Record) error {
	asked := r.GetString(schema.ArticleSlug)
	slug := Slug(asked)
	made := slug == ""
	if made {
		if slug = Slug(r.GetString(schema.ArticleTitle)); slug == "" {
			slug = r.GetString(schema.ArticleGroup)
		}
	}
	for i := 1; ; i++ {
		candidate := slug
		if i > 1 {
			candidate = slug + "-" + strconv.Itoa(i)
		}
		taken, err := slugTaken(app, r.GetString(schema.ArticleLanguage), candidate, r.Id)
		if err != nil {
			return err
		}
		if !taken {
			r.Set(schema.ArticleSlug, candidate)
			return nil
		}
		if !made || i > 200 {
			return wrong(app, schema.ArticleSlug, "error.help_slug", i18n.V{"slug": candidate})
		}
	}
}

func slugTaken(app core.App, lang, slug, except string) (bool, error) {
	if reserved[slug] {
		return true, nil
	}
	var n int
	// idx_articles_address, idx_categories_slug
	err := app.DB().NewQuery(`SELECT (SELECT COUNT(*) FROM articles WHERE language = {:lang} AND slug = {:slug} AND id != {:id}) + (SELECT COUNT(*) FROM categories WHERE slug = {:slug} AND id != {:id})`).
		Bind(dbx.Params{"lang": lang, "slug": slug, "id": except}).Row(&n)
	return n > 0, err
}

// translation refuses a second article of a group in the same language.
func translation(app core.App, r *core.Record) error {
	var n int
	// idx_articles_translation
	err := app.DB().NewQuery("SELECT COUNT(*) FROM articles WHERE `group` = {:group} AND language = {:lang} AND id != {:id}").
		Bind(dbx.Params{"group": r.GetString(schema.ArticleGroup), "lang": r.GetString(schema.ArticleLanguage), "id": r.Id}).Row(&n)
	if err == nil && n > 0 {
		err = wrong(app, schema.ArticleLanguage, "error.help_language")
	}
	return err
}

// redirect keeps an old address; the newest owner of an address has it.
func redirect(app core.App, lang, slug string, r *core.Record) error {
	if _, err := app.DB().NewQuery(`DELETE FROM article_redirects WHERE language = {:lang} AND slug IN ({:old}, {:new})`).
		Bind(dbx.Params{"lang": lang, "old": slug, "new": r.GetString(schema.ArticleSlug)}).Execute(); err != nil {
		return err
	}
	return create(app, schema.ArticleRedirects, map[string]any{schema.RedirectLanguage: lang, schema.RedirectSlug: slug, schema.RedirectArticle: r.Id})
}

// remember keeps what an article says now as its newest version.
func remember(app core.App, r *core.Record) error {
	err := create(app, schema.ArticleVersions, map[string]any{
		schema.VersionArticle: r.Id, schema.VersionTitle: r.GetString(schema.ArticleTitle), schema.VersionSummary: r.GetString(schema.ArticleSummary),
		schema.VersionBody: r.GetString(schema.ArticleBody), schema.VersionMarkdown: r.GetString(schema.ArticleMarkdown), schema.VersionBy: r.GetString(schema.ArticleWrittenBy),
	})
	if err != nil {
		return err
	}
	// idx_article_versions_article
	_, err = app.DB().NewQuery(`DELETE FROM article_versions WHERE article = {:id} AND id IN (SELECT id FROM article_versions WHERE article = {:id} ORDER BY created DESC, rowid DESC LIMIT -1 OFFSET {:keep})`).
		Bind(dbx.Params{"id": r.Id, "keep": keptVersions}).Execute()
	return err
}

func create(app core.App, collection string, values map[string]any) error {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return err
	}
	r := core.NewRecord(c)
	r.Load(values)
	return app.Save(r)
}

func saveCategory(e *core.RecordEvent) error {
	if err := prepareCategory(e.App, e.Record); err != nil {
		return err
	}
	return e.Next()
}

// prepareCategory gives a category its address and checks its names.
func prepareCategory(app core.App, r *core.Record) error {
	titles := Words(r, schema.CategoryTitles)
	if len(titles) == 0 {
		return wrong(app, schema.CategoryTitles, "error.help_titles")
	}
	r.Set(schema.CategoryTitles, titles)
	r.Set(schema.CategorySummaries, Words(r, schema.CategorySummaries))
	slug := Slug(r.GetString(schema.CategorySlug))
	if slug == "" {
		slug = Slug(Pick(titles, "en", settings.Shop(app).Language()))
	}
	if slug == "" {
		slug = r.Id
	}
	var n int
	err := app.DB().NewQuery(`SELECT (SELECT COUNT(*) FROM articles WHERE slug = {:slug}) + (SELECT COUNT(*) FROM categories WHERE slug = {:slug} AND id != {:id})`).
		Bind(dbx.Params{"slug": slug, "id": r.Id}).Row(&n)
	if err != nil {
		return err
	}
	if n > 0 || reserved[slug] {
		return wrong(app, schema.CategorySlug, "error.help_slug", i18n.V{"slug": slug})
	}
	r.Set(schema.CategorySlug, slug)
	return nil
}

// Words reads a text in several languages.
func Words(r *core.Record, field string) map[string]string {
	var all map[string]string
	_ = r.UnmarshalJSONField(field, &all) // what is no such text is none
	kept := map[string]string{}
	for lang, text := range all {
		if text = strings.Join(strings.Fields(text), " "); text != "" && i18n.Current().Has(lang) {
			kept[lang] = text
		}
	}
	return kept
}

// Pick is a text in the first of the languages that it exists in, else in any.
func Pick(words map[string]string, languages ...string) string {
	for _, lang := range languages {
		if text := words[lang]; text != "" {
			return text
		}
	}
	for _, lang := range i18n.Current().Languages() {
		if text := words[lang]; text != "" {
			return text
		}
	}
	return ""
}

// Redirected is where an old address leads now.
func Redirected(app core.App, lang, slug string) (article string, err error) {
	// idx_article_redirects_address
	err = app.DB().NewQuery(`SELECT article FROM article_redirects WHERE slug = {:slug} AND language = {:lang}`).
		Bind(dbx.Params{"slug": slug, "lang": lang}).Row(&article)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return article, err
}

func inTransaction(e *core.RecordEvent, next func() error) error {
	if e.App.IsTransactional() {
		return next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return next()
	})
}

// moment reads a database time; zero if there is none.
func moment(s string) time.Time {
	d, err := types.ParseDateTime(s)
	if err != nil {
		return time.Time{}
	}
	return d.Time()
}
