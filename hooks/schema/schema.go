// Package schema names every collection, field and status of the database.
//
// Code and SQL use these constants only; TestSchemaMatchesDatabase compares
// them with the migrated database, so a rename cannot go unnoticed.
package schema

// Collections.
const (
	Shop          = "shop"
	Agents        = "agents"
	Contacts      = "contacts"
	Identities    = "identities"
	Mailboxes     = "mailboxes"
	Conversations = "conversations"
	Messages      = "messages"
	Ledger        = "ledger"
	Quarantine    = "quarantine"
	Outbox        = "outbox"
	CannedReplies = "canned_replies"
	Tags          = "tags"
	OfficeHours   = "office_hours"
)

// Counters is a plain table, not a collection: one row a counter, increased
// inside the transaction that uses the number.
const Counters = "shohay_counters"

// Awaited is a plain table too: mails that were referred to before they came,
// and the conversation they belong to (ref, conversation, created).
const Awaited = "shohay_awaited"

// Unclaimed is a plain table too: conversations that nobody was there to be
// given to, and how they are to be given away once somebody is (conversation,
// how, created).
const Unclaimed = "shohay_unclaimed"

// Names of the counters.
const (
	CounterSeq          = "seq"
	CounterConversation = "conversation"
	CounterCustomer     = "customer"
)

// Fields that most collections share.
const (
	ID      = "id"
	Created = "created"
	Updated = "updated"
)

// Fields of shop.
const (
	ShopName              = "name"
	ShopTagline           = "tagline"
	ShopLogo              = "logo"
	ShopColour            = "colour"
	ShopLanguages         = "languages"
	ShopLanguage          = "language"
	ShopTimeZone          = "time_zone"
	ShopAddress           = "address"
	ShopPhone             = "phone"
	ShopEmail             = "email"
	ShopWebsite           = "website"
	ShopReplyPromise      = "reply_promise"
	ShopWidgetEnabled     = "widget_enabled"
	ShopWidgetPosition    = "widget_position"
	ShopGreetEnabled      = "greet_enabled"
	ShopGreetTexts        = "greet_texts"
	ShopGreetPages        = "greet_pages"
	ShopGreetAfter        = "greet_after"
	ShopSynonyms          = "synonyms"
	ShopAllowedOrigins    = "allowed_origins"
	ShopAttachmentMB      = "attachment_mb"
	ShopStreamsPerAddress = "streams_per_address"
	ShopHandoverMinutes   = "handover_minutes"
	ShopDiskFloor         = "disk_floor_mb"
	ShopReopenDays        = "reopen_days"
)

// Fields of agents (an auth collection).
const (
	AgentName         = "name"
	AgentEmail        = "email"
	AgentAvatar       = "avatar"
	AgentRole         = "role"
	AgentAvailability = "availability"
	AgentSignature    = "signature"
	AgentLanguages    = "languages"
	AgentNotify       = "notify"

	RoleOwner = "owner"
	RoleAgent = "agent"

	AvailabilityOnline  = "online"
	AvailabilityAway    = "away"
	AvailabilityOffline = "offline"
)

// Fields of contacts (an auth collection without passwords).
const (
	ContactName       = "name"
	ContactCustomerNo = "customer_no"
	ContactLanguage   = "language"
	ContactTags       = "tags"
	ContactNote       = "note"
	ContactBlocked    = "blocked"
	ContactConsents   = "consents"
	ContactLastSeen   = "last_seen"
)

// Fields of identities and their kinds.
const (
	IdentityContact  = "contact"
	IdentityKind     = "kind"
	IdentityValue    = "value"
	IdentityVerified = "verified"

	KindEmail   = "email"
	KindPhone   = "phone"
	KindVisitor = "visitor" // the random id of a browser that chats
	KindUser    = "user"    // the id the shop's own site signs (see settings.Keys)
)

// Fields of mailboxes.
const (
	MailboxName         = "name"
	MailboxAddress      = "address"
	MailboxAliases      = "aliases"
	MailboxActive       = "active"
	MailboxIMAPHost     = "imap_host"
	MailboxIMAPPort     = "imap_port"
	MailboxIMAPSecurity = "imap_security"
	MailboxSMTPHost     = "smtp_host"
	MailboxSMTPPort     = "smtp_port"
	MailboxSMTPSecurity = "smtp_security"
	MailboxLogin        = "login"
	MailboxPassword     = "password" // as typed; emptied when sealed into secret
	MailboxSecret       = "secret"   // sealed, hidden from every API
	MailboxFolder       = "folder"
	MailboxFetchDays    = "fetch_days"
	MailboxUIDValidity  = "uidvalidity"
	MailboxUID          = "uid"
	MailboxLastFetch    = "last_fetch"
	MailboxLastSend     = "last_send"
	MailboxLastError    = "last_error"

	SecurityTLS      = "tls"      // implicit TLS
	SecurityStartTLS = "starttls" // required, not opportunistic
	SecurityNone     = "none"
)

