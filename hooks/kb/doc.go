// Package kb is the help centre's knowledge: categories and articles, their
// publishing, translations, history, addresses, votes and views.
//
// An article is one record for every language it is written in; those that
// say the same share a group. Its text is HTML that is made safe whenever it
// is saved, whoever saves it, and Markdown if that is what it was written in.
// What is being written at the desk stays in the field edit until it is
// published.
//
// Customers see what [Room.Library] holds and nothing else: it is read with
// the one condition of being public, and everything on a public page (lists,
// search, related, sitemap, feed) is taken from it.
package kb
