package conversation

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// NoteEvent writes an event of another room into the conversation, which the
// caller saves afterwards in the same transaction. agent is "" for what
// nobody did by hand.
func NoteEvent(tx core.App, conv *Conversation, agent string, ev Event) error {
	return addEvent(tx, conv, agent, ev)
}

// Live loads a conversation, following merges; nil if it is gone.
func Live(app core.App, id string) (*Conversation, error) {
	conv, err := findLive(app, id)
	if err != nil {
		return nil, fmt.Errorf("load conversation: %w", err)
	}
	return conv, nil
}
