package schema

// Collections and fields of customers' requests (migration 1764001200).

// SignIns are the browsers in which customers see their requests.
const SignIns = "sign_ins"

// SignInCodes are the codes that were asked for lately.
const SignInCodes = "sign_in_codes"

// Fields of sign_ins.
const (
	DoorSecret       = "secret" // hex SHA-256, hidden
	DoorIdentity     = "identity"
	DoorConversation = "conversation" // the only one it opens; "" for all of the customer's
	DoorExpires      = "expires"
	DoorBrowser      = "browser"
)

// Fields of sign_in_codes.
const (
	CodeFlow    = "flow" // hex SHA-256, hidden
	CodeAddress = "address"
	CodeHash    = "code" // hex SHA-256, hidden
	CodeTries   = "tries"
	CodeExpires = "expires"
)

// Of an address: how often links in mails to it were called back.
const (
	IdentityLinkEpoch = "link_epoch"
)

// What happens when a customer asks to be erased.
const (
	ShopEraseSelf = "erase_self"

	EraseAsk    = "ask"
	EraseAtOnce = "at_once"
)
