// Package request is the page of a customer's own requests: the list, each
// conversation with its answers, and what they may do with what is known of
// them.
//
// There is no password. Somebody is signed in by a code mailed to an address
// (code.go), which shows everything of whoever is known by it, or by the
// signed link at the foot of a mail (link.go), which shows that one
// conversation. Either makes a row of sign_ins and a cookie; what a browser
// may see is decided anew at each request (session.go, scope.go), so that a
// merge, a block or an address that is taken away counts at once.
//
// Nobody learns whether an address is known: a code is asked for in the same
// few steps for everybody, and only the loop that mails it looks the address
// up. A link opens nothing by being fetched; a press does.
//
// What a customer reads is [conversation.PublicMessage]: notes and events have
// no such form. What they write goes in by the one door, as channel portal.
package request
