// Package certificate gets the certificates of the domains that are served, by
// ACME (RFC 8555), and answers the port without encryption beside them.
//
// PocketBase's autocert.Manager does the work; its files lie in the data folder.
// The room chooses who issues (register.go), asks for each domain from the start
// on instead of with the first visitor, waits longer and longer after a refusal,
// since issuers count refusals, and remembers what the issuer said for the
// watchdog (keep.go, said.go).
//
// Without encryption (plain.go) everything is sent on to https://. While a
// domain has no valid certificate the pages of customers are served there
// instead, so that an issuer that fails does not take the shop away; the pages
// and the API of staff are not, except in the shop's own network.
package certificate
