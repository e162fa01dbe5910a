package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	folder "github.com/shohay/shohay/hooks/hookstest/template"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

var longScript = "// " + strings.Repeat("a line of the widget, ", 60)

func pages() fstest.MapFS {
	return fstest.MapFS{
		"index.html":      {Data: []byte(`<html lang="{{lang}}"><head>{{shop.style}}<link href="{{asset:/portal.css}}"></head><h1>{{shop.name}}</h1>{{t:time.now}}{{#lang.other}}<a href="{{href}}">{{name}}</a>{{/lang.other}}`)},
		"404.html":        {Data: []byte(`<html lang="{{lang}}">none at {{path}}`)},
		"portal.css":      {Data: []byte("body { margin: 0 } " + strings.Repeat("/* calm */", 60))},
		"widget.js":       {Data: []byte(longScript)},
		"shared/api.js":   {Data: []byte("export const a = 1;")},
		"desk/index.html": {Data: []byte(`<html lang="{{lang}}">desk`)},
		"demo/index.html": {Data: []byte(`demo shop`)},
		"empty/readme.md": {Data: []byte(`x`)},
		".secret":         {Data: []byte(`hidden`)},
		"pic.png":         {Data: bytes.Repeat([]byte("\x89PNG"), 200)},
	}
}

type server struct {
	*httptest.Server
	app core.App
}

// start runs a site on a migrated database and answers by real HTTP.
func start(t *testing.T, files fs.FS, disk string, demo bool) *server {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: folder.Copy(t)})
	settings.Register(app)
	texts, err := i18n.Load(os.DirFS("../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	New(Options{Embedded: files, Disk: disk, Catalogue: texts, Demo: demo}).Register(app)
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ClearBootstrap() })
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	e := &core.ServeEvent{App: app, Router: router}
	if err := app.OnServe().Trigger(e, func(*core.ServeEvent) error { return nil }); err != nil {
		t.Fatal(err)
	}
	mux, err := router.BuildMux()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{httptest.NewServer(mux), app}
	t.Cleanup(s.Close)
	return s
}

func (s *server) shop(t *testing.T, values map[string]any) {
	t.Helper()
	record, err := s.app.FindRecordById(schema.Shop, settings.ShopID)
	if err != nil {
		t.Fatal(err)
	}
	record.Load(values)
	if err := s.app.Save(record); err != nil {
		t.Fatal(err)
	}
}

