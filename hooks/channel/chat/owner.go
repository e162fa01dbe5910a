package chat

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// embed gives owners what they put on the shop's own site: the line with the
// widget, and the key that the site signs its customers' ids with.
func (room *Room) embed(e *core.RequestEvent) error {
	if e.Auth.Collection().Name == schema.Agents && e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	base := e.App.Settings().Meta.AppURL
	if base == "" || base == "http://localhost:8090" { // PocketBase's own default
		scheme := "http"
		if e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https"
		}
		base = scheme + "://" + e.Request.Host
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]string{
		"snippet":      `<script src="` + base + `/widget.js" async></script>`,
		"identity_key": room.keys().IdentityKey(),
	})
}
