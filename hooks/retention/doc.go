// Package retention lets go of what has been kept long enough.
//
// One table (kind.go) holds every kind of thing that is kept for a time: the
// owner's field, what it is at first, the least it may be, and how what is too
// old is counted and removed. Once a night, before the backup, every kind is
// gone through in small transactions with pauses between them, so that nobody
// waits; conversations go by the way on which deleted ones go, with their
// files, originals and what is in the search. An entry in the trail of who did
// what says how much went. What cannot be removed does not keep the rest. Then
// files go that nothing names any more.
//
// Before a shorter time is saved the desk asks how much would go the next
// time that something goes, and when that is.
package retention
