package session

import (
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// claim names the session in a token.
const claim = "sid"

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func say(e *core.RequestEvent, key string, v ...i18n.V) string { return i18n.T(language(e), key, v...) }

// field is an error of one field with a code that the desk goes by.
func field(name, code, words string) validation.Errors {
	return validation.Errors{name: validation.NewError(code, words)}
}

// sign makes a token as PocketBase does, with the session in it.
func sign(agent *core.Record, session string) (string, error) {
	c := agent.Collection()
	return security.NewJWT(jwt.MapClaims{
		core.TokenClaimType: core.TokenTypeAuth, core.TokenClaimId: agent.Id, core.TokenClaimCollectionId: c.Id,
		core.TokenClaimRefreshable: true, claim: session,
	}, agent.TokenKey()+c.AuthToken.Secret, c.AuthToken.DurationTime())
}

// sessionOf is the session that a request's token names; "" for none. The
// token's signature has been checked already.
func sessionOf(e *core.RequestEvent) string {
	token := e.Request.Header.Get("Authorization")
	if len(token) > 7 && strings.EqualFold(token[:7], "Bearer ") {
		token = token[7:]
	}
	claims, err := security.ParseUnverifiedJWT(token)
	if err != nil {
		return ""
	}
	id, _ := claims[claim].(string)
	return id
}

// authorised is passed by every answer that carries a token of an agent.
func (room *Room) authorised(e *core.RecordAuthRequestEvent) error {
	refresh := strings.HasSuffix(e.Request.URL.Path, "/auth-refresh")
	if e.AuthMethod == "" && !refresh {
		return e.Next() // a superuser makes a token for a program
	}
	if refresh {
		id := sessionOf(e.RequestEvent)
		if id == "" && e.Token == tokenOf(e.RequestEvent) {
			return e.Next() // such a token: it is not renewed
		}
		return room.issue(e, id, false)
	}
	limited, err := room.second(e.RequestEvent, e.Record)
	if err != nil {
		return err
	}
	if err := room.issue(e, "", limited); err != nil {
		return err
	}
	return nil
}

func tokenOf(e *core.RequestEvent) string {
	return strings.TrimPrefix(strings.TrimPrefix(e.Request.Header.Get("Authorization"), "Bearer "), "bearer ")
}

// issue answers with a token of a session, a new one if there is none.
func (room *Room) issue(e *core.RecordAuthRequestEvent, id string, limited bool) error {
	signIn := id == "" && e.AuthMethod != ""
	if id == "" {
		var err error
		if id, err = room.start(e.RequestEvent, e.Record, limited, signIn); err != nil {
			return err
		}
	}
	token, err := sign(e.Record, id)
	if err != nil {
		return err
	}
	e.Token = token
	if err := e.Next(); err != nil {
		return err
	}
	if signIn {
		room.note(e.RequestEvent, audit.Entry{Kind: schema.AuditSignIn, Action: "signin", Agent: e.Record.Id, Actor: e.Record.GetString(schema.AgentName), Label: DeviceName(e.Request.UserAgent())})
	}
	return nil
}

// start begins a session of a request, and tells the agent of a browser that
// was never used before.
func (room *Room) start(e *core.RequestEvent, agent *core.Record, limited, tell bool) (string, error) {
	device, mark := DeviceName(e.Request.UserAgent()), ""
	if info, err := e.RequestInfo(); err == nil {
		if raw, _ := info.Body["device"].(string); len(raw) >= 16 && len(raw) <= 100 {
			mark = room.keys().MAC(settings.PurposeBrowser, agent.Id, raw)
		}
	}
	this, any, err := knownBrowser(e.App, agent.Id, mark)
	if err != nil {
		return "", err
	}
	id, err := begin(e.App, agent.Id, device, e.RealIP(), mark, limited)
	if err != nil {
		return "", err
	}
	if tell && any && !this {
		select {
		case room.strange <- strange{agent.Id, device, e.RealIP(), room.now()}:
		default: // a flood of sign-ins: the first hundred are told
		}
	}
	return id, nil
}

// second asks for the second factor. limited is whether the session is good
// only for setting one up.
func (room *Room) second(e *core.RequestEvent, agent *core.Record) (limited bool, err error) {
	f, err := factorOf(e.App, agent.Id)
	if err != nil {
		return false, err
	}
	if f == nil || !f.Active {
		return settings.Shop(e.App).GetBool(schema.ShopSecondFactor), nil
	}
	info, err := e.RequestInfo()
	if err != nil {
		return false, err
	}
	code, _ := info.Body["code"].(string)
	if strings.TrimSpace(code) == "" {
		return false, e.UnauthorizedError(say(e, "session.code_needed"), field("code", "second_factor", say(e, "session.code_needed")))
	}
	ok, err := room.verify(e, agent.Id, f, code)
	if err != nil {
		return false, err
	}
	if !ok {
		room.note(e, audit.Entry{Kind: schema.AuditSignIn, Action: "code_wrong", Agent: agent.Id, Actor: agent.GetString(schema.AgentName), Label: DeviceName(e.Request.UserAgent())})
		return false, e.BadRequestError(say(e, "session.code_wrong"), field("code", "second_factor_wrong", say(e, "session.code_wrong")))
	}
	return false, nil
}

// verify checks a code of the app or a recovery code, each good once. Somebody
// who has the password gets eight guesses and then one a minute.
func (room *Room) verify(e *core.RequestEvent, agent string, f *factor, code string) (bool, error) {
	if wait, ok := room.guesses.Allow(agent); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		return false, e.TooManyRequestsError(say(e, "session.code_often"), nil)
	}
	secret, err := room.keys().Open(f.Secret)
	if err != nil {
		return false, err
	}
	if step, ok := checkCode(secret, code, room.now(), f.Step); ok {
		return useStep(e.App, f.ID, step)
	}
	return useRecovery(e.App, room.keys(), agent, code)
}

