// Package oauth gets the tokens that Google and Microsoft want instead of a
// mailbox's password.
//
// The owner is shown a short code and types it at the provider's own page
// (device authorisation, RFC 8628), so the shop needs no address that the
// provider can reach. After that a refresh token is exchanged for access
// tokens that live for about an hour. A provider may give a new refresh token
// with each of them; it replaces the old one (RFC 6749, section 6).
//
// The package stores nothing; its caller seals the [Tokens].
package oauth
