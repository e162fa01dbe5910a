package schema

// The first days of a shop (migration 1764001710).

// SetupSteps is how far the owner is with setting the shop up.
const SetupSteps = "setup_steps"

// OnceLinks are links that make somebody the owner or a colleague, once.
const OnceLinks = "once_links"

// Fields of setup_steps, the steps in their order and their states. A step
// without a record is open.
const (
	StepName  = "step"
	StepState = "state"
	StepProof = "proof" // how it proved itself

	StepAccount = "account"
	StepShop    = "shop"
	StepHours   = "hours"
	StepLook    = "look"
	StepMail    = "mail"
	StepWidget  = "widget"
	StepStaff   = "staff"
	StepBackup  = "backup"
	StepClosed  = "closed" // no step: the owner put the set-up away

	StepDone    = "done"
	StepSkipped = "skipped"
)

// Fields of once_links and what they are for.
const (
	OnceFor     = "purpose"
	OnceAgent   = "agent" // of an invitation
	OnceHash    = "hash"  // hidden
	OnceBase    = "base"  // address of the server that the link was made for
	OnceExpires = "expires"
	OnceUsed    = "used"

	OnceOwner  = "owner"
	OnceInvite = "invite"
)
