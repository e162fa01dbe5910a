package session_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/session"
)

type world struct {
	*hookstest.App
	t    *testing.T
	base string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{App: hookstest.New(t), t: t}
	s := w.Settings()
	s.RateLimits.Enabled = false // many sign-ins from one address
	if err := w.Save(s); err != nil {
		t.Fatal(err)
	}
	w.base = w.Serve()
	return w
}

func (w *world) client(token string) *hookstest.Client {
	return &hookstest.Client{TB: w.t, Base: w.base, Token: token}
}

func (w *world) signIn(name, password string, more map[string]any) hookstest.Answer {
	w.t.Helper()
	body := map[string]any{"identity": name + "@shop.test", "password": password}
	for k, v := range more {
		body[k] = v
	}
	return w.client("").Do("POST", "/api/collections/agents/auth-with-password", body)
}

// enters signs in, which must succeed, and returns the browser.
func (w *world) enters(name string, more map[string]any) *hookstest.Client {
	w.t.Helper()
	a := w.signIn(name, hookstest.Password, more)
	if a.Status != 200 {
		w.t.Fatalf("signing in was answered %d: %s", a.Status, a.Body)
	}
	var got struct{ Token string }
	a.JSON(w.t, &got)
	return w.client(got.Token)
}

type list struct {
	Sessions []struct {
		ID, Device string
		Current    bool
	}
	Second, Required bool
	Codes            int
	Staff            []struct {
		ID, Name string
		Second   bool
	}
}

func (w *world) sessions(c *hookstest.Client) (l list) {
	w.t.Helper()
	c.Must(200, "GET", "/api/desk/sessions", nil).JSON(w.t, &l)
	return l
}

func TestABrowserCanBeSignedOutFromAnother(t *testing.T) {
	w := newWorld(t)
	w.Agent("rafi", schema.RoleAgent)
	w.Agent("mina", schema.RoleAgent)
	here, there, mina := w.enters("rafi", nil), w.enters("rafi", nil), w.enters("mina", nil)
	stream := there.Listen("topic=inbox")
	stream.Await("hello", "")
	l := w.sessions(here)
	if len(l.Sessions) != 2 {
		t.Fatalf("sessions %+v", l)
	}
	other := l.Sessions[0].ID
	if l.Sessions[0].Current {
		other = l.Sessions[1].ID
	}
	mina.Must(404, "DELETE", "/api/desk/sessions/"+other, nil)
	// A refresh stays in the session.
	var fresh struct{ Token string }
	there.Must(200, "POST", "/api/collections/agents/auth-refresh", nil).JSON(t, &fresh)
	if n := len(w.sessions(here).Sessions); n != 2 {
		t.Errorf("%d sessions after a refresh", n)
	}
	here.Must(204, "DELETE", "/api/desk/sessions/"+other, nil)
	for _, token := range []string{there.Token, fresh.Token} {
		w.client(token).Must(401, "GET", "/api/desk/boot", nil)
		w.client(token).Must(401, "GET", "/api/stream?topic=inbox", nil)
		if a := w.client(token).Do("POST", "/api/collections/agents/auth-refresh", nil); a.Status == 200 {
			t.Error("an ended session was renewed")
		}
		if a := w.client(token).Do("GET", "/api/collections/conversations/records", nil); a.Status == 200 && bytes.Contains(a.Body, []byte(`"totalItems":1`)) {
			t.Error("an ended session reads records")
		}
	}
	hookstest.Until(t, "the stream to end", 5*time.Second, stream.Ended)
	here.Must(200, "GET", "/api/desk/boot", nil)
	if l := w.sessions(here); len(l.Sessions) != 1 || !l.Sessions[0].Current {
		t.Errorf("sessions %+v", l)
	}
}

