// Package outbox delivers, durably, what was written into it.
//
// A row is inserted in the transaction that writes the message ([Enqueue]), so
// either both exist or neither. After commit the worker claims due rows, gives
// each to the sender of its channel and records what became of it:
//
//	queued -> sending -> sent
//	            |-> queued      temporary: again after a growing pause
//	            |-> uncertain   the line broke after everything was said: again,
//	            |               with the same bytes, because silence is worse than
//	            |               a second copy that mail programs fold into one;
//	            |               after the third time somebody has to look
//	            `-> failed      for good; an agent can send it again
//
// The claim is a lease: a row whose process died comes due again. Rows of one
// conversation and channel go out in the order of their messages. The package
// knows no transport.
package outbox
