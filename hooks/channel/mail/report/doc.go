// Package report reads what mail servers and mail programs say of a mail that
// was sent: that it did not arrive (RFC 3464 and 6533, and the many forms
// without a machine-readable part), that it was seen (RFC 8098), or that its
// receiver calls it spam (RFC 5965).
//
// [Read] takes a parsed mail and returns the facts. Nothing in them is proven:
// anybody can write such a mail, so a caller changes a message only when a
// token of its own stands in it (rule 41).
//
//   - status.go reads the machine-readable parts.
//   - words.go reads reports for people: who could not be reached, and why.
//   - reason.go sorts reasons into kinds and names the sentence for them.
//   - origin.go finds the ids and the head of the mail that is reported on.
package report
