package site

import (
	"io/fs"
	"os"
	"sync"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// Options say where the files lie.
type Options struct {
	Embedded  fs.FS           // the pb_public of the executable
	Disk      string          // a folder whose files win, "" for none; it need not exist
	Catalogue *i18n.Catalogue // the texts of the pages
	Demo      bool            // whether /demo/ is served
}

// Site serves the files of one app.
type Site struct {
	Options

	mu    sync.Mutex
	root  *os.Root // of Disk, nil while it does not exist
	files map[string]*file

	selections int // how many of files are parts of others
	previews   map[string]preview
}

// New returns a Site; [Site.Register] puts it behind every other route.
func New(o Options) *Site {
	return &Site{Options: o, files: map[string]*file{}}
}

// Register binds the room.
func (s *Site) Register(app core.App) {
	app.OnRecordUpdate(schema.Shop).BindFunc(checkShop)
	app.OnRecordUpdate(schema.Shop).BindFunc(checkGreeting)
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id: "shohaySite",
		Func: func(e *core.ServeEvent) error {
			e.Router.BindFunc(answers)
			e.Router.BindFunc(s.keepChoice)
			e.Router.GET("/icon.svg", s.icon).Bind(apis.SkipSuccessActivityLog())
			e.Router.GET("/theme.css", s.themeCSS).Bind(apis.SkipSuccessActivityLog())
			e.Router.POST("/api/desk/theme/preview", s.previewTheme).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
			e.Router.GET("/{path...}", s.serve).Bind(apis.SkipSuccessActivityLog())
			return e.Next()
		},
		Priority: 900, // after every room has bound its routes
	})
}
