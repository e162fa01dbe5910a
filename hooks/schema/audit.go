package schema

// Collections and fields of the audit trail, of sessions and of the second
// factor (migration 1764000710).

// Audit is who did what when; nothing in it is changed or deleted by hand.
const Audit = "audit"

// Sessions are the sign-ins of agents.
const Sessions = "sessions"

// SecondFactors are the authenticator apps of agents.
const SecondFactors = "second_factors"

// Fields of audit and the kinds of what is noted.
const (
	AuditKind       = "kind"
	AuditAction     = "action"
	AuditAgent      = "agent" // id of an agent or superuser; text, so that it outlives them
	AuditActor      = "actor" // their name then
	AuditCollection = "collection"
	AuditTarget     = "target" // id
	AuditLabel      = "label"  // what people call it
	AuditChanges    = "changes"
	AuditAddress    = "address"

	AuditConversation  = "conversation"
	AuditContact       = "contact"
	AuditConfiguration = "configuration"
	AuditSignIn        = "signin"
	AuditExport        = "export"
)

// Fields of sessions.
const (
	SessionAgent   = "agent"
	SessionDevice  = "device"
	SessionAddress = "address"
	SessionMark    = "mark" // of the browser, hidden
	SessionUsed    = "last_used"
	SessionEnded   = "ended"
	SessionLimited = "limited" // good only to set up the second factor
)

// Fields of second_factors.
const (
	FactorAgent  = "agent"
	FactorSecret = "secret" // sealed, hidden
	FactorStep   = "step"   // of the last code that was used
	FactorCodes  = "codes"  // MACs of the recovery codes, hidden
	FactorActive = "active"
)

// Fields of shop.
const (
	ShopAuditDays    = "audit_days"
	ShopSecondFactor = "second_factor"
)
