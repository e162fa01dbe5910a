// Package watchdog looks after the shop so that its owner need not: the disk,
// mailboxes, backups, the replica, the queue of what goes out, certificates,
// the clock, and the program's own background work.
//
// Every half minute the loop "watchdog" gathers what is known (look.go), judges
// it by functions without a database or a clock (judge.go, judgemore.go), and
// compares with what it remembers: collection checks, one record for each thing
// that is or was not in order. A change of state is told to the desks, which ask
// again. What is bad for a minute is mailed to the owners, once; what is in order
// again for a few minutes likewise, once. That is remembered in the database, so
// that a restart repeats nothing; a mail that could not be sent is tried again.
// News of a dead mailbox go out by another one, or by PocketBase's own server.
//
// The same findings are the health that GET /api/health gives to owners; for
// everybody else it stays as short as PocketBase makes it.
package watchdog
