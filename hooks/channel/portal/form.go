package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Limits of the form.
const (
	maxFiles   = 3
	maxMessage = 5000 // letters
	maxName    = 100
	maxContact = 254
	maxOrder   = 60
	maxField   = 64 << 10  // bytes of one field that are read
	maxDrained = 120 << 20 // bytes of one body that are read at all
	tooQuick   = 2 * time.Second
	tooOld     = 3 * 24 * time.Hour
)

// topics are what a question may be about.
var topics = []string{"ordering", "payment", "delivery", "returns", "warranty", "other"}

// form is what somebody typed.
type form struct {
	stamp   string
	name    string
	contact string
	message string
	order   string
	topic   string // one of topics, "" for none
	trap    string
	work    string // see worked
	files   []upload
	lost    bool // files were chosen, whatever became of them
}

// upload is a file of the form, in a temporary file until it is stored.
type upload struct {
	name string
	size int64
	head []byte // what its type is seen by
	sum  []byte // SHA-256
	temp string
	big  bool // more than allowed; nothing is kept
}

// headSize is more than mimetype looks at.
const headSize = 4 << 10

// fault is a sentence about a field: a key of the catalogue and its values.
type fault struct {
	field string
	key   string
	value map[string]any
}

// readForm reads the body part by part, so that a file that is too big costs
// no memory and what was typed before it is not lost.
func readForm(r *http.Request, fileLimit int64) (form, error) {
	var f form
	if again, ok := r.Body.(*router.RereadableReadCloser); ok {
		r.Body = again.ReadCloser // nobody reads it twice, so nobody needs to keep a copy
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxDrained)
	set := func(name, value string) {
		value = strings.ToValidUTF8(value, "\uFFFD")
		switch name {
		case "form":
			f.stamp = value
		case "name":
			f.name = oneLine(value)
		case "contact":
			f.contact = oneLine(value)
		case "message":
			f.message = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
		case "order":
			f.order = oneLine(value)
		case "topic":
			if slices.Contains(topics, value) {
				f.topic = value
			}
		case "leave_empty":
			f.trap = value
		case "work":
			f.work = value
		}
	}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		r.Body = http.MaxBytesReader(nil, r.Body, 4*maxField)
		if err := r.ParseForm(); err != nil {
			return f, err
		}
		for _, name := range []string{"form", "name", "contact", "message", "order", "topic", "leave_empty", "work"} {
			set(name, r.PostForm.Get(name))
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
		set(part.FormName(), string(value))
	}
}

