package chat_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type briefs struct {
	Articles []struct{ Slug, Title, Language string }
}

func put(t *testing.T, app *hookstest.App, values map[string]any) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(schema.Articles)
	if err != nil {
		t.Fatal(err)
	}
	r := core.NewRecord(c)
	r.Load(map[string]any{"language": "en", "status": "published"})
	r.Load(values)
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheWidgetReadsWhatAnybodyMayRead(t *testing.T) {
	app := hookstest.New(t)
	app.Shop(map[string]any{"languages": []string{"bn", "en"}, "language": "bn", "allowed_origins": []string{"https://shop.example"}})
	put(t, app, map[string]any{"title": "Return policy", "slug": "return-policy", "body": `<p>Within seven days.</p><script>alert(1)</script><p onclick="x()"><a href="javascript:x()">here</a> <a href="/help/en/other">there</a></p>`})
	put(t, app, map[string]any{"title": "Returning for staff", "slug": "return-staff", "internal": true, "body": "<p>seven secret steps to return</p>"})
	put(t, app, map[string]any{"title": "Return draft", "slug": "return-draft", "status": "draft", "body": "<p>seven drafted returns</p>"})
	base := app.Serve()
	c := &hookstest.Client{TB: t, Base: base}

	for _, path := range []string{"/api/chat/help?lang=en", "/api/chat/help?lang=en&q=return", "/api/chat/help?lang=en&q=seven+days&typing=0", "/api/chat/config?lang=en"} {
		var got briefs
		a := c.Must(200, "GET", path, nil)
		a.JSON(t, &got)
		if len(got.Articles) != 1 || got.Articles[0].Slug != "return-policy" || strings.Contains(string(a.Body), "secret") {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	var read struct{ Title, HTML, URL, Note, Language string }
	c.Must(200, "GET", "/api/chat/help/return-policy?lang=en", nil).JSON(t, &read)
	if read.Title != "Return policy" || !strings.Contains(read.HTML, "Within seven days.") || read.URL != "/help/en/return-policy" || read.Note != "" {
		t.Errorf("%+v", read)
	}
	for _, bad := range []string{"script", "onclick", "javascript"} {
		if strings.Contains(read.HTML, bad) {
			t.Errorf("the article has %s: %s", bad, read.HTML)
		}
	}
	c.Must(200, "GET", "/api/chat/help/return-policy?lang=bn", nil).JSON(t, &read)
	if read.Language != "en" || read.Note == "" {
		t.Errorf("a reader of Bangla is not told that it is English: %+v", read)
	}
	for _, slug := range []string{"return-staff", "return-draft", "nothing", "%FF%FE"} {
		c.Must(404, "GET", "/api/chat/help/"+slug+"?lang=en", nil)
	}

	// a site that is not on the shop's list reads nothing by the widget
	for _, path := range []string{"/api/chat/help?q=return", "/api/chat/help/return-policy", "/api/chat/conversations"} {
		for origin, want := range map[string]int{"https://thief.example": 403, "https://shop.example": 200} {
			req, err := http.NewRequest("GET", base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", origin)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if strings.HasSuffix(path, "conversations") && want == 200 {
				want = 401
			}
			if res.StatusCode != want {
				t.Errorf("%s from %s: %d", path, origin, res.StatusCode)
			}
		}
	}

	// what was asked for and is not there is counted; what was only typed is not
	c.Must(200, "GET", "/api/chat/help?lang=en&q=zeppelin+rides", nil)
	c.Must(200, "GET", "/api/chat/help?lang=en&q=zeppelin+trips&typing=0", nil)
	var missed []string
	if err := app.DB().NewQuery(`SELECT text FROM search_misses`).Column(&missed); err != nil {
		t.Fatal(err)
	}
	if len(missed) != 1 || missed[0] != "zeppelin trips" {
		t.Errorf("missed: %v", missed)
	}
}

func TestSearchingByTheWidgetHasALimit(t *testing.T) {
	app := hookstest.New(t)
	c := &hookstest.Client{TB: t, Base: app.Serve()}
	for range 200 {
		if c.Do("GET", "/api/chat/help?q=x", nil).Status == 429 {
			return
		}
	}
	t.Error("two hundred searches at once were answered")
}

func TestAVisitorReadsTheirEarlierConversations(t *testing.T) {
	app := hookstest.New(t)
	base := app.Serve()
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	old, mine, other := open(t, base), open(t, base), open(t, base)
	first := say(t, old, "client-id-1", "the first time")
	desk.Must(200, "POST", "/api/desk/conversations/"+first.Conversation.ID+"/reply", map[string]any{"client_id": "r1", "kind": "reply", "text": "the last that they see"})
	desk.Must(200, "POST", "/api/desk/conversations/"+first.Conversation.ID+"/reply", map[string]any{"client_id": "r2", "kind": "note", "text": "among us"})
	second := say(t, mine, "client-id-2", "the second time")
	third := say(t, other, "client-id-3", "somebody else")
	// the same browser, after the first conversation could not be opened again
	_, err := app.DB().NewQuery(`UPDATE conversations SET visitor = (SELECT visitor FROM conversations WHERE id = {:to}) WHERE id = {:id}`).
		Bind(dbx.Params{"to": second.Conversation.ID, "id": first.Conversation.ID}).Execute()
	if err != nil {
		t.Fatal(err)
	}

	var list struct {
		Conversations []struct {
			ID, Status, Last, At string
			Mine                 bool
		}
	}
	mine.Must(200, "GET", "/api/chat/conversations", nil).JSON(t, &list)
	if l := list.Conversations; len(l) != 2 || l[0].ID != second.Conversation.ID || l[0].Last != "the second time" || !l[0].Mine || l[1].ID != first.Conversation.ID || l[1].Last != "the last that they see" || l[1].Mine || l[1].At == "" {
		t.Errorf("%+v", l)
	}
	body := string(mine.Must(200, "GET", "/api/chat/conversations/"+first.Conversation.ID, nil).Body)
	if !strings.Contains(body, "the first time") || !strings.Contains(body, "the last that they see") || strings.Contains(body, "among us") {
		t.Error(body)
	}
	mine.Must(404, "GET", "/api/chat/conversations/"+third.Conversation.ID, nil)
	other.Must(404, "GET", "/api/chat/conversations/"+first.Conversation.ID, nil)
	nobody := &hookstest.Client{TB: t, Base: base}
	nobody.Must(401, "GET", "/api/chat/conversations", nil)
	nobody.Must(401, "GET", "/api/chat/conversations/"+first.Conversation.ID, nil)

	desk.Must(200, "DELETE", "/api/desk/conversations/"+first.Conversation.ID, nil)
	mine.Must(200, "GET", "/api/chat/conversations", nil).JSON(t, &list)
	if len(list.Conversations) != 1 {
		t.Errorf("what was deleted is listed: %+v", list)
	}
	mine.Must(404, "GET", "/api/chat/conversations/"+first.Conversation.ID, nil)
}

func TestTheGreetingTravelsInTheScript(t *testing.T) {
	app := hookstest.New(t)
	c := &hookstest.Client{TB: t, Base: app.Serve()}
	script := func() string { return string(c.Must(200, "GET", "/widget.js", nil).Body) }
	plain := script()
	if !strings.Contains(plain, "const GREETING = null;") {
		t.Fatal("it is not off by default")
	}
	app.Shop(map[string]any{"greet_enabled": true, "greet_texts": map[string]string{"en": `Say </script> "hi"`}, "greet_pages": "/cart\n\n /product/* \n", "greet_after": 1})
	want := `const GREETING = {"after":5,"pages":["/cart","/product/*"],"texts":{"bn":"স্বাগতম! কোনো সাহায্য লাগবে?","en":"Say </script> \"hi\""}};`
	if got := script(); !strings.Contains(got, want) || len(got) < len(plain) {
		t.Errorf("the script begins %.300s", got)
	}
	app.Shop(map[string]any{"widget_enabled": false})
	if script() != plain {
		t.Error("a widget that is switched off greets")
	}
	super := &hookstest.Client{TB: t, Base: c.Base, Token: app.Token(app.Superuser("root@shop.test"))}
	for field, value := range map[string]any{
		"greet_pages": "cart", "greet_texts": []string{"Hello"}, "greet_after": 99999,
	} {
		super.Must(400, "PATCH", "/api/collections/shop/records/shop00000000001", map[string]any{field: value})
	}
	super.Must(400, "PATCH", "/api/collections/shop/records/shop00000000001", map[string]any{"greet_texts": map[string]string{"en": strings.Repeat("x", 201)}})
	super.Must(400, "PATCH", "/api/collections/shop/records/shop00000000001", map[string]any{"greet_pages": strings.Repeat("/x\n", 21)})
}
