package form

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks/conversation"
)

// MaxFiles is how many files a form may bring.
const MaxFiles = 3

const (
	maxField   = 64 << 10  // bytes of one field that are read
	maxDrained = 120 << 20 // bytes of one body that are read at all
	headSize   = 4 << 10   // more than mimetype looks at
)

// Form is what somebody sent.
type Form struct {
	values map[string]string
	Files  []Upload
	Lost   bool // files were chosen, whatever became of them
}

// Upload is a file of a form, in a temporary file until it is stored.
type Upload struct {
	Name string
	Size int64
	Sum  []byte // SHA-256
	Big  bool   // more than allowed; nothing is kept
	head []byte // what its type is seen by
	temp string
}

// Read reads a form, as browsers send them with files or without. What could
// be read before an error is in the form all the same. Close it.
func Read(r *http.Request, fileLimit int64) (*Form, error) {
	f := &Form{values: map[string]string{}}
	if again, ok := r.Body.(*router.RereadableReadCloser); ok {
		r.Body = again.ReadCloser // nobody reads it twice, so nobody needs to keep a copy
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxDrained)
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		r.Body = http.MaxBytesReader(nil, r.Body, 4*maxField)
		if err := r.ParseForm(); err != nil {
			return f, err
		}
		for name := range r.PostForm {
			f.set(name, r.PostForm.Get(name))
		}
		return f, nil
	}
	if err != nil {
		return f, err
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		if part.FormName() == "files" {
			if err := f.readFile(part, fileLimit); err != nil {
				return f, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return f, err
		}
		f.set(part.FormName(), string(value))
	}
}

// mostFields is how many fields of a form are kept: ours have a dozen.
const mostFields = 50

func (f *Form) set(name, value string) {
	if _, known := f.values[name]; !known && len(f.values) >= mostFields {
		return
	}
	f.values[name] = strings.ToValidUTF8(value, "\uFFFD")
}

// Line is a field of one line.
func (f *Form) Line(name string) string { return OneLine(f.values[name]) }

// Text is a field of several lines.
func (f *Form) Text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(f.values[name], "\r\n", "\n"))
}

// Raw is a field as it came.
func (f *Form) Raw(name string) string { return f.values[name] }

func (f *Form) readFile(part *multipart.Part, limit int64) error {
	if part.FileName() == "" {
		return nil // a browser sends an empty part when nothing was chosen
	}
	f.Lost = true
	if len(f.Files) > MaxFiles {
		_, err := io.Copy(io.Discard, part) // too many already
		return err
	}
	temp, err := os.CreateTemp("", "shohay-form-*")
	if err != nil {
		return err
	}
	defer temp.Close()
	f.Files = append(f.Files, Upload{Name: conversation.FileName(part.FileName()), temp: temp.Name()})
	u, sum, head := &f.Files[len(f.Files)-1], sha256.New(), new(prefix)
	if u.Size, err = io.Copy(io.MultiWriter(temp, sum, head), io.LimitReader(part, limit+1)); err != nil {
		return err
	}
	u.Sum, u.head = sum.Sum(nil), head.data
	if u.Big = u.Size > limit; u.Big {
		_, err = io.Copy(io.Discard, part)
	}
	return err
}

// prefix keeps the beginning of what is written to it.
type prefix struct{ data []byte }

func (p *prefix) Write(b []byte) (int, error) {
	p.data = append(p.data, b[:min(len(b), headSize-len(p.data))]...)
	return len(b), nil
}

// Close removes the temporary files.
func (f *Form) Close() {
	for _, u := range f.Files {
		_ = os.Remove(u.temp)
	}
}

// Attachments are the files for the one door in.
func (f *Form) Attachments() []conversation.File {
	var files []conversation.File
	for _, u := range f.Files {
		files = append(files, conversation.File{Name: u.Name, Size: u.Size, Open: func() (io.ReadCloser, error) { return os.Open(u.temp) }})
	}
	return files
}

// Fault is what is wrong with a form: a key of the catalogue's portal section
// and its values.
type Fault struct {
	Field, Key string
	Values     map[string]any
}

// CheckFiles names what is wrong with the files, at most one thing: one
// sentence fits under the field.
func (f *Form) CheckFiles(limit int64, size func(int64) string) []Fault {
	one := func(key string, values map[string]any) []Fault {
		return []Fault{{"files", "portal." + key, values}}
	}
	if len(f.Files) > MaxFiles {
		return one("error_files_many", map[string]any{"n": MaxFiles})
	}
	for _, u := range f.Files {
		switch {
		case u.Big:
			return one("error_file_big", map[string]any{"name": u.Name, "size": size(limit)})
		case u.Size == 0:
			return one("error_file_empty", map[string]any{"name": u.Name})
		case !allowed(u.head):
			return one("error_file_type", map[string]any{"name": u.Name})
		}
	}
	return nil
}

// Sum feeds the files into a hash that tells this form from every other.
func (f *Form) Sum(w io.Writer) {
	for _, u := range f.Files {
		fmt.Fprintf(w, "%d:%s%x", len(u.Name), u.Name, u.Sum)
	}
}

// OneLine is a text without line ends and control characters.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// Accept is what the browser offers to choose.
const Accept = "image/*,audio/*,video/*,.pdf,.txt,.csv,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.zip"

// allowed is what is taken: by content, whatever the name says. Nothing that a
// browser or an office computer runs when it is opened.
func allowed(data []byte) bool {
	for m := mimetype.Detect(data); m != nil; m = m.Parent() {
		kind, _, _ := strings.Cut(m.String(), ";")
		switch {
		case kind == "image/svg+xml", kind == "text/html", kind == "text/xml", kind == "application/javascript", kind == "text/javascript",
			kind == "application/jar", kind == "application/java-archive", kind == "application/vnd.android.package-archive",
			strings.HasPrefix(kind, "text/x-"), strings.HasPrefix(kind, "application/x-executable"):
			return false
		case strings.HasPrefix(kind, "image/"), strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"),
			kind == "application/pdf", kind == "text/plain", kind == "application/zip", kind == "application/x-ole-storage":
			return true
		}
	}
	return false
}
