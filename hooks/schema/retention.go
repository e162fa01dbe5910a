package schema

// For how long things are kept (migration 1764002200): fields of shop, in days.
const (
	ShopQuarantineDays = "quarantine_days"
	ShopSolvedDays     = "solved_days"
	ShopSpamDays       = "spam_days"
	ShopSignInDays     = "sign_in_days"
	ShopSentDays       = "sent_days"
	ShopQuestionDays   = "question_days"
	ShopLogDays        = "log_days"
)
