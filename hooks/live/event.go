package live

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strconv"
)

// PublicTopic is what a customer's browser listens to: "conversation/<id>".
type PublicTopic string

// StaffTopic is what a desk listens to.
type StaffTopic string

// Inbox is the one topic of every desk.
const Inbox StaffTopic = "inbox"

// Visitors is the topic of every customer's browser.
const Visitors PublicTopic = "visitors"

// AgentTopic is for one agent's own desk: its counts.
func AgentTopic(agent string) StaffTopic { return StaffTopic("agent/" + agent) }

// ConversationTopic is for the customer of one conversation.
func ConversationTopic(conversation string) PublicTopic {
	return PublicTopic("conversation/" + conversation)
}

// Public marks data that customers may see. Implement it on types made for
// them, never on a record or on a type that staff gets.
type Public interface{ Public() }

// PublicEvent is an encoded event for customers.
type PublicEvent struct{ frame }

// StaffEvent is an encoded event for desks.
type StaffEvent struct{ frame }

// frame is one encoded server-sent event. seq is above 0 for messages only.
type frame struct {
	seq  int64
	data []byte
}

// ForPublic encodes an event for customers. seq is 0 unless it is a message.
func ForPublic(name string, seq int64, data Public) PublicEvent {
	return PublicEvent{encode(name, seq, data)}
}

// ForStaff encodes an event for desks.
func ForStaff(name string, seq int64, data any) StaffEvent {
	return StaffEvent{encode(name, seq, data)}
}

// encode panics for data that JSON cannot hold: the types are ours, so that is
// a bug and not a state of the world.
func encode(name string, seq int64, data any) frame {
	// One broken letter in an old row must not silence the stream for everybody.
	raw, err := json.Marshal(data, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic("live: " + name + ": " + err.Error())
	}
	b := make([]byte, 0, len(raw)+len(name)+48)
	if seq > 0 {
		b = append(b, "id: "...)
		b = strconv.AppendInt(b, seq, 10)
		b = append(b, '\n')
	}
	b = append(b, "event: "...)
	b = append(b, name...)
	b = append(b, "\ndata: "...)
	b = append(b, raw...)
	b = append(b, "\n\n"...)
	return frame{seq, b}
}
