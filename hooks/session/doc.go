// Package session knows where agents are signed in, and asks for more than a
// password.
//
// PocketBase's tokens are signed with a key of the agent and name no session.
// Every token that an agent gets by signing in or by a refresh is signed anew
// here, with the same key and claims and the id of a record of sessions (claim
// "sid"). A request whose session was ended counts as nobody's. Ending all of
// them replaces the agent's key, which ends tokens without the claim too (a
// superuser may make such for a program).
//
// The second factor is a code of an authenticator app (RFC 6238) or one of ten
// recovery codes, each good once. It is asked for in the hook that every way of
// signing in passes (password, one-time code, OAuth2), so the record API is no
// way around it. Where the shop requires it, who has none yet gets a session
// that is good for setting one up and nothing else.
//
// The admin UI is PocketBase's own door: a superuser may switch on its second
// step there.
package session
