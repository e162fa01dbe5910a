package newer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/newer"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		a, than string
		newer   bool
	}{
		{"1.2.4", "1.2.3", true}, {"v1.3.0", "1.2.9", true}, {"2.0", "1.9.9", true}, {"1.10.0", "1.9.0", true}, {"1.2.3", "1.2.3", false}, {"1.2.2", "1.2.3", false},
		{"1.2.3", "dev", false}, {"latest", "1.2.3", false}, {"1.2.3.4", "1.2.3", false}, {"1.2.4", "v1.2.3-5-gabc", true}, {"1.2.3", "v1.2.3-5-gabc", false}, {"-1.2", "1.0.0", false},
	} {
		if got := newer.Newer(c.a, c.than); got != c.newer {
			t.Errorf("%s after %s: %t", c.a, c.than, got)
		}
	}
}

// Off, nothing is asked; on, a plain GET that says nothing about the shop.
func TestTheNoticeIsOffAndAsksPlainly(t *testing.T) {
	var mu sync.Mutex
	var asked []*http.Request
	answer := `{"tag_name": "v1.4.0", "html_url": "https://example.com/1.4.0"}`
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r)
		w.Write([]byte(answer))
	}))
	t.Cleanup(srv.Close)
	app := hookstest.New(t)
	room := newer.Register(app, lifecycle.New(app), "1.3.2", srv.Client())
	if _, ok := room.Found(); ok {
		t.Error("something is known before anything was asked")
	}
	app.Shop(map[string]any{schema.ShopReleaseURL: srv.URL + "/latest"})
	if room.Due() {
		t.Error("it asks although it is off")
	}
	app.Shop(map[string]any{schema.ShopReleaseNotice: true})
	if !room.Due() || room.Due() {
		t.Error("switched on it asks once a day")
	}
	if err := room.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, ok := room.Found(); !ok || r.Version != "1.4.0" || r.URL != "https://example.com/1.4.0" {
		t.Errorf("found %+v, %t", r, ok)
	}
	if len(asked) != 1 || asked[0].Method != http.MethodGet || asked[0].URL.RawQuery != "" || asked[0].Header.Get("User-Agent") != "" || asked[0].Header.Get("Cookie") != "" || asked[0].ContentLength > 0 {
		t.Fatalf("asked %+v", asked)
	}
	for k, v := range asked[0].Header {
		if strings.Contains(strings.Join(v, " "), "1.3.2") || strings.Contains(strings.ToLower(strings.Join(v, " ")), "shohay") {
			t.Errorf("the request says %s: %s", k, v)
		}
	}
	app.Shop(map[string]any{schema.ShopReleaseNotice: false})
	if _, ok := room.Found(); ok {
		t.Error("switched off it still tells")
	}
	app.Shop(map[string]any{schema.ShopReleaseNotice: true})
	for text, wrong := range map[string]bool{`{"version": "1.3.2"}`: false, `{"tag_name": "v9.0.0", "prerelease": true}`: false, `{"tag_name": "soon"}`: true, `<html>`: true} {
		mu.Lock()
		answer = text
		mu.Unlock()
		if err := room.Ask(t.Context()); (err != nil) != wrong {
			t.Errorf("%s: %v", text, err)
		}
		if !wrong {
			if r, ok := room.Found(); ok {
				t.Errorf("%s: found %+v", text, r)
			}
		}
	}
}

// The client that is used by itself reaches nothing inside.
func TestTheInsideIsNotReached(t *testing.T) {
	reached := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(srv.Close)
	app := hookstest.New(t)
	room := newer.Register(app, lifecycle.New(app), "1.3.2", nil)
	app.Shop(map[string]any{schema.ShopReleaseNotice: true, schema.ShopReleaseURL: srv.URL})
	if err := room.Ask(context.Background()); !errors.Is(err, outward.ErrForbidden) || reached {
		t.Errorf("reached %t, %v", reached, err)
	}
}