// password notes sign-ins that failed, of agents and superusers. Addresses
// that are nobody's are not kept: people type passwords there.
func (room *Room) password(e *core.RecordAuthWithPasswordRequestEvent) error {
	err := e.Next()
	if err == nil || e.Record != nil && e.Record.ValidatePassword(e.Password) {
		return err
	}
	if _, ok := room.failures.Allow(e.RealIP()); ok {
		entry := audit.Entry{Kind: schema.AuditSignIn, Action: "signin_failed", Label: DeviceName(e.Request.UserAgent()), Collection: e.Collection.Name, Address: e.RealIP()}
		if e.Record != nil {
			entry.Agent, entry.Actor = e.Record.Id, e.Record.Email()
		}
		room.noteAs(e.RequestEvent, entry)
	}
	return err
}

// superuser notes who enters the admin UI.
func (room *Room) superuser(e *core.RecordAuthRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if e.AuthMethod != "" {
		room.note(e.RequestEvent, audit.Entry{Kind: schema.AuditSignIn, Action: "signin", Agent: e.Record.Id, Actor: e.Record.Email(), Collection: core.CollectionNameSuperusers, Label: DeviceName(e.Request.UserAgent())})
	}
	return nil
}

func (room *Room) note(e *core.RequestEvent, entry audit.Entry) {
	entry.Address = e.RealIP()
	room.noteAs(e, entry)
}

func (room *Room) noteAs(e *core.RequestEvent, entry audit.Entry) {
	if err := audit.Note(e.App, entry); err != nil {
		e.App.Logger().Error("a sign-in is not noted", "error", err)
	}
}

// guard lets no request pass as an agent's whose session has ended, and lets
// one that has to set up the second factor do nothing else.
func (room *Room) guard(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.Collection().Name != schema.Agents {
		return e.Next()
	}
	id := sessionOf(e)
	if id == "" {
		return e.Next()
	}
	l := room.find(e.App, id)
	if l == nil || l.ended || l.agent != e.Auth.Id {
		e.Auth = nil
		return e.Next()
	}
	if l.limited && strings.HasPrefix(e.Request.URL.Path, "/api/") && !mayLimited(e.Request) {
		return e.ForbiddenError(say(e, "session.setup_needed"), field("second_factor", "second_factor_setup", say(e, "session.setup_needed")))
	}
	room.touch(id, e.RealIP(), room.now())
	return e.Next()
}

// mayLimited are the requests of a session that sets up the second factor.
func mayLimited(r *http.Request) bool {
	switch r.URL.Path {
	case "/api/desk/second", "/api/desk/second/confirm", "/api/collections/agents/auth-refresh":
		return r.Method == http.MethodPost
	}
	return false
}

// DeviceName is the browser and the system of a User-Agent, in names that are
// the same in every language.
func DeviceName(agent string) string {
	first := func(marks [][2]string) string {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser := first([][2]string{{"Edg", "Edge"}, {"OPR", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}})
	system := first([][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	switch {
	case browser != "" && system != "":
		return browser + ", " + system
	case browser+system != "":
		return browser + system
	}
	agent, _, _ = strings.Cut(agent, " ")
	if r := []rune(agent); len(r) > 40 {
		agent = string(r[:40])
	}
	return strings.ToValidUTF8(agent, "")
}

// strange is a sign-in with a browser that was never used before.
type strange struct {
	agent, device, address string
	at                     time.Time
}
