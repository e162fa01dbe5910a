// Package portal is the shop's public page: who we are, when we are there and
// a question form that opens a conversation.
//
// The form works without JavaScript. A page carries a signed stamp with the
// time it was made and a random id; POST /ask checks the stamp, then the
// fields, and answers with the same page and everything typed still there, or
// hands the question to [conversation.Receive] and redirects to a page that
// names the conversation's number. The key in the ledger is the stamp's id
// with the content, so pressing twice is one question, and the same page used
// for another question is another one.
package portal
