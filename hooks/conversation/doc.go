// Package conversation is the one door in and the one door out.
//
// [Receive] turns what a channel got into records, in one transaction: known
// already? whose is it? which conversation? then the message with its place
// in the one order of all messages (seq), the conversation's new state, and
// the ledger entry that makes the next call for the same message harmless.
// [Reply] writes an answer and its outbox row in one transaction.
//
// After commit the tail (tail.go) reads new messages by seq and publishes them
// in order, once, to the customer's topic and to the desks. Everything else
// that reacts does so through record hooks after commit.
package conversation
