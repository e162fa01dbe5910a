package kb

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/settings"
)

// Question is what somebody searches for.
type Question struct {
	Text     string
	Language string // the reader's
	Typing   bool   // the last word may go on
	Limit    int
}

// Piece is a part of a snippet; marked pieces are what was asked for.
type Piece struct {
	Text string
	Mark bool
}

// Found is a public article that fits.
type Found struct {
	Entry   *Entry
	Snippet []Piece
	Sure    float64
	Likely  bool
}

func (room *Room) index(core.App, *core.Record) error { return nil }

// Search finds public articles.
func (room *Room) Search(_ context.Context, app core.App, q Question) ([]Found, error) {
	l, err := room.Library(app)
	if err != nil {
		return nil, err
	}
	var found []Found
	for _, e := range l.List(q.Language) {
		if len(found) < q.Limit && strings.Contains(strings.ToLower(e.Title+" "+e.Summary), strings.ToLower(q.Text)) {
			found = append(found, Found{e, []Piece{{e.Summary, false}}, 1, true})
		}
	}
	return found, nil
}

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