// Fields of conversations, their statuses and channels.
const (
	ConvNumber          = "number"
	ConvContact         = "contact"
	ConvChannel         = "channel"
	ConvMailbox         = "mailbox"
	ConvVisitor         = "visitor"
	ConvSubject         = "subject"
	ConvStatus          = "status"
	ConvPriority        = "priority"
	ConvAssignee        = "assignee"
	ConvTags            = "tags"
	ConvPreview         = "preview"
	ConvPreviewKind     = "preview_kind"
	ConvLastSeq         = "last_seq"
	ConvLastIncomingSeq = "last_incoming_seq"
	ConvStaffSeenSeq    = "staff_seen_seq"
	ConvContactSeenSeq  = "contact_seen_seq"
	ConvLastActivity    = "last_activity"
	ConvLastIncoming    = "last_incoming"
	ConvWaitingSince    = "waiting_since"
	ConvFirstReplyAt    = "first_reply_at"
	ConvSolvedAt        = "solved_at"
	ConvSnoozedUntil    = "snoozed_until"
	ConvLanguage        = "language"
	ConvMergedInto      = "merged_into"
	ConvEmail           = "email" // address left in chat or on the form, where answers go when they are gone
	ConvPage            = "page"
	ConvRating          = "rating"
	ConvRatingComment   = "rating_comment"

	StatusOpen    = "open"
	StatusPending = "pending"
	StatusSnoozed = "snoozed"
	StatusSolved  = "solved"

	ChannelChat   = "chat"
	ChannelEmail  = "email"
	ChannelPortal = "portal"
	ChannelPhone  = "phone"
)

// Fields of messages, their kinds and states of delivery.
const (
	MsgConversation   = "conversation"
	MsgSeq            = "seq"
	MsgKind           = "kind"
	MsgAuthorKind     = "author_kind"
	MsgAgent          = "agent"
	MsgContact        = "contact"
	MsgSubject        = "subject"
	MsgText           = "text"
	MsgHTML           = "html"
	MsgFiles          = "files"
	MsgFileInfo       = "file_info"
	MsgEvent          = "event"
	MsgChannel        = "channel"
	MsgChannelID      = "channel_id"
	MsgClientID       = "client_id"
	MsgFrom           = "sender"
	MsgTo             = "recipient"
	MsgCC             = "cc"
	MsgTrust          = "trust"
	MsgAutomatic      = "automatic"
	MsgRaw            = "raw"
	MsgDelivery       = "delivery"
	MsgDeliveryDetail = "delivery_detail"
	MsgSentAt         = "sent_at"

	MessageIncoming = "incoming"
	MessageOutgoing = "outgoing"
	MessageNote     = "note"
	MessageEvent    = "event"

	AuthorContact = "contact"
	AuthorAgent   = "agent"
	AuthorBot     = "bot"
	AuthorSystem  = "system"

	TrustUnverified = "unverified" // joined by a hint or failed authentication: shown with a mark
	TrustOther      = "other"      // a valid token from somebody else's address: staff only (mail rule 25)

	DeliveryQueued    = "queued"
	DeliverySending   = "sending"
	DeliverySent      = "sent"
	DeliveryDelivered = "delivered"
	DeliveryUncertain = "uncertain"
	DeliveryFailed    = "failed"
)

// Fields of the ledger: what was taken in, once.
const (
	LedgerAccount     = "account"
	LedgerFolder      = "folder"
	LedgerUIDValidity = "uidvalidity"
	LedgerUID         = "uid"
	LedgerKey         = "dedupe_key"
	LedgerMessage     = "message"
	LedgerQuarantine  = "quarantine"
	LedgerRaw         = "raw" // sha-256 of the kept original, hex
	LedgerAttempts    = "attempts"
)

// Fields of the quarantine.
const (
	QuarantineMailbox = "mailbox"
	QuarantineRaw     = "raw"
	QuarantineReason  = "reason"
	QuarantineSender  = "sender"
	QuarantineSubject = "subject"
	QuarantineRetried = "retried"
)

// Fields of the outbox and its states.
const (
	OutboxMessage   = "message"
	OutboxChannel   = "channel"
	OutboxRecipient = "recipient"
	OutboxDue       = "due"
	OutboxAttempts  = "attempts"
	OutboxState     = "state"
	OutboxLastError = "last_error"
	OutboxReceipt   = "receipt"

	OutboxQueued    = "queued"
	OutboxSending   = "sending"
	OutboxSent      = "sent"
	OutboxUncertain = "uncertain"
	OutboxFailed    = "failed"
)

// Fields of canned replies, tags and office hours.
const (
	CannedTitle    = "title"
	CannedShortcut = "shortcut"
	CannedText     = "text"
	CannedLanguage = "language"
	CannedOwner    = "owner"

	TagName   = "name"
	TagColour = "colour"

	HoursDay    = "day" // "0" is Sunday … "6" is Saturday
	HoursOpens  = "opens"
	HoursCloses = "closes"
)
