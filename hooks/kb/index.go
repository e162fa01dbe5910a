package kb

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
)

// Question is what somebody searches for.
type Question struct {
	Text     string
	Language string // the reader's
	Typing   bool   // the last word may go on
	Limit    int
	Extract  int // letters of each article's text that fit best, 0 for none
}

// Found is a public article that fits.
type Found struct {
	Entry   *Entry
	Snippet []search.Piece
	Sure    float64
	Score   float64
	Likely  bool   // worth offering as an answer
	Extract string // see Question.Extract
	Text    string // the whole text, if an extract was asked for
}

// help is the index of what is public; its tables are made by a migration.
var help = search.NewIndex("help", search.Column{Name: "title", Weight: 4, KeyWeight: 3}, search.Column{Name: "text", Weight: 1, KeyWeight: 0.8})

// Index is the index of this room.
func Index() search.Index { return help }

// snippetWidth is about how many letters of an article are shown.
const snippetWidth = 170

// index keeps the index as public as the article is.
func (room *Room) index(app core.App, r *core.Record) error {
	if r.GetString(schema.ArticleStatus) != schema.StatusPublished || r.GetBool(schema.ArticleInternal) {
		return help.Remove(app, r.Id)
	}
	return help.Put(app, r.Id, r.GetString(schema.ArticleTitle), r.GetString(schema.ArticleSummary)+"\n"+r.GetString(schema.ArticleText))
}

func removeArticle(e *core.RecordEvent) error {
	return inTransaction(e, func() error {
		if err := e.Next(); err != nil {
			return err
		}
		return help.Remove(e.App, e.Record.Id)
	})
}

// Reindex fills the index anew if it does not hold what is public.
func (room *Room) Reindex(app core.App) error {
	var missing int
	err := app.DB().NewQuery("SELECT (SELECT COUNT(*) FROM articles WHERE " + public + " AND id NOT IN (SELECT id FROM shohay_search_help_rows)) + (SELECT COUNT(*) FROM shohay_search_help_rows WHERE id NOT IN (SELECT id FROM articles WHERE " + public + "))").Row(&missing)
	if err != nil || missing == 0 {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		if err := help.Clear(tx); err != nil {
			return err
		}
		var rows []struct{ ID, Title, Summary, Text string }
		if err := tx.DB().NewQuery("SELECT id, title, summary, text FROM articles WHERE " + public).All(&rows); err != nil {
			return err
		}
		for _, r := range rows {
			if err := help.Put(tx, r.ID, r.Title, r.Summary+"\n"+r.Text); err != nil {
				return err
			}
		}
		return nil
	})
}

// leastSure is how sure an article must be to be shown at all: below it has a
// sound or a small word in common with the question.
const leastSure = 0.15

// Search finds public articles, each in the reader's language if it can be,
// the best first.
func (room *Room) Search(ctx context.Context, app core.App, q Question) ([]Found, error) {
	l, err := room.Library(app)
	if err != nil || l.Empty() {
		return nil, err
	}
	var hits []search.Hit
	var terms []search.Term
	err = search.Within(ctx, func(ctx context.Context) (err error) {
		hits, terms, err = help.Rank(ctx, app, search.Query{Text: q.Text, Synonyms: room.synonyms.of(app), Typing: q.Typing, Limit: 2 * q.Limit})
		return err
	})
	if err != nil {
		return nil, err
	}
	texts, err := room.loose(app, l, &hits, terms)
	if err != nil {
		return nil, err
	}
	var found []Found
	var ids []any
	seen := map[string]bool{}
	for _, h := range hits {
		hit := l.Entry(h.ID)
		if hit == nil || seen[hit.Group] || len(found) == q.Limit || h.Sure < leastSure || len(found) > 2 && (h.Sure < hits[0].Sure/2 || search.Short(terms) && h.Score < hits[0].Score*leastScore) {
			continue
		}
		seen[hit.Group] = true
		shown := l.In(q.Language, hit.Group)
		ids = append(ids, shown.ID)
		found = append(found, Found{Entry: shown, Sure: h.Sure, Score: h.Score, Likely: h.Sure >= search.WorthAsking})
	}
	if err := textsOf(app, texts, ids); err != nil {
		return nil, err
	}
	for i := range found {
		text := texts[found[i].Entry.ID]
		found[i].Snippet, _ = search.Snippet(text, terms, snippetWidth)
		if q.Extract > 0 {
			found[i].Extract, found[i].Text = Extract(text, terms, q.Extract), text
		}
	}
	return found, nil
}

