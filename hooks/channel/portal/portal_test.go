package portal

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest/template"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/outbox"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

type server struct {
	*httptest.Server
	app  core.App
	room *Room
	jar  http.Client
}

// start runs the portal on a migrated database, with the real pages.
func start(t *testing.T) *server {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: template.Copy(t)})
	texts, err := i18n.Load(os.DirFS("../../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	set := settings.Register(app)
	group := lifecycle.New(app)
	conversation.Register(app, conversation.Deps{Group: group, Stream: &live.Server{Hub: live.NewHub()}, Keys: set.Keys, Router: channel.Router{}, Outbox: outbox.Register(app, group)})
	pages := site.New(site.Options{Embedded: os.DirFS("../../../pb_public"), Catalogue: texts})
	pages.Register(app)
	room := Register(app, Deps{Site: pages, Catalogue: texts, Keys: set.Keys})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.ClearBootstrap() })
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router}, func(*core.ServeEvent) error { return nil }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(group.Stop)
	mux, err := router.BuildMux()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: httptest.NewServer(mux), app: app, room: room}
	s.jar.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
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

func (s *server) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	res, err := s.jar.Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return res, read(t, res)
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

type part struct{ name, file, value string }

// post sends the form as a browser without JavaScript does.
func (s *server) post(t *testing.T, path string, parts ...part) (*http.Response, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var dst io.Writer
		var err error
		if p.name == "files" {
			dst, err = w.CreateFormFile(p.name, p.file)
		} else {
			dst, err = w.CreateFormField(p.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(dst, p.value)
	}
	_ = w.Close()
	res, err := s.jar.Post(s.URL+path, w.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	return res, read(t, res)
}

// stamp is the hidden field of a page that was opened a minute ago.
func (s *server) stamp() string { return form.NewStamp(s.room.Keys(), time.Now().Add(-time.Minute)) }

func (s *server) count(t *testing.T, collection string) int64 {
	t.Helper()
	n, err := s.app.CountRecords(collection)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func asked(stamp string) []part {
	return []part{{"form", "", stamp}, {"contact", "", "Nusrat@Example.com"}, {"name", "", " Nusrat  Jahan "}, {"message", "", "শাড়িটা কি নীল রঙে আছে?\r\nঅর্ডার ১২"}, {"leave_empty", "", ""}, {"files", "", ""}}
}

func TestAQuestionBecomesAConversation(t *testing.T) {
	s := start(t)
	parts := append(asked(s.stamp())[:5:5], part{"files", "../../saree.png", "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 5000)}, part{"files", "note.txt", "blue please"})
	res, _ := s.post(t, "/ask?lang=bn", parts...)
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", res.StatusCode)
	}
	conv, err := s.app.FindFirstRecordByFilter(schema.Conversations, "channel='portal'")
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{schema.ConvEmail: "nusrat@example.com", schema.ConvLanguage: "bn", schema.ConvStatus: "open", schema.ConvSubject: "শাড়িটা কি নীল রঙে আছে?"} {
		if got := conv.GetString(field); got != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
	msg, err := s.app.FindFirstRecordByFilter(schema.Messages, "kind='incoming'")
	if err != nil {
		t.Fatal(err)
	}
	if got := msg.GetString(schema.MsgText); got != "শাড়িটা কি নীল রঙে আছে?\nঅর্ডার ১২" {
		t.Errorf("text = %q", got)
	}
	if files := msg.GetStringSlice(schema.MsgFiles); len(files) != 2 || strings.Contains(files[0], "/") {
		t.Errorf("files = %v", files)
	}
	who, err := s.app.FindRecordById(schema.Contacts, conv.GetString(schema.ConvContact))
	if err != nil || who.GetString(schema.ContactName) != "Nusrat Jahan" {
		t.Errorf("contact = %v, %v", who, err)
	}

	thanks, body := s.get(t, res.Header.Get("Location"))
	if thanks.StatusCode != 200 || !strings.Contains(body, "#১০০১") || !strings.Contains(body, "nu••••@example.com") {
		t.Errorf("thanks: %d %s", thanks.StatusCode, body)
	}
	if strings.Contains(body, "nusrat@example.com") || strings.Contains(body, "<form") {
		t.Error("the page of thanks shows the whole address or the form")
	}
	s.room.Help = func(*core.RequestEvent, string) (site.Values, error) { return site.Values{"help": true}, nil }
	if _, body = s.get(t, res.Header.Get("Location")); strings.Count(body, `href="/help/`) != 2 {
		t.Error("the thanks do not lead to the help centre from bar and foot")
	}
	if _, body = s.post(t, "/ask?lang=en", set("contact", "")(asked(s.stamp()))...); strings.Count(body, `href="/help/en/"`) != 2 || strings.Contains(body, "topics-title") {
		t.Error("beside mistakes the help centre is missing from bar and foot, or its articles are in the way")
	}
}

func TestPressingTwiceIsOneQuestion(t *testing.T) {
	s := start(t)
	s.room.limiter = limit.New(time.Millisecond, 1000)
	stamp := s.stamp()
	var places sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			res, _ := s.post(t, "/ask", asked(stamp)...)
			places.Store(res.Header.Get("Location"), true)
		})
	}
	wg.Wait()
	var n int
	places.Range(func(any, any) bool { n++; return true })
	if got := s.count(t, schema.Messages); got != 1 || n != 1 {
		t.Errorf("%d messages, %d pages of thanks", got, n)
	}
	other := asked(stamp)
	other[3].value = "And something else"
	if res, _ := s.post(t, "/ask", other...); res.StatusCode != http.StatusSeeOther || s.count(t, schema.Messages) != 2 {
		t.Error("another question from the same page was taken for the first")
	}
	if res, _ := s.post(t, "/ask", asked(s.stamp())...); res.StatusCode != http.StatusSeeOther || s.count(t, schema.Messages) != 3 {
		t.Error("the same words from another page are another question")
	}
}

func TestMistakesAreNamedAndEverythingTypedStays(t *testing.T) {
	s := start(t)
	s.room.limiter = limit.New(time.Millisecond, 1000)
	s.shop(t, map[string]any{"attachment_mb": 1})
	big := strings.Repeat("x", 1<<20+1)
	cases := []struct {
		name   string
		change func(p []part) []part
		say    string
		field  string
	}{
		{"no contact", set("contact", " "), "Please give an e-mail address or a phone number", "contact"},
		{"half an address", set("contact", "nusrat@"), "neither an e-mail address nor a phone number", "contact"},
		{"an address without a domain", set("contact", "nusrat@shop"), "neither an e-mail address nor a phone number", "contact"},
		{"two addresses", set("contact", "a@example.com, b@example.com"), "neither an e-mail address nor a phone number", "contact"},
		{"words", set("contact", "call me"), "neither an e-mail address nor a phone number", "contact"},
		{"three digits", set("contact", "999"), "neither an e-mail address nor a phone number", "contact"},
		{"no question", set("message", "  \n "), "Please write your question.", "message"},
		{"a long question", set("message", strings.Repeat("ক", 5001)), "shorten the question to 5000", "message"},
		{"a long name", set("name", strings.Repeat("ক", 101)), "shorten the name to 100", "name"},
		{"a big file", file("film.mp4", big), "film.mp4 is too big. A file can be up to 1 MB.", "files"},
		{"a program", file("invoice.pdf.exe", "MZ\x90\x00"+strings.Repeat("\x00", 300)), "cannot be sent", "files"},
		{"a page", file("photo.jpg", "<!doctype html><script>alert(1)</script>"), "photo.jpg cannot be sent", "files"},
		{"a drawing with a script", file("a.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), "a.svg cannot be sent", "files"},
		{"an empty file", file("nothing.txt", ""), "nothing.txt is empty", "files"},
		{"four files", func(p []part) []part {
			for range 4 {
				p = append(p, part{"files", "a.txt", "text"})
			}
			return p
		}, "add 3 files at a time", "files"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			parts := asked(s.stamp())
			parts[2].value, parts[3].value = `A "quoted" <name>`, "A question\nin <two> lines & more"
			parts = tc.change(parts)
			res, body := s.post(t, "/ask?lang=en", parts...)
			if res.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("status %d", res.StatusCode)
			}
			if got := html.UnescapeString(regexp.MustCompile(`data-[a-z-]+="[^"]*"`).ReplaceAllString(body, "")); strings.Count(got, tc.say) != 2 {
				t.Errorf("%q is said %d times, want above the form and under the field", tc.say, strings.Count(got, tc.say))
			}
			if !strings.Contains(body, `<a href="#`+tc.field+`">`) || !regexp.MustCompile(`id="`+tc.field+`"[^>]* aria-invalid="true"`).MatchString(body) {
				t.Error("the field is not marked or not linked")
			}
			for _, p := range parts {
				if (p.name == "name" || p.name == "contact") && !strings.Contains(body, `value="`+html.EscapeString(form.OneLine(p.value))+`"`) {
					t.Errorf("%s is lost", p.name)
				}
				if p.name == "message" && !strings.Contains(body, html.EscapeString(strings.TrimSpace(p.value))+"</textarea>") {
					t.Error("the question is lost")
				}
			}
			if res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control = %q", res.Header.Get("Cache-Control"))
			}
		})
	}
	if n := s.count(t, schema.Conversations); n != 0 {
		t.Errorf("%d conversations were opened", n)
	}
	left, _ := os.ReadDir(os.TempDir())
	for _, f := range left {
		if info, err := f.Info(); err == nil && strings.HasPrefix(f.Name(), "shohay-form-") && time.Since(info.ModTime()) < time.Minute {
			t.Errorf("%s is left behind", f.Name())
		}
	}
}

func set(name, value string) func([]part) []part {
	return func(p []part) []part {
		for i := range p {
			if p[i].name == name {
				p[i].value = value
			}
		}
		return p
	}
}

func file(name, content string) func([]part) []part {
	return func(p []part) []part { return append(p, part{"files", name, content}) }
}

func TestAnotherMistakeReminds(t *testing.T) {
	s := start(t)
	_, body := s.post(t, "/ask?lang=en", file("a.txt", "text")(set("contact", "")(asked(s.stamp())))...)
	if !strings.Contains(body, "Please add the files again") {
		t.Error("nothing says that the file has to be chosen again")
	}
}

func TestTelephoneNumbersCount(t *testing.T) {
	for number, want := range map[string]string{"01711-204437": "01711204437", "০১৭১১ ২০৪৪৩৭": "01711204437", "+880 1711 204437": "+8801711204437"} {
		f := question{contact: number}
		if got := f.identity(); got.Kind != schema.KindPhone || got.Value != want {
			t.Errorf("%s is %v", number, got)
		}
	}
	s := start(t)
	res, _ := s.post(t, "/ask?lang=bn", set("contact", "০১৭১১-২০৪৪৩৭")(asked(s.stamp()))...)
	_, body := s.get(t, res.Header.Get("Location"))
	if !strings.Contains(body, "০১৭•••••৪৩৭ নম্বরে") {
		t.Error("the thanks do not say where the answer goes:", body)
	}
}

func TestMachinesAreHeldUpWithASentence(t *testing.T) {
	s := start(t)
	s.room.limiter = limit.New(time.Millisecond, 1000)
	hidden := regexp.MustCompile(`name="form" value="([^"]+)"`)
	for name, tc := range map[string]struct {
		parts []part
		say   string
	}{
		"the hidden field":    {set("leave_empty", "buy now")(asked(s.stamp())), "A field that people do not see"},
		"at once":             {asked(form.NewStamp(s.room.Keys(), time.Now())), "That was very quick"},
		"a page of last week": {asked(form.NewStamp(s.room.Keys(), time.Now().Add(-80*time.Hour))), "open for a long time"},
		"no stamp":            {asked(""), "open for a long time"},
		"a forged stamp":      {asked(s.stamp() + "x"), "open for a long time"},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.count(t, schema.Messages)
			res, body := s.post(t, "/ask?lang=en", tc.parts...)
			if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, tc.say) || s.count(t, schema.Messages) != before {
				t.Fatalf("status %d, %d messages: %s", res.StatusCode, s.count(t, schema.Messages), body)
			}
			if name == "at once" {
				return // a moment later the same page is good
			}
			// a person presses again on the page they got
			again := asked(hidden.FindStringSubmatch(body)[1])
			if res, body := s.post(t, "/ask?lang=en", again...); res.StatusCode != http.StatusSeeOther {
				t.Errorf("pressing again: %d %s", res.StatusCode, body)
			}
		})
	}
}

