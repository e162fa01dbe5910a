// Package logbook keeps what the program logs free of people, and writes it to
// files beside the data.
//
// What rooms log goes to PocketBase's logger (structured, with levels; Settings,
// Logs in the admin UI sets which are kept and for how long). On its way into
// the table _logs each line loses what is personal (package redact): addresses,
// numbers, IP addresses, the values of queries. Then it is also written to
// logs/shohay.log in the data folder, one JSON object a line, where it is
// found when the database is not. A file that has grown to its size is put
// aside; few are kept, and none for longer than two weeks.
package logbook
