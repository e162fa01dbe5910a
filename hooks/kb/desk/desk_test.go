package desk_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/ui"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type article struct {
	Article struct {
		ID, Title, Body, Markdown, Status, URL, Language, Slug, Group string
		Edited                                                        bool
		Edit                                                          *struct{ Title, Body, Markdown, At string }
		Translations                                                  []struct{ ID, Language string }
	}
}

func start(t *testing.T) (app *hookstest.App, rafi, mina, guest *hookstest.Client) {
	t.Helper()
	app = hookstest.New(t)
	app.Shop(map[string]any{"languages": []string{"bn", "en"}, "language": "en"})
	a, o := app.Token(app.Agent("rafi", schema.RoleAgent)), app.Token(app.Agent("mina", schema.RoleOwner))
	base := app.Serve()
	client := func(token string) *hookstest.Client { return &hookstest.Client{TB: t, Base: base, Token: token} }
	return app, client(a), client(o), client("")
}

func edit(title, body string) map[string]any { return map[string]any{"title": title, "body": body} }

func TestWhatIsWrittenStaysADraftUntilItIsPublished(t *testing.T) {
	app, rafi, mina, guest := start(t)
	var a article
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"title": "Return policy"}).JSON(t, &a)
	path := "/api/desk/articles/" + a.Article.ID
	rafi.Must(200, "PATCH", path, map[string]any{"edit": edit("Return policy", "<h1>One</h1><script>x</script>")}).JSON(t, &a)
	if a.Article.Edit == nil || a.Article.Edit.Body != "<h2>One</h2>" || a.Article.Body != "" || a.Article.Status != "draft" {
		t.Fatalf("%+v", a.Article)
	}
	guest.Must(404, "GET", a.Article.URL, nil)

	// Two who write at the same time.
	seen := a.Article.Edit.At
	if got := mina.Do("PATCH", path, map[string]any{"edit": edit("Mine", "<p>two</p>")}); got.Status != http.StatusConflict || !strings.Contains(string(got.Body), "is writing this article too") {
		t.Errorf("the second writer is answered %d %s", got.Status, got.Body)
	}
	mina.Must(200, "PATCH", path, map[string]any{"edit": edit("Return policy", "<p>two</p>"), "seen": seen})

	mina.Must(200, "PATCH", path, map[string]any{"do": "publish"}).JSON(t, &a)
	if a.Article.Status != "published" || a.Article.Body != "<p>two</p>" || a.Article.Edited {
		t.Fatalf("%+v", a.Article)
	}
	if body := guest.Must(200, "GET", a.Article.URL, nil).Body; !bytes.Contains(body, []byte("<p>two</p>")) {
		t.Error("what was published is not read")
	}
	rafi.Must(200, "PATCH", path, map[string]any{"edit": edit("Return policy", "<p>three</p>")})
	if body := guest.Must(200, "GET", a.Article.URL, nil).Body; bytes.Contains(body, []byte("three")) {
		t.Error("what is being written is read already")
	}
	rafi.Must(200, "PATCH", path, map[string]any{"do": "discard"}).JSON(t, &a)
	if a.Article.Edit != nil {
		t.Error("what was discarded is kept")
	}
	rafi.Must(200, "PATCH", path, map[string]any{"edit": map[string]any{"title": "Return policy", "markdown": "**four**"}, "do": "publish"}).JSON(t, &a)
	if a.Article.Body != "<p><strong>four</strong></p>" || a.Article.Markdown != "**four**" {
		t.Errorf("%+v", a.Article)
	}

	var history struct {
		Versions []struct{ ID, Text string }
	}
	rafi.Must(200, "GET", path+"/versions", nil).JSON(t, &history)
	if len(history.Versions) < 3 || history.Versions[0].Text != "four" || history.Versions[1].Text != "two" {
		t.Fatalf("%+v", history)
	}
	rafi.Must(200, "POST", path+"/versions/"+history.Versions[1].ID, nil).JSON(t, &a)
	if a.Article.Body != "<p>two</p>" || a.Article.Markdown != "" {
		t.Errorf("restored: %+v", a.Article)
	}
	rafi.Must(200, "PATCH", path, map[string]any{"do": "unpublish"})
	guest.Must(404, "GET", a.Article.URL, nil)
	if n, err := app.CountRecords(schema.ArticleVersions); err != nil || n < 4 {
		t.Errorf("%d versions (%v)", n, err)
	}
}

func TestAnEmptyArticleIsNotPublishedAndAWrongFilmNotTaken(t *testing.T) {
	_, rafi, _, _ := start(t)
	var a article
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{}).JSON(t, &a)
	path := "/api/desk/articles/" + a.Article.ID
	for field, body := range map[string]map[string]any{"body": {"do": "publish"}, "video": {"video": "https://elsewhere.test/film"}} {
		if got := rafi.Do("PATCH", path, body); got.Status != 400 || !strings.Contains(string(got.Body), `"`+field+`":{"code"`) {
			t.Errorf("%v: %d %s", body, got.Status, got.Body)
		}
	}
}