// get asks as a browser would, without following redirects or unpacking.
func (s *server) get(t *testing.T, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestPagesAreFilledInTheVisitorsLanguage(t *testing.T) {
	s := start(t, pages(), "", false)
	s.shop(t, map[string]any{"name": `Rafi & "Sons" <shop>`})
	for _, tc := range []struct{ path, accept, want string }{
		{"/", "", `lang="bn"`},
		{"/", "en-GB,en;q=0.9", `lang="en"`},
		{"/", "fr", `lang="bn"`},
		{"/?lang=en", "bn", `lang="en"`},
		{"/?lang=xx", "", `lang="bn"`},
		{"/", "en", "just now"},
		{"/", "bn", "এইমাত্র"},
		{"/", "en", "Rafi &amp; &#34;Sons&#34; &lt;shop&gt;"},
		{"/?a=1", "en", `href="?a=1&amp;lang=bn&amp;chosen=bn"`},
		{"/", "en", `href="/portal.css?v=`},
	} {
		res, body := s.get(t, "GET", tc.path, "Accept-Language", tc.accept)
		if res.StatusCode != 200 || !strings.Contains(body, tc.want) {
			t.Errorf("%s with %q: %d %s, want %s", tc.path, tc.accept, res.StatusCode, body, tc.want)
		}
		if v := res.Header.Get("Vary"); !strings.Contains(v, "Accept-Language") {
			t.Errorf("Vary = %q", v)
		}
	}
	s.shop(t, map[string]any{"languages": []string{"en"}, "language": "en"})
	if _, body := s.get(t, "GET", "/?lang=bn", "Accept-Language", "bn"); !strings.Contains(body, `lang="en"`) {
		t.Error("a language that the shop does not offer was spoken:", body)
	}
	if _, body := s.get(t, "GET", "/desk/", "Accept-Language", "bn"); !strings.Contains(body, `lang="bn"`) {
		t.Error("staff may read the desk in any language there is:", body)
	}
}

func TestAChosenLanguageIsKeptInTheBrowser(t *testing.T) {
	s := start(t, pages(), "", false)
	res, _ := s.get(t, "GET", "/?a=1&lang=en&chosen=en", "Accept-Language", "bn")
	if to := res.Header.Get("Location"); res.StatusCode != 303 || to != "/?a=1&lang=en" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d to %q, %v", res.StatusCode, to, res.Header)
	}
	if c := res.Cookies(); len(c) != 1 || c[0].Value != "en" || !c[0].HttpOnly || c[0].MaxAge < 1e7 {
		t.Fatalf("%+v", c)
	}
	kept := res.Cookies()[0].Name + "="
	for _, tc := range []struct{ path, cookie, want string }{
		{"/", "en", `lang="en"`},
		{"/?lang=bn", "en", `lang="bn"`}, // a link in a mail
		{"/", "xx", `lang="bn"`},
		{"/desk/", "en", `lang="bn"`}, // staff choose at the desk
	} {
		res, body := s.get(t, "GET", tc.path, "Accept-Language", "bn", "Cookie", kept+tc.cookie)
		if !strings.Contains(body, tc.want) || len(res.Cookies()) > 0 {
			t.Errorf("%s with %s: %s, %v", tc.path, tc.cookie, body, res.Cookies())
		}
		if tc.path == "/" && !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Cookie") {
			t.Errorf("a cache may give it to others: %v", res.Header)
		}
	}
	for _, path := range []string{"/?chosen=xx", "/?lang=en", "//other.test/?chosen=en"} {
		if res, _ := s.get(t, "GET", path); len(res.Cookies()) > 0 || strings.Contains(res.Header.Get("Location"), "//other.test") && res.Header.Get("Cache-Control") == "no-store" {
			t.Errorf("%s chose: %v", path, res.Header)
		}
	}
}

func TestAddresses(t *testing.T) {
	s := start(t, pages(), "", false)
	for _, tc := range []struct {
		path   string
		status int
		body   string
	}{
		{"/desk", 301, ""},
		{"/desk/", 200, "desk"},
		{"/desk/index.html", 200, "desk"},
		{"/desk/?c=1", 200, "desk"},
		{"/widget.js", 200, "// a line"},
		{"/widget.js/", 404, ""},
		{"/shared", 404, ""},
		{"/shared/", 404, ""},
		{"/shared/api.js", 200, "export"},
		{"/empty/", 404, ""},
		{"/nothing", 404, ""},
		{"/.secret", 404, ""},
		{"/%2e%2e/%2e%2e/etc/passwd", 404, ""},
		{"/..%2f..%2fetc/passwd", 404, ""},
		{"/..%5c..%5cetc%5cpasswd", 404, ""},
		{"/desk%00", 404, ""},
		{"/C:/windows", 404, ""},
		{"/demo/", 404, ""},
		{"/demo/index.html", 404, ""},
		{"/demo", 404, ""},
		{"/icon.svg", 200, "<svg"},
	} {
		res, body := s.get(t, "GET", tc.path)
		if res.StatusCode != tc.status || !strings.Contains(body, tc.body) {
			t.Errorf("GET %s: %d %.60q, want %d %q", tc.path, res.StatusCode, body, tc.status, tc.body)
		}
	}
	if res, _ := s.get(t, "GET", "/desk?c=1024"); res.Header.Get("Location") != "/desk/?c=1024" {
		t.Errorf("redirected to %q", res.Header.Get("Location"))
	}
	res, body := s.get(t, "GET", "/no/<b>", "Accept", "text/html,*/*", "Accept-Language", "en")
	if res.StatusCode != 404 || !strings.Contains(body, "none at /no/&lt;b&gt;") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page for missing pages: %d %s", res.StatusCode, body)
	}
	if res, body := s.get(t, "GET", "/api/nothing"); res.StatusCode != 404 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		t.Errorf("an unknown API address answers %d %s %s", res.StatusCode, res.Header.Get("Content-Type"), body)
	}
}

