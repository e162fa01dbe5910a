// Package tag lets staff keep their tags in order: make, rename, colour, merge
// and delete them.
//
// A tag is a record; conversations and contacts list the ids of theirs. Merging
// and deleting change those lists by one statement each rather than record by
// record, so that a tag on ten thousand conversations goes in a moment, and
// remember which they were, so that it comes back the same.
package tag
