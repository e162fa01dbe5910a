package main

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/live"
)

var note conversation.StaffMessage
var row conversation.Row
var typing conversation.TypingView
var record *core.Record
var open conversation.PublicMessage

func main() {
	h := live.NewHub()
	_, _, _, _, _ = note, row, typing, record, open
	h.Tell(live.ConversationTopic("1"), live.ForPublic("message", 1, note))
}
