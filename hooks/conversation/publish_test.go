package conversation_test

import (
	"bytes"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// form is a request body with fields and one text file.
func form(t *testing.T, fields map[string]string, name, content string) hookstest.Form {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return hookstest.Form{Body: &b, Type: w.FormDataContentType()}
}

// A message is the same whether it comes as the answer to its request, by the
// stream or from the history, on both sides.
func TestAMessageIsTheSameByEveryRoad(t *testing.T) {
	app := hookstest.New(t)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	inbox := desk.Listen("topic=inbox")
	inbox.Await("hello", "")
	visitor := &hookstest.Client{TB: t, Base: desk.Base}
	var started struct{ Token string }
	visitor.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
	visitor.Token = started.Token

	type answer struct {
		Message      map[string]any
		Conversation map[string]any
	}
	var said, again, replied answer
	send := func() hookstest.Form {
		return form(t, map[string]string{"client_id": "client-id-1", "text": "দেখুন\r\n<b>", "lang": "bn", "page_url": "https://shop.test/?a=\x01b"}, `C:\x\চালান "১".txt`, "hello")
	}
	visitor.Must(200, "POST", "/api/chat/messages", send()).JSON(t, &said)
	visitor.Must(200, "POST", "/api/chat/messages", send()).JSON(t, &again)
	id := said.Conversation["id"].(string)
	stream := visitor.Listen("topic=conversation/" + id + "&after=0")
	stream.Await("message", "client-id-1")
	desk.Must(200, "POST", "/api/desk/conversations/"+id+"/reply", form(t, map[string]string{"client_id": "r1", "kind": "reply", "text": "এই নিন"}, "price list.csv", "a,b\n")).JSON(t, &replied)
	stream.Await("message", "এই নিন")
	inbox.Await("message", "এই নিন")

	var history struct{ Messages []map[string]any }
	visitor.Must(200, "GET", "/api/chat/messages?after=0", nil).JSON(t, &history)
	var shown struct {
		Messages     []map[string]any
		Conversation map[string]any
	}
	desk.Must(200, "GET", "/api/desk/conversations/"+id, nil).JSON(t, &shown)

	same := func(what string, a, b map[string]any) {
		t.Helper()
		if len(a) != len(b) {
			t.Errorf("%s: %d fields and %d", what, len(a), len(b))
		}
		for k := range a {
			if x, y := text(t, a[k]), text(t, b[k]); x != y {
				t.Errorf("%s: %s is %s and %s", what, k, x, y)
			}
		}
	}
	streamed := func(s *hookstest.Stream, part string) map[string]any {
		t.Helper()
		var m map[string]any
		hookstest.Answer{Body: []byte(s.Await("message", part).Data)}.JSON(t, &m)
		return m
	}
	same("visitor's own, answered and in the history", said.Message, history.Messages[0])
	same("visitor's own, answered and repeated", said.Message, again.Message)
	same("visitor's own, answered and streamed", said.Message, streamed(stream, "client-id-1"))
	same("agent's, streamed and in the visitor's history", streamed(stream, "এই নিন"), history.Messages[1])
	same("visitor's, at the desk", streamed(inbox, "client-id-1"), shown.Messages[0])
	same("agent's, answered and streamed", replied.Message, streamed(inbox, "এই নিন"))
	for _, m := range shown.Messages {
		if m["id"] == replied.Message["id"] {
			same("agent's, answered and shown", replied.Message, m)
		}
	}
	same("the conversation, answered and shown", replied.Conversation, shown.Conversation)
	if said.Message["text"] != "দেখুন\n<b>" {
		t.Errorf("text %q", said.Message["text"])
	}
	files := said.Message["files"].([]any)
	file := files[0].(map[string]any)
	if file["name"] != "চালান ১.txt" {
		t.Errorf("file %v", file)
	}
	if a := visitor.Must(200, "GET", file["url"].(string), nil); string(a.Body) != "hello" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file is %q, %v", a.Body, a.Header)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for k, x := range v {
			parts = append(parts, k+"="+text(t, x))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, text(t, x))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return "null"
	}
	t.Fatalf("unknown value %T", v)
	return ""
}

// What changes without a message, as in the admin UI, reaches the desks too;
// what changes with one is told once.
func TestEveryChangeOfAConversationIsTold(t *testing.T) {
	app := hookstest.New(t)
	desk := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	inbox := desk.Listen("topic=inbox")
	inbox.Await("hello", "")
	in := receive(t, app, chat("v1", "client-1", "hello"))
	inbox.Await("conversation", `"preview":"hello"`)

	r, err := app.FindRecordById(schema.Conversations, in.Conversation.Id)
	if err != nil {
		t.Fatal(err)
	}
	r.Set(schema.ConvSubject, "changed by hand")
	if err := app.Save(r); err != nil {
		t.Fatal(err)
	}
	inbox.Await("conversation", "changed by hand")
	before := len(inbox.Events("conversation"))
	desk.Must(200, "PATCH", "/api/desk/conversations/"+in.Conversation.Id, map[string]any{"status": "solved"})
	inbox.Await("conversation", `"status":"solved"`)
	hookstest.Until(t, "the counts", 5*time.Second, func() bool {
		evs := inbox.Events("counts")
		return len(evs) > 0 && strings.Contains(evs[len(evs)-1].Data, `"open":0`)
	})
	if n := len(inbox.Events("conversation")) - before; n != 1 {
		t.Errorf("one change was told %d times", n)
	}
}
