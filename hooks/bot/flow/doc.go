// Package flow runs what the owner drew for the bot: a greeting, buttons,
// questions, conditions, articles and the hand-over. It knows no database: a
// flow, where it stands and what was said go in, what is to be said and done
// comes out, so that the preview at the desk is the engine itself.
//
// A flow is a list of steps. It runs from the first one until it has to wait
// for the visitor: at buttons, at a question, or at the end, from where on
// what they write is answered from the help centre.
package flow
