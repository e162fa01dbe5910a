package session

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/session/qr"
	"github.com/shohay/shohay/hooks/settings"
)

// colleague is how somebody else's second factor stands, for owners.
type colleague struct {
	ID     string `json:"id" db:"id"`
	Name   string `json:"name" db:"name"`
	Second bool   `json:"second" db:"second"`
}

// show answers GET /api/desk/sessions: where one is signed in, and how one's
// second factor stands.
func (room *Room) show(e *core.RequestEvent) error {
	list, err := open(e.App, e.Auth.Id, e.Auth.Collection().AuthToken.DurationTime())
	if err != nil {
		return err
	}
	current := sessionOf(e)
	for i := range list {
		list[i].Current = list[i].ID == current
	}
	f, err := factorOf(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	answer := map[string]any{"sessions": list, "second": f != nil && f.Active, "codes": 0, "required": settings.Shop(e.App).GetBool(schema.ShopSecondFactor)}
	if f != nil && f.Active {
		answer["codes"] = len(f.Codes)
	}
	if e.Auth.GetString(schema.AgentRole) == schema.RoleOwner {
		staff := []colleague{}
		err := e.App.DB().NewQuery(`SELECT a.id, a.name, COALESCE(f.active, FALSE) AS second FROM agents a LEFT JOIN second_factors f ON f.agent = a.id ORDER BY a.name COLLATE NOCASE`).All(&staff)
		if err != nil {
			return err
		}
		answer["staff"] = staff
	}
	return e.JSON(http.StatusOK, answer)
}

// revoke answers DELETE /api/desk/sessions/{id}.
func (room *Room) revoke(e *core.RequestEvent) error {
	id := e.Request.PathValue("id")
	r, err := e.App.FindRecordById(schema.Sessions, id)
	if err != nil || r.GetString(schema.SessionAgent) != e.Auth.Id {
		return e.NotFoundError(say(e, "session.gone"), nil)
	}
	if err := end(e.App, e.Auth.Id, id, ""); err != nil {
		return err
	}
	room.forget(id)
	room.hub.End(listener(e.Auth.Id)) // the desks that may stay come back at once
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "session_end", Agent: e.Auth.Id, Label: r.GetString(schema.SessionDevice)})
	return e.NoContent(http.StatusNoContent)
}

// endAll answers POST /api/desk/sessions/end: signed out everywhere but here.
func (room *Room) endAll(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById(schema.Agents, e.Auth.Id)
	if err != nil {
		return err
	}
	r.RefreshTokenKey()
	if err := e.App.Save(r); err != nil {
		return err
	}
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "session_end_all", Agent: r.Id})
	return room.again(e, r)
}

// again answers with a token for the browser that asked, whose old one ended
// with the others.
func (room *Room) again(e *core.RequestEvent, agent *core.Record) error {
	id, err := room.start(e, agent, false, false)
	if err != nil {
		return err
	}
	token, err := sign(agent, id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"token": token})
}

// keyChanged ends the sessions of an agent whose key was replaced, with a new
// password or from the admin UI.
func (room *Room) keyChanged(e *core.RecordEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if before := e.Record.Original().TokenKey(); before == "" || before == e.Record.TokenKey() {
		return nil
	}
	if err := end(e.App, e.Record.Id, "", ""); err != nil {
		return err
	}
	room.forgetAgent(e.Record.Id)
	room.hub.End(listener(e.Record.Id))
	return nil
}

func listener(agent string) string { return conversation.AgentListener(agent) }

const leastPassword = 8

