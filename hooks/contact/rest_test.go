package contact_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
)

// A customer is made by REST and in the admin UI without a password, and none
// opens the account.
func TestAContactIsMadeWithoutAPassword(t *testing.T) {
	a := hookstest.New(t)
	url := a.Serve()
	for who, token := range map[string]string{"superuser": a.Token(a.Superuser("root@shop.test"))} {
		c := &hookstest.Client{TB: t, Base: url, Token: token}
		email := who + "@customer.test"
		var made struct{ ID string }
		c.Must(200, "POST", "/api/collections/contacts/records", map[string]any{"name": "Rina", "email": email}).JSON(t, &made)
		for _, password := range []string{"", "!", "12345678"} {
			if got := (&hookstest.Client{TB: t, Base: url}).Do("POST", "/api/collections/contacts/auth-with-password", map[string]any{"identity": email, "password": password}); got.Status == 200 {
				t.Errorf("%s: the password %q opens it", who, password)
			}
		}
	}
}

func TestVerificationMailsAreFew(t *testing.T) {
	a := hookstest.New(t)
	found := map[string]core.RateLimitRule{}
	for _, r := range a.Settings().RateLimits.Rules {
		found[r.Label] = r
	}
	for _, label := range []string{"*:requestOTP", "*:requestPasswordReset", "*:requestVerification", "*:requestEmailChange"} {
		if r := found[label]; r.MaxRequests == 0 || r.MaxRequests > 5 || r.Duration < 300 {
			t.Errorf("%s: %+v", label, r)
		}
	}
	guest := &hookstest.Client{TB: t, Base: a.Serve()}
	for i := range 6 {
		got := guest.Do("POST", "/api/collections/contacts/request-verification", map[string]any{"email": "nobody@customer.test"})
		if over := got.Status == 429; over != (i == 5) {
			t.Fatalf("call %d: %d", i+1, got.Status)
		}
	}
}
