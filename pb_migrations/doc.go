// Package migrations creates and changes the collections.
//
// A file is named by its Unix time and its feature, holds every literal it
// needs and is never edited once released: later code may rename a constant,
// an old database still has to go through the old steps.
package migrations
