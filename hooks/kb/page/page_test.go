package page_test

import (
	"encoding/json/v2"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type world struct {
	*hookstest.App
	t    *testing.T
	base string
}

func start(t *testing.T) *world {
	t.Helper()
	app := hookstest.New(t)
	app.Shop(map[string]any{"name": "Rupali", "languages": []string{"bn", "en"}, "language": "bn"})
	return &world{App: app, t: t, base: app.Serve()}
}

func (w *world) put(collection string, values map[string]any) *core.Record {
	w.t.Helper()
	c, err := w.FindCollectionByNameOrId(collection)
	if err != nil {
		w.t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(values)
	if err := w.Save(r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) article(title, body string, more ...any) *core.Record {
	w.t.Helper()
	values := map[string]any{"language": "en", "title": title, "body": body, "status": "published"}
	for i := 0; i < len(more); i += 2 {
		values[more[i].(string)] = more[i+1]
	}
	return w.put(schema.Articles, values)
}

func (w *world) get(path string, head ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.base+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) (*http.Response, string) {
	w.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res, string(body)
}

func (w *world) vote(form url.Values, head ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.base+"/help/vote?lang=en", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	return w.do(req)
}

var echo = regexp.MustCompile(`value="[^"]*"|[?&](amp;)?q=[^"&]*`)

// Whatever a guest may ask for, by every way there is: what is not public is
// in no answer.
func TestDraftsAndInternalArticlesNeverReachAGuest(t *testing.T) {
	w := start(t)
	c := w.put(schema.Categories, map[string]any{"slug": "topic", "titles": map[string]string{"en": "Topic", "bn": "বিষয়"}})
	public := w.article("A public article", "<p>Zebra for all.</p>", "category", c.Id, "slug", "public")
	secrets := map[string]*core.Record{
		"draft":                w.article("Draft Quokka", "<p>Zebra quokka one.</p>", "status", "draft", "category", c.Id, "slug", "draft-one"),
		"internal":             w.article("Internal Quokka", "<p>Zebra quokka two.</p>", "internal", true, "category", c.Id, "slug", "internal-two"),
		"draft translation":    w.article("খসড়া Quokka", "<p>Zebra quokka three.</p>", "language", "bn", "status", "draft", "group", public.GetString("group"), "slug", "public"),
		"internal draft":       w.article("Both Quokka", "<p>Zebra quokka four.</p>", "internal", true, "status", "draft", "slug", "both"),
		"published then taken": w.article("Taken Quokka", "<p>Zebra quokka five.</p>", "category", c.Id, "slug", "taken-five"),
	}
	w.get("/help/en/taken-five") // was in the library
	taken := secrets["published then taken"]
	taken.Set("slug", "taken-again") // and has an old address
	taken.Set("status", "draft")
	if err := w.Save(taken); err != nil {
		t.Fatal(err)
	}
	public.Set("related", []string{secrets["draft"].Id, secrets["internal"].Id, taken.Id})
	public.Set("edit", map[string]any{"title": "Unpublished Quokka", "body": "quokka six"})
	if err := w.Save(public); err != nil {
		t.Fatal(err)
	}

	paths := []string{
		"/", "/?lang=en", "/help/", "/help/en/", "/help/bn/", "/help/en/topic/", "/help/bn/topic/", "/help/en/public", "/help/bn/public", "/help/public",
		"/help/en/public?voted=no", "/help/en/draft-one", "/help/draft-one", "/help/en/internal-two", "/help/internal-two/", "/help/en/taken-five", "/help/en/taken-again",
		"/help/en/feed.xml", "/help/bn/feed.xml", "/sitemap.xml", "/help/search?q=quokka&lang=en", "/help/search?q=zebra&lang=en", "/help/search?q=zebra&lang=bn",
		"/api/help/search?q=quokka", "/api/help/search?q=zebra&lang=en", "/api/help/search?q=Draft", "/api/help/search?q=inter&typing=1",
		"/api/collections/articles/records", "/api/collections/article_versions/records", "/api/collections/categories/records?expand=articles_via_category",
		"/help/en/does-not-exist", "/help/..%2f", "/help/en/%FF", "/help/en/draft-one/x",
	}
	for _, r := range secrets {
		paths = append(paths, "/help/en/"+r.Id, "/help/bn/"+url.PathEscape(r.GetString("slug")), "/api/collections/articles/records/"+r.Id)
	}
	for _, path := range paths {
		res, body := w.get(path)
		// the field says again what was asked, and so do the links to the page itself
		said := echo.ReplaceAllString(strings.ToLower(body), "")
		if strings.Contains(said, "quokka") {
			t.Errorf("%s (%d) tells of what is not public: %.2000s", path, res.StatusCode, body)
		}
		if res.StatusCode >= 500 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		for name, r := range secrets {
			if strings.Contains(said, r.Id) {
				t.Errorf("%s names the id of the %s", path, name)
			}
		}
	}
	for _, path := range []string{"/help/en/draft-one", "/help/en/internal-two", "/help/en/taken-five", "/help/en/never-was"} {
		if res, _ := w.get(path); res.StatusCode != 404 {
			t.Errorf("%s: %d; what is not public must look like what does not exist", path, res.StatusCode)
		}
	}
	for name, r := range secrets {
		if res, _ := w.vote(url.Values{"article": {r.Id}, "vote": {"yes"}}); res.StatusCode != 404 {
			t.Errorf("a guest votes on the %s: %d", name, res.StatusCode)
		}
	}
	if n, err := w.CountRecords(schema.ArticleVotes); err != nil || n != 0 {
		t.Errorf("%d votes (%v)", n, err)
	}
}

func TestAnArticlePageIsComplete(t *testing.T) {
	w := start(t)
	c := w.put(schema.Categories, map[string]any{"titles": map[string]string{"en": "Returns", "bn": "ফেরত"}, "icon": "return"})
	var body strings.Builder
	for i := range 4 {
		fmt.Fprintf(&body, "<h2>Part %d</h2><p>%s</p>", i, strings.Repeat("word ", 150))
	}
	body.WriteString(`<table><tr><td>a</td></tr></table><script>alert(1)</script><img src="https://elsewhere.test/x.png"><p onclick="x()">end</p>`)
	en := w.article("How do I return it?", body.String(), "category", c.Id, "slug", "return", "summary", `Within "7" days </script><b>`)
	w.article("ফেরত দেব কীভাবে?", "<p>৭ দিনের মধ্যে।</p>", "language", "bn", "group", en.GetString("group"), "category", c.Id, "slug", "return")
	w.article("Only in English", "<p>Text.</p>", "category", c.Id, "slug", "only")

	res, page := w.get("/help/en/return")
	if res.StatusCode != 200 {
		t.Fatal(res.StatusCode, page)
	}
	for _, want := range []string{
		`<html lang="en">`, `<title>How do I return it? · Rupali</title>`, `<link rel="canonical" href="` + w.base + `/help/en/return">`,
		`hreflang="bn" href="` + w.base + `/help/bn/return"`, `<meta name="description" content="Within &#34;7&#34; days &lt;/script&gt;&lt;b&gt;">`,
		`property="og:type" content="article"`, `id="part-0"`, `href="#part-3"`, `<div class="wide" tabindex="0"><table>`, `method="post" action="/help/vote?lang=en"`,
		`href="/help/en/returns/"`, `/help/en/only`, "3 minutes to read", `action="/help/search"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"alert(1)", "elsewhere.test", "onclick", "{{", ">portal."} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "frame-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Error("the policy is", policy)
	}

	raw := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(page)
	if raw == nil {
		t.Fatal("no structured data")
	}
	var data struct {
		Graph []struct {
			Type     string `json:"@type"`
			Headline string `json:"headline"`
			Items    []struct {
				Item string `json:"item"`
			} `json:"itemListElement"`
			Main any `json:"mainEntity"`
		} `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(raw[1]), &data); err != nil {
		t.Fatal(err)
	}
	types := ""
	for _, thing := range data.Graph {
		types += thing.Type + " "
	}
	if types != "BreadcrumbList Article FAQPage " || len(data.Graph[0].Items) != 4 || data.Graph[1].Headline != "How do I return it?" {
		t.Errorf("structured data: %s %+v", types, data.Graph)
	}

	again, _ := w.get("/help/en/return", "If-None-Match", res.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Error("asked again:", again.StatusCode)
	}
	if _, page := w.get("/help/bn/only"); !strings.Contains(page, `<html lang="bn">`) || !strings.Contains(page, `class="prose" lang="en"`) || !strings.Contains(page, `rel="canonical" href="`+w.base+`/help/en/only"`) {
		t.Error("an article that exists in another language only is not shown, or not as such")
	}
	for _, c := range []struct{ path, accept, to string }{
		{"/help/return", "bn", "/help/bn/return"}, {"/help/return", "en", "/help/en/return"}, {"/help/only", "bn", "/help/en/only"}, {"/help/", "en", "/help/en/"},
		{"/help", "", "/help/"}, {"/help/en/returns", "", "/help/en/returns/"}, {"/help/en/return/", "", "/help/en/return"}, {"/help/EN/return", "en", ""},
	} {
		res, _ := w.get(c.path, "Accept-Language", c.accept)
		if res.Header.Get("Location") != c.to {
			t.Errorf("%s (%s) leads to %q instead of %q (%d)", c.path, c.accept, res.Header.Get("Location"), c.to, res.StatusCode)
		}
	}
}

func TestAnOldAddressLeadsToTheNewOne(t *testing.T) {
	w := start(t)
	r := w.article("Return policy", "<p>Text.</p>", "slug", "first")
	for _, slug := range []string{"second", "third"} {
		r.Set("slug", slug)
		if err := w.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, old := range []string{"/help/en/first", "/help/en/second", "/help/first"} {
		if res, _ := w.get(old); res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "/help/en/third" {
			t.Errorf("%s: %d %s", old, res.StatusCode, res.Header.Get("Location"))
		}
	}
	w.article("Another", "<p>Text.</p>", "slug", "first") // an address that is in use again
	if res, _ := w.get("/help/en/first"); res.StatusCode != 200 {
		t.Error("the new owner of an old address:", res.StatusCode)
	}
	r.Set("slug", "first")
	if err := w.Save(r); err == nil {
		t.Error("two articles have one address")
	}
	if res, _ := w.get("/help?lang=bn"); res.Header.Get("Location") != "/help/?lang=bn" {
		t.Errorf("the short address leads to %q", res.Header.Get("Location"))
	}
}

func TestAReaderVotesOnceWithoutAScript(t *testing.T) {
	w := start(t)
	r := w.article("Return policy", "<p>Text.</p>", "slug", "return")
	form := url.Values{"article": {r.Id}, "vote": {"no"}, "lang": {"en"}}
	res, _ := w.vote(form)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/help/en/return?voted=no#helpful" {
		t.Fatal(res.StatusCode, res.Header.Get("Location"))
	}
	if _, page := w.get("/help/en/return?voted=no"); !strings.Contains(page, `name="reason" value="unclear"`) || strings.Contains(page, "<template>") || !strings.Contains(page, `content="noindex"`) {
		t.Error("the reason is not asked for")
	}
	form.Set("reason", "unclear")
	form.Set("comment", " Too long. ")
	if res, _ = w.vote(form); res.Header.Get("Location") != "/help/en/return?voted=done#helpful" {
		t.Error(res.Header.Get("Location"))
	}
	votes, err := w.FindAllRecords(schema.ArticleVotes)
	if err != nil || len(votes) != 1 || votes[0].GetBool("helpful") || votes[0].GetString("reason") != "unclear" || votes[0].GetString("comment") != "Too long." {
		t.Fatalf("%v %v", votes, err)
	}
	tally := func(up, down int) {
		t.Helper()
		r, err := w.FindRecordById(schema.Articles, r.Id)
		if err != nil || r.GetInt("votes_up") != up || r.GetInt("votes_down") != down {
			t.Errorf("%d up, %d down instead of %d and %d (%v)", r.GetInt("votes_up"), r.GetInt("votes_down"), up, down, err)
		}
	}
	tally(0, 1)
	w.vote(url.Values{"article": {r.Id}, "vote": {"yes"}}) // they changed their mind
	tally(1, 0)
	w.vote(url.Values{"article": {r.Id}, "vote": {"yes"}}, "User-Agent", "another browser")
	tally(2, 0)
	if res, body := w.vote(url.Values{"article": {r.Id}, "vote": {"no"}}, "Accept", "application/json", "User-Agent", "a third"); res.StatusCode != 200 || !strings.Contains(body, `"next":"no"`) {
		t.Error(res.StatusCode, body)
	}
	if res, _ := w.vote(url.Values{"article": {r.Id}, "vote": {"yes"}}, "Sec-Fetch-Site", "cross-site"); res.StatusCode != 403 {
		t.Error("another site votes:", res.StatusCode)
	}
	many := 0
	for i := range 40 {
		if res, _ := w.vote(url.Values{"article": {r.Id}, "vote": {"yes"}}, "User-Agent", fmt.Sprint("machine ", i)); strings.Contains(res.Header.Get("Location"), "voted=many") {
			many++
		}
	}
	if many == 0 {
		t.Error("a machine votes without end")
	}
}

func TestViewsAreCountedAndWrittenTogether(t *testing.T) {
	w := start(t)
	r := w.article("Return policy", "<p>Text.</p>", "slug", "return")
	for range 3 {
		w.get("/help/en/return")
	}
	w.get("/help/en/return", "User-Agent", "Googlebot/2.1")
	w.get("/help/en/return?voted=yes")
	if err := w.Rooms.Knowledge.FlushViews(w.App); err != nil {
		t.Fatal(err)
	}
	now, err := w.FindRecordById(schema.Articles, r.Id)
	if err != nil || now.GetInt("views") != 3 || now.GetString("updated") != r.GetString("updated") {
		t.Errorf("%d views, updated %s then %s (%v)", now.GetInt("views"), r.GetString("updated"), now.GetString("updated"), err)
	}
}

func TestWhatIsReadMostIsNotListedAsNewToo(t *testing.T) {
	w := start(t)
	for i := range 5 {
		w.article(fmt.Sprintf("Article %d", i), "<p>Text.</p>")
	}
	l, err := w.Rooms.Knowledge.Library(w.App)
	if err != nil {
		t.Fatal(err)
	}
	popular := l.Popular("en", 3)
	fresh := l.New("en", 6, popular)
	if len(popular) != 3 || len(fresh) != 2 {
		t.Fatal(len(popular), len(fresh))
	}
	for _, p := range popular {
		for _, f := range fresh {
			if p.Group == f.Group {
				t.Error(p.Title, "is in both lists")
			}
		}
	}
	if more := l.New("en", 6, l.Popular("en", 6)); len(more) != 0 {
		t.Error("something is left to be new:", more)
	}
}

func TestFilmsAreLoadedOnlyAfterAClick(t *testing.T) {
	w := start(t)
	w.article("Film", "<p>Text.</p>", "slug", "film", "video", "https://youtu.be/dQw4w9WgXcQ?t=3")
	res, page := w.get("/help/en/film")
	if strings.Contains(page, "<iframe") || strings.Contains(page, "ytimg") || !strings.Contains(page, `href="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-embed="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?`) {
		t.Error("the film is loaded at once, or not at all")
	}
	if p := res.Header.Get("Content-Security-Policy"); !strings.Contains(p, "frame-src https://www.youtube-nocookie.com;") {
		t.Error("the policy is", p)
	}
}

func TestSitemapAndFeedCanBeRead(t *testing.T) {
	w := start(t)
	en := w.article("Return & refund", "<p>Text.</p>", "slug", "return")
	w.article("ফেরত", "<p>লেখা।</p>", "language", "bn", "group", en.GetString("group"), "slug", "ফেরত")
	var sitemap struct {
		URL []struct {
			Loc  string `xml:"loc"`
			Link []struct {
				Lang string `xml:"hreflang,attr"`
			} `xml:"link"`
		} `xml:"url"`
	}
	_, body := w.get("/sitemap.xml")
	if err := xml.Unmarshal([]byte(body), &sitemap); err != nil {
		t.Fatal(err, body)
	}
	found := 0
	for _, u := range sitemap.URL {
		if !strings.HasPrefix(u.Loc, w.base+"/") || len(u.Link) != 2 {
			t.Errorf("%+v", u)
		}
		if res, _ := w.get(strings.TrimPrefix(u.Loc, w.base)); res.StatusCode != 200 {
			t.Errorf("%s is in the sitemap and answers %d", u.Loc, res.StatusCode)
		}
		if strings.HasSuffix(u.Loc, "/help/en/return") || strings.HasSuffix(u.Loc, "/help/bn/"+url.PathEscape("ফেরত")) {
			found++
		}
	}
	if found != 2 {
		t.Error("not both languages are in", body)
	}
	var feed struct {
		Items []struct {
			Title string `xml:"title"`
		} `xml:"channel>item"`
	}
	if _, body = w.get("/help/en/feed.xml"); xml.Unmarshal([]byte(body), &feed) != nil || len(feed.Items) != 1 || feed.Items[0].Title != "Return & refund" {
		t.Error(body)
	}
	if _, body = w.get("/robots.txt"); !strings.Contains(body, "Sitemap: "+w.base+"/sitemap.xml") {
		t.Error(body)
	}
}

func TestWhatDoesNotAnswerIsSaidToBeNoMoreThanNear(t *testing.T) {
	w := start(t)
	for i := range 4 {
		w.article(fmt.Sprintf("Umbrella %d", i), "<p>An umbrella for the rain.</p>")
	}
	for i := range 8 {
		w.article(fmt.Sprintf("Return policy %d", i), "<p>Seven days.</p>")
	}
	for q, want := range map[string]string{
		"umbrella":        "4 articles",
		"umbrella quasar": "Nothing says exactly that",
		"quasar":          "We found nothing for that",
		"how are you":     "We found nothing for that",
	} {
		_, page := w.get("/help/search?lang=en&q=" + url.QueryEscape(q))
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %q in the page", q, want)
		}
		if n := strings.Count(page, "An <mark>umbrella</mark>"); want == "Nothing says exactly that" && n != 3 {
			t.Errorf("%s: %d near articles", q, n)
		}
	}
}

// প্রতি has the consonants of ফেরত, and nothing else of it.
func TestASearchOfOneWordListsNothingThatOnlySoundsLikeIt(t *testing.T) {
	w := start(t)
	for i := range 4 {
		w.article(fmt.Sprintf("পণ্য ফেরত %d", i), "<p>সাত দিনের মধ্যে ফেরত দিন।</p>")
		w.article(fmt.Sprintf("চার্জ %d", i), "<p>প্রতি কেজি ২০ টাকা।</p>")
	}
	for _, q := range []string{"ফেরত", "ferot"} {
		_, page := w.get("/help/search?lang=bn&q=" + url.QueryEscape(q))
		if !strings.Contains(page, "<mark>ফেরত</mark>") || strings.Contains(page, "<mark>প্রতি</mark>") || strings.Contains(page, "চার্জ ") {
			t.Errorf("%s: %s", q, page[strings.Index(page, "<main"):])
		}
	}
	// What has nothing better is shown.
	if _, page := w.get("/help/search?lang=bn&q=" + url.QueryEscape("পুরুতো")); !strings.Contains(page, "<mark>") {
		t.Error("found nothing", page[strings.Index(page, "<main"):])
	}
}

func TestASearchWithoutAResultIsKeptForTheOwner(t *testing.T) {
	w := start(t)
	w.article("Return policy", "<p>Text.</p>")
	for _, q := range []string{"umbrella colours", "Umbrella  Colours", "call me 01712345678", "mail karim@mail.test", "01712345678", "return policy"} {
		res, page := w.get("/help/search?lang=en&q=" + url.QueryEscape(q))
		if res.StatusCode != 200 || !strings.Contains(page, `content="noindex"`) {
			t.Error(q, res.StatusCode)
		}
	}
	misses, err := w.FindAllRecords(schema.SearchMisses)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, m := range misses {
		got[m.GetString("text")] = m.GetInt("count")
	}
	if len(got) != 3 || got["umbrella colours"] != 2 || got["call me"] != 1 || got["mail"] != 1 {
		t.Errorf("kept: %v", got)
	}
}