func TestTooManyQuestionsFromOneAddress(t *testing.T) {
	s := start(t)
	s.room.limiter = limit.New(time.Minute, 2)
	for i := range 2 {
		if res, _ := s.post(t, "/ask", asked(s.stamp())...); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("question %d: %d", i, res.StatusCode)
		}
	}
	res, body := s.post(t, "/ask?lang=bn", asked(s.stamp())...)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
	}
	if !strings.Contains(body, "একটু আগে অনেক প্রশ্ন এসেছে। ১ মিনিট পরে") || !strings.Contains(body, "শাড়িটা কি নীল রঙে আছে?") {
		t.Error("the page does not say so, or forgets the question:", body)
	}
	stamp, work := s.stamp(), 0
	for !form.Work(stamp, fmt.Sprint(work)) {
		work++
	}
	for i := range 4 { // what was computed once counts a few times, not for ever
		want := http.StatusSeeOther
		if i == 3 {
			want = http.StatusTooManyRequests
		}
		if res, _ := s.post(t, "/ask", append(asked(stamp), part{"order", "", fmt.Sprint(i)}, part{"work", "", fmt.Sprint(work)})...); res.StatusCode != want {
			t.Errorf("work sent %d times: %d", i+1, res.StatusCode)
		}
	}
}

func TestNetworks(t *testing.T) {
	for address, want := range map[string]string{"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "?": "?"} {
		if got := limit.Network(address); got != want {
			t.Errorf("network(%s) = %s", address, got)
		}
	}
}

