package setup

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Deps are what the room is built with.
type Deps struct {
	Keys func() *settings.Keys
	// Mail sends a mail to somebody of the staff; CanMail tells whether the shop
	// has a mailbox, or another way, to do it by.
	Mail    func(app core.App, to, lang string, l letter.Letter) error
	CanMail func(app core.App) (bool, error)
}

// Room is the set-up of one app.
type Room struct {
	Deps
	now func() time.Time

	strangers   *limit.Limiter // who come with links, by network
	invitations *limit.Limiter // by owner

	waiting atomic.Bool // for another site to load the chat
	seeing  sync.Mutex
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, now: time.Now, strangers: limit.New(3*time.Second, 20), invitations: limit.New(20*time.Second, 20)}
	app.OnServe().BindFunc(room.serve)
	return room
}

func (room *Room) keys() *settings.Keys { return room.Deps.Keys() }

func (room *Room) serve(e *core.ServeEvent) error {
	room.look(e.App)
	e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohaySetup", Func: room.watch, Priority: -1090}) // before a page's answer is found in a cache of ours
	doors := e.Router.Group("/api/welcome").Bind(apis.BodyLimit(8<<10), apis.SkipSuccessActivityLog()).BindFunc(room.slowly)
	doors.POST("", room.greet)
	doors.POST("/in", room.enter)

	owners := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog()).BindFunc(ownersOnly)
	owners.GET("/setup", room.show)
	owners.POST("/setup/{step}", room.change)
	owners.POST("/staff/invite", room.invite)
	owners.POST("/staff/{id}/invite", room.inviteAgain)
	owners.DELETE("/staff/{id}/invite", room.withdraw)
	return e.Next()
}
