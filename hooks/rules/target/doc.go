// Package target measures how long customers wait against what the owner
// promised: minutes to the first answer, to every later one, and to the
// solution, in office hours or by the clock.
//
// When something is due is computed while a conversation is saved, from its
// status and times alone ([Clock], [Clock.Due]), and kept with it, so that a
// list sorts and colours by reading it. A clock stands still while a
// conversation waits for the customer or is snoozed. A change of targets,
// hours or holidays computes the live ones anew, in the background.
//
// The watch (watch.go) wakes at the next moment and tells, once each, that
// little time is left and that it is over: an event in the conversation, a
// word to whoever takes care of it, a mail to the owners where that is set.
package target
