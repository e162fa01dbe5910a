// Package disk keeps the program from running into a full disk.
//
// Below a floor of free bytes nothing new is taken in: [Check] is asked by the
// one door in and the one door out (conversation.Receive and Reply), by mail
// before it fetches, and by every upload. What is left above nothing is for
// what makes room again: signing in, deleting, settings. A write that meets a
// full disk all the same (a quota, another program) is undone by SQLite and
// recognised by [IsFull]; both end as 507 with a sentence and Retry-After, so
// that the widget keeps the message and sends it again.
//
// Nothing has to be switched back on: the room on the disk is looked at again
// every second.
package disk
