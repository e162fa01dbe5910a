// Package replica copies every change of the shop to a place outside the
// machine within about a second, brings a shop back from there, and keeps a
// stand-by machine up to date.
//
// The place is a record of backup_places that is continuous; there is one at
// most. Under the key "live/" it holds
//
//	head.json                 whose replica it is, which generation is the newest
//	key.age                   the key of what follows, under the passphrase
//	<generation>/db/<level>/  the database's changes, as Litestream writes them
//	files/                    the data folder's other files, by their path
//
// Litestream follows the write-ahead log of data.db from within this process
// and hands its files to [client]. A generation is one unbroken chain of
// changes; a machine that has lost the local end of the chain, or takes over,
// begins a new one, so that two machines never write to the same chain.
//
// Files are hardly ever changed once they are written, so copying them is a matter
// of noticing new ones: records tell theirs after commit, the folder of kept
// mails is looked at every second, everything once an hour. What was deleted
// here stays there for a day, in case it was the disk that went.
//
// With a passphrase everything is encrypted (age): each object to a key that
// is drawn once and lies there under the passphrase, for scrypt's cost cannot
// be paid every second. A bucket needs one, as backups do.
package replica
