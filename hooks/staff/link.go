package staff

import (
	"embed"
	"io/fs"

	"github.com/pocketbase/pocketbase/core"
)

//go:embed admin/main.js
var adminFiles embed.FS

// linkDesk puts a link to the desk into the header of the admin UI.
func linkDesk(e *core.ServeEvent) error {
	files, err := fs.Sub(adminFiles, "admin")
	if err != nil {
		return err
	}
	e.UIExtensions = append(e.UIExtensions, core.UIExtension{Name: "shohay", FS: files})
	e.Router.BindFunc(func(e *core.RequestEvent) error {
		if e.Request.URL.Path == "/_/extensions.js" {
			// PocketBase would let browsers keep it for two weeks, over an upgrade.
			e.Response.Header().Set("Cache-Control", "no-cache")
		}
		return e.Next()
	})
	return e.Next()
}