func TestADatabaseThatFailsLosesNothing(t *testing.T) {
	s := start(t)
	s.room.receive = func(core.App, conversation.Incoming) (conversation.Received, error) {
		return conversation.Received{}, errors.New("disk full")
	}
	res, body := s.post(t, "/ask?lang=en", asked(s.stamp())...)
	if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "We could not save your question") || !strings.Contains(body, "শাড়িটা কি নীল রঙে আছে?") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if strings.Contains(body, "disk full") {
		t.Error("the reason is shown to a stranger")
	}
}

func TestThanksOpenOnlyWithTheirLink(t *testing.T) {
	s := start(t)
	res, _ := s.post(t, "/ask?lang=en", asked(s.stamp())...)
	link, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	q := link.Query()
	for name, n := range map[string][2]string{"no key": {"1001", ""}, "another number": {"1002", q.Get("k")}, "no number": {"", q.Get("k")}, "a filter": {"1001' || 1=1", q.Get("k")}} {
		res, _ := s.get(t, "/ask?"+url.Values{"n": {n[0]}, "k": {n[1]}}.Encode())
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/?") {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res, body := s.get(t, link.String()); res.StatusCode != 200 || !strings.Contains(body, "#1001") {
		t.Errorf("the link itself: %d", res.StatusCode)
	}
}

