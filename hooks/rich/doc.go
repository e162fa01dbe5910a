// Package rich is the small set of formatting that a message of ours may have:
// paragraphs, lists, quotes, bold, italic, code, links and pictures sent with
// it. [Parse] reads any HTML and keeps of it only that; a [Doc] is written as
// HTML, with nothing in it that was not understood, and as plain text, so that
// the two forms of a message always say the same.
package rich