func TestSigningOutEverywhereLeavesThisBrowser(t *testing.T) {
	w := newWorld(t)
	r := w.Agent("rafi", schema.RoleAgent)
	program := w.client(w.Token(r)) // without a session, as a superuser makes
	here, there := w.enters("rafi", nil), w.enters("rafi", nil)
	program.Must(200, "GET", "/api/desk/boot", nil)
	var got struct{ Token string }
	here.Must(200, "POST", "/api/desk/sessions/end", nil).JSON(t, &got)
	for _, c := range []*hookstest.Client{here, there, program} {
		c.Must(401, "GET", "/api/desk/boot", nil)
	}
	if l := w.sessions(w.client(got.Token)); len(l.Sessions) != 1 || !l.Sessions[0].Current {
		t.Errorf("sessions %+v", l)
	}
}

func TestAPasswordIsChangedAtTheDesk(t *testing.T) {
	w := newWorld(t)
	w.Superuser("boss@shop.test")
	here, there := w.enters("boss", nil), w.enters("boss", nil)
	here.Must(400, "POST", "/api/desk/password", map[string]any{"old": "wrong", "new": "a-new-password"})
	here.Must(400, "POST", "/api/desk/password", map[string]any{"old": hookstest.Password, "new": "short"})
	var got struct{ Token string }
	here.Must(200, "POST", "/api/desk/password", map[string]any{"old": hookstest.Password, "new": "a-new-password"}).JSON(t, &got)
	w.client(got.Token).Must(200, "GET", "/api/desk/boot", nil)
	there.Must(401, "GET", "/api/desk/boot", nil)
	if a := w.signIn("boss", hookstest.Password, nil); a.Status != 400 {
		t.Errorf("the old password was answered %d", a.Status)
	}
	if a := w.signIn("boss", "a-new-password", nil); a.Status != 200 {
		t.Errorf("the new password was answered %d", a.Status)
	}
	// The admin UI has the same.
	su, err := w.FindAuthRecordByEmail(core.CollectionNameSuperusers, "boss@shop.test")
	if err != nil || !su.ValidatePassword("a-new-password") {
		t.Errorf("the superuser has another password, %v", err)
	}
}

// secondOn sets a second factor up and returns its secret and recovery codes.
func (w *world) secondOn(c *hookstest.Client) (secret string, codes []string) {
	w.t.Helper()
	c.Must(400, "POST", "/api/desk/second", map[string]any{"password": "wrong"})
	var begun struct{ Secret, URL, QR string }
	c.Must(200, "POST", "/api/desk/second", map[string]any{"password": hookstest.Password}).JSON(w.t, &begun)
	if !strings.HasPrefix(begun.URL, "otpauth://totp/") || !strings.Contains(begun.URL, begun.Secret) || !strings.HasPrefix(begun.QR, "<svg ") {
		w.t.Errorf("begun %+v", begun)
	}
	c.Must(400, "POST", "/api/desk/second/confirm", map[string]any{"code": "000000"})
	var on struct{ Codes []string }
	c.Must(200, "POST", "/api/desk/second/confirm", map[string]any{"code": session.CodeOf(begun.Secret, -1)}).JSON(w.t, &on)
	if len(on.Codes) != 10 {
		w.t.Errorf("codes %v", on.Codes)
	}
	return begun.Secret, on.Codes
}

