package kb

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Entry is a public article as lists need it.
type Entry struct {
	ID, Group, Language, Slug, Category, Title, Summary string
	Cover, Video, VideoFile                             string
	Related                                             []string
	Position, Views, Up, Down                           int
	Published, Updated                                  time.Time
}

// Path is where the article stands.
func (e *Entry) Path() string { return Path(e.Language, e.Slug) }

// Category is a category as lists need it.
type Category struct {
	ID, Slug, Icon    string
	Titles, Summaries map[string]string
	Position          int
}

// Library is everything public at a moment. It is read only.
type Library struct {
	Categories []*Category
	byID       map[string]*Entry
	byAddress  map[string]*Entry // "lang slug"
	groups     map[string][]*Entry
	order      []string // groups by place, then by age
	languages  []string // the shop's, its own first
	Changed    time.Time
}

// shelf keeps the library of an app until something changes.
type shelf struct {
	held  atomic.Pointer[Library]
	mu    sync.Mutex
	stale atomic.Int64 // counts changes, so that what was read before one is not kept after it
}

// Library returns what is public now.
func (room *Room) Library(app core.App) (*Library, error) {
	if l := room.shelf.held.Load(); l != nil && !app.IsTransactional() {
		return l, nil
	}
	room.shelf.mu.Lock()
	defer room.shelf.mu.Unlock()
	if l := room.shelf.held.Load(); l != nil && !app.IsTransactional() {
		return l, nil
	}
	age := room.shelf.stale.Load()
	l, err := readLibrary(app)
	if err != nil {
		return nil, err
	}
	if !app.IsTransactional() && age == room.shelf.stale.Load() {
		room.shelf.held.Store(l)
	}
	return l, nil
}

func (room *Room) changed(e *core.RecordEvent) error {
	room.forget()
	return e.Next()
}

// Forget makes the next reader read anew, for changes past the records' hooks.
func (room *Room) Forget() { room.forget() }

func (room *Room) forget() {
	room.shelf.stale.Add(1)
	room.shelf.held.Store(nil)
}

// public is the one condition under which a customer may read an article.
const public = "status = 'published' AND internal = FALSE"

func readLibrary(app core.App) (*Library, error) {
	l := &Library{byID: map[string]*Entry{}, byAddress: map[string]*Entry{}, groups: map[string][]*Entry{}}
	shop := settings.Shop(app)
	l.languages = append([]string{shop.Language()}, slices.DeleteFunc(slices.Clone(shop.Languages()), func(s string) bool { return s == shop.Language() })...)

	records, err := app.FindAllRecords(schema.Categories)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		l.Categories = append(l.Categories, &Category{
			ID: r.Id, Slug: r.GetString(schema.CategorySlug), Icon: r.GetString(schema.CategoryIcon), Position: r.GetInt(schema.CategoryPosition),
			Titles: Words(r, schema.CategoryTitles), Summaries: Words(r, schema.CategorySummaries),
		})
		l.touch(r.GetDateTime(schema.Updated).Time())
	}
	slices.SortStableFunc(l.Categories, func(a, b *Category) int {
		if a.Position != b.Position {
			return a.Position - b.Position
		}
		return strings.Compare(a.Slug, b.Slug)
	})

	var rows []struct {
		ID        string `db:"id"`
		Group     string `db:"group"`
		Language  string `db:"language"`
		Slug      string `db:"slug"`
		Category  string `db:"category"`
		Title     string `db:"title"`
		Summary   string `db:"summary"`
		Text      string `db:"text"`
		Cover     string `db:"cover"`
		Video     string `db:"video"`
		VideoFile string `db:"video_file"`
		Related   string `db:"related"`
		Position  int    `db:"position"`
		Views     int    `db:"views"`
		Up        int    `db:"votes_up"`
		Down      int    `db:"votes_down"`
		Published string `db:"published_at"`
		Updated   string `db:"updated"`
	}
	err = app.DB().NewQuery("SELECT id, `group`, language, slug, category, title, summary, substr(text, 1, 400) AS text, cover, video, video_file, related, position, views, votes_up, votes_down, published_at, updated FROM articles WHERE " + public + " ORDER BY position, published_at, id").All(&rows)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		e := &Entry{
			ID: r.ID, Group: r.Group, Language: r.Language, Slug: r.Slug, Category: r.Category, Title: r.Title, Summary: r.Summary,
			Cover: r.Cover, Video: r.Video, VideoFile: r.VideoFile, Position: r.Position, Views: r.Views, Up: r.Up, Down: r.Down,
			Published: moment(r.Published), Updated: moment(r.Updated), Related: idList(r.Related),
		}
		if e.Summary == "" {
			e.Summary = Beginning(r.Text, 160)
		}
		if len(l.groups[e.Group]) == 0 {
			l.order = append(l.order, e.Group)
		}
		l.byID[e.ID] = e
		l.byAddress[e.Language+" "+e.Slug] = e
		l.groups[e.Group] = append(l.groups[e.Group], e)
		l.touch(e.Updated)
	}
	return l, nil
}