func TestBodiesThatAreNoForm(t *testing.T) {
	s := start(t)
	for kind, body := range map[string]string{
		"multipart/form-data; boundary=x": "--x\r\nbroken",
		"multipart/form-data":             "no boundary",
		"application/json":                `{"message":"hi"}`,
		"":                                "",
	} {
		res, err := s.jar.Post(s.URL+"/ask?lang=en", kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if text := read(t, res); res.StatusCode < 400 || res.StatusCode >= 500 || !strings.Contains(text, "<form") {
			t.Errorf("%s: %d", kind, res.StatusCode)
		}
	}
	form := url.Values{"form": {s.stamp()}, "contact": {"a@example.com"}, "message": {"plain"}}
	if res, err := s.jar.PostForm(s.URL+"/ask", form); err != nil || res.StatusCode != http.StatusSeeOther {
		t.Errorf("a form without files: %v %v", res, err)
	}
}

func TestPageShowsWhatTheShopIs(t *testing.T) {
	s := start(t)
	res, body := s.get(t, "/?lang=en")
	if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("%d %s", res.StatusCode, res.Header.Get("Cache-Control"))
	}
	for _, absent := range []string{"tel:", "mailto:", "Opening hours", "<aside", "Back to the shop"} {
		if strings.Contains(body, absent) {
			t.Errorf("a shop that said nothing shows %s", absent)
		}
	}
	s.shop(t, map[string]any{
		"name": "রূপালী স্টোর", "phone": "01711-204437", "email": "help@rupali.example", "website": "https://www.rupali.example/shop",
		"address": "বাড়ি ১২,\nমিরপুর, ঢাকা", "tagline": "শাড়ি ও পাঞ্জাবি", "widget_position": "left",
	})
	for d := range 7 {
		c, _ := s.app.FindCollectionByNameOrId(schema.OfficeHours)
		r := core.NewRecord(c)
		r.Load(map[string]any{"day": fmt.Sprint(d), "opens": "09:00", "closes": "22:00"})
		if err := s.app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	dhaka := settings.Shop(s.app).Location()
	s.room.now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, dhaka) }
	_, body = s.get(t, "/?lang=bn")
	for _, want := range []string{
		`<html lang="bn">`, "রূপালী স্টোর: সহায়তা", `href="tel:01711204437"`, "০১৭১১-২০৪৪৩৭", `href="mailto:help@rupali.example"`,
		`href="https://www.rupali.example/shop"`, "rupali.example/shop", "প্রতিদিন", "সকাল ৯টা থেকে রাত ১০টা", "এখন খোলা, রাত ১০টা পর্যন্ত",
		"সাধারণত ৩০ মিনিটে উত্তর দিই", "শাড়ি ও পাঞ্জাবি", `href="?lang=en&amp;chosen=en"`, ">English<", `data-position="left"`, "সর্বোচ্চ ৩টি ফাইল, প্রতিটি ১০ এমবি পর্যন্ত",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	s.room.now = func() time.Time { return time.Date(2026, 11, 22, 23, 0, 0, 0, dhaka) }
	if _, body = s.get(t, "/?lang=en"); !strings.Contains(body, "Closed now, opens tomorrow at 9 am") || strings.Contains(body, "Usually replies") {
		t.Error("a closed shop promises quick answers")
	}
	s.shop(t, map[string]any{"website": "https://x.example", "widget_enabled": false})
	if _, body = s.get(t, "/"); strings.Contains(body, "widget.js") {
		t.Error("the chat is shown although it is switched off")
	}
	if strings.Contains(body, "{{") || strings.Contains(body, "portal.") && strings.Contains(body, ">portal.") {
		t.Error("holes are left open")
	}
}

