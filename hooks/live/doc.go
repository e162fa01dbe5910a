// Package live carries events to open browsers.
//
// It is our own stream rather than PocketBase's record subscriptions: those
// ask the database once a subscriber and write and do not keep the order.
//
//	message committed -> conversation's tail reads it by seq -> Hub.Tell -> every
//	connection of the topic: bounded queue -> one writer goroutine -> browser
//
// Two kinds of topic exist, and two kinds of event to match. A [PublicTopic]
// takes only a [PublicEvent], and that is built only from a value that says of
// itself that customers may see it ([Public]); what staff says among
// themselves has no such type, so it cannot be sent to a customer by mistake.
//
// Nothing is skipped: a connection that cannot keep up is closed, and the
// browser comes back saying what it has (after=<seq>).
package live
