package request

import (
	"context"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Talks is what the room needs of the conversations; the conversation room has
// it.
type Talks interface {
	PublicPage(app core.App, id string, after, before int64, limit int) ([]conversation.PublicMessage, bool, error)
	Seen(app core.App, conversation, by string, seq int64) error
	GrantPublic(visitor, conversation string, valid func(app core.App) bool) live.Grant
	TellContact(app core.App, contact string)
}

// Deps are what the room is built with.
type Deps struct {
	Group     *lifecycle.Group
	Site      *site.Site
	Catalogue *i18n.Catalogue
	Keys      func() *settings.Keys
	Stream    *live.Server
	Talks     Talks
	// Code mails a code to sign in with, now or not at all.
	Code func(ctx context.Context, app core.App, to, lang, code string, life time.Duration) error
	// Visitor reads the token of a chat: which browser it is, and whether the
	// shop's own site has said who sits there.
	Visitor func(token string) (visitor string, signed, ok bool)
	// Erase removes a customer with all that was said.
	Erase func(ctx context.Context, app core.App, contact string) error
	// Bar are values of the bar on top of every page.
	Bar func(e *core.RequestEvent, lang string) site.Values
}

// Room shows customers their requests.
type Room struct {
	Deps
	base core.App
	now  func() time.Time
	post chan letter
	same *http.CrossOriginProtection

	asking  *limit.Limiter // codes asked for from one network
	codes   *limit.Limiter // codes for one address
	typing  *limit.Limiter // codes typed from one network
	guesses *limit.Limiter // codes typed for one address
	writing *limit.Limiter // what one browser changes
	heavy   chan struct{}  // archives and questions with files at the same time
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		Deps: d, base: app, now: time.Now, post: make(chan letter, 256), same: http.NewCrossOriginProtection(), heavy: make(chan struct{}, 2),
		// Whole villages share an address at some phone companies. Twenty tries
		// an hour at a code of six digits find it in five years.
		asking: limit.New(20*time.Second, 20), codes: limit.New(15*time.Minute, 3),
		typing: limit.New(5*time.Second, 20), guesses: limit.New(3*time.Minute, 10), writing: limit.New(2*time.Second, 20),
	}
	d.Stream.Authorise("request", room.grant)
	for range 2 {
		d.Group.Go("sign-in mail", room.mailCodes)
	}
	app.Cron().MustAdd("shohay_sign_ins", "20 3 * * *", room.forgetOld)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		quiet := apis.SkipSuccessActivityLog()
		pages := e.Router.Group("/requests").Bind(quiet).Unbind(apis.DefaultBodyLimitMiddlewareId) // see form.Read
		pages.GET("", room.page(room.list))
		pages.POST("/code", room.page(room.askCode))
		pages.GET("/code", room.page(room.codePage))
		pages.POST("/in", room.page(room.signIn))
		pages.GET("/account", room.page(room.account))
		pages.GET("/export", room.page(room.export))
		pages.POST("/language", room.page(room.changeLanguage))
		pages.POST("/consents", room.page(room.withdraw))
		pages.POST("/out", room.page(room.signOut))
		pages.POST("/erase", room.page(room.erase))
		pages.GET("/l/{token}", room.page(room.linkPage))
		pages.POST("/l/{token}", room.page(room.openLink))
		pages.GET("/{number}", room.page(room.show))
		pages.POST("/{number}", room.page(room.act))
		owners := e.Router.Group("/api/desk/contacts/{id}").Bind(apis.RequireAuth(schema.Agents), quiet).BindFunc(ownersOnly)
		owners.GET("/archive", room.deskArchive)
		owners.DELETE("", room.deskErase)
		return e.Next()
	})
	return room
}

func (room *Room) forgetOld() {
	if err := forgetExpired(room.base, room.now()); err != nil {
		room.base.Logger().Error("ended sign-ins could not be removed", "error", err)
	}
}
