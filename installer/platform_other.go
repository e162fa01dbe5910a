//go:build !linux && !darwin && !windows

package installer

import "os"

const statusNeedsRights = false

// definitions are the files in which service managers keep the service.
var definitions = []string{"/usr/local/etc/rc.d/" + name}

func dataPlace() string { return "/var/db/" + name }

func temporaryFolders() []string { return []string{os.TempDir()} }

func logs() string { return "" }
