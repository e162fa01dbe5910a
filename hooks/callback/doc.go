// Package callback calls customers back.
//
// A customer asks on the page /callback or in the chat: a number, a time
// within the hours of the shop, what it is about. That is a message of the
// channel phone, taken in by the one door, and a row of callbacks in the same
// transaction (ask.go). The desk shows the rows in the order in which they are
// due (desk.go); who calls claims the row for a while, so that two do not, and
// then says what came of it. That is an event of the conversation, the next
// try is proposed (next.go), and the customer is told by mail where there is
// an address. A loop tells available agents of what is due (watch.go).
package callback
