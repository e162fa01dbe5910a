package schema

// Tidying up (migration 1764000400).

// Fields of conversations.
const (
	ConvDeletedAt = "deleted_at"
	ConvDeletedBy = "deleted_by"
	ConvPutBack   = "put_back" // how it stood before it was deleted or merged
)

// Fields of shop.
const (
	ShopDeletedDays = "deleted_days"
)
