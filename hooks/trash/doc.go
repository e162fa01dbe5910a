// Package trash is where deleted conversations wait.
//
// Deleting takes a conversation out of every list and away from its customer;
// nothing is erased. Owners see the deleted ones and bring them back. When the
// shop's days for that are over, a nightly loop erases the conversation, what
// was merged into it, their messages with files and outbox rows, and the
// originals of its mails. The ledger keeps that they were taken in, so that
// nothing comes back with the next fetch.
package trash
