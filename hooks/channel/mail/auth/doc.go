// Package auth finds out whether a mail comes from whom it says it does.
//
// [Check] collects the evidence of rule 22 for one mail and returns a
// [Verdict]. Two things are evidence, all else is what the sender says:
//
//   - results.go reads Authentication-Results (RFC 8601), and trust.go decides
//     which one was written by the server that took the mail in. The others
//     may be the sender's own work and are not looked at; nor is ARC.
//   - signature.go verifies the DKIM signatures of the From domain on the raw
//     bytes, and policy.go asks whether the domain wants unsigned mail to be
//     refused (DMARC).
//
// A signature counts only when the header reads the same to the verifier and
// to the parser that shows the mail: a second From, or a header that ends
// earlier for one of them, is how a real signature is put on a false mail.
//
// answer.go says where an answer may go (rule 28), and warn.go finds names and
// domains that are made to be mistaken for others. What the verdict means for
// the conversation (rules 23 to 27) is for the room of conversations to say.
//
// Nothing here opens a connection: lookups are injected, and resolve.go keeps
// their answers so that a thousand mails of one domain ask once.
package auth
