package schema

// Rules of the shop (migrations 17640006xx).

// Collections of the rules.
const (
	Holidays = "holidays" // days that differ from the weekly table
	Targets  = "targets"  // how soon customers are answered

	Automations    = "automations"     // when, if, then
	AutomationRuns = "automation_runs" // what they did and why
)

// Fields of holidays. Days are written 2026-03-26.
const (
	HolidayName   = "name"
	HolidayFirst  = "first_day"
	HolidayLast   = "last_day" // empty is one day
	HolidayYearly = "yearly"
	HolidayOpens  = "opens" // both empty: closed all day
	HolidayCloses = "closes"
)

// Fields of targets. The first active one in the order that fits a
// conversation holds for it.
const (
	TargetName       = "name"
	TargetOrder      = "sort"
	TargetActive     = "active"
	TargetChannels   = "channels"  // empty fits every channel
	TargetMailboxes  = "mailboxes" // likewise
	TargetTags       = "tags"      // any of them
	TargetPriority   = "priority"  // at least
	TargetFirst      = "first_reply"
	TargetNext       = "next_reply"
	TargetResolution = "resolution" // minutes; 0 promises nothing
	TargetCount      = "count"
	TargetMail       = "mail_owners"

	CountOffice = "office"
	CountClock  = "clock"
)

// Fields of conversations that targets keep.
const (
	ConvTarget    = "target"
	ConvDueAt     = "due_at"
	ConvDueKind   = "due_kind"
	ConvDueWarnAt = "due_warn_at" // under a quarter of the time is left
	ConvDueNext   = "due_next"    // when somebody is told next
	ConvClock     = "clock"       // how long the clocks have run, hidden

	DueFirst      = "first_reply"
	DueNextReply  = "next_reply"
	DueResolution = "resolution"
)

// CounterAutomation is the seq of the last message that automations have seen.
const (
	CounterAutomation = "automation"
)

// Fields of automations and what sets them off.
const (
	AutomationName        = "name"
	AutomationActive      = "active"
	AutomationOrder       = "sort"
	AutomationTrigger     = "trigger"
	AutomationSince       = "since"
	AutomationMinutes     = "minutes"
	AutomationCount       = "count"
	AutomationMatch       = "match"
	AutomationConditions  = "conditions"
	AutomationActions     = "actions"
	AutomationActiveSince = "active_since"
	AutomationSwept       = "swept" // hidden: times since which have been dealt with

	TriggerCreated  = "created"
	TriggerWrote    = "customer_wrote"
	TriggerAnswered = "answered"
	TriggerChanged  = "changed"
	TriggerDueSoon  = "due_soon"
	TriggerOverdue  = "overdue"
	TriggerSince    = "since"

	SinceCustomer = "customer"
	SinceAnswer   = "answer"
	SinceCreated  = "created"
	SinceSolved   = "solved"
	SinceStatus   = "status"

	MatchAll = "all"
	MatchAny = "any"
)

// Fields of automation_runs.
const (
	RunAutomation   = "automation"
	RunConversation = "conversation"
	RunContact      = "contact"
	RunEvent        = "event"
	RunResult       = "result"
	RunWhy          = "why"
	RunDid          = "did"
	RunChain        = "chain"
	RunCausedFrom   = "caused_from"
	RunCausedTo     = "caused_to"
	RunSent         = "sent"

	RunDone      = "done"
	RunUnmatched = "unmatched"
	RunHeld      = "held"
	RunFailed    = "failed"
)

// Fields of conversations that automations count from.
const (
	ConvAnsweredAt = "answered_at" // when somebody of ours last answered
	ConvStatusAt   = "status_at"   // when the status became what it is
)
