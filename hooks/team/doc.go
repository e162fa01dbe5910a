// Package team is how staff work together on a conversation: who a note calls
// by name, who follows a conversation, and handing one over with a note.
//
// A note is read when it is written, in its transaction: "@" and the name of an
// agent calls them (see [Called]). Each call is a row that stays with the note
// wherever merging and splitting take it, unseen until the one called looks;
// and whoever is called follows the conversation from then on. Followers move
// with merges and splits too. Who is told, and how, is package notice's.
package team
