// Package dkimkey makes the key with which the shop's own mail server signs its
// mail (DKIM, RFC 6376), says what to publish in DNS for it, checks what is
// published, and signs. A provider that sends the shop's mail signs itself; for
// a mailbox there, none of this is needed (rule 68).
package dkimkey
