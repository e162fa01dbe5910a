// Package intent knows what a visitor wants when it is no question to the help
// centre: a person, the office hours, their order; and the words of anger and
// of money that people answer, not machines. The tables are of Bangla,
// Banglish and English; words are compared as the search compares them.
package intent
