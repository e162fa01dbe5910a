package notice

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	Keys  func() *settings.Keys
	Site  *site.Site
	// Mail sends a mail to somebody of the staff, now or not at all; its error
	// is ErrNoMail when it never can.
	Mail func(app core.App, to, lang string, l letter.Letter) error
	// Touched is told when an agent last touched a desk.
	Touched func(agent string, at time.Time)
	// Attended tells whether the bot takes care of an incoming message.
	Attended func(app core.App, channel, conv string, seq int64) bool
	// HTTP reaches push services; nil reaches those of the internet only.
	HTTP *http.Client
}

// Room calls agents.
type Room struct {
	app      core.App
	keys     func() *settings.Keys
	site     *site.Site
	mail     func(app core.App, to, lang string, l letter.Letter) error
	http     *http.Client
	touched  func(agent string, at time.Time)
	attended func(app core.App, channel, conv string, seq int64) bool
	now      func() time.Time

	queue      *queue
	desks      desks
	heard      chan string // ids of messages that may concern somebody
	subscribed atomic.Bool // whether any device is
	often      *limit.Limiter
	mailPauses map[string]pause // by agent; of the reminder's loop alone
	icons      icons
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		app: app, keys: d.Keys, site: d.Site, mail: d.Mail, http: d.HTTP, touched: d.Touched, attended: d.Attended, now: time.Now,
		queue: newQueue(), heard: make(chan string, 256), often: limit.New(10*time.Second, 5), mailPauses: map[string]pause{},
	}
	if room.http == nil {
		room.http = outward.Internet.Client(20 * time.Second)
	}
	app.OnRecordValidate(schema.Agents).BindFunc(validateChoice)
	app.OnRecordAfterCreateSuccess(schema.Messages).BindFunc(room.messageCreated)
	app.OnRecordAfterCreateSuccess(schema.PushSubscriptions).BindFunc(room.devicesChanged)
	app.OnRecordAfterUpdateSuccess(schema.PushSubscriptions).BindFunc(room.devicesChanged)
	app.OnRecordUpdate(schema.Agents).BindFunc(forgetSignedOut)
	d.Group.Go("notice", room.watch)
	d.Group.Go("reminder", room.remind)
	for range senders {
		d.Group.Go("push", room.deliver)
	}
	app.OnServe().BindFunc(room.serve)
	return room
}

func (room *Room) serve(e *core.ServeEvent) error {
	some, err := anybody(e.App)
	if err != nil {
		return err
	}
	room.subscribed.Store(some)
	desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
	desk.GET("/push", room.devices)
	desk.POST("/push", room.subscribe)
	desk.DELETE("/push/{id}", room.unsubscribe)
	desk.POST("/push/try", room.tryOut)
	desk.POST("/active", room.active)
	e.Router.GET("/desk/app.webmanifest", room.manifest).Bind(apis.SkipSuccessActivityLog())
	e.Router.GET("/desk/shell.js", room.shell).Bind(apis.SkipSuccessActivityLog())
	e.Router.GET("/desk/icon/{name}", room.icon).Bind(apis.SkipSuccessActivityLog())
	return e.Next()
}

// devicesChanged remembers that there is somebody to tell. That there is
// nobody any more is found out at the next start.
func (room *Room) devicesChanged(e *core.RecordEvent) error {
	room.subscribed.Store(true)
	return e.Next()
}

// forgetSignedOut drops the devices of an agent whose sessions all end, as
// with a new password: whoever holds one of them is not to read on.
func forgetSignedOut(e *core.RecordEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if before := e.Record.Original().TokenKey(); before == "" || before == e.Record.TokenKey() {
		return nil
	}
	return ForgetDevices(e.App, e.Record.Id)
}
