// Package view keeps the views that people save: a filter with a name, for
// oneself or, if an owner saves it, for everybody.
//
// A saved view is a list like the others, named saved:<id>. Its filter is kept
// as JSON and becomes a condition in SQL each time it is looked at (see
// [Filter]), so that "mine" is whoever looks and an age counts from now.
package view
