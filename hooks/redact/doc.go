// Package redact takes what is personal out of words that are to be read by
// others: log lines and what a support bundle holds.
//
// It knows by form only: e-mail addresses, telephone numbers, IP addresses,
// the values of queries in addresses, tokens. Names and what people wrote have
// no form; whoever logs leaves them out (the test of the story in package
// logbook holds that), and a bundle takes no free text at all.
package redact
