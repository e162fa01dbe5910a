// Package redact takes what is personal out of words that others may read:
// the lines of the log.
//
// It knows by form only: e-mail addresses, telephone numbers, IP addresses,
// the values of queries in addresses, tokens. Names and what people wrote have
// no form; whoever logs leaves them out, which the test of the story in package
// logbook holds.
package redact
