// Package audit keeps who did what when: what agents do to conversations and
// contacts, every change of the configuration (by the desk, the record API or
// the admin UI), sign-ins and exports.
//
// Conversations tell their changes as events already; the entry is written in
// the transaction that writes the event. Changes by request are compared
// before and after. Ordinary messages write nothing here. Entries hold neither
// secrets nor what was said; nobody changes or deletes one, they are dropped
// after the days that the shop's settings say.
package audit
