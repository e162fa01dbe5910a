// Package hookstest starts whole apps for tests: all rooms, a real database
// cloned from a template (about 10 ms), and, where a test needs it, a real
// listening server. It also makes the people of a test: owner, agents,
// visitors.
package hookstest
