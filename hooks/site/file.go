package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// maxKept is the size up to which a file of the disk is kept in memory;
// larger ones are streamed.
const maxKept = 2 << 20

// file is one file as it is served. Those of the executable are kept for
// ever, those of the disk until they change.
type file struct {
	name     string
	kind     string // Content-Type
	data     []byte // nil if it is too large to keep
	etag     string // without quotes: 16 hex digits of the content's SHA-256
	modified time.Time
	size     int64
	disk     bool
	whole    string // of a selection: the etag of the file it was taken from

	zip     sync.Once
	zipped  []byte // nil if compression gains nothing
	parse   sync.Once
	page    *template
	pageErr error
	shrink  sync.Once
	small   string
}

// find returns the file for a clean, slash-separated name, or fs.ErrNotExist.
func (s *Site) find(name string) (*file, error) {
	if !servable(name) {
		return nil, fs.ErrNotExist
	}
	if root := s.diskRoot(); root != nil {
		info, err := root.Stat(name)
		if err == nil && info.Mode().IsRegular() {
			return s.keep(name, true, info, func() (fs.File, error) { return root.Open(name) })
		}
		if err == nil && info.IsDir() {
			// the folder may hold only some of the files of the embedded one
			if _, err := fs.Stat(s.Embedded, name); err != nil {
				return nil, errFolder
			}
		}
	}
	return s.findEmbedded(name)
}

func (s *Site) findEmbedded(name string) (*file, error) {
	info, err := fs.Stat(s.Embedded, name)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	if info.IsDir() {
		return nil, errFolder
	}
	return s.keep(name, false, info, func() (fs.File, error) { return s.Embedded.Open(name) })
}

// template returns the page's template. A page that the owner broke is named
// in the log, and ours is shown in its place.
func (s *Site) template(app core.App, name string) (*template, error) {
	f, err := s.find(name)
	if err != nil {
		return nil, err
	}
	t, err := f.template()
	if err == nil || !f.disk {
		return t, err
	}
	ours, missing := s.findEmbedded(name)
	if missing != nil {
		return nil, err
	}
	app.Logger().Error("a page beside the executable cannot be used", "page", name, "error", err)
	return ours.template()
}

var errFolder = errors.New("a folder")

// servable refuses names that leave the folder, hidden files, and characters
// that mean something else on Windows.
func servable(name string) bool {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." && part != ".well-known" {
			return false
		}
	}
	return true
}

// diskRoot opens the folder beside the executable when it appears. A root
// does not follow links that lead out of it.
func (s *Site) diskRoot() *os.Root {
	if s.Disk == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.root == nil {
		if root, err := os.OpenRoot(s.Disk); err == nil {
			s.root = root
		}
	}
	return s.root
}

func (s *Site) keep(name string, disk bool, info fs.FileInfo, open func() (fs.File, error)) (*file, error) {
	s.mu.Lock()
	kept := s.files[name]
	s.mu.Unlock()
	if kept != nil && kept.disk == disk && kept.size == info.Size() && kept.modified.Equal(info.ModTime()) {
		return kept, nil
	}
	f := &file{name: name, kind: contentType(name), modified: info.ModTime(), size: info.Size(), disk: disk}
	if disk && info.Size() > maxKept {
		f.etag = fmt.Sprintf("%x-%x", info.ModTime().UnixNano(), info.Size())
	} else {
		r, err := open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", name, err)
		}
		defer r.Close()
		if f.data, err = io.ReadAll(r); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		f.etag = hash(f.data)
	}
	s.mu.Lock()
	s.files[name] = f
	s.mu.Unlock()
	return f, nil
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// compressed returns the file's gzip form, nil if there is none worth sending.
func (f *file) compressed() []byte {
	f.zip.Do(func() {
		if f.data != nil && compressible(f.kind) {
			f.zipped = compress(f.data, gzip.BestCompression)
		}
	})
	return f.zipped
}

// minZip is the size under which gzip's own header eats the gain.
const minZip = 300

func compress(data []byte, level int) []byte {
	if len(data) < minZip {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil
	}
	_, _ = w.Write(data) // a buffer does not fail
	_ = w.Close()
	if b.Len() > len(data)*95/100 {
		return nil
	}
	return b.Bytes()
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	spaces   = regexp.MustCompile(`\s*\n\s*`)
)

// tight is a style sheet without its comments and line breaks.
func (f *file) tight() string {
	f.shrink.Do(func() {
		text := comments.ReplaceAllString(string(f.data), "")
		f.small = strings.ReplaceAll(strings.TrimSpace(spaces.ReplaceAllString(text, "\n")), "</", "<\\/")
	})
	return f.small
}

func (f *file) template() (*template, error) {
	f.parse.Do(func() { f.page, f.pageErr = parseTemplate(string(f.data)) })
	return f.page, f.pageErr
}

// types are given here because mime asks the operating system first, whose
// registry calls JavaScript text/plain on many a Windows machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".webp": "image/webp", ".gif": "image/gif", ".avif": "image/avif", ".ico": "image/x-icon",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".mp4": "video/mp4", ".webm": "video/webm",
	".txt": "text/plain; charset=utf-8", ".xml": "application/xml", ".pdf": "application/pdf",
	".woff2": "font/woff2", ".woff": "font/woff",
}

func contentType(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if t := types[ext]; t != "" {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "application/json") ||
		strings.HasPrefix(kind, "application/manifest") || strings.HasPrefix(kind, "application/xml") ||
		strings.HasPrefix(kind, "image/svg")
}
