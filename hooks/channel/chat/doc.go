// Package chat is the channel of the widget on the shop's pages.
//
// A browser is a visitor: a random id in a token that we sign and do not
// store. It costs nothing to hand out, so nothing is written before the first
// message, and it opens the conversations that were begun with it and no
// others. A page of the shop may say who the customer is and prove it with an
// HMAC of its own id for them; their visitor id then follows from that id, so
// their chat is the same on each of their devices.
//
//	POST messages -> Receive -> the tail publishes -> stream
//	agent's reply -> outbox row due after the hand-over time -> read by then?
//	    done : mailed to the address the visitor left, or kept for their return
package chat
