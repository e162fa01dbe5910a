// Package importer takes in what a shop brings along: customers from a table
// (CSV), conversations from a mail program's archive (mbox).
//
// The file is streamed into the data folder, looked at, and worked off by a
// loop in pieces; each piece is one transaction together with how far it came,
// so a restart goes on where it stopped and nothing is taken twice. A table
// can be checked first, without anything being written, and taken back as a
// whole; what was refused can be downloaded with the reason. A column may go
// into a contact field of the owner's, which says what it holds; a customer who
// is known gets what was missing, and keeps the rest. Nothing is sent,
// and nobody is notified.
//
// Files and the notes for taking back are kept for 30 days.
package importer
