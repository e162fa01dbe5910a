package schema

// Collections and fields of the watchdog (migration 1764001700).

// Checks are what the watchdog looks at, one record for each that is not, or
// was lately not, in order.
const Checks = "checks"

// Fields of checks and their states.
const (
	CheckName  = "name" // such as disk, or mail_in: and a mailbox's id
	CheckState = "state"
	CheckCode  = "code" // which words say what is wrong
	CheckSince = "since"
	CheckTold  = "told" // the owners know that it is bad
	CheckOwed  = "owed" // what they have yet to be mailed

	CheckOK   = "ok"
	CheckWarn = "warn"
	CheckBad  = "bad"

	CheckOwedBad  = "news"
	CheckOwedOver = "over"
)

// Fields of shop.
const (
	ShopReleaseNotice = "release_notice"
	ShopReleaseURL    = "release_url"
)
