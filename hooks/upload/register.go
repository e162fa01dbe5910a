package upload

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	_ "image/gif" // sizes of pictures
	_ "image/jpeg"
	_ "image/png"
	"io"
	"slices"
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	_ "golang.org/x/image/webp"
)

const (
	// MostPoints are the points of a picture for everybody.
	MostPoints = 40_000_000
	// MostShrunk are the points of a picture that is made smaller; each takes
	// up to eight bytes of memory meanwhile.
	MostShrunk = 20_000_000
)

// Shown are the fields whose pictures everybody sees.
var Shown = map[string][]string{
	schema.Shop:     {schema.ShopLogo, schema.ShopCover},
	schema.Agents:   {schema.AgentAvatar},
	schema.Articles: {schema.ArticleCover, schema.ArticleFiles},
}

// Register binds the room.
func Register(app core.App) {
	for collection, fields := range Shown {
		app.OnRecordValidate(collection).BindFunc(func(e *core.RecordEvent) error { return check(e, fields) })
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayThumbs", Func: smaller, Priority: 100})
		return e.Next()
	})
}

// check refuses new pictures that are too large or none, and takes out of them
// what a camera wrote.
func check(e *core.RecordEvent, fields []string) error {
	faults := validation.Errors{}
	for _, name := range fields {
		for _, f := range e.Record.GetUnsavedFiles(name) {
			if err := clean(f); err != nil {
				faults[name] = refusal(settings.Shop(e.App).Language(), err)
			}
		}
	}
	if err := faults.Filter(); err != nil {
		return err
	}
	return e.Next()
}

var errLarge = errors.New("too many points")

func refusal(lang string, err error) error {
	if errors.Is(err, errLarge) {
		return validation.NewError("picture_large", i18n.T(lang, "error.picture_large", i18n.V{"most": MostPoints / 1_000_000}))
	}
	return validation.NewError("picture_broken", i18n.T(lang, "error.picture_broken"))
}

// clean makes a picture fit to be shown to everybody. What is no picture stays
// as it is.
func clean(f *filesystem.File) error {
	r, err := f.Reader.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	head := make([]byte, 16)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	kind := kindOf(head[:n])
	if kind == "" {
		return nil
	}
	whole, err := io.ReadAll(io.MultiReader(bytes.NewReader(head[:n]), r))
	if err != nil {
		return err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(whole))
	if err != nil {
		return errBroken
	}
	if int64(size.Width)*int64(size.Height) > MostPoints {
		return errLarge
	}
	bare, err := Bare(kind, whole)
	if err != nil {
		return err
	}
	if len(bare) != len(whole) {
		f.Reader, f.Size = &filesystem.BytesReader{Bytes: bare}, int64(len(bare))
	}
	return nil
}

// smaller lets PocketBase make no small picture of one that is too large: the
// picture itself is sent instead.
func smaller(e *core.RequestEvent) error {
	if !strings.HasSuffix(e.Request.Pattern, "/api/files/{collection}/{recordId}/{filename}") {
		return e.Next()
	}
	q := e.Request.URL.Query()
	if q.Get("thumb") == "" {
		return e.Next()
	}
	if !shrinks(e.App, e.Request.PathValue("collection"), e.Request.PathValue("recordId"), e.Request.PathValue("filename")) {
		q.Del("thumb")
		e.Request.URL.RawQuery = q.Encode()
	}
	return e.Next()
}

// shrinks tells whether a stored picture may be made smaller.
func shrinks(app core.App, collection, record, name string) bool {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil || strings.ContainsAny(record+name, `/\`) || slices.Contains([]string{record, name}, "..") {
		return false
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return false
	}
	defer fsys.Close()
	return Shrinks(fsys, c.Id+"/"+record+"/"+name)
}

// Shrinks tells whether a stored picture may be made smaller, by its head.
func Shrinks(fsys *filesystem.System, key string) bool {
	r, err := fsys.GetReader(key)
	if err != nil {
		return false
	}
	defer r.Close()
	size, _, err := image.DecodeConfig(bufio.NewReader(r))
	return err == nil && int64(size.Width)*int64(size.Height) <= MostShrunk
}
