package conversation_test

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEUlEQVR4nGNgyPLDh0alsSEAaeNH4WLebMIAAAAASUVORK5CYII="

func TestAFormattedAnswerIsKeptAsTextAndTheSubset(t *testing.T) {
	app := hookstest.New(t)
	c := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	in := receive(t, app, chat("v1", "client-1", "hello"))
	path := "/api/desk/conversations/" + in.Conversation.Id + "/reply"
	type message struct {
		Text, HTML string
		HasHTML    bool `json:"has_html"`
		Files      []struct{ Name, CID string }
	}
	var sent struct{ Message message }

	c.Must(200, "POST", path, map[string]any{"text": "not this", "html": `<p onclick="x()">কাল <b>পাবেন</b><script>x</script></p><p><img src="cid:none"></p>`}).JSON(t, &sent)
	if m := sent.Message; m.Text != "কাল পাবেন" || m.HTML != "<p>কাল <strong>পাবেন</strong></p>" || m.HasHTML {
		t.Errorf("formatted: %+v", m)
	}
	c.Must(200, "POST", path, map[string]any{"text": "x", "html": "<div>plain</div><div>words</div>"}).JSON(t, &sent)
	if m := sent.Message; m.Text != "plain\n\nwords" {
		t.Errorf("without formatting: %+v", m)
	}
	c.Must(400, "POST", path, map[string]any{"text": "x", "html": "<p><br></p>"})

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	picture, err := base64.StdEncoding.DecodeString(dot)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][2]string{{"cids", "p1"}, {"cids", ""}, {"html", `<p>see <img src="cid:p1" alt="a.png"> <img src="cid:p2"></p>`}} {
		if err := form.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.png", "b.png"} {
		w, err := form.CreateFormFile("files", name)
		if err == nil {
			_, err = w.Write(picture)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	form.Close()
	c.Must(200, "POST", path, hookstest.Form{Body: &body, Type: form.FormDataContentType()}).JSON(t, &sent)
	m := sent.Message
	if m.Text != "see [a.png]" || m.HTML != `<p>see <img src="cid:p1" alt="a.png"></p>` || len(m.Files) != 2 || m.Files[0].CID != "p1" || m.Files[1].CID != "" {
		t.Errorf("with a picture: %+v", m)
	}

	// The customer is given words alone, and the desk's page what was sent.
	public, _, err := app.Rooms.Conversation.PublicPage(app, in.Conversation.Id, 0, 0, 50)
	if err != nil || len(public) != 4 || public[1].Text != "কাল পাবেন" {
		t.Errorf("the customer's page: %+v, %v", public, err)
	}
	var page struct{ Messages []message }
	a := c.Must(200, "GET", "/api/desk/conversations/"+in.Conversation.Id+"/messages", nil)
	a.JSON(t, &page)
	html := 0
	for _, m := range page.Messages {
		if strings.Contains(m.HTML, "<p>") {
			html++
		}
	}
	if html != 2 {
		t.Errorf("%d messages of the page are formatted: %s", html, a.Body)
	}
}
