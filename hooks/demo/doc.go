// Package demo is a shop that does not exist: Rupali Store, with its staff,
// its customers, what they wrote to each other in the last days, and a mail
// server on the loopback that carries the mail of all of them.
//
// [Register] binds it to an app that is about to serve. Once the database is
// migrated it starts the mail servers, points a mailbox record at them and, in
// an empty folder, writes the shop. What customers write goes through
// [conversation.Receive] and what staff answers through the room's Reply, in
// one transaction; only the times are moved back afterwards. A folder that
// already holds the demo is left as it is, one that holds another shop is
// refused.
//
// The mail servers keep every mail as a file under demo_mail in the data
// folder. Mail to the shop's address lies in its INBOX, mail to anybody else
// in a mailbox of their own, which /demo/mail/ shows.
package demo
