// Package canned keeps the saved texts of the desk in order: their formatting
// in the subset of package rich, their text the same as it, and every desk
// told when one changed.
package canned
