// Package stray removes files of records that no record names.
//
// A file is written before its record is and goes after it has gone. What ends
// the program in between leaves a file that nobody will ever ask for, and a
// replica, which keeps for a day what was deleted, brings such files back. A
// customer who was erased must not live on in them.
//
// Losing a file that is needed is far worse than keeping one that is not. So
// only what PocketBase itself could have written is looked at: folders named
// like a record's id below those of collections that have file fields. A file
// goes when it is older than a day and the record, read again in that moment,
// does not name it; smaller pictures (thumbs_…) and types (.attrs) go by the
// file they belong to. Whatever else lies there stays. When more files would go
// than stay, the database is not the one that the files belong to, and nothing
// goes. Nothing is looked at while the files lie in a bucket.
package stray
