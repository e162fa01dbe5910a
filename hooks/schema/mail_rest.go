package schema

// What the owner is told about mail that was sent (migration 1764000200).

// Fields of mailboxes.
const (
	MailboxAlerts = "alerts" // of other servers' refusals by policy and of complaints (mail rules 43 and 45)
)
