package chat_test

import (
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

type started struct {
	Token        string
	Conversation *struct {
		ID     string
		Number int64
		Status string
	}
	Messages []message
	Seq      int64
}

type message struct {
	ID       string
	Seq      int64
	Kind     string
	Text     string
	ClientID string `json:"client_id"`
	Files    []struct{ Name, URL, Type string }
}

type sent struct {
	Message      message
	Conversation struct {
		ID     string
		Number int64
		Status string
	}
	Duplicate bool
}

func open(t *testing.T, base string) *hookstest.Client {
	c := &hookstest.Client{TB: t, Base: base}
	var s started
	c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &s)
	c.Token = s.Token
	return c
}

func say(t *testing.T, c *hookstest.Client, id, text string) sent {
	var s sent
	c.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": id, "text": text, "lang": "bn"}).JSON(t, &s)
	return s
}

func TestChatGoesBothWays(t *testing.T) {
	app := hookstest.New(t)
	agent := app.Agent("rafi", schema.RoleAgent)
	base := app.Serve()
	visitor := open(t, base)
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(agent)}
	inbox := desk.Listen("topic=inbox&after=0")

	first := say(t, visitor, "client-id-1", "আমার অর্ডার কোথায়?")
	inbox.Await("message", "আমার অর্ডার কোথায়?")
	stream := visitor.Listen("topic=conversation/" + first.Conversation.ID + "&after=0")
	stream.Await("message", "আমার অর্ডার কোথায়?")
	desk.Must(200, "POST", "/api/desk/conversations/"+first.Conversation.ID+"/reply", map[string]any{"client_id": "r1", "kind": "note", "text": "secret note"})
	desk.Must(200, "POST", "/api/desk/conversations/"+first.Conversation.ID+"/reply", map[string]any{"client_id": "r2", "kind": "reply", "text": "আজই পাবেন"})
	stream.Await("message", "আজই পাবেন")
	for _, ev := range stream.Events() {
		if ev.Name == "message" && (contains(ev.Data, "secret note") || contains(ev.Data, `"kind":"event"`)) {
			t.Error("the visitor saw what staff said among themselves: ", ev.Data)
		}
	}
	inbox.Await("conversation", `"status":"pending"`)
}

func contains(s, part string) bool { return strings.Contains(s, part) }
