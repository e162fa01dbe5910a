// Package contact keeps customers: one record however many channels they use.
//
// A contact is reached through identities: an e-mail address, a telephone
// number, the browser they chat with, their id on the shop's own site. An
// identity belongs to one contact, so whoever writes is found by what they
// write with ([FindOrCreate]). Two contacts that turn out to be one person are
// joined by [Merge].
package contact