func TestASecondFactorIsAskedForByEveryDoor(t *testing.T) {
	w := newWorld(t)
	w.Agent("rafi", schema.RoleAgent)
	here := w.enters("rafi", nil)
	secret, codes := w.secondOn(here)

	a := w.signIn("rafi", hookstest.Password, nil)
	if a.Status != 401 || !bytes.Contains(a.Body, []byte(`"second_factor"`)) || bytes.Contains(a.Body, []byte(`"token"`)) {
		t.Errorf("without a code: %d %s", a.Status, a.Body)
	}
	if a := w.signIn("rafi", "wrong", map[string]any{"code": session.CodeOf(secret, 0)}); a.Status != 400 || bytes.Contains(a.Body, []byte("second_factor")) {
		t.Errorf("a wrong password: %d %s", a.Status, a.Body)
	}
	good := session.CodeOf(secret, 0)
	w.enters("rafi", map[string]any{"code": good})
	if a := w.signIn("rafi", hookstest.Password, map[string]any{"code": good}); a.Status != 400 || !bytes.Contains(a.Body, []byte("second_factor_wrong")) {
		t.Errorf("the same code again: %d %s", a.Status, a.Body)
	}
	// A recovery code is good once.
	w.enters("rafi", map[string]any{"code": strings.ToUpper(codes[3])})
	if a := w.signIn("rafi", hookstest.Password, map[string]any{"code": codes[3]}); a.Status != 400 {
		t.Errorf("the same recovery code again: %d", a.Status)
	}
	if l := w.sessions(here); !l.Second || l.Codes != 9 {
		t.Errorf("it stands %+v", l)
	}
	// Guessing ends soon; the right code does not help then.
	limited := false
	for range 9 {
		limited = limited || w.signIn("rafi", hookstest.Password, map[string]any{"code": "123456"}).Status == 429
	}
	if !limited || w.signIn("rafi", hookstest.Password, map[string]any{"code": codes[4]}).Status != 429 {
		t.Error("codes can be guessed at will")
	}
	// Nobody reads what it is made of.
	owner := w.client(w.Token(w.Agent("mina", schema.RoleOwner)))
	for _, path := range []string{"/api/collections/second_factors/records", "/api/collections/sessions/records"} {
		for _, c := range []*hookstest.Client{here, owner} {
			if a := c.Do("GET", path, nil); a.Status == 200 {
				t.Errorf("%s was answered with %s", path, a.Body)
			}
		}
	}
	// An owner helps somebody who lost the phone.
	var me struct{ Me struct{ ID string } }
	here.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &me)
	here.Must(403, "DELETE", "/api/desk/staff/"+me.Me.ID+"/second", nil)
	owner.Must(204, "DELETE", "/api/desk/staff/"+me.Me.ID+"/second", nil)
	w.enters("rafi", nil)
}

func TestAShopThatRequiresASecondFactorLeadsThroughSettingItUp(t *testing.T) {
	w := newWorld(t)
	w.Agent("rafi", schema.RoleAgent)
	w.Shop(map[string]any{schema.ShopSecondFactor: true})
	c := w.enters("rafi", nil)
	for _, path := range []string{"/api/desk/boot", "/api/desk/conversations", "/api/collections/conversations/records", "/api/desk/sessions", "/api/stream?topic=inbox"} {
		if a := c.Must(403, "GET", path, nil); !bytes.Contains(a.Body, []byte("second_factor_setup")) {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	c.Must(403, "POST", "/api/files/token", nil)
	// A refresh does not lift it.
	var fresh struct{ Token string }
	c.Must(200, "POST", "/api/collections/agents/auth-refresh", nil).JSON(t, &fresh)
	w.client(fresh.Token).Must(403, "GET", "/api/desk/boot", nil)
	secret, _ := w.secondOn(c)
	c.Must(200, "GET", "/api/desk/boot", nil)
	c.Must(403, "POST", "/api/desk/second/end", map[string]any{"code": session.CodeOf(secret, 0)})
	w.Shop(map[string]any{schema.ShopSecondFactor: false})
	c.Must(204, "POST", "/api/desk/second/end", map[string]any{"code": session.CodeOf(secret, 0)})
	w.enters("rafi", nil)
}

func TestSignInsAreNoted(t *testing.T) {
	w := newWorld(t)
	r := w.Agent("rafi", schema.RoleAgent)
	w.enters("rafi", map[string]any{"device": strings.Repeat("a", 20)})
	w.signIn("rafi", "wrong", nil)
	w.signIn("my-password-typed-here", "wrong", nil)
	w.enters("rafi", map[string]any{"device": strings.Repeat("b", 20)})
	owner := w.client(w.Token(w.Agent("mina", schema.RoleOwner)))
	body := string(owner.Must(200, "GET", "/api/desk/audit?kind=signin", nil).Body)
	if strings.Count(body, `"action":"signin"`) != 2 || strings.Count(body, `"action":"signin_failed"`) != 2 || strings.Contains(body, "my-password") || !strings.Contains(body, r.Id) {
		t.Errorf("noted: %s", body)
	}
}
