// Package notice calls an agent who is not looking at the desk.
//
// A customer's message, a colleague's note, or a conversation handed to an agent
// is noticed after commit by its record's hook, which only rings a bell. The
// loop "notice" then asks who wants to know (see [Choice]) and is neither at a
// desk nor outside their hours, and puts a push for each of their devices into a
// queue in memory. The loops "push" encrypt and deliver (RFC 8030, 8188, 8291, 8292).
// A push is worth something for a few minutes only, so what a kill loses stays
// lost: the mail below makes up for it.
//
// Once a minute the loop "reminder" looks for conversations that wait longer
// than an agent allows, and mails them, once for each wait.
//
// The desk can be installed as an app: its manifest, its icons and the list of
// files that make its offline shell are given here; its service worker is
// pb_public/desk/sw.js.
package notice
