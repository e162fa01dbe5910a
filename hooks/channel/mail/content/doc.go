// Package content makes mail readable and safe to look at.
//
//   - [SafeHTML] is the first of two walls between a stranger's HTML and the
//     desk (the second is a sandboxed frame): an allow-list of elements and
//     attributes, no remote content, pictures only from the mail itself.
//   - [TextOf] turns HTML into text that reads well.
//   - [Split] takes a reply apart for display: what was written, the
//     signature, the history. [SplitQuote] and [SplitHTMLQuote] find where the
//     history begins. That is a hint for display: the full text is always
//     stored, and when nothing would be left everything is shown (rules 46-50).
//
// The original is stored and sanitised when shown, so a better policy also
// helps old mail (rule 51).
package content