// What is begun without a title gets the address of the one it is published
// with; after that the address stays.
func TestTheAddressFollowsTheFirstTitle(t *testing.T) {
	app, rafi, _, _ := start(t)
	app.Shop(map[string]any{"language": "bn"})
	for range 2 { // the second is untitled-2 before
		var a article
		rafi.Must(200, "POST", "/api/desk/articles", map[string]any{}).JSON(t, &a)
		path := "/api/desk/articles/" + a.Article.ID
		title := "Gift wrapping " + a.Article.ID
		rafi.Must(200, "PATCH", path, map[string]any{"edit": edit(title, "<p>x</p>"), "do": "publish"}).JSON(t, &a)
		want := "gift-wrapping-" + a.Article.ID
		if a.Article.Slug != want {
			t.Errorf("the address is %q", a.Article.Slug)
		}
		if got := rafi.Do("PATCH", path, map[string]any{"slug": "search"}); got.Status != 400 || strings.Contains(string(got.Body), "।.") {
			t.Errorf("an address that is taken: %d %s", got.Status, got.Body)
		}
		rafi.Must(200, "PATCH", path, map[string]any{"do": "unpublish"})
		rafi.Must(200, "PATCH", path, map[string]any{"edit": edit("Another title", "<p>x</p>"), "do": "publish"}).JSON(t, &a)
		if a.Article.Slug != want {
			t.Errorf("the address became %q", a.Article.Slug)
		}
	}
}

func TestATranslationSharesItsAddress(t *testing.T) {
	_, rafi, _, guest := start(t)
	var en, bn article
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"title": "Return policy"}).JSON(t, &en)
	rafi.Must(200, "PATCH", "/api/desk/articles/"+en.Article.ID, map[string]any{"edit": edit("Return policy", "<p>x</p>"), "do": "publish"})
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"group": en.Article.Group, "language": "bn", "title": "অনন্য শিরোনাম"}).JSON(t, &bn)
	if bn.Article.Group != en.Article.Group || bn.Article.Slug != en.Article.Slug || len(bn.Article.Translations) != 2 {
		t.Errorf("%+v", bn.Article)
	}
	if got := rafi.Do("POST", "/api/desk/articles", map[string]any{"group": en.Article.Group, "language": "bn", "title": "again"}); got.Status != 400 {
		t.Errorf("a second translation into the same language: %d %s", got.Status, got.Body)
	}
	if body := guest.Must(200, "GET", "/help/bn/"+en.Article.Slug, nil).Body; bytes.Contains(body, []byte("অনন্য")) {
		t.Error("a draft translation is read")
	}
}

func TestFilesOfADraftAreForStaff(t *testing.T) {
	app, rafi, _, guest := start(t)
	var a article
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"title": "With a picture"}).JSON(t, &a)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "shirt.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(part, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	var up struct {
		File struct {
			Src, URL      string
			Width, Height int
		}
	}
	path := "/api/desk/articles/" + a.Article.ID
	rafi.Must(200, "POST", path+"/files", hookstest.Form{Body: &b, Type: w.FormDataContentType()}).JSON(t, &up)
	if up.File.Width != 30 || up.File.Height != 20 {
		t.Errorf("%+v", up)
	}
	var film bytes.Buffer
	w = multipart.NewWriter(&film)
	if part, err = w.CreateFormFile("video_file", "film.mp4"); err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"))
	_ = w.Close()
	rafi.Must(200, "POST", path+"/files", hookstest.Form{Body: &film, Type: w.FormDataContentType()})
	if got := string(rafi.Must(200, "GET", path, nil).Body); !strings.Contains(got, "film") || strings.Contains(got, `"video_file":null`) {
		t.Error("the film is not there:", got)
	}
	if got := string(rafi.Must(200, "PATCH", path, map[string]any{"video_file": ""}).Body); !strings.Contains(got, `"video_file":null`) {
		t.Error("the film cannot be taken away:", got)
	}
	stored := strings.TrimPrefix(up.File.Src, kb.FilesPath)
	guest.Must(404, "GET", up.File.Src, nil)
	guest.Must(404, "GET", up.File.Src+"?e=zzzzzz&k=00", nil)
	if got := guest.Do("GET", "/api/files/articles/"+stored, nil); got.Status < 400 {
		t.Errorf("the database's own way is open: %d", got.Status)
	}
	guest.Must(200, "GET", up.File.URL, nil) // with the key that staff are given
	rafi.Must(200, "PATCH", path, map[string]any{"edit": edit("With a picture", `<p>x</p><img src="`+up.File.URL+`" width="30" height="20">`), "do": "publish"}).JSON(t, &a)
	if body := string(guest.Must(200, "GET", a.Article.URL, nil).Body); !strings.Contains(body, `<img src="`+up.File.Src+`"`) {
		t.Error("the picture of a public article keeps the key, or is gone:", body)
	}
	guest.Must(200, "GET", up.File.Src, nil)
	guest.Must(200, "GET", up.File.Src+"?w=480", nil)
	r, err := app.FindRecordById(schema.Articles, a.Article.ID)
	if err != nil {
		t.Fatal(err)
	}
	r.Set("internal", true)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	guest.Must(404, "GET", up.File.Src, nil)
}

