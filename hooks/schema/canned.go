package schema

// Fields of canned replies (migration 1764000510).
const (
	CannedFolder = "folder"
	CannedHTML   = "html"
)
