// Package trash is where deleted conversations wait.
//
// Deleting takes a conversation out of every list and away from its customer;
// nothing is erased. Owners see the deleted ones and bring them back. When the
// shop's days for that are over (room retention), the conversation is erased:
// what was merged into it, their messages with files and outbox rows, the
// originals of its mails, and what was noted of changes to it. The ledger keeps that they were taken in, so that
// nothing comes back with the next fetch.
package trash