func TestManyAtOnce(t *testing.T) {
	app, rafi, mina, _ := start(t)
	var ids []string
	for _, title := range []string{"One", "Two", "Three"} {
		c, err := app.FindCollectionByNameOrId(schema.Articles)
		if err != nil {
			t.Fatal(err)
		}
		r := core.NewRecord(c)
		r.Load(map[string]any{"language": "en", "title": title, "body": "<p>x</p>"})
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.Id)
	}
	do := func(act string, ids ...string) map[string]any { return map[string]any{"ids": ids, "do": act} }
	rafi.Must(204, "POST", "/api/desk/articles/bulk", do("publish", ids...))
	rafi.Must(204, "POST", "/api/desk/articles/bulk", do("order", ids[2], ids[0], ids[1]))
	var list struct {
		Articles []struct{ Title, Status string }
	}
	rafi.Must(200, "GET", "/api/desk/articles", nil).JSON(t, &list)
	if len(list.Articles) != 3 || list.Articles[0].Title != "Three" || list.Articles[0].Status != "published" {
		t.Errorf("%+v", list)
	}
	rafi.Must(403, "POST", "/api/desk/articles/bulk", do("delete", ids...))
	rafi.Must(400, "POST", "/api/desk/articles/bulk", do("burn", ids...))
	mina.Must(204, "POST", "/api/desk/articles/bulk", do("delete", ids[0]))
	rafi.Must(200, "GET", "/api/desk/articles?pick=1&q=t", nil).JSON(t, &list)
	if len(list.Articles) != 2 {
		t.Errorf("to link to: %+v", list)
	}
}

// The desk's editor is the one that PocketBase has for its dashboard.
func TestPocketBaseStillHasTheEditor(t *testing.T) {
	for _, name := range []string{"tinymce.min.js", "themes/silver/theme.min.js", "models/dom/model.min.js", "icons/default/icons.min.js", "skins/ui/oxide/skin.min.css",
		"plugins/autolink/plugin.min.js", "plugins/lists/plugin.min.js", "plugins/link/plugin.min.js", "plugins/image/plugin.min.js", "plugins/table/plugin.min.js", "plugins/autoresize/plugin.min.js"} {
		if f, err := ui.DistDirFS.Open("libs/tinymce/" + name); err != nil {
			t.Errorf("desk/article.js loads /_/libs/tinymce/%s, which is gone: %v", name, err)
		} else {
			_ = f.Close()
		}
	}
}

func TestTheIndexIsTheOneOfTheMigration(t *testing.T) {
	app, _, _, _ := start(t)
	for _, want := range kb.Index().Schema() {
		var n int
		if err := app.DB().NewQuery("SELECT COUNT(*) FROM sqlite_schema WHERE sql = {:sql}").Bind(map[string]any{"sql": want}).Row(&n); err != nil || n != 1 {
			t.Errorf("the database has no table made by %s (%v)", want, err)
		}
	}
}

func TestAnOwnersSynonymsAreSearchedByAtOnce(t *testing.T) {
	_, rafi, mina, guest := start(t)
	const shop = "/api/collections/shop/records/shop00000000001"
	var a article
	rafi.Must(200, "POST", "/api/desk/articles", map[string]any{"title": "Warranty of phones", "language": "en"}).JSON(t, &a)
	rafi.Must(200, "PATCH", "/api/desk/articles/"+a.Article.ID, map[string]any{"edit": edit("Warranty of phones", "<p>One year.</p>"), "do": "publish"})
	found := func() bool {
		return strings.Contains(string(guest.Must(200, "GET", "/api/help/search?q=gadget+promise&lang=en", nil).Body), "Warranty")
	}
	if found() {
		t.Fatal("found without a word of it")
	}
	mina.Must(200, "PATCH", shop, map[string]any{"synonyms": "# ours\nwarranty, promise\nphone, gadget"})
	if !found() {
		t.Error("the owner's words are not searched by")
	}
	if body := string(rafi.Must(200, "GET", "/api/desk/articles/synonyms", nil).Body); !strings.Contains(body, "phone, gadget") || !strings.Contains(body, "টাকা ফেরত") {
		t.Errorf("the desk is given %s", body)
	}
	if got := mina.Do("PATCH", shop, map[string]any{"synonyms": "refund, money back\nphone; gadget"}); got.Status != 400 || !strings.Contains(string(got.Body), "phone; gadget") {
		t.Errorf("a word alone is answered %d %s", got.Status, got.Body)
	}
	if !found() {
		t.Error("what was refused took effect")
	}
	mina.Must(200, "PATCH", shop, map[string]any{"synonyms": ""})
	if found() {
		t.Error("the list that was taken back is still searched by")
	}
}
