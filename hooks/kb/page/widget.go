package page

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/search"
)

// Brief is an article in a list of the widget.
type Brief struct {
	Slug     string  `json:"slug"`
	Title    string  `json:"title"`
	Language string  `json:"language"`
	Snippet  []Piece `json:"snippet"`
}

// Piece is a part of a snippet; Mark is what was found.
type Piece struct {
	Text string `json:"text"`
	Mark bool   `json:"mark"`
}

// Article is one that is read in the widget. HTML is what the help centre
// itself shows: cleaned, with no script and no picture from elsewhere.
type Article struct {
	Brief
	Note string `json:"note"` // that it is in another language
	HTML string `json:"html"`
	URL  string `json:"url"`
	Film bool   `json:"film"` // which is on its page only
}

// mostOffered are offered before anything is asked.
const mostOffered = 4

func brief(e *kb.Entry, snippet []search.Piece) Brief {
	b := Brief{Slug: e.Slug, Title: e.Title, Language: e.Language, Snippet: []Piece{}}
	for _, p := range snippet {
		b.Snippet = append(b.Snippet, Piece{p.Text, p.Hit})
	}
	return b
}

// Popular are the most read articles for the widget.
func (room *Room) Popular(app core.App, lang string) any {
	list := []Brief{}
	library, err := room.Knowledge.Library(app)
	if err != nil {
		app.Logger().Error("the help centre cannot be read", "error", err)
		return list
	}
	for _, e := range library.Popular(lang, mostOffered) {
		list = append(list, brief(e, nil))
	}
	return list
}

// Find is what the widget's search found. A question that was asked, not only
// typed, and has no likely answer is counted for the owner.
func (room *Room) Find(ctx context.Context, app core.App, lang, asked string, typing bool) (any, error) {
	asked = strings.Join(strings.Fields(asked), " ")
	if asked == "" {
		return room.Popular(app, lang), nil
	}
	found, err := room.Knowledge.Search(ctx, app, kb.Question{Text: asked, Language: lang, Typing: typing, Limit: mostSuggested})
	if err != nil {
		return nil, err
	}
	if !typing && (len(found) == 0 || !found[0].Likely) {
		if err := kb.Missed(app, lang, asked); err != nil {
			app.Logger().Warn("a search without a result could not be kept", "error", err)
		}
	}
	list := []Brief{}
	for _, f := range found {
		list = append(list, brief(f.Entry, f.Snippet))
	}
	return list, nil
}

// Read is a public article for the widget, nil if there is none.
func (room *Room) Read(app core.App, lang, slug, browser string) (any, error) {
	if !utf8.ValidString(slug) {
		return nil, nil
	}
	library, err := room.Knowledge.Library(app)
	if err != nil {
		return nil, err
	}
	entry := library.At(lang, kb.Slug(slug))
	if entry == nil {
		return nil, nil
	}
	body, _, err := kb.Body(app, entry.ID)
	if errors.Is(err, sql.ErrNoRows) { // hidden since the library was read
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	html, _ := kb.Page(body, nil)
	a := Article{Brief: brief(entry, nil), HTML: html, URL: kb.Path(lang, entry.Slug), Film: entry.Video != "" || entry.VideoFile != ""}
	if entry.Language != lang {
		a.Note = room.Catalogue.T(lang, "portal.help_foreign", i18n.V{"language": room.Catalogue.T(entry.Language, "portal.language_name")})
	}
	room.Knowledge.Viewed(entry.ID, browser)
	return a, nil
}
