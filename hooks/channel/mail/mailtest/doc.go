// Package mailtest holds mail servers for tests: an IMAP server in memory and
// a submission server that fails as it is told. Both listen on loopback and
// end with their test.
package mailtest
