package session

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	Keys  func() *settings.Keys
	Hub   *live.Hub
	// Mail sends a mail to somebody of the staff.
	Mail func(app core.App, to, lang string, l letter.Letter) error
}

// Room knows the sessions.
type Room struct {
	app  core.App
	keys func() *settings.Keys
	hub  *live.Hub
	mail func(app core.App, to, lang string, l letter.Letter) error
	now  func() time.Time

	mu       sync.Mutex
	known    map[string]*login // by id
	guesses  *limit.Limiter    // of codes and passwords, by agent
	failures *limit.Limiter    // entries of failed sign-ins, by address
	strange  chan strange
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{
		app: app, keys: d.Keys, hub: d.Hub, mail: d.Mail, now: time.Now, known: map[string]*login{},
		guesses: limit.New(time.Minute, 8), failures: limit.New(time.Minute, 10), strange: make(chan strange, 100),
	}
	app.OnRecordAuthRequest(schema.Agents).BindFunc(room.authorised)
	app.OnRecordAuthRequest(core.CollectionNameSuperusers).BindFunc(room.superuser)
	app.OnRecordAuthWithPasswordRequest(schema.Agents, core.CollectionNameSuperusers).BindFunc(room.password)
	app.OnRecordUpdate(schema.Agents).BindFunc(room.keyChanged)
	app.OnRecordAfterUpdateSuccess(schema.Sessions).BindFunc(room.changed)
	app.OnRecordAfterDeleteSuccess(schema.Sessions).BindFunc(room.changed)
	d.Group.Go("sessions", room.tend)
	app.OnServe().BindFunc(room.serve)
	return room
}

func (room *Room) serve(e *core.ServeEvent) error {
	e.Router.Bind(&hook.Handler[*core.RequestEvent]{
		Id: "shohaySessions", Func: room.guard,
		Priority: apis.DefaultLoadAuthTokenMiddlewarePriority + 1, // as soon as it is known who asks
	})
	desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
	desk.GET("/sessions", room.show)
	desk.DELETE("/sessions/{id}", room.revoke)
	desk.POST("/sessions/end", room.endAll)
	desk.POST("/password", room.changePassword)
	desk.POST("/second", room.beginSecond)
	desk.POST("/second/confirm", room.confirmSecond)
	desk.POST("/second/codes", room.newRecovery)
	desk.POST("/second/end", room.endSecond)
	desk.DELETE("/staff/{id}/second", room.resetSecond).BindFunc(ownersOnly)
	return e.Next()
}

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	return e.Next()
}

// changed forgets a session that was changed in the admin UI.
func (room *Room) changed(e *core.RecordEvent) error {
	room.forget(e.Record.Id)
	return e.Next()
}

// tend writes down which sessions are used and tells agents
// of browsers that are new, until ctx ends.
func (room *Room) tend(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-room.strange:
			if err := room.warn(s); err != nil {
				room.app.Logger().Warn("an agent could not be told of a new browser", "agent", s.agent, "error", err)
			}
			continue
		case <-tick.C:
		}
		if err := room.store(room.app, room.now()); err != nil {
			room.app.Logger().Error("sessions could not be tended", "error", err)
		}
	}
}

// warn mails an agent about a sign-in with a new browser.
func (room *Room) warn(s strange) error {
	agent, err := room.app.FindRecordById(schema.Agents, s.agent)
	if err != nil {
		return nil // gone meanwhile
	}
	shop := settings.Shop(room.app)
	lang := shop.Language()
	for _, l := range agent.GetStringSlice(schema.AgentLanguages) {
		if i18n.Current().Has(l) {
			lang = l
			break
		}
	}
	values := i18n.V{"shop": shop.Name(), "device": s.device, "address": s.address, "time": i18n.Current().DateTime(lang, s.at.In(shop.Location()))}
	return room.mail(room.app, agent.Email(), lang, letter.Note(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()},
		letter.Template{Subject: i18n.T(lang, "session.mail_subject", values), Body: i18n.T(lang, "session.mail_body", values)}, nil, i18n.T(lang, "session.mail_footer", values)))
}
