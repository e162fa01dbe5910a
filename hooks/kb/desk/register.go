package desk

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search/sample"
	"github.com/shohay/shohay/hooks/settings"
)

// Deps are what the room is built with.
type Deps struct {
	Keys      func() *settings.Keys
	Knowledge *kb.Room
	Sample    func(app core.App) (int, error) // writes the sample articles
}

// Room is the writing of one app.
type Room struct {
	Deps
	now func() time.Time
}

// Register binds the room's routes.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, now: time.Now}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		staff := e.Router.Group("/api/desk/articles").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		staff.GET("", room.list)
		staff.POST("", room.create)
		staff.GET("/{id}", room.show)
		staff.PATCH("/{id}", room.change)
		staff.DELETE("/{id}", room.remove)
		staff.POST("/{id}/files", room.upload).Bind(apis.BodyLimit(70 << 20))
		staff.GET("/{id}/versions", room.versions)
		staff.POST("/{id}/versions/{version}", room.restore)
		staff.GET("/synonyms", room.synonyms)
		staff.POST("/bulk", room.bulk)
		staff.POST("/preview", room.preview)
		staff.POST("/sample", room.sample)
		return e.Next()
	})
	return room
}

// language of the sentences: the agent's own.
func language(e *core.RequestEvent) string {
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		return l
	}
	if e.Auth != nil {
		if l := e.Auth.GetStringSlice(schema.AgentLanguages); len(l) > 0 {
			return l[0]
		}
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func say(e *core.RequestEvent, key string, values ...i18n.V) string {
	return i18n.T(language(e), key, values...)
}

func (room *Room) fail(e *core.RequestEvent, err error) error {
	if faults := kb.Faults(err); faults != nil {
		return e.BadRequestError(say(e, "error.save"), faults)
	}
	return e.InternalServerError(say(e, "error.internal"), err)
}

func gone(e *core.RequestEvent) error { return e.NotFoundError(say(e, "error.help_gone"), nil) }

func isOwner(e *core.RequestEvent) bool {
	return e.Auth != nil && e.Auth.GetString(schema.AgentRole) == schema.RoleOwner
}

// synonyms are the list that the search goes by, and the one that came with
// the program, which an owner's replaces.
func (room *Room) synonyms(e *core.RequestEvent) error {
	own := settings.Shop(e.App).GetString(schema.ShopSynonyms)
	return e.JSON(http.StatusOK, map[string]any{"own": own, "supplied": sample.SynonymsText()})
}

func (room *Room) sample(e *core.RequestEvent) error {
	n, err := room.Sample(e.App)
	if err != nil {
		return room.fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"articles": n})
}
