// Package mail takes mail in by IMAP and sends answers by SMTP.
//
// In: one loop a mailbox (box.go) waits for mail through imapbox. A mail goes
// through intake.go in steps that may each be the last before a crash:
//
//	fetched -> kept whole on disk (keep.go) -> begun in the ledger (store.go)
//	-> parsed (mime) -> conversation.Receive, one transaction -> checkpoint
//
// Whatever is repeated is recognised by the ledger, so a crash repeats work
// and loses nothing. A mail that fails three times goes to the quarantine and
// the next one is read. What the server's flags say is not asked: staff may
// read in webmail.
//
// Delivery reports change the message they report on and nothing else
// (bounce.go). Our own mail that comes back is dropped.
//
// Out: Send (send.go) renders a message once (render.go) to a file and hands
// those bytes to the server, the same ones again after a broken line. Each
// mailbox has a lane (lane.go) with its connections, its pace and its rests; a
// copy for the Sent folder is filed afterwards (sent.go). The
// Message-ID carries a signed token (token.go): an answer that refers to it
// proves that its sender got our mail.
//
// The numbers of rules are those of the tests that hold them.
package mail
