// Package setup leads the owner of a new shop from an empty folder to a desk
// that works, and lets colleagues in.
//
// A shop without an owner gives a link (link.go): 130 random bits in the
// fragment of an address of the desk, so that they are in no log and no
// Referer; the database holds a MAC of them. The link is printed when the
// server starts and written to a file (command.go), ends after a day, works
// once, and only while there is no owner. There is no default password.
// Invitations of colleagues are links of the same kind (staff.go).
//
// The set-up itself is eight steps (step.go). Where it can, a step proves
// itself and is not simply said to be done: the mailbox heard its own mail,
// another site's page loaded the chat (seen.go), a backup was written and read
// back. What was done or left out is kept, so the owner can go on another day.
package setup
