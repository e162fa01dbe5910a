package conversation_test

import (
	"testing"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestUndoneSolvingWaitsAsLongAsBefore(t *testing.T) {
	app := hookstest.New(t)
	got, err := conversation.Receive(app, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v", Keys: []string{"first-key"}, Visitor: "v",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "v"}}, Text: "where is my parcel?",
	})
	if err != nil {
		t.Fatal(err)
	}
	change := func(status string) *conversation.Conversation {
		conv, err := conversation.Apply(app, got.Conversation.Id, "", conversation.Change{Status: &status})
		if err != nil {
			t.Fatal(err)
		}
		return conv
	}
	if c := change(schema.StatusSolved); !c.GetDateTime(schema.ConvWaitingSince).IsZero() {
		t.Error("a solved conversation still waits")
	}
	if c := change(schema.StatusOpen); c.GetString(schema.ConvWaitingSince) != got.Message.GetString(schema.Created) {
		t.Errorf("the customer waits since %s, but wrote at %s", c.GetString(schema.ConvWaitingSince), got.Message.GetString(schema.Created))
	}
}
