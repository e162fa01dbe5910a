// Package dovecottest starts a Dovecot of one's own for a test: no privileges
// needed, everything in a temporary folder, loopback only. Without Dovecot on
// the machine the test is skipped with the reason, unless the environment says
// SHOHAY_NO_SKIP=1; then it fails.
package dovecottest
