// Package original keeps mails as they came, each in a file named by the
// SHA-256 of its bytes: <data folder>/mail/<first two digits>/<sha>.eml.
//
// A mail is on the disk before anything reads it, so whatever happens to its
// reader, the bytes are there: to be read again after an update, to be
// downloaded, to be put aside. Many are kept together, because making one of
// them last costs as much as making twenty of them last. A large one is never
// in memory as a whole: it is moved here from the file it was fetched into and
// read through a mapping.
package original
