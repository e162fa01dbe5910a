// Package bulk changes many conversations by one request.
//
// Each conversation is changed in a transaction of its own: one that cannot be
// changed does not keep the others, and the answer says which and why. What
// was done is remembered as it was before and after, so that undo gives back
// only what nobody has changed since.
package bulk
