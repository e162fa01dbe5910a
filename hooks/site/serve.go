package site

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/settings"
)

// kind of a page: what its security policy has to allow.
type kind int

const (
	publicPage kind = iota
	deskPage
)

func kindOf(name string) kind {
	if name == "desk" || strings.HasPrefix(name, "desk/") {
		return deskPage
	}
	return publicPage
}

// policy is the Content-Security-Policy of a page. No page runs a script that
// is not a file of ours. The desk shows mails in sandboxed frames which
// inherit its policy, so it must allow what a mail may hold: inline styles
// and, once the agent asked for them, pictures from elsewhere.
func policy(k kind, style string, frames []string) string {
	img, styles, frame := "'self' data: blob:", "'self' "+style, "'none'"
	if len(frames) > 0 {
		frame = strings.Join(frames, " ")
	}
	if k == deskPage {
		img, styles, frame = "'self' data: blob: https: http:", "'self' 'unsafe-inline'", "'self' blob:"
	}
	return "default-src 'none'; script-src 'self'; style-src " + styles + "; img-src " + img +
		"; media-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src " + frame +
		"; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
}

func referrer(k kind) string {
	if k == deskPage {
		return "same-origin" // a link in a customer's mail must not tell where it was opened
	}
	return "strict-origin-when-cross-origin"
}

// serve answers every address that no other route knows.
func (s *Site) serve(e *core.RequestEvent) error {
	asked := e.Request.PathValue("path")
	name := strings.TrimSuffix(asked, "/")
	if name == "" {
		name = "."
	}
	if asked == "api" || strings.HasPrefix(asked, "api/") || strings.HasPrefix(asked, "_/") {
		return e.NotFoundError("", nil)
	}
	if strings.HasPrefix(name, "parts/") { // of pages, no pages themselves
		return s.missing(e)
	}
	if (name == "demo" || strings.HasPrefix(name, "demo/")) && !s.Demo {
		return s.missing(e)
	}
	f, err := s.find(name)
	if errors.Is(err, errFolder) {
		index := path.Join(name, "index.html")
		if _, err := s.find(index); err != nil {
			return s.missing(e)
		}
		if asked != "" && !strings.HasSuffix(asked, "/") {
			to := "/" + name + "/"
			if e.Request.URL.RawQuery != "" {
				to += "?" + e.Request.URL.RawQuery
			}
			return e.Redirect(http.StatusMovedPermanently, to)
		}
		return s.Render(e, http.StatusOK, index, nil)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && strings.HasSuffix(asked, "/"):
		return s.missing(e)
	case err != nil:
		return err
	case strings.HasSuffix(name, ".html"):
		return s.Render(e, http.StatusOK, name, nil)
	}
	if name == widgetFile {
		f = s.greeting(settings.Shop(e.App), f)
	}
	return s.sendFile(e, s.selection(f, e.Request.URL.Query().Get("only")))
}

// Missing answers 404: with a page in the visitor's language to a browser
// that shows pages, else with a line.
func (s *Site) missing(e *core.RequestEvent) error {
	if strings.Contains(e.Request.Header.Get("Accept"), "text/html") {
		if body, style, err := s.fill(e, View{Page: "404.html"}); err == nil {
			return s.send(e, http.StatusNotFound, body, style, nil)
		}
	}
	h := e.Response.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	e.Response.WriteHeader(http.StatusNotFound)
	_, err := io.WriteString(e.Response, "Not found\n")
	return err
}

// Times a browser may use a file without asking, in seconds. Modules import
// each other by plain names, so after an upgrade old and new must not meet
// for long.
const (
	widgetAge = "public, max-age=300, must-revalidate"
	fileAge   = "public, max-age=60, must-revalidate"
	forEver   = "public, max-age=31536000, immutable"
)

func (s *Site) sendFile(e *core.RequestEvent, f *file) error {
	h := e.Response.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	// the widget and its sounds are loaded by the shop's own site
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	switch v := e.Request.URL.Query().Get("v"); {
	case v != "" && v == f.etag:
		h.Set("Cache-Control", forEver)
	case f.name == widgetFile:
		h.Set("Cache-Control", widgetAge)
	default:
		h.Set("Cache-Control", fileAge)
	}
	if strings.HasPrefix(f.kind, "image/svg") {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	}
	if f.data == nil {
		return s.stream(e, f)
	}
	data, tag := f.data, f.etag
	if compressible(f.kind) {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(e.Request) && e.Request.Header.Get("Range") == "" {
			if zipped := f.compressed(); zipped != nil {
				h.Set("Content-Encoding", "gzip")
				h.Set("Content-Length", strconv.Itoa(len(zipped)))
				data, tag = zipped, tag+"-gz"
			}
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(e.Response, e.Request, f.name, f.modified, bytes.NewReader(data))
	return nil
}

// stream sends a large file of the disk without keeping it.
func (s *Site) stream(e *core.RequestEvent, f *file) error {
	r, err := s.diskRoot().Open(f.name)
	if err != nil {
		return err
	}
	defer r.Close()
	e.Response.Header().Set("ETag", `"`+f.etag+`"`)
	http.ServeContent(e.Response, e.Request, f.name, f.modified, r)
	return nil
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3).
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding != "gzip" && coding != "*" {
			continue
		}
		q, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !weighted {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

// Has tells whether there is a file of a name.
func (s *Site) Has(name string) bool {
	_, err := s.find(name)
	return err == nil
}

// File sends a file, for rooms that have a route of its name.
func (s *Site) File(e *core.RequestEvent, name string) error {
	f, err := s.find(name)
	if err != nil {
		return s.missing(e)
	}
	return s.sendFile(e, f)
}
