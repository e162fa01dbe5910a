package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(viewsUp, func(app core.App) error {
		return drop(app, "views")
	})
}

func viewsUp(app core.App) error {
	views := base("shohay_views001", "views",
		text("name", "Name in the desk's list of views.", required, presentable, long(40)),
		one("owner", "Agent who alone sees it; empty is for everybody.", "shohay_agents01", false, true),
		structured("filter", `What it shows, as the desk writes it: {"status": ["open"], "assignee": "me", "channels": ["chat"], "tags": [], "language": "bn", "priority": [], "older": hours, "newer": hours, "text": ""}. What is left out does not matter.`, 8<<10),
		oneOf("sort", "Order of the list; empty is the newest first.", false, "newest", "waiting", "due", "priority"),
		counter("position", "Place among the views."),
	)
	const seen = isAgent + ` && (owner = "" || owner = @request.auth.id)`
	const kept = isAgent + ` && (owner = @request.auth.id || (owner = "" && @request.auth.role = "owner"))`
	views.ListRule, views.ViewRule = types.Pointer(seen), types.Pointer(seen)
	views.UpdateRule = types.Pointer(kept + ` && (@request.body.owner:isset = false || @request.body.owner = @request.auth.id || (@request.body.owner = "" && @request.auth.role = "owner"))`)
	views.DeleteRule = types.Pointer(kept)
	views.CreateRule = types.Pointer(isAgent + ` && (@request.body.owner = @request.auth.id || (@request.body.owner = "" && @request.auth.role = "owner"))`)
	views.AddIndex("idx_views_owner", false, "`owner`, `position`", "")
	return app.Save(views)
}
