package schema

// Collections of working together (migration 1764001000).
const (
	Mentions = "mentions"
	Follows  = "follows"
)

// Fields of mentions: who is called by a note.
const (
	MentionMessage = "message"
	MentionAgent   = "agent"
	MentionSeen    = "seen" // when they looked, empty until then
)

// Fields of follows: who wants to hear of a conversation.
const (
	FollowConversation = "conversation"
	FollowAgent        = "agent"
)

// MsgMentions are the names that a note calls: [{"id": agent, "as": name}].
const (
	MsgMentions = "mentions"
)

// Fields of agents about being there.
const (
	AgentAwayAfter = "away_after" // minutes without a touch; 0 is the usual, AwayNever never
	AgentGivenAt   = "given_at"   // when a conversation was last given to them in turn
)

// Fields of the shop about whom new conversations go to.
const (
	ShopAssignNew   = "assign_new"
	ShopAssignHours = "assign_hours" // in office hours only

	ShopAssignHand = "hand"
	ShopAssignTurn = "turn"
	ShopAssignLoad = "load"
)

// Signatures, of agents and of mailboxes (migration 1764001010).
const (
	AgentSignatureHTML   = "signature_html"
	MailboxSignature     = "signature"
	MailboxSignatureHTML = "signature_html"
	MailboxSignatureUse  = "signature_use"

	MailboxSignInstead = "instead"
	MailboxSignBelow   = "below"
)
