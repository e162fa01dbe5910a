// Package eximtest runs a real Exim for tests, as a submission server that
// hands everything on to a real Dovecot: in a temporary folder, on loopback,
// without privileges. Tests that use it are skipped where Exim is not
// installed, unless skips are forbidden (SHOHAY_NO_SKIP=1).
package eximtest
