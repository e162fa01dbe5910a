// Package backup writes the shop's data to places of the owner's choice every
// night, reads what it wrote, and brings a shop back from it.
//
// A backup is a zip: a consistent copy of data.db (VACUUM INTO, writers go on),
// the key file, the stored files, the kept mails, and manifest.json with the
// size and SHA-256 of each and the number of rows of every table. With a
// passphrase the zip is encrypted as a whole (age, scrypt recipient); whatever
// leaves the machine has to be. The database is copied first: a file it names
// was written before its record, and one that is deleted meanwhile is named by
// nothing any more once the shop is back and its own clean-up has run.
//
// A place is a folder or a bucket (collection backup_places). After writing,
// the backup is read back from its place, decrypted, every file compared with
// the manifest, and the database opened, checked and counted. Only then is it
// good, and only then are older ones thinned out: the newest of each of the
// last days, weeks and months stays.
//
// Restoring is done offline into a folder that is empty, on every platform.
package backup
