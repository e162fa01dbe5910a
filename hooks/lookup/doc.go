// Package lookup is the desk's search over conversations and customers.
//
// Every message and every customer's names and addresses are written to two
// indexes of package search in the transaction of their record (keep.go), and
// what was there before comes in by and by (fill.go).
//
// What is typed is read by [Parse]: words, "quoted words", -words, filters such
// as tag:refund, and numbers of conversations. Conditions on conversations
// (status, tag, assignee, …) change all the time and stay in SQL; what never
// changes of a message (its conversation, kind, author, day, having files) is
// a mark of its row in the index. A condition that few conversations fulfil
// becomes their marks, so that the index alone finds the messages. One that
// many fulfil is checked on hit after hit until the page is full.
//
// The newest messages are searched first, in stretches, and a page is given
// when its time is over even if it is not full; its cursor goes on with what is
// older. So first results never wait for a look through years of messages.
package lookup