// changePassword answers POST /api/desk/password {"old", "new"}. An owner who
// is also a superuser has one password in both rooms.
func (room *Room) changePassword(e *core.RequestEvent) error {
	var body struct {
		Old string `json:"old"`
		New string `json:"new"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	agent, err := room.proven(e, body.Old, "old")
	if err != nil {
		return err
	}
	if n := len([]rune(body.New)); n < leastPassword || len(body.New) > 71 {
		return e.BadRequestError(say(e, "session.password_short"), field("new", "password_length", say(e, "session.password_short")))
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		if su, err := tx.FindAuthRecordByEmail(core.CollectionNameSuperusers, agent.Email()); err == nil && su.ValidatePassword(body.Old) {
			su.SetPassword(body.New)
			if err := tx.Save(su); err != nil { // which changes the agent too
				return err
			}
			agent, err = tx.FindRecordById(schema.Agents, agent.Id)
			return err
		}
		agent.SetPassword(body.New)
		return tx.Save(agent)
	})
	if err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	if agent, err = e.App.FindRecordById(schema.Agents, agent.Id); err != nil {
		return err
	}
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "password", Agent: agent.Id})
	return room.again(e, agent)
}

// proven is the agent who asks, if the password is theirs. Guesses are as rare
// as those of codes.
func (room *Room) proven(e *core.RequestEvent, password, name string) (*core.Record, error) {
	if _, ok := room.guesses.Allow("password " + e.Auth.Id); !ok {
		e.Response.Header().Set("Retry-After", "30")
		return nil, e.TooManyRequestsError(say(e, "session.code_often"), nil)
	}
	agent, err := e.App.FindRecordById(schema.Agents, e.Auth.Id)
	if err != nil {
		return nil, err
	}
	if !agent.ValidatePassword(password) {
		return nil, e.BadRequestError(say(e, "session.password_wrong"), field(name, "password_wrong", say(e, "session.password_wrong")))
	}
	return agent, nil
}

// beginSecond answers POST /api/desk/second {"password"}: a secret for the
// app, which counts once a first code proves that the app has it. Somebody at
// a desk that was left open cannot take it over without the password.
func (room *Room) beginSecond(e *core.RequestEvent) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	agent, err := room.proven(e, body.Password, "password")
	if err != nil {
		return err
	}
	f, err := factorOf(e.App, agent.Id)
	if err != nil {
		return err
	}
	if f != nil && f.Active {
		return e.BadRequestError(say(e, "session.second_already"), nil)
	}
	secret := newSecret()
	if err := saveFactor(e.App, agent.Id, room.keys().Seal(secret)); err != nil {
		return err
	}
	at := address(secret, settings.Shop(e.App).Name(), agent.Email())
	picture, err := qr.SVG(at)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"secret": base32Plain.EncodeToString(secret), "url": at, "qr": picture})
}

type codeBody struct {
	Code string `json:"code"`
}

// ownFactor checks a code of the agent who asks.
func (room *Room) ownFactor(e *core.RequestEvent, active bool) (*factor, error) {
	var body codeBody
	if err := e.BindBody(&body); err != nil {
		return nil, e.BadRequestError(say(e, "error.body"), err)
	}
	f, err := factorOf(e.App, e.Auth.Id)
	if err != nil {
		return nil, err
	}
	if f == nil || f.Active != active {
		return nil, e.BadRequestError(say(e, "session.second_none"), nil)
	}
	ok, err := room.verify(e, e.Auth.Id, f, body.Code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, e.BadRequestError(say(e, "session.code_wrong"), field("code", "second_factor_wrong", say(e, "session.code_wrong")))
	}
	return f, nil
}

// confirmSecond answers POST /api/desk/second/confirm {"code"} with recovery
// codes, which are shown this once.
func (room *Room) confirmSecond(e *core.RequestEvent) error {
	f, err := room.ownFactor(e, false)
	if err != nil {
		return err
	}
	codes := newCodes()
	err = e.App.RunInTransaction(func(tx core.App) error {
		if err := setCodes(tx, room.keys(), e.Auth.Id, f, codes); err != nil {
			return err
		}
		_, err := tx.DB().NewQuery(`UPDATE sessions SET limited = FALSE WHERE agent = {:agent} AND id = {:id}`).
			Bind(dbx.Params{"agent": e.Auth.Id, "id": sessionOf(e)}).Execute()
		return err
	})
	if err != nil {
		return err
	}
	room.forget(sessionOf(e))
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "second_on", Agent: e.Auth.Id})
	return e.JSON(http.StatusOK, map[string]any{"codes": codes})
}

// newRecovery answers POST /api/desk/second/codes {"code"} with new recovery
// codes; the old ones end.
func (room *Room) newRecovery(e *core.RequestEvent) error {
	f, err := room.ownFactor(e, true)
	if err != nil {
		return err
	}
	codes := newCodes()
	if err := setCodes(e.App, room.keys(), e.Auth.Id, f, codes); err != nil {
		return err
	}
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "second_codes", Agent: e.Auth.Id})
	return e.JSON(http.StatusOK, map[string]any{"codes": codes})
}

// endSecond answers POST /api/desk/second/end {"code"}.
func (room *Room) endSecond(e *core.RequestEvent) error {
	if settings.Shop(e.App).GetBool(schema.ShopSecondFactor) {
		return e.ForbiddenError(say(e, "session.second_required"), nil)
	}
	if _, err := room.ownFactor(e, true); err != nil {
		return err
	}
	if err := dropFactor(e.App, e.Auth.Id); err != nil {
		return err
	}
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "second_off", Agent: e.Auth.Id})
	return e.NoContent(http.StatusNoContent)
}

// resetSecond answers DELETE /api/desk/staff/{id}/second: an owner helps
// somebody who lost their phone and their codes.
func (room *Room) resetSecond(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById(schema.Agents, e.Request.PathValue("id"))
	if err != nil || r.Id == e.Auth.Id {
		return e.NotFoundError(say(e, "session.gone"), nil)
	}
	if err := dropFactor(e.App, r.Id); err != nil {
		return err
	}
	room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "second_reset", Agent: e.Auth.Id, Target: r.Id, Collection: schema.Agents, Label: r.GetString(schema.AgentName)})
	return e.NoContent(http.StatusNoContent)
}
