package installer

import (
	"os"
	"strconv"
)

// launchctl lists the daemons of the system to root only.
const statusNeedsRights = true

// definitions are the files in which the service manager keeps the service.
var definitions = []string{"/Library/LaunchDaemons/" + name + ".plist"}

// DataPlace is where the data of services lies on this platform.
func DataPlace() string { return "/Library/Application Support/Shohay" }

func temporaryFolders() []string { return []string{"/tmp", "/private/tmp", os.TempDir()} }

func logs() string { return "/var/log/" + name + ".err.log" }

// logReader is the command that prints the service's log.
func logReader(lines int, follow bool) []string {
	command := []string{"tail", "-n", strconv.Itoa(lines), "/var/log/" + name + ".out.log", "/var/log/" + name + ".err.log"}
	if follow {
		command = append(command, "-f")
	}
	return command
}

// look has nothing to add to what the library says.
func look() (state, bool) { return absent, false }

// serviceUser is none: launchd's daemons have the data in a folder of root's.
func serviceUser() string { return "" }

func account(plan) error { return nil }
