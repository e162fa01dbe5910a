package schema

// Callbacks are the calls that customers asked for (migration 1764001210).
const Callbacks = "callbacks"

// Fields of callbacks, their states and what may come of a try.
const (
	CallbackConversation = "conversation"
	CallbackPhone        = "phone"
	CallbackTopic        = "topic"
	CallbackFrom         = "wanted_from"
	CallbackUntil        = "wanted_until"
	CallbackDue          = "due"
	CallbackState        = "state"
	CallbackOutcome      = "outcome"
	CallbackTries        = "tries"
	CallbackAgent        = "agent"
	CallbackClaimed      = "claimed_until"
	CallbackTold         = "told"

	CallbackWaiting = "waiting"
	CallbackDone    = "done"

	CallbackReached   = "reached"
	CallbackNoAnswer  = "no_answer"
	CallbackBusy      = "busy"
	CallbackWrong     = "wrong_number"
	CallbackLater     = "call_later"
	CallbackCancelled = "cancelled"
)
