// Package profile is all that the desk shows of a customer beside name and
// addresses: what the owner wants to know of them, what they agreed to, files,
// satisfaction, everything that happened, who they may be too, and whether an
// address is theirs.
//
// It is made of blocks. A block is a part of the panel with data of its own;
// a room that knows something of customers, orders for instance, adds one
// with [Room.Add], and the desk draws it with a function of the same id.
package profile