// leastScore is the part of the best score that an article must have to be
// listed for a question of a word or two, behind the first three.
const leastScore = 0.45

// loose leaves out what a short question found by consonants alone, if
// something was found by more: "ফেরত" is not in an article that says "প্রতি".
// It gives the texts it read.
func (room *Room) loose(app core.App, l *Library, hits *[]search.Hit, terms []search.Term) (map[string]string, error) {
	texts := map[string]string{}
	if len(*hits) == 0 || !search.Short(terms) {
		return texts, nil
	}
	ids := make([]any, len(*hits))
	for i, h := range *hits {
		ids[i] = h.ID
	}
	if err := textsOf(app, texts, ids); err != nil {
		return nil, err
	}
	said := slices.DeleteFunc(slices.Clone(*hits), func(h search.Hit) bool {
		e := l.Entry(h.ID)
		return e == nil || !search.Says(terms, e.Title, e.Summary, texts[h.ID])
	})
	if len(said) > 0 {
		*hits = said
	}
	return texts, nil
}

// textsOf reads the texts of articles that are not there yet.
func textsOf(app core.App, texts map[string]string, ids []any) error {
	ids = slices.DeleteFunc(ids, func(id any) bool { _, there := texts[id.(string)]; return there })
	if len(ids) == 0 {
		return nil
	}
	var rows []struct{ ID, Text string }
	err := app.DB().Select("id", "text").From(schema.Articles).Where(dbx.In("id", ids...)).All(&rows)
	for _, r := range rows {
		texts[r.ID] = r.Text
	}
	return err
}

// Extract is a text of about so many letters: all of a short one, else the
// paragraph that has most of the terms, the first of equals, with what follows
// while there is room.
func Extract(text string, terms []search.Term, width int) string {
	if text = strings.TrimSpace(text); utf8.RuneCountInString(text) <= width {
		return text
	}
	var parts []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	best, most := 0, -1
	for i, p := range parts {
		if _, n := search.Snippet(p, terms, width); n > most && utf8.RuneCountInString(p) >= shortPart {
			best, most = i, n
		}
	}
	said := parts[best]
	for _, p := range parts[best+1:] {
		if utf8.RuneCountInString(p) < shortPart || utf8.RuneCountInString(said)+utf8.RuneCountInString(p) > width {
			break // a heading, or the end of the room
		}
		said += "\n" + p
	}
	if utf8.RuneCountInString(said) <= width {
		return said
	}
	pieces, _ := search.Snippet(said, terms, width)
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return strings.TrimSpace(b.String())
}

// shortPart is how long a line is that says something by itself.
const shortPart = 40

// fileKeyFor is how long a key from the desk opens a file.
const fileKeyFor = time.Hour

// FileKey adds to the address of an article's file what opens it although the
// article is not public.
func FileKey(keys *settings.Keys, src string, now time.Time) string {
	article, name, ok := strings.Cut(strings.TrimPrefix(src, FilesPath), "/")
	if !strings.HasPrefix(src, FilesPath) || !ok {
		return src
	}
	until := strconv.FormatInt(now.Add(fileKeyFor).Truncate(fileKeyFor/2).Unix(), 36)
	return src + "?" + url.Values{"e": {until}, "k": {keys.MAC(settings.PurposeFile, "article", article, name, until)}}.Encode()
}

// CheckFileKey tells whether a key opens a file now.
func CheckFileKey(keys *settings.Keys, article, name string, q url.Values, now time.Time) bool {
	until, err := strconv.ParseInt(q.Get("e"), 36, 64)
	return err == nil && now.Unix() < until && keys.Check(q.Get("k"), settings.PurposeFile, "article", article, name, q.Get("e"))
}
