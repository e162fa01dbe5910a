// Package gate asks a pattern of many words only where one of its words
// stands.
//
// Recognising what machines write in sixty languages takes patterns of
// hundreds of alternatives, and Go's matcher takes a hundred times as long to
// find out that none of them is there as a search for their words does. Hence
// [New] takes a pattern apart:
//
//   - into its alternatives, each a small pattern that is compiled when it is
//     first needed (split.go);
//   - for each of these, into words of which one is in every match. All words
//     of all alternatives are looked for in one pass over the text;
//   - an alternative that cannot match across the end of a line is asked of the
//     lines alone in which its word stands.
package gate
