package schema

// Collections of what is kept of lists (migration 1764000410).
const (
	Views = "views"
)

// Fields of views.
const (
	ViewName     = "name"
	ViewOwner    = "owner"
	ViewFilter   = "filter"
	ViewSort     = "sort"
	ViewPosition = "position"

	ViewSortNewest   = "newest"
	ViewSortWaiting  = "waiting"
	ViewSortDue      = "due"
	ViewSortPriority = "priority"
)
