package schema

// Mail on its way in (migration 1763900000).

// Collections of mail on its way in.
const (
	BlockedSenders = "blocked_senders" // addresses and domains whose mail goes to the spam view
)

// Fields of blocked_senders.
const (
	BlockedValue = "value" // an address, or a domain without @
	BlockedNote  = "note"
)

// Fields of shop.
const (
	ShopRawDays     = "raw_days"     // how long originals are kept, 0 for ever
	ShopFormSenders = "form_senders" // addresses of contact forms that write for a customer (mail rule 28)
)

// Fields of mailboxes.
const (
	MailboxSignIn      = "sign_in"
	MailboxOAuthClient = "oauth_client"
	MailboxOAuthSecret = "oauth_secret" // as typed; emptied when sealed into tokens
	MailboxOAuthURLs   = "oauth_urls"
	MailboxTokens      = "tokens" // sealed, hidden from every API
	MailboxProcessed   = "processed_folder"
	MailboxAuthServ    = "authserv_id"
	MailboxOlder       = "older" // state of reading older mail

	SignInPassword  = "password"
	SignInGoogle    = "google"
	SignInMicrosoft = "microsoft"
)

// Fields of conversations.
const (
	ConvSpam      = "spam"
	ConvAutomatic = "automatic" // only machines wrote it (mail rule 35)
)

// Fields of messages.
const (
	MsgEvidence = "evidence" // what speaks for and against the sender (mail rule 22), as conversation.Evidence
	MsgReplyTo  = "reply_to" // where answers go when not to the sender (mail rule 28)
)

// Fields of identities: what the mail system knows of an address.
const (
	IdentityBouncedAt    = "bounced_at"
	IdentityBounceKind   = "bounce_kind" // BounceHard, …
	IdentityBounceReason = "bounce_reason"
	IdentityBounceCount  = "bounce_count" // failures within a week
	IdentityQuietUntil   = "quiet_until"  // no automatic mail before (mail rule 38)
	IdentityQuietReason  = "quiet_reason"
)

// Why mail to an address came back.
const (
	BounceHard      = "hard"    // the address does not work
	BounceSoft      = "soft"    // a passing trouble
	BounceFull      = "full"    // the mailbox is full
	BounceBlocked   = "blocked" // refused by policy; says nothing of the address
	BounceComplaint = "complaint"
)
