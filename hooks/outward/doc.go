// Package outward is the one way in which the program connects to somewhere:
// to push services, language models, mail servers, storage, providers that
// sign a mailbox in, the page of releases.
//
// The address is judged when the connection is made, by the number that is
// really dialled: whatever a name led to before, whatever a page redirects to.
// How far a connection may go is its [Reach]. Nothing ever reaches the
// link-local addresses under which clouds hand out their secrets. What dials
// without a client of this package goes through [http.DefaultTransport], which
// [Default] guards; TestEveryWayOutIsGuarded (package hooks) lists all ways.
package outward
