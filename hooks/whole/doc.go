// Package whole reads the rows of a query to the end or says that it did not.
//
// The query builder's own All and Column end silently where the database ends
// the reading: a context that is over, a disk that cannot be read. What was
// read until then looks like everything there is. Every query that can be
// stopped goes through here.
package whole
