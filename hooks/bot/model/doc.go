// Package model asks a language model that speaks the OpenAI protocol
// (/v1/chat/completions, streamed; Ollama and llama.cpp do) to word an answer.
//
// It is given the question and a few passages of the help centre, nothing
// else, and no means to do anything: what comes back is text. The text counts
// only if it names one of the passages that were given, as [1]; everything
// else (no mark, a mark that was not given, nothing, too much, broken off, a
// failure, too late) is [ErrNoAnswer], and the bot answers without it. Of the
// text only words are kept: no markup, and no address but that of the passage,
// which the caller puts there.
//
// The address is the owner's to choose, and [Check] says what is one: a name
// has to lead to the internet, so that no name can be made to point into the
// shop's own network later; a machine of that network, or this one, is named
// by its number. 169.254.0.0/16 and its like, where clouds keep their secrets,
// are nobody's model. Redirects are not followed.
package model
