package setup

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func say(e *core.RequestEvent, key string, v ...i18n.V) string { return i18n.T(language(e), key, v...) }

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	return e.Next()
}

func tooOften(e *core.RequestEvent, wait time.Duration) error {
	limit.RetryAfter(e.Response.Header(), wait)
	return e.TooManyRequestsError(say(e, "setup.often"), nil)
}

// slowly keeps strangers from trying links; the links are too long to be
// guessed anyway.
func (room *Room) slowly(e *core.RequestEvent) error {
	e.Response.Header().Set("Cache-Control", "no-store")
	if wait, ok := room.strangers.Allow(limit.Network(e.RealIP())); !ok {
		return tooOften(e, wait)
	}
	return e.Next()
}

func (room *Room) note(e *core.RequestEvent, entry audit.Entry) {
	if err := audit.Note(e.App, entry); err != nil {
		e.App.Logger().Error("who did what is not noted", "action", entry.Action, "error", err)
	}
}

// refusals are what is said of a link that does not work, for the first owner
// and for a colleague.
var refusals = []struct {
	err         error
	status      int
	code        string
	link, guest string
}{
	{errUnknown, http.StatusNotFound, "unknown", "setup.link_unknown", "setup.invite_unknown"},
	{errHasOwner, http.StatusConflict, "has_owner", "setup.link_has_owner", "setup.invite_used"},
	{errUsed, http.StatusGone, "used", "setup.link_used", "setup.invite_used"},
	{errExpired, http.StatusGone, "expired", "setup.link_expired", "setup.invite_expired"},
}

// refuse says what is wrong with a link and what to do about it.
func (room *Room) refuse(e *core.RequestEvent, l *once, err error) error {
	for _, r := range refusals {
		if !errors.Is(err, r.err) {
			continue
		}
		key := r.link
		switch {
		case l != nil && l.For == schema.OnceInvite:
			key = r.guest
		case r.code == "used" && HasOwner(e.App):
			return room.refuse(e, l, errHasOwner)
		}
		words := say(e, key)
		return e.Error(r.status, words, validation.Errors{"token": validation.NewError(r.code, words)})
	}
	return e.InternalServerError(say(e, "error.internal"), err)
}

// greet answers POST /api/welcome {"token"}: what a link is for.
func (room *Room) greet(e *core.RequestEvent) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	l, err := findLink(e.App, room.keys(), body.Token, room.now())
	if err != nil {
		return room.refuse(e, l, err)
	}
	answer := map[string]string{"for": l.For, "email": "", "name": "", "shop": settings.Shop(e.App).Name()}
	if l.For == schema.OnceInvite {
		agent, err := e.App.FindRecordById(schema.Agents, l.Agent)
		if err != nil {
			return room.refuse(e, l, errUnknown)
		}
		answer["email"], answer["name"] = agent.Email(), agent.GetString(schema.AgentName)
	}
	return e.JSON(http.StatusOK, answer)
}

// enter answers POST /api/welcome/in {"token", "email", "name", "password",
// "language", "device"}: uses the link and signs in, as a sign-in with the
// password would.
func (room *Room) enter(e *core.RequestEvent) error {
	var p person
	if err := e.BindBody(&p); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	now := room.now()
	l, err := findLink(e.App, room.keys(), p.Token, now)
	if err != nil {
		return room.refuse(e, l, err)
	}
	if err := p.check(language(e), l.For == schema.OnceOwner); err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	var agent *core.Record
	err = e.App.RunInTransaction(func(tx core.App) error {
		if err := l.use(tx, now); err != nil {
			return err
		}
		if l.For == schema.OnceOwner {
			agent, err = makeOwner(tx, p)
		} else {
			agent, err = makeColleague(tx, l.Agent, p)
		}
		return err
	})
	switch {
	case errors.Is(err, errUsed), errors.Is(err, errHasOwner):
		return room.refuse(e, l, err)
	case err != nil:
		return e.BadRequestError(say(e, "error.save"), err)
	}
	if l.For == schema.OnceOwner {
		if err := os.Remove(FileOf(e.App)); err != nil && !errors.Is(err, os.ErrNotExist) {
			e.App.Logger().Warn("the file with the link stays; the link in it is used", "error", err)
		}
		if err := learnAddress(e.App, site.Base(e)); err != nil {
			e.App.Logger().Warn("the shop's address is not kept", "error", err)
		}
		room.look(e.App)
	}
	room.note(e, audit.Entry{Kind: schema.AuditConfiguration, Action: "joined", Agent: agent.Id, Actor: agent.GetString(schema.AgentName), Collection: schema.Agents, Target: agent.Id, Label: agent.Email(), Address: e.RealIP()})
	return apis.RecordAuthResponse(e, agent, core.MFAMethodPassword, nil)
}

// show answers GET /api/desk/setup: how far the set-up is, and what its pages
// need to know.
func (room *Room) show(e *core.RequestEvent) error {
	p, err := progress(e.App)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	answer := map[string]any{"done": p.Done, "of": p.Of, "wanted": p.wanted(), "closed": p.Closed}
	if e.Request.URL.Query().Get("brief") == "1" {
		return e.JSON(http.StatusOK, answer)
	}
	staff, err := colleagues(e.App)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	mails, err := room.CanMail(e.App)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	answer["steps"], answer["staff"], answer["can_mail"], answer["office"], answer["base"] = p.Steps, staff, mails, officeNow(e.App, room.now()), site.Base(e)
	return e.JSON(http.StatusOK, answer)
}

// change answers POST /api/desk/setup/{step} {"state"}. What proves itself
// cannot be said to be done.
func (room *Room) change(e *core.RequestEvent) error {
	step := e.Request.PathValue("step")
	var body struct {
		State string `json:"state"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	if !slices.Contains(steps[1:], step) && step != schema.StepClosed {
		return e.NotFoundError(say(e, "setup.no_step"), nil)
	}
	var err error
	switch {
	case !slices.Contains([]string{stepOpen, schema.StepDone, schema.StepSkipped}, body.State):
		return e.BadRequestError(say(e, "error.body"), nil)
	case body.State == schema.StepDone && slices.Contains(proven, step):
		return e.Error(http.StatusConflict, say(e, "setup.proves_itself"), nil)
	case step == schema.StepWidget && body.State == stepOpen:
		err = room.notOurs(e.App)
	case step == schema.StepWidget:
		err = mark(e.App, step, body.State, readWidget(e.App))
	default:
		err = mark(e.App, step, body.State, nil)
	}
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	room.look(e.App)
	return room.show(e)
}

// MailboxTried is told how a mailbox's mail to itself went.
func (room *Room) MailboxTried(app core.App, address string, ok bool) {
	if !ok {
		return // an older proof stays: the desk shows what is wrong with a mailbox
	}
	if err := mark(app, schema.StepMail, schema.StepDone, map[string]string{"address": address, "at": room.now().UTC().Format(time.RFC3339)}); err != nil {
		app.Logger().Error("that a mailbox works is not noted", "error", err)
	}
}