func TestDemoPagesExistOnlyInTheDemo(t *testing.T) {
	s := start(t, pages(), "", true)
	if res, body := s.get(t, "GET", "/demo/"); res.StatusCode != 200 || body != "demo shop" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestHeadersOfPagesAndFiles(t *testing.T) {
	s := start(t, pages(), "", false)
	want := func(path, header, value string) {
		t.Helper()
		res, _ := s.get(t, "GET", path)
		if got := res.Header.Get(header); !strings.Contains(got, value) {
			t.Errorf("%s %s = %q, want %q", path, header, got, value)
		}
	}
	want("/", "Cache-Control", "no-cache")
	want("/", "Content-Security-Policy", "script-src 'self';")
	want("/", "Content-Security-Policy", "style-src 'self' 'sha256-")
	want("/", "Content-Security-Policy", "frame-ancestors 'self'")
	want("/", "X-Content-Type-Options", "nosniff")
	want("/", "Referrer-Policy", "strict-origin-when-cross-origin")
	want("/desk/", "Referrer-Policy", "same-origin")
	want("/desk/", "Content-Security-Policy", "connect-src 'self'")
	want("/widget.js", "Cache-Control", "max-age=300")
	want("/widget.js", "Content-Type", "text/javascript")
	want("/widget.js", "Cross-Origin-Resource-Policy", "cross-origin")
	want("/shared/api.js", "Cache-Control", "max-age=60")
	want("/shared/api.js", "X-Content-Type-Options", "nosniff")
	want("/pic.png", "Content-Type", "image/png")

	res, _ := s.get(t, "GET", "/portal.css")
	tag := strings.Trim(res.Header.Get("ETag"), `"`)
	want("/portal.css?v="+tag, "Cache-Control", "immutable")
	want("/portal.css?v=0123456789abcdef", "Cache-Control", "max-age=60")
}

func TestTheInlineStyleIsTheOneThePolicyAllows(t *testing.T) {
	s := start(t, pages(), "", false)
	s.shop(t, map[string]any{"colour": "#b5179e"})
	first, body := s.get(t, "GET", "/")
	if !strings.Contains(body, "--accent:light-dark(#b5179e,") {
		t.Error("the shop's colour is missing:", body)
	}
	s.shop(t, map[string]any{"colour": "#3a0ca3"})
	second, _ := s.get(t, "GET", "/")
	if first.Header.Get("Content-Security-Policy") == second.Header.Get("Content-Security-Policy") {
		t.Error("another style, the same hash")
	}
	if first.Header.Get("ETag") == second.Header.Get("ETag") {
		t.Error("another page, the same ETag")
	}
}

func TestCompressionAndRevalidation(t *testing.T) {
	s := start(t, pages(), "", false)
	for _, path := range []string{"/widget.js", "/portal.css", "/"} {
		plain, body := s.get(t, "GET", path)
		zipped, packed := s.get(t, "GET", path, "Accept-Encoding", "br, gzip")
		if path != "/" && zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", path)
		}
		if zipped.Header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(strings.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(r)
			if err != nil || string(unpacked) != body {
				t.Errorf("%s unpacks to something else (%v)", path, err)
			}
			if zipped.ContentLength != int64(len(packed)) {
				t.Errorf("%s: length %d, sent %d", path, zipped.ContentLength, len(packed))
			}
			if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
				t.Errorf("%s: both forms have the ETag %s", path, plain.Header.Get("ETag"))
			}
		}
		if !strings.Contains(plain.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: Vary = %q", path, plain.Header.Get("Vary"))
		}
		for _, coding := range []string{"identity", "gzip"} {
			first, _ := s.get(t, "GET", path, "Accept-Encoding", coding)
			again, body := s.get(t, "GET", path, "Accept-Encoding", coding, "If-None-Match", first.Header.Get("ETag"))
			if again.StatusCode != 304 || body != "" {
				t.Errorf("%s (%s) asked again: %d %q", path, coding, again.StatusCode, body)
			}
			head, body := s.get(t, "HEAD", path, "Accept-Encoding", coding)
			if head.StatusCode != 200 || body != "" || head.Header.Get("ETag") != first.Header.Get("ETag") {
				t.Errorf("HEAD %s (%s): %d %q", path, coding, head.StatusCode, body)
			}
		}
	}
	if res, _ := s.get(t, "GET", "/widget.js", "Accept-Encoding", "gzip;q=0"); res.Header.Get("Content-Encoding") != "" {
		t.Error("compressed although gzip was refused")
	}
	if res, _ := s.get(t, "GET", "/shared/api.js", "Accept-Encoding", "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a file too short to gain was compressed")
	}
	if res, body := s.get(t, "GET", "/widget.js", "Range", "bytes=3-8"); res.StatusCode != 206 || body != longScript[3:9] {
		t.Errorf("a part: %d %q", res.StatusCode, body)
	}
	if res, _ := s.get(t, "POST", "/widget.js"); res.StatusCode != 405 && res.StatusCode != 404 {
		t.Errorf("POST of a file: %d", res.StatusCode)
	}
}

