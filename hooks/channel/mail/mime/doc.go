// Package mime reads a mail, whatever its state.
//
// [Parse] never fails: it takes what can be read and says in [Mail.Problems]
// what could not. A raw mail goes through four steps, each linear in its size
// and bounded by [Limits]:
//
//  1. split.go cuts the bytes into a tree of parts. One pass over the lines
//     with a stack of open boundaries; a line equal to an outer boundary
//     closes the inner ones, what is never closed ends with the mail.
//  2. header.go, address.go and id.go read fields: encoded words, address
//     lists, Message-IDs. Addresses are taken from the raw value and only the
//     display name is decoded, so an encoded word can never become an address.
//  3. body.go chooses what a person wrote (text and HTML) and leaves the rest
//     as attachments; transfer.go and charset.go decode.
//     open.go opens what is packed into parts: winmail.dat, opaque S/MIME,
//     uuencoded files, invitations.
//  4. mark.go recognises mail written by machines, and hash.go computes the
//     fingerprint that tells a repeated mail from another one with its id.
//
// Nothing here trusts a field: see the rules on spoofing in the intake.
package mime
