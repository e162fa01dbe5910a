package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// provider answers what the test says and notes what was asked.
func provider(t *testing.T, answer func(form map[string]string) (int, string)) Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		form := map[string]string{"path": r.URL.Path}
		for k := range r.PostForm {
			form[k] = r.PostForm.Get(k)
		}
		status, body := answer(form)
		w.WriteHeader(status)
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	return Client{ID: "id", Secret: "s", Endpoints: Endpoints{Device: srv.URL + "/device", Token: srv.URL + "/token", Scope: "mail"}}
}

func TestTheDeviceFlow(t *testing.T) {
	finished := false
	c := provider(t, func(f map[string]string) (int, string) {
		if f["client_id"] != "id" || f["client_secret"] != "s" {
			t.Errorf("asked with %v", f)
		}
		switch {
		case f["path"] == "/device" && f["scope"] == "mail":
			return 200, `{"device_code":"D","user_code":"ABCD-EFGH","verification_url":"https://provider.test/device","expires_in":"900","interval":5}`
		case f["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code" && f["device_code"] == "D" && finished:
			return 200, `{"access_token":"A1","refresh_token":"R1","expires_in":3600,"token_type":"Bearer"}`
		case f["device_code"] == "D":
			return 400, `{"error":"authorization_pending"}`
		}
		return 400, `{"error":"invalid_request","error_description":"no\nTrace ID: 1"}`
	})
	d, err := c.Begin(context.Background())
	if err != nil || d.UserCode != "ABCD-EFGH" || d.URL != "https://provider.test/device" || time.Until(d.Expires) < 14*time.Minute {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := c.Poll(context.Background(), d.Code); !errors.Is(err, ErrPending) {
		t.Fatalf("before the owner has finished: %v", err)
	}
	finished = true
	tokens, err := c.Poll(context.Background(), d.Code)
	if err != nil || tokens.Access != "A1" || tokens.Refresh != "R1" || !tokens.Fresh(time.Now()) || tokens.Fresh(time.Now().Add(56*time.Minute)) {
		t.Fatalf("%+v, %v", tokens, err)
	}
	var refused *Error
	if _, err := c.Poll(context.Background(), "another"); !errors.As(err, &refused) || refused.Error() != "invalid_request: no" {
		t.Errorf("a strange code: %v", err)
	}
}

func TestARotatedRefreshTokenIsKeptAndAnUnchangedOneToo(t *testing.T) {
	body := `{"access_token":"A2","refresh_token":"R2","expires_in":3600}`
	c := provider(t, func(f map[string]string) (int, string) {
		if f["grant_type"] != "refresh_token" {
			t.Errorf("asked with %v", f)
		}
		return 200, body
	})
	tokens, err := c.Refresh(context.Background(), Tokens{Access: "A1", Refresh: "R1"})
	if err != nil || tokens.Access != "A2" || tokens.Refresh != "R2" {
		t.Fatalf("%+v, %v", tokens, err)
	}
	body = `{"access_token":"A3","expires_in":3600}`
	if tokens, err = c.Refresh(context.Background(), tokens); err != nil || tokens.Access != "A3" || tokens.Refresh != "R2" {
		t.Fatalf("%+v, %v", tokens, err)
	}
	for _, bad := range []string{`{}`, `<html>`, `{"access_token":"A","expires_in":"soon"}`} {
		body = bad
		if kept, err := c.Refresh(context.Background(), tokens); err == nil {
			t.Errorf("%s gives %+v", bad, kept)
		}
	}
}