func (l *Library) touch(t time.Time) {
	if t.After(l.Changed) {
		l.Changed = t
	}
}

// idList reads a relation as the database keeps it: ["a","b"].
func idList(raw string) []string {
	return strings.FieldsFunc(raw, func(r rune) bool { return r == '[' || r == ']' || r == '"' || r == ',' || r == ' ' })
}

// Empty tells whether there is nothing to read.
func (l *Library) Empty() bool { return len(l.byID) == 0 }

// Entry is a public article by its id, nil if there is none.
func (l *Library) Entry(id string) *Entry { return l.byID[id] }

// At is the public article at an address: of the language, else of any.
func (l *Library) At(lang, slug string) *Entry {
	if e := l.byAddress[lang+" "+slug]; e != nil {
		return e
	}
	for _, other := range l.languages {
		if e := l.byAddress[other+" "+slug]; e != nil {
			return l.In(lang, e.Group)
		}
	}
	return nil
}

// In is a group's article in the language, else in the shop's, else in any.
func (l *Library) In(lang, group string) *Entry {
	all := l.groups[group]
	for _, want := range append([]string{lang}, l.languages...) {
		for _, e := range all {
			if e.Language == want {
				return e
			}
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// Translations are the public articles of a group.
func (l *Library) Translations(group string) []*Entry { return l.groups[group] }

// CategoryAt is the category of an address, nil if there is none.
func (l *Library) CategoryAt(slug string) *Category {
	return l.category(func(c *Category) bool { return c.Slug == slug })
}

// Category is a category by its id, nil if there is none.
func (l *Library) Category(id string) *Category {
	return l.category(func(c *Category) bool { return c.ID == id })
}

func (l *Library) category(is func(*Category) bool) *Category {
	if i := slices.IndexFunc(l.Categories, is); i >= 0 {
		return l.Categories[i]
	}
	return nil
}

// List is one article of every group, in the best language for the reader.
func (l *Library) List(lang string) []*Entry {
	list := make([]*Entry, 0, len(l.order))
	for _, group := range l.order {
		list = append(list, l.In(lang, group))
	}
	return list
}

// Of are the articles of a category; "" is those without one.
func (l *Library) Of(lang, category string) []*Entry {
	return slices.DeleteFunc(l.List(lang), func(e *Entry) bool {
		return e.Category != category && (category != "" || l.Category(e.Category) != nil)
	})
}

// Popular are the articles most read, counting all languages.
func (l *Library) Popular(lang string, most int) []*Entry {
	views := map[string]int{}
	for _, e := range l.byID {
		views[e.Group] += e.Views + 4*e.Up
	}
	list := l.List(lang)
	slices.SortStableFunc(list, func(a, b *Entry) int { return views[b.Group] - views[a.Group] })
	return list[:min(most, len(list))]
}

// New are the newest articles beside others that are shown already.
func (l *Library) New(lang string, most int, shown []*Entry) []*Entry {
	list := slices.DeleteFunc(l.Recent(lang, len(l.order)), func(e *Entry) bool {
		return slices.ContainsFunc(shown, func(s *Entry) bool { return s.Group == e.Group })
	})
	return list[:min(most, len(list))]
}

// Recent are the newest articles.
func (l *Library) Recent(lang string, most int) []*Entry {
	list := l.List(lang)
	slices.SortStableFunc(list, func(a, b *Entry) int { return b.Published.Compare(a.Published) })
	return list[:min(most, len(list))]
}

// Near are the articles related to one: those named, else neighbours in its
// category.
func (l *Library) Near(e *Entry, lang string, most int) []*Entry {
	var list []*Entry
	seen := map[string]bool{e.Group: true}
	add := func(other *Entry) {
		if other != nil && !seen[other.Group] && len(list) < most {
			seen[other.Group] = true
			list = append(list, other)
		}
	}
	for _, id := range e.Related {
		if named := l.byID[id]; named != nil {
			add(l.In(lang, named.Group))
		}
	}
	if e.Category != "" {
		all := l.Of(lang, e.Category)
		at := slices.IndexFunc(all, func(o *Entry) bool { return o.Group == e.Group })
		for i := range all {
			add(all[(at+1+i)%len(all)])
		}
	}
	return list
}

// Body is the text of a public article; sql.ErrNoRows if it is not public any
// more.
func Body(app core.App, id string) (body, text string, err error) {
	err = app.DB().NewQuery("SELECT body, text FROM articles WHERE id = {:id} AND "+public).Bind(dbx.Params{"id": id}).Row(&body, &text)
	return body, text, err
}
