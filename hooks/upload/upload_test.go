package upload_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/request"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/upload"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// bomb is a PNG of 30,000 by 30,000 points in some hundred kilobytes: 900 MB
// once it is unpacked.
func bomb(t *testing.T) []byte {
	t.Helper()
	const side = 30_000
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	chunk("IHDR", append(head, 1, 0, 0, 0, 0)) // one bit of grey
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	row := make([]byte, 1+(side+7)/8)
	for range side {
		if _, err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

// zeros are 200 MB that a packer makes small.
func zeros(t *testing.T, open func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	block := make([]byte, 1<<20)
	for range 200 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zipped struct {
	io.Writer
	z *zip.Writer
}

func (z zipped) Close() error { return z.z.Close() }

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nasty are files that somebody may send, by their name.
func nasty(t *testing.T) map[string][]byte {
	small := pngOf(t, 30, 20)
	const script = `<script>alert(1)</script>`
	return map[string][]byte{
		"page.html":                 []byte(`<!doctype html><html><body>` + script),
		"picture.svg":               []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">` + script + `</svg>`),
		"page-as.png":               []byte(`<!doctype html><html><body>` + script),
		"svg-as.jpg":                []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>`),
		"picture-with-script.png":   append(slices.Clone(small), script...),
		"polyglot.gif":              []byte("GIF89a/*" + script + "*/=1;alert(1)"),
		"program.exe":               append([]byte("MZ\x90\x00"), make([]byte, 300)...),
		"program.jpg":               append([]byte("MZ\x90\x00"), make([]byte, 300)...),
		"code.js":                   []byte("alert(document.cookie)"),
		"feed.xml":                  []byte(`<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`),
		"../../../pb_public/a.html": []byte(script),
		`..\..\windows\a.html`:      []byte(script),
		"/etc/passwd":               []byte("root:x:0:0"),
		"gnp.\u202elmth.evil":       []byte(script),
		"a\r\nSet-Cookie: x=1.png":  small,
		strings.Repeat("ন", 200):    small,
		"bomb.png":                  bomb(t),
		"bomb.gz":                   zeros(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"bomb.zip": zeros(t, func(w io.Writer) io.WriteCloser {
			z := zip.NewWriter(w)
			in, err := z.Create("a")
			if err != nil {
				t.Fatal(err)
			}
			return zipped{in, z}
		}),
		"empty.png": {},
		"cut.png":   small[:40],
		"good.png":  small,
	}
}

type world struct {
	*hookstest.App
	t           *testing.T
	mina, rafi  *hookstest.Client
	owner       *core.Record
	chat, guest *hookstest.Client
	jar         http.Client
	conv        string
	talk        *conversation.Conversation
	article     string
	cookie      string
	n           int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{App: hookstest.New(t), t: t}
	set := w.Settings()
	set.RateLimits.Enabled = false
	set.Meta.AppURL = "https://help.shop.test"
	if err := w.Save(set); err != nil {
		t.Fatal(err)
	}
	w.owner = w.Agent("mina", schema.RoleOwner)
	rafi := w.Agent("rafi", schema.RoleAgent)
	base := w.Serve()
	as := func(token string) *hookstest.Client { return &hookstest.Client{TB: t, Base: base, Token: token} }
	w.mina, w.rafi, w.guest = as(w.Token(w.owner)), as(w.Token(rafi)), as("")
	var started struct{ Token string }
	w.guest.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	w.chat = as(started.Token)
	got, err := conversation.Receive(w, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: "portal:x", Keys: []string{"a"}, SenderAddress: "a@mail.test", Text: "hello", From: []conversation.Identity{{Kind: schema.KindEmail, Value: "a@mail.test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.talk, w.conv = got.Conversation, got.Conversation.Id
	var a struct{ Article struct{ ID string } }
	w.rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"title": "With files"}).JSON(t, &a)
	w.article = a.Article.ID
	w.jar.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return w
}

// send is a multipart body with one file.
func (w *world) send(by *hookstest.Client, method, path, field, name string, content []byte, values map[string]string, cookie string) hookstest.Answer {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range values {
		if err := m.WriteField(k, v); err != nil {
			w.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	c := *by
	if cookie != "" {
		c.Head = http.Header{"Cookie": {cookie}}
	}
	return c.Do(method, path, hookstest.Form{Body: &b, Type: m.FormDataContentType()})
}

func (w *world) id() string {
	w.n++
	return fmt.Sprintf("client-id-%d", w.n)
}

func (w *world) stamp() string {
	return form.NewStamp(w.Rooms.Settings.Keys(), time.Now().Add(-time.Minute))
}

// customer is the cookie of one who came by the link in a mail.
func (w *world) customer() string {
	w.t.Helper()
	if w.cookie != "" {
		return w.cookie
	}
	link, err := request.Link(w, w.Rooms.Settings.Keys(), w.talk, "a@mail.test", time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	at, err := url.Parse(link)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := w.jar.PostForm(w.guest.Base+at.Path, url.Values{})
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	w.cookie, _, _ = strings.Cut(res.Header.Get("Set-Cookie"), ";")
	if w.cookie == "" {
		w.t.Fatalf("the link %s answered %d", at.Path, res.StatusCode)
	}
	return w.cookie
}

// doors are all the ways on which a file comes in; the answer's status is 0
// where there is none.
var doors = map[string]func(w *world, name string, content []byte) int{
	"chat": func(w *world, name string, content []byte) int {
		return w.send(w.chat, "POST", "/api/chat/messages", "files", name, content, map[string]string{"client_id": w.id(), "text": "x"}, "").Status
	},
	"ask us": func(w *world, name string, content []byte) int {
		return w.send(w.guest, "POST", "/ask", "files", name, content, map[string]string{"form": w.stamp(), "contact": "a@mail.test", "message": w.id()}, "").Status
	},
	"my requests": func(w *world, name string, content []byte) int {
		cookie := w.customer()
		c := *w.guest
		c.Head = http.Header{"Cookie": {cookie}}
		page := string(c.Must(200, "GET", fmt.Sprint("/requests/", w.talk.Number()), nil).Body)
		csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
		return w.send(w.guest, "POST", fmt.Sprint("/requests/", w.talk.Number()), "files", name, content, map[string]string{"csrf": csrf[1], "form": w.stamp(), "do": "reply", "message": w.id()}, cookie).Status
	},
	"mail": func(w *world, name string, content []byte) int {
		_, err := conversation.Receive(w, conversation.Incoming{
			Channel: schema.ChannelEmail, Account: "box1", Keys: []string{"<" + w.id() + "@x.test>"}, ChannelID: w.id(), SenderAddress: "a@mail.test", Text: "mail", From: []conversation.Identity{{Kind: schema.KindEmail, Value: "a@mail.test"}},
			Files: []conversation.File{{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}},
		})
		if err != nil {
			w.t.Errorf("mail with %.40q: %v", name, err)
		}
		return 0
	},
	"answer": func(w *world, name string, content []byte) int {
		return w.send(w.rafi, "POST", "/api/desk/conversations/"+w.conv+"/reply", "files", name, content, map[string]string{"kind": "note", "text": "x", "client_id": w.id()}, "").Status
	},
	"draft": func(w *world, name string, content []byte) int {
		return w.send(w.rafi, "PUT", "/api/desk/conversations/"+w.conv+"/draft", "files", name, content, map[string]string{"text": "x"}, "").Status
	},
	"article's file": func(w *world, name string, content []byte) int {
		return w.send(w.rafi, "POST", "/api/desk/articles/"+w.article+"/files", "file", name, content, nil, "").Status
	},
	"article's cover": func(w *world, name string, content []byte) int {
		return w.send(w.rafi, "POST", "/api/desk/articles/"+w.article+"/files", "cover", name, content, nil, "").Status
	},
	"article's film": func(w *world, name string, content []byte) int {
		return w.send(w.rafi, "POST", "/api/desk/articles/"+w.article+"/files", "video_file", name, content, nil, "").Status
	},
	"logo": func(w *world, name string, content []byte) int {
		return w.send(w.mina, "PATCH", "/api/collections/shop/records/shop00000000001", "logo", name, content, nil, "").Status
	},
	"shop's cover": func(w *world, name string, content []byte) int {
		return w.send(w.mina, "PATCH", "/api/collections/shop/records/shop00000000001", "cover", name, content, nil, "").Status
	},
	"face": func(w *world, name string, content []byte) int {
		return w.send(w.mina, "PATCH", "/api/collections/agents/records/"+w.owner.Id, "avatar", name, content, nil, "").Status
	},
	"import of customers": func(w *world, name string, content []byte) int {
		return w.send(w.mina, "POST", "/api/desk/imports", "file", name, content, map[string]string{"kind": "contacts"}, "").Status
	},
	"import of mails": func(w *world, name string, content []byte) int {
		return w.send(w.mina, "POST", "/api/desk/imports", "file", name, content, map[string]string{"kind": "mail"}, "").Status
	},
}

// onlyPictures are the doors that take nothing else.
var onlyPictures = []string{"article's cover", "logo", "shop's cover", "face"}

// served looks at every address under which a stored file can be had, and
// returns how many there were.
func (w *world) served() (n int) {
	w.t.Helper()
	var token struct{ Token string }
	w.mina.Must(200, "POST", "/api/files/token", nil).JSON(w.t, &token)
	try := func(c *hookstest.Client, at string) {
		a := c.Do("GET", at, nil)
		if a.Status != 200 {
			w.t.Errorf("GET %s: %d %.200s", at, a.Status, a.Body)
			return
		}
		n++
		h := a.Header
		kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
		shown := slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}, kind) || strings.HasPrefix(kind, "video/") || strings.HasPrefix(kind, "audio/")
		if h.Get("X-Content-Type-Options") != "nosniff" {
			w.t.Errorf("GET %s: browsers may guess its type", at)
		}
		// Browsers show no PDF in a sandbox; it may load nothing, and is read as nothing else.
		if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") && (kind != "application/pdf" || !strings.HasPrefix(policy, "default-src 'none'")) {
			w.t.Errorf("GET %s: it is in no sandbox: %q", at, h.Get("Content-Security-Policy"))
		}
		disposition := h.Get("Content-Disposition")
		if !shown && !strings.HasPrefix(disposition, "attachment") {
			w.t.Errorf("GET %s: %s is shown: %q", at, kind, disposition)
		}
		if strings.ContainsAny(disposition, "\r\n/\\") || strings.Contains(disposition, "\u202e") || h.Get("Set-Cookie") != "" {
			w.t.Errorf("GET %s: %q", at, disposition)
		}
		if name := path.Base(at); shown && !strings.HasPrefix(disposition, "attachment") && bytes.Contains(a.Body, []byte("onload")) && !strings.Contains(name, "polyglot") {
			w.t.Errorf("GET %s: %s holds a script", at, kind)
		}
	}
	for _, of := range []struct {
		collection string
		fields     []string
	}{{schema.Messages, []string{"files"}}, {schema.Drafts, []string{"files"}}, {schema.Articles, []string{"files", "cover", "video_file"}}, {schema.Shop, []string{"logo", "cover"}}, {schema.Agents, []string{"avatar"}}} {
		all, err := w.FindAllRecords(of.collection)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range all {
			for _, field := range of.fields {
				for _, name := range r.GetStringSlice(field) {
					if strings.ContainsAny(name, "/\\:\"\u202e") || len(name) > 255 {
						w.t.Errorf("%s is stored as %q", of.collection, name)
					}
					plain := "/api/files/" + of.collection + "/" + r.Id + "/" + url.PathEscape(name)
					switch of.collection {
					case schema.Messages:
						at := w.Rooms.Conversation.FileURL(r.Id, name)
						try(w.guest, at)
						try(w.guest, at+"&download=1")
						try(w.mina, plain+"?token="+token.Token)
						try(w.mina, plain+"?thumb=100x100&token="+token.Token)
					case schema.Drafts:
						try(w.rafi, "/api/desk/drafts/"+r.Id+"/files/"+url.PathEscape(name))
					case schema.Articles:
						at := kb.FileKey(w.Rooms.Settings.Keys(), kb.FilesPath+r.Id+"/"+name, time.Now())
						try(w.guest, at)
						try(w.guest, at+"&w=480")
					default:
						try(w.guest, plain)
						try(w.guest, plain+"?thumb=96x96")
					}
				}
			}
		}
	}
	return n
}

// TestNoFileDoesHarm sends every nasty file through every door and looks at
// whatever can be had of it afterwards, and at what it cost.
func TestNoFileDoesHarm(t *testing.T) {
	files := nasty(t)
	for door, push := range doors {
		t.Run(door, func(t *testing.T) {
			w := newWorld(t)
			var before, after runtime.MemStats
			taken, n := 0, 0
			for name, content := range files {
				runtime.ReadMemStats(&before)
				status := push(w, name, content)
				runtime.ReadMemStats(&after)
				if status == http.StatusTooManyRequests { // look at what there is and go on elsewhere
					n += w.served()
					w = newWorld(t)
					status = push(w, name, content)
				}
				if cost := after.TotalAlloc - before.TotalAlloc; cost > 150<<20 {
					t.Errorf("%.40q costs %d MB", name, cost>>20)
				}
				if status >= 500 {
					t.Errorf("%.40q is answered with %d", name, status)
				}
				if status < 400 {
					taken++
				}
				if door == "draft" { // the next one takes its place
					n += w.served()
				}
				if slices.Contains(onlyPictures, door) && status < 400 && !strings.Contains(name, "good.png") && !bytes.HasPrefix(content, []byte("\x89PNG")) {
					t.Errorf("%.40q is taken for a picture: %d", name, status)
				}
				if strings.HasPrefix(name, "bomb.png") && (slices.Contains(onlyPictures, door) || door == "article's file") && status != http.StatusBadRequest {
					t.Errorf("the bomb is answered with %d", status)
				}
			}
			runtime.ReadMemStats(&before)
			n += w.served()
			runtime.ReadMemStats(&after)
			if cost := after.TotalAlloc - before.TotalAlloc; cost > 400<<20 {
				t.Errorf("serving them costs %d MB", cost>>20)
			}
			t.Logf("%d of %d taken, %d addresses looked at, %d MB allocated to serve them", taken, len(files), n, (after.TotalAlloc-before.TotalAlloc)>>20)
			if n == 0 && !strings.HasPrefix(door, "import") && door != "article's film" {
				t.Error("nothing could be had: the test could not miss anything")
			}
		})
	}
}

// Every field of files in the database is either one of pictures for everybody
// or protected; a new one has to be thought about.
func TestEveryFieldOfFilesIsKnown(t *testing.T) {
	app := hookstest.New(t)
	all, err := app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range all {
		for _, f := range c.Fields {
			file, ok := f.(*core.FileField)
			if !ok || strings.HasPrefix(c.Name, "_") || c.Name == "users" {
				continue
			}
			n++
			if !file.Protected && !slices.Contains(upload.Shown[c.Name], file.Name) {
				t.Errorf("%s.%s is for everybody and its pictures are not looked at", c.Name, file.Name)
			}
			if !file.Protected && slices.Contains(file.MimeTypes, "image/svg+xml") || !file.Protected && len(file.MimeTypes) == 0 {
				t.Errorf("%s.%s takes anything and shows it to everybody", c.Name, file.Name)
			}
		}
	}
	if n < 6 {
		t.Errorf("only %d fields of files", n)
	}
}

// photo is a JPEG as a telephone makes it: with a place, a small picture of it,
// which way up it is, and a film behind its end.
func photo(t *testing.T, way byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	img.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	tiff := []byte{'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, way, 0, 0, 0, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0}
	exif := append(append([]byte("Exif\x00\x00"), tiff...), "GPS 23.8103N 90.4125E"...)
	segment := func(mark byte, body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(body)+2)), body...)
	}
	out := append([]byte{}, plain[:2]...)
	out = append(out, segment(0xe1, exif)...)
	out = append(out, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>GPS Dhaka</x>"))...)
	out = append(out, segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01profile"))...)
	out = append(out, segment(0xe2, []byte("MPF\x00GPS"))...)
	out = append(out, segment(0xfe, []byte("GPS comment"))...)
	out = append(out, plain[2:]...)
	return append(out, "ftypmp42 GPS film"...)
}

func TestPicturesForEverybodySayNotWhereTheyWereTaken(t *testing.T) {
	w := newWorld(t)
	raw := photo(t, 6)
	want, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, door := range []string{"article's file", "article's cover", "logo", "shop's cover", "face"} {
		if status := doors[door](w, "photo.jpg", raw); status != 200 {
			t.Fatalf("%s: %d", door, status)
		}
	}
	looked := 0
	for collection, fields := range upload.Shown {
		all, err := w.FindAllRecords(collection)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			for _, field := range fields {
				for _, name := range r.GetStringSlice(field) {
					looked++
					kept, err := os.ReadFile(path.Join(w.DataDir(), "storage", r.BaseFilesPath(), name))
					if err != nil {
						t.Fatal(err)
					}
					if bytes.Contains(kept, []byte("GPS")) || !bytes.Contains(kept, []byte("ICC_PROFILE")) {
						t.Errorf("%s.%s tells where it was taken, or lost its colours", collection, field)
					}
					got, err := jpeg.Decode(bytes.NewReader(kept))
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(got.(*image.YCbCr).Y, want.(*image.YCbCr).Y) {
						t.Errorf("%s.%s was encoded anew", collection, field)
					}
					if !bytes.Contains(kept, []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
						t.Errorf("%s.%s lies on its side", collection, field)
					}
				}
			}
		}
	}
	if looked != 5 {
		t.Errorf("%d pictures were looked at", looked)
	}
}

func TestBareOfOtherKinds(t *testing.T) {
	plain := pngOf(t, 9, 9)
	chunk := func(kind, body string) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		b = append(b, kind+body...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body)))
	}
	raw := append(slices.Clone(plain[:33]), chunk("eXIf", "GPS")...)
	raw = append(append(raw, chunk("tEXt", "where\x00GPS")...), plain[33:]...)
	if got, err := upload.Bare("png", append(raw, "GPS tail"...)); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("PNG: %v, %d bytes instead of %d", err, len(got), len(plain))
	}
	webp, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	body := append([]byte("VP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00"), webp[12:]...)
	body = append(body, "EXIF\x03\x00\x00\x00GPS\x00XMP \x04\x00\x00\x00GPS!"...)
	full := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4))
	full = append(append(full, "WEBP"...), body...)
	got, err := upload.Bare("webp", full)
	if err != nil || bytes.Contains(got, []byte("GPS")) || got[20]&0x0c != 0 || int(binary.LittleEndian.Uint32(got[4:])) != len(got)-8 {
		t.Errorf("WebP: %v %q", err, got)
	}
	if _, _, err := image.DecodeConfig(bytes.NewReader(got)); err != nil {
		t.Errorf("WebP: %v", err)
	}
}

// FuzzBare takes anything, and what it lets through is still a picture of the
// same size.
func FuzzBare(f *testing.F) {
	t := new(testing.T)
	f.Add("jpeg", photo(t, 3))
	f.Add("png", pngOf(t, 3, 3))
	f.Add("webp", []byte("RIFF\x04\x00\x00\x00WEBPVP8X"))
	f.Fuzz(func(t *testing.T, kind string, raw []byte) {
		if len(raw) < 12 {
			return
		}
		bare, err := upload.Bare(kind, raw)
		if err != nil {
			return
		}
		a, _, aerr := image.DecodeConfig(bytes.NewReader(raw))
		b, _, berr := image.DecodeConfig(bytes.NewReader(bare))
		if aerr == nil && (berr != nil || a.Width != b.Width || a.Height != b.Height) {
			t.Errorf("%v became %v, %v", a, b, berr)
		}
		if again, err := upload.Bare(kind, bare); err != nil || len(again) > len(bare) {
			t.Errorf("a second time: %v", err)
		}
	})
}
