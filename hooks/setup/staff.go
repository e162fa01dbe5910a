package setup

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/ozzo-validation/v4/is"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// Colleague is somebody of the staff as the owner sees them here.
type Colleague struct {
	ID      string `json:"id" db:"id"`
	Name    string `json:"name" db:"name"`
	Email   string `json:"email" db:"email"`
	Role    string `json:"role" db:"role"`
	Invited bool   `json:"invited" db:"invited"` // has not come yet
	Expires string `json:"expires" db:"expires"` // RFC 3339: until when the link works; in the past when it does not
}

// colleagues lists the staff. Uses idx_once_links_agent.
func colleagues(app core.App) ([]Colleague, error) {
	list := []Colleague{}
	err := app.DB().NewQuery(`SELECT a.id, a.name, a.email, a.role, (l.expires IS NOT NULL AND NOT a.verified) AS invited, REPLACE(COALESCE(l.expires, ''), ' ', 'T') AS expires
		FROM agents a LEFT JOIN (SELECT agent, MAX(expires) AS expires FROM once_links WHERE purpose = 'invite' AND used = '' GROUP BY agent) l ON l.agent = a.id
		ORDER BY a.created, a.id`).All(&list)
	return list, err
}

// invite answers POST /api/desk/staff/invite {"email", "name", "role"}: makes
// the colleague's place and mails them a link. The answer holds the link too,
// for an owner without a mailbox; it is shown once.
func (room *Room) invite(e *core.RequestEvent) error {
	var body struct {
		Email string `json:"email"`
		Name  string `json:"name"`
		Role  string `json:"role"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	email := strings.ToLower(strings.TrimSpace(body.Email))
	name := strings.TrimSpace(body.Name)
	if body.Role == "" {
		body.Role = schema.RoleAgent
	}
	wrong := validation.Errors{}
	if email == "" || len(email) > 200 || is.EmailFormat.Validate(email) != nil {
		wrong["email"] = validation.NewError("email_wrong", say(e, "setup.email_wrong"))
	} else if _, err := e.App.FindAuthRecordByEmail(schema.Agents, email); err == nil {
		wrong["email"] = validation.NewError("email_taken", say(e, "setup.email_taken"))
	} else if !errors.Is(err, sql.ErrNoRows) {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	if len([]rune(name)) > 78 {
		wrong["name"] = validation.NewError("name_wrong", say(e, "setup.name_wrong"))
	}
	if body.Role != schema.RoleAgent && body.Role != schema.RoleOwner {
		wrong["role"] = validation.NewError("role_wrong", say(e, "error.body"))
	}
	if len(wrong) > 0 {
		return e.BadRequestError(say(e, "error.save"), wrong)
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(schema.Agents)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	agent := core.NewRecord(collection)
	agent.SetEmail(email)
	agent.SetRandomPassword()
	agent.Set(schema.AgentName, name)
	agent.Set(schema.AgentRole, body.Role)
	agent.Set(schema.AgentAvailability, schema.AvailabilityOnline)
	agent.Set(schema.AgentLanguages, []string{language(e)})
	if err := e.App.Save(agent); err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	room.note(e, audit.By(e, audit.Entry{Kind: schema.AuditConfiguration, Action: "invite", Collection: schema.Agents, Target: agent.Id, Label: email}))
	return room.sendInvitation(e, agent)
}

// inviteAgain answers POST /api/desk/staff/{id}/invite: a new link for
// somebody who has not come yet. The one before ends.
func (room *Room) inviteAgain(e *core.RequestEvent) error {
	agent, err := room.awaited(e)
	if err != nil {
		return err
	}
	return room.sendInvitation(e, agent)
}

// withdraw answers DELETE /api/desk/staff/{id}/invite: nobody is expected any
// more.
func (room *Room) withdraw(e *core.RequestEvent) error {
	agent, err := room.awaited(e)
	if err != nil {
		return err
	}
	if err := e.App.Delete(agent); err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	room.note(e, audit.By(e, audit.Entry{Kind: schema.AuditConfiguration, Action: "delete", Collection: schema.Agents, Target: agent.Id, Label: agent.Email()}))
	return e.NoContent(http.StatusNoContent)
}

// awaited is an agent who was invited and has not come.
func (room *Room) awaited(e *core.RequestEvent) (*core.Record, error) {
	agent, err := e.App.FindRecordById(schema.Agents, e.Request.PathValue("id"))
	if err == nil && !agent.Verified() {
		var n int
		if err = e.App.DB().NewQuery(`SELECT COUNT(*) FROM once_links WHERE agent = {:agent} AND used = ''`).Bind(map[string]any{"agent": agent.Id}).Row(&n); err == nil && n > 0 {
			return agent, nil
		}
	}
	return nil, e.NotFoundError(say(e, "setup.not_invited"), err)
}

func (room *Room) sendInvitation(e *core.RequestEvent, agent *core.Record) error {
	if wait, ok := room.invitations.Allow(e.Auth.Id); !ok {
		return tooOften(e, wait)
	}
	base := site.Base(e)
	secret, err := newLink(e.App, room.keys(), schema.OnceInvite, agent.Id, base, room.now())
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	link := base + "/desk/#/join/" + secret
	answer := map[string]any{"id": agent.Id, "link": link, "mailed": false, "said": ""}
	switch may, err := room.CanMail(e.App); {
	case err != nil:
		return e.InternalServerError(say(e, "error.internal"), err)
	case !may:
		answer["said"] = say(e, "setup.invite_no_mailbox")
	default:
		lang, shop := language(e), settings.Shop(e.App)
		values := i18n.V{"shop": shop.Name(), "who": e.Auth.GetString(schema.AgentName), "days": int(inviteFor / (24 * time.Hour))}
		mail := letter.Staff(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, i18n.T(lang, "setup.mail_subject", values), i18n.T(lang, "setup.mail_body", values), link)
		if err := room.Mail(e.App, agent.Email(), lang, mail); err != nil {
			e.App.Logger().Warn("an invitation could not be mailed", "agent", agent.Id, "error", err)
			answer["said"] = say(e, "setup.invite_failed")
		} else {
			answer["mailed"] = true
		}
	}
	return e.JSON(http.StatusOK, answer)
}
