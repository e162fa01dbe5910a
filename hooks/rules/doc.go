// Package rules knows when the shop is open and how soon it answers, and says
// so in the customer's language.
//
// Office hours are rows of a weekly table read in the shop's time zone; a shop
// without rows is always open. How soon it answers is the median of what it
// did lately, counted in open hours only, and its own promise until there is
// enough to count.
package rules
