package retention

import (
	"context"

	"github.com/shohay/shohay/hooks/schema"
)

// What 0 days means.
const (
	Forever = "forever"
	AtOnce  = "at_once" // in the next night
	Usual   = "usual"   // as many as at first
	None    = ""        // it cannot be 0
)

// Kind is something that is kept for a time.
type Kind struct {
	Name  string // the desk has words for it
	Field string // of shop, in days
	First int    // days in a new shop
	Least int    // days, but for 0
	Most  int
	Zero  string // what 0 means

	count func(ctx context.Context, room *Room, before string) (int, error)
	clear func(ctx context.Context, room *Room, before string) (int, error)
}

// Kinds are all of them, in the order in which they are gone through. "before"
// is a time as the database holds it; what is younger stays.
var Kinds = []Kind{
	// The mail as it came; its message stays.
	{Name: "originals", Field: schema.ShopRawDays, Least: 7, Most: 36500, Zero: Forever,
		count: func(ctx context.Context, room *Room, before string) (int, error) {
			return room.Originals(ctx, room.app, before, false)
		},
		clear: func(ctx context.Context, room *Room, before string) (int, error) {
			return room.Originals(ctx, room.app, before, true)
		}},
	// Mails that could not be read. The ledger goes on knowing them.
	{Name: "quarantine", Field: schema.ShopQuarantineDays, First: 365, Least: 7, Most: 36500, Zero: Forever,
		count: counted("quarantine", `created < {:before}`),
		clear: each(`SELECT id FROM quarantine WHERE created < {:before} AND id > {:after} ORDER BY id LIMIT {:n}`,
			func(ctx context.Context, room *Room, id string) error { return room.Discard(room.app, id) })},
	// Solved conversations with all that belongs to them. idx_conversations_status
	{Name: "solved", Field: schema.ShopSolvedDays, Least: 30, Most: 36500, Zero: Forever,
		count: counted("conversations", solved), clear: talks(solved)},
	// idx_conversations_spam
	{Name: "spam", Field: schema.ShopSpamDays, First: 90, Least: 7, Most: 36500, Zero: Forever,
		count: counted("conversations", spam), clear: talks(spam)},
	// What was deleted at the desk. idx_conversations_deleted
	{Name: "deleted", Field: schema.ShopDeletedDays, First: 30, Most: 3650, Zero: AtOnce,
		count: counted("conversations", deleted), clear: talks(deleted)},
	// idx_audit_created
	{Name: "audit", Field: schema.ShopAuditDays, First: 365, Least: 30, Most: 3650, Zero: Usual,
		count: counted("audit", doings), clear: rows(from{"audit", doings})},
	// Who signed in from where: the sessions of the staff and what the trail
	// says of sign-ins. idx_audit_kind
	{Name: "sign_ins", Field: schema.ShopSignInDays, First: 180, Least: 30, Most: 36500, Zero: Forever,
		count: both(counted("sessions", `last_used < {:before}`), counted("audit", signIns)),
		clear: rows(from{"sessions", `last_used < {:before}`}, from{"audit", signIns})},
	// The book of what was sent; the messages stay. idx_outbox_sent
	{Name: "sent", Field: schema.ShopSentDays, First: 180, Least: 30, Most: 36500, Zero: Forever,
		count: counted("outbox", sent), clear: rows(from{"outbox", sent})},
	// What was searched for and not found, or asked and not answered.
	// idx_bot_questions_state
	{Name: "questions", Field: schema.ShopQuestionDays, First: 365, Least: 7, Most: 36500, Zero: Forever,
		count: both(counted("search_misses", misses), counted("bot_questions", asked)),
		clear: rows(from{"search_misses", misses}, from{"bot_questions", asked})},
	// Lines and files of the log.
	{Name: "logs", Field: schema.ShopLogDays, First: 14, Least: 1, Most: 365, Zero: None,
		count: func(ctx context.Context, room *Room, before string) (int, error) {
			return room.Logs(room.app, before, false)
		},
		clear: func(ctx context.Context, room *Room, before string) (int, error) {
			return room.Logs(room.app, before, true)
		}},
}

// What is meant by the kinds, each so that its index is used.
const (
	solved  = `status = 'solved' AND last_activity < {:before} AND solved_at != '' AND solved_at < {:before} AND deleted_at = '' AND merged_into = '' AND spam = FALSE`
	spam    = `spam = TRUE AND last_activity < {:before} AND deleted_at = '' AND merged_into = ''`
	deleted = `deleted_at != '' AND deleted_at < {:before}`
	doings  = `kind != 'signin' AND created < {:before}`
	signIns = `kind = 'signin' AND created < {:before}`
	sent    = `state = 'sent' AND updated < {:before} AND filed != 'due'`
	misses  = `last_at < {:before}`
	asked   = `state IN ('open', 'answered', 'dismissed') AND created < {:before}`
)

// Days is for how long the kind is kept, given what the field holds; no is for
// ever.
func (k Kind) Days(held int) (days int, ever bool) {
	switch {
	case held > 0:
		return held, true
	case k.Zero == AtOnce:
		return 0, true
	case k.Zero == Forever:
		return 0, false
	}
	return k.First, true
}

// Fits tells whether the owner may choose so many days.
func (k Kind) Fits(days int) bool {
	return days == 0 && k.Zero != None || days >= max(k.Least, 1) && days <= k.Most
}