func (f *form) readFile(part *multipart.Part, limit int64) error {
	if part.FileName() == "" {
		return nil // a browser sends an empty part when nothing was chosen
	}
	f.lost = true
	if len(f.files) > maxFiles {
		_, err := io.Copy(io.Discard, part) // too many already
		return err
	}
	temp, err := os.CreateTemp("", "shohay-form-*")
	if err != nil {
		return err
	}
	defer temp.Close()
	f.files = append(f.files, upload{name: conversation.FileName(part.FileName()), temp: temp.Name()})
	u, sum, head := &f.files[len(f.files)-1], sha256.New(), new(prefix)
	if u.size, err = io.Copy(io.MultiWriter(temp, sum, head), io.LimitReader(part, limit+1)); err != nil {
		return err
	}
	u.sum, u.head = sum.Sum(nil), head.data
	if u.big = u.size > limit; u.big {
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

// close removes the temporary files.
func (f *form) close() {
	for _, u := range f.files {
		_ = os.Remove(u.temp)
	}
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// check names everything that is wrong, in the order of the page.
func (f *form) check(fileLimit int64, size func(int64) string) []fault {
	var faults []fault
	add := func(field, key string, value map[string]any) {
		faults = append(faults, fault{field, "portal." + key, value})
	}
	switch {
	case f.contact == "":
		add("contact", "error_contact", nil)
	case f.identity().Value == "":
		add("contact", "error_contact_bad", nil)
	}
	if utf8.RuneCountInString(f.name) > maxName {
		add("name", "error_name_long", map[string]any{"n": maxName})
	}
	if utf8.RuneCountInString(f.order) > maxOrder {
		add("order", "error_order_long", map[string]any{"n": maxOrder})
	}
	switch n := utf8.RuneCountInString(f.message); {
	case n == 0:
		add("message", "error_message", nil)
	case n > maxMessage:
		add("message", "error_message_long", map[string]any{"n": maxMessage})
	}
	if len(f.files) > maxFiles {
		add("files", "error_files_many", map[string]any{"n": maxFiles})
		return faults
	}
	for _, u := range f.files {
		switch {
		case u.big:
			add("files", "error_file_big", map[string]any{"name": u.name, "size": size(fileLimit)})
		case u.size == 0:
			add("files", "error_file_empty", map[string]any{"name": u.name})
		case !allowed(u.head):
			add("files", "error_file_type", map[string]any{"name": u.name})
		default:
			continue
		}
		break // one sentence fits under the field
	}
	return faults
}

// identity is who asks: a bare e-mail address or a telephone number. Value is
// empty if it is neither.
func (f *form) identity() conversation.Identity {
	if strings.Contains(f.contact, "@") {
		_, domain, _ := strings.Cut(f.contact, "@")
		value := contact.Normalise(schema.KindEmail, f.contact)
		if strings.ContainsAny(f.contact, "<>\" ,;") || !strings.Contains(strings.Trim(domain, "."), ".") || len(f.contact) > maxContact {
			value = ""
		}
		return conversation.Identity{Kind: schema.KindEmail, Value: value}
	}
	return conversation.Identity{Kind: schema.KindPhone, Value: contact.Normalise(schema.KindPhone, f.contact)}
}

// accept is what the browser offers to choose, and allowed what is taken: by
// content, whatever the name says. Nothing that a browser or an office
// computer runs when it is opened.
const accept = "image/*,audio/*,video/*,.pdf,.txt,.csv,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.zip"

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

// subject is the first line of the question, short enough for a mail.
func (f *form) subject() string {
	line, _, _ := strings.Cut(f.message, "\n")
	line = oneLine(line)
	if utf8.RuneCountInString(line) <= 70 {
		return line
	}
	cut := string([]rune(line)[:69])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, unicode.IsPunct) + "…"
}

// key tells this question from every other: see the package comment.
func (f *form) key() string {
	h := sha256.New()
	id, _, _ := strings.Cut(f.stamp, ".")
	for _, part := range []string{id, f.name, f.contact, f.message, f.order, f.topic} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	for _, u := range f.files {
		fmt.Fprintf(h, "%d:%s%x", len(u.name), u.name, u.sum)
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

func (f *form) attachments() []conversation.File {
	var files []conversation.File
	for _, u := range f.files {
		files = append(files, conversation.File{Name: u.name, Size: u.size, Open: func() (io.ReadCloser, error) { return os.Open(u.temp) }})
	}
	return files
}

// workBits is how many zero bits the hash of a stamp's id and the number found
// begin with: a moment for a browser, a cost for who asks by the thousand.
const workBits = 12

// worked tells whether the sender's browser has computed for this stamp. It is
// never asked for; who has done it may ask more often.
func (f *form) worked() bool {
	id, _, _ := strings.Cut(f.stamp, ".")
	if id == "" || f.work == "" || len(f.work) > 20 {
		return false
	}
	sum := sha256.Sum256([]byte(id + ":" + f.work))
	return sum[0] == 0 && sum[1]>>(16-workBits) == 0
}

// said is the message with what was given beside it, for whoever answers.
func (f *form) said(label func(key string) string) string {
	text := f.message
	if f.order != "" || f.topic != "" {
		text += "\n"
	}
	if f.order != "" {
		text += "\n" + label("portal.order") + ": " + f.order
	}
	if f.topic != "" {
		text += "\n" + label("portal.topic") + ": " + label(fmt.Sprintf("portal.topic_%s", f.topic))
	}
	return text
}

// newStamp makes the hidden field of a page: id, time and signature.
func newStamp(keys *settings.Keys, now time.Time) string {
	id, at := strings.ToLower(rand.Text()), strconv.FormatInt(now.UnixMilli(), 36)
	return id + "." + at + "." + keys.MAC(settings.PurposeForm, id, at)
}

// checkStamp returns the catalogue key of what is wrong with a stamp, "" if
// nothing is.
func checkStamp(keys *settings.Keys, stamp string, now time.Time) string {
	id, rest, _ := strings.Cut(stamp, ".")
	at, mac, _ := strings.Cut(rest, ".")
	made, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !keys.Check(mac, settings.PurposeForm, id, at) {
		return "portal.error_old"
	}
	switch age := now.Sub(time.UnixMilli(made)); {
	case age < tooQuick:
		return "portal.error_quick"
	case age > tooOld:
		return "portal.error_old"
	}
	return ""
}
