// Package automation does what an owner would do by hand: when something
// happens, if it is so, then act.
//
// Everything that happens to a conversation is a message with a place in the
// one order (seq), events included. The follower (follow.go) reads on from the
// last one it has seen; what an automation does about a message, its entry in
// the log and the new place are one transaction, so each is dealt with once,
// whenever the program is stopped. The clock (clock.go) does the same for "some
// time after": it remembers up to which moment it has looked.
//
// Whether an automation holds is decided by [Check] from a [Fact], and what it
// would do by [Plan]: pure functions, which a dry run asks as well. Guards: an
// automation never sets itself off, no more than three set each other off, the
// same happening counts once, and a customer gets few messages a day, marked
// as written by a machine, under the rules for automatic mail.
package automation
