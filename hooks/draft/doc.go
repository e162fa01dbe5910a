// Package draft keeps what agents wrote and have not sent.
//
// A draft belongs to one agent and one conversation and follows the agent to
// every device: each save counts it up, a save that did not know the one
// before it wins, and the text it replaced is kept beside it.
//
// What is sent with a delay is a draft too: held for the seconds in which it
// can be taken back, or scheduled. The conversation and its customer know
// nothing of it. The loop in send.go gives it to [conversation.Room.Reply] and
// deletes it in one transaction; taking it back changes its state in another.
// There is one writer, so each either was sent or was taken back.
package draft