func TestSubjects(t *testing.T) {
	for message, want := range map[string]string{
		"Short\nand more":           "Short",
		strings.Repeat("word ", 30): "word word word word word word word word word word word word word…",
		strings.Repeat("ক", 100):    strings.Repeat("ক", 69) + "…",
	} {
		f := question{message: message}
		if got := f.subject(); got != want {
			t.Errorf("subject of %.20q = %q, want %q", message, got, want)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhi\r\n--x--\r\n"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n\x00\r\n--x--\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/ask", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		q, err := readQuestion(r, 1000)
		defer func() { q.Close() }()
		if err == nil {
			q.check(1000, func(int64) string { return "" })
			if len(q.key()) != 40 {
				t.Error("no key")
			}
		}
	})
}

func TestAQuestionSaysItsOrderAndTopic(t *testing.T) {
	s := start(t)
	parts := append(asked(s.stamp()), part{name: "order", value: " RS-1042 "}, part{name: "topic", value: "delivery"})
	if res, body := s.post(t, "/ask?lang=en", parts...); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode, body)
	}
	m, err := s.app.FindFirstRecordByFilter(schema.Messages, schema.MsgKind+"='incoming'")
	if err != nil || !strings.HasSuffix(m.GetString(schema.MsgText), "\n\nOrder number: RS-1042\nWhat is it about?: Delivery") {
		t.Errorf("%q %v", m.GetString(schema.MsgText), err)
	}
	parts = append(asked(s.stamp()), part{name: "topic", value: "nonsense"}, part{name: "order", value: strings.Repeat("9", 61)})
	if res, body := s.post(t, "/ask?lang=en", parts...); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "shorten the order number to 60 letters") {
		t.Error(res.StatusCode)
	}
}

func TestABrowserThatHasWorkedMayAskMore(t *testing.T) {
	stamp := form.NewStamp((&settings.Keys{}), time.Now())
	if form.Work(stamp, "") {
		t.Error("nothing was done")
	}
	found := 0
	for n := range 200_000 {
		if form.Work(stamp, fmt.Sprint(n)) {
			found++
		}
	}
	if found < 20 || found > 120 {
		t.Errorf("%d of 200,000 numbers are work, about 49 should be", found)
	}
	if form.Work("other."+stamp, "") {
		t.Error("no work for another stamp")
	}
}