func TestAFileBesideTheExecutableWins(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "pb_public")
	s := start(t, pages(), disk, false)
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(disk, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(disk, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	body := func(path string) string {
		t.Helper()
		_, body := s.get(t, "GET", path, "Accept-Language", "en")
		return body
	}
	if got := body("/shared/api.js"); !strings.Contains(got, "a = 1") {
		t.Fatal(got)
	}
	write("shared/api.js", "mine")
	write("index.html", "<p>{{shop.name}} of the disk</p>")
	write("extra/about.html", "about {{lang}}")
	for path, want := range map[string]string{
		"/shared/api.js": "mine", "/": "<p>My shop of the disk</p>", "/extra/about.html": "about en",
		"/widget.js": longScript, "/desk/": `<html lang="en">desk`,
	} {
		if got := body(path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	write("index.html", "changed, and longer than before")
	if got := body("/"); got != "changed, and longer than before" {
		t.Errorf("a changed file is not seen: %q", got)
	}
	write("index.html", "an owner's {{#mistake}}")
	if got := body("/"); !strings.Contains(got, "<h1>My shop</h1>") {
		t.Errorf("a page that cannot be read hides ours: %q", got)
	}
	write("extra/about.html", "only here {{")
	if res, _ := s.get(t, "GET", "/extra/about.html"); res.StatusCode != 500 && res.StatusCode != 400 {
		t.Errorf("a broken page of the disk alone: %d", res.StatusCode)
	}
	big := strings.Repeat("0123456789", maxKept/10+1)
	write("big.txt", big)
	if got := body("/big.txt"); got != big {
		t.Errorf("a big file arrives with %d of %d bytes", len(got), len(big))
	}
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("password"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(disk, "link.txt")); err == nil {
		if got := body("/link.txt"); strings.Contains(got, "password") {
			t.Error("a link led out of the folder")
		}
	}
	if err := os.RemoveAll(filepath.Join(disk, "shared")); err != nil {
		t.Fatal(err)
	}
	if got := body("/shared/api.js"); got != "export const a = 1;" {
		t.Errorf("after removing it: %q", got)
	}
}

func TestIconFollowsTheShop(t *testing.T) {
	s := start(t, pages(), "", false)
	s.shop(t, map[string]any{"name": "রূপালী <স্টোর>", "colour": "#ffd400"})
	res, body := s.get(t, "GET", "/icon.svg")
	if res.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(body, ">রূ</text>") || !strings.Contains(body, `fill="#ffd400"`) {
		t.Errorf("%s %s", res.Header.Get("Content-Type"), body)
	}
}
