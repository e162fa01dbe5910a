package installer

import "os"

// launchctl lists the daemons of the system to root only.
const statusNeedsRights = true

// definitions are the files in which the service manager keeps the service.
var definitions = []string{"/Library/LaunchDaemons/" + name + ".plist"}

func dataPlace() string { return "/Library/Application Support/Shohay" }

func temporaryFolders() []string { return []string{"/tmp", "/private/tmp", os.TempDir()} }

func logs() string { return "/var/log/" + name + ".err.log" }
