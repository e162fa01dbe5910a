// Package doctor looks at a data folder from outside: what is wrong with it and
// what to do (doctor.go), and what somebody who helps needs to know, without
// anything about people (bundle.go).
//
// It works while the server runs and while it does not. The database is opened
// to be read only; no migration is run, and nothing is made in the folder. What
// can be judged from the database is judged by the watchdog's own functions and
// said in its words; what only a running server knows (certificates, background
// work, the replica) is what the watchdog remembers of it.
package doctor
