// Package files moves attachments between the disk and a bucket of S3-compatible
// storage, which is PocketBase's own setting (Settings, Files storage).
//
// Each file is copied, read back and compared; only when all are there the
// setting is switched, and only when that is asked for the old ones are
// deleted, again each after a comparison. So a move that was interrupted goes
// on when it is begun again, and one that is done does nothing when repeated.
// The server has to be stopped meanwhile: it would go on writing to the old
// place.
//
// In a bucket, attachments are in no backup and in no replica: those hold the
// database, the original mails and the keys. The storage keeps the files, with
// the versions and copies that it was told to keep; the command says so.
package files
