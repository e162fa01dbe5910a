package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

func encode(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }

// send answers with something made here, which a browser asks for again each
// time and gets only when it changed.
func send(e *core.RequestEvent, kind string, body []byte) error {
	sum := sha256.Sum256(body)
	h := e.Response.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, bytes.NewReader(body))
	return nil
}

type appIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

type shortcut struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// manifest answers GET /desk/app.webmanifest: what a phone or a computer needs
// to install the desk as an app.
func (room *Room) manifest(e *core.RequestEvent) error {
	shop := settings.Shop(e.App)
	lang := room.site.Language(e)
	ground, _ := site.Fill(shop.Colour())
	icon := func(name string, size int, purpose string) appIcon {
		return appIcon{"/desk/icon/" + name + ".png?c=" + strings.TrimPrefix(ground, "#"), fmt.Sprintf("%dx%d", size, size), "image/png", purpose}
	}
	goTo := func(key, hash string) shortcut { return shortcut{i18n.T(lang, key), "/desk/" + hash} }
	name := shop.Name()
	if name == "" {
		name = i18n.T(lang, "desk.desk")
	}
	body, err := encode(map[string]any{
		"id": "/desk/", "name": name + " · " + i18n.T(lang, "desk.desk"), "short_name": shortTo(name, 14), "lang": lang, "dir": "ltr",
		"description": i18n.T(lang, "notice.app_description"),
		"start_url":   "/desk/", "scope": "/desk/", "display": "standalone", "background_color": "#f6f5f2", "theme_color": ground,
		"icons":     []appIcon{icon("192", 192, "any"), icon("512", 512, "any"), icon("mask-512", 512, "maskable")},
		"shortcuts": []shortcut{goTo("desk.view_unassigned", "#/unassigned"), goTo("desk.view_mine", "#/mine"), goTo("desk.view_open", "#/open")},
	})
	if err != nil {
		return err
	}
	e.Response.Header().Add("Vary", "Accept-Language")
	return send(e, "application/manifest+json", body)
}

// shell answers GET /desk/shell.js: which files make the desk, and their one
// version. The service worker imports it, so that a browser sees a new worker
// whenever any of them changes.
func (room *Room) shell(e *core.RequestEvent) error {
	files, version, err := room.site.Shell("desk", "shared", "i18n")
	if err != nil {
		return err
	}
	list, err := encode(map[string]any{"version": version, "files": append([]string{"/desk/"}, files...)})
	if err != nil {
		return err
	}
	return send(e, "text/javascript; charset=utf-8", fmt.Appendf(nil, "self.SHELL = %s;\n", list))
}

// icon answers GET /desk/icon/{name}.
func (room *Room) icon(e *core.RequestEvent) error {
	ground, ink := site.Fill(settings.Shop(e.App).Colour())
	png, ok := room.icons.get(e.Request.PathValue("name"), ground, ink)
	if !ok {
		return e.NotFoundError("", nil)
	}
	return send(e, "image/png", png)
}
