// Package original keeps mails as they came, each in a file named by the
// SHA-256 of its bytes: <data folder>/mail/<first two digits>/<sha>.eml.
//
// A mail is on the disk before anything reads it, so whatever happens to its
// reader, the bytes are there: to be read again after an update, to be
// downloaded, to be put aside. A large one is never in memory as a whole: it
// is moved here from the file it was fetched into and read through a mapping.
//
// Waiting for the disk costs the same for one file as for one with twenty
// mails in it. Mails that come together are therefore made to last together:
// in one file, a bundle, beside the files of their own, which the system writes
// when it likes. A minute later [Settle] waits for those, which costs nothing
// any more, and removes the bundle. After a power cut [Recover] makes from the
// bundles what the system had not written yet.
package original
