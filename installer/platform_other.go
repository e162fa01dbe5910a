//go:build !linux && !darwin && !windows

package installer

import "os"

const statusNeedsRights = false

// definitions are the files in which service managers keep the service.
var definitions = []string{"/usr/local/etc/rc.d/" + name}

// DataPlace is where the data of services lies on this platform.
func DataPlace() string { return "/var/db/" + name }

func temporaryFolders() []string { return []string{os.TempDir()} }

func logs() string { return "" }

// logReader is not known.
func logReader(int, bool) []string { return nil }

// look has nothing to add to what the library says.
func look() (state, bool) { return absent, false }

func serviceUser() string { return "" }

func account(plan) error { return nil }
