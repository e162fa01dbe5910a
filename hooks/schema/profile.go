package schema

// What is known of a customer beside name and addresses (migration 1764000630).

// ContactFields are what the owner wants to know of customers.
const ContactFields = "contact_fields"

// Fields of contact_fields and their kinds.
const (
	CustomKey      = "key"
	CustomLabelEN  = "label_en"
	CustomLabelBN  = "label_bn"
	CustomKind     = "kind"
	CustomChoices  = "choices"
	CustomRequired = "required"
	CustomSort     = "sort"
	CustomWidget   = "widget" // the shop's site may fill it for a customer it signed

	CustomText   = "text"
	CustomNumber = "number"
	CustomDate   = "date"
	CustomChoice = "choice"
	CustomYesNo  = "yes_no"
)

// Fields of contacts.
const (
	ContactCustom = "custom" // values by the key of contact_fields
)

// Fields of identities: who says that it is theirs.
const (
	IdentityVerifiedBy  = "verified_by" // the agent who said so, empty where it was proven
	IdentityVerifiedHow = "verified_how"
	IdentityVerifiedAt  = "verified_at"
	IdentityCode        = "code" // hash of the code that was mailed, hidden
	IdentityCodeUntil   = "code_until"
	IdentityCodeTries   = "code_tries"

	IdentityHowHand = "hand"
	IdentityHowCode = "code"
)
