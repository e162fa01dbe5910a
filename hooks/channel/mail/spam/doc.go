// Package spam says which mails are unwanted, by three voices in this order:
//
//   - block.go: addresses and domains that the shop has blocked.
//   - mark.go: marks of the provider's filter in the header, and the folder
//     that it put the mail into. Only what speaks against a mail is read: a
//     sender can write "not spam" into a mail as well as a provider.
//   - bayes.go: what the shop's own staff have called spam. token.go turns a
//     mail into features, and the [Model] counts in how many wanted and unwanted
//     mails each was seen. It says nothing until it has seen enough of both.
//
// Nobody's words are kept: a model holds numbers of features, counts, and the
// numbers of the mails that were learned. blob.go stores it in at most
// [MaxBlob] bytes.
//
// A verdict puts a mail into another view, never away.
package spam
