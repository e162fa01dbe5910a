package installer

import "github.com/kardianos/service"

const statusNeedsRights = false

// definitions are the files in which service managers keep the service.
var definitions = []string{
	"/etc/systemd/system/" + name + ".service",
	"/etc/init/" + name + ".conf",
	"/etc/init.d/" + name,
}

func dataPlace() string { return "/var/lib/" + name }

// temporaryFolders are emptied at restart, and hidden by PrivateTmp.
func temporaryFolders() []string { return []string{"/tmp", "/var/tmp"} }

func logs() string {
	if service.Platform() == "linux-systemd" {
		return "journalctl -u " + name
	}
	return "/var/log/" + name + ".err"
}
