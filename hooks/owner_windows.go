package hooks

// becomeOwner has nothing to do: whose a file is follows from its folder.
func becomeOwner(string) error { return nil }
