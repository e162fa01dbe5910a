// Package settings gives the rooms the shop's one settings record in a typed
// form and the keys that everything secret hangs on.
//
// The record is read once and kept until it changes. The key file lies beside
// the database with mode 0600: a stolen copy of the database alone opens no
// mailbox and forges no token.
package settings
