package schema

// Collections and fields of notices to agents (migration 1764000700).

// PushSubscriptions are the devices on which an agent wants to be called.
const PushSubscriptions = "push_subscriptions"

// Reminders are what agents were mailed about: a conversation that waits.
const Reminders = "reminders"

// Fields of push_subscriptions.
const (
	PushAgent     = "agent"
	PushEndpoint  = "endpoint" // where the push service takes messages for the device; hidden: who knows it may write there
	PushKey       = "p256dh"   // the device's public key, hidden
	PushAuth      = "auth"     // and its secret, hidden
	PushDevice    = "device"
	PushLanguage  = "language"
	PushFailures  = "failures"
	PushLastSent  = "last_sent"
	PushLastError = "last_error"
)

// Fields of reminders.
const (
	ReminderAgent        = "agent"
	ReminderConversation = "conversation"
	ReminderSince        = "since" // the waiting_since that was told of
)
