//go:build !windows

package installer

import (
	"os"
	"strings"

	"github.com/kardianos/service"
)

const (
	elevateHow    = "run"
	elevatePrefix = "sudo "
	// endsByItself: the manager watches the process, so a server that fails
	// simply ends it.
	endsByItself = true
)

func elevated() bool { return os.Geteuid() == 0 }

// prepare readies the process that the service manager started.
func prepare() error { return nil }

// defined tells whether a service manager has a definition of the service;
// the elder ones answer only with an error when it has not.
func defined() bool {
	for _, file := range definitions {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// installed compares the plan with the definition that is installed.
func installed(p plan) bool {
	for _, file := range definitions {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		text := string(raw)
		switch service.Platform() {
		case "linux-systemd":
			return text == unit(p)
		case "unix-systemv":
			return text == initScript(p)
		}
		for _, a := range append([]string{p.exe}, p.arguments()...) {
			if !strings.Contains(text, a) && !strings.Contains(text, escapeXML(a)) {
				return false
			}
		}
		return true
	}
	return false
}

var escapeXML = strings.NewReplacer(`&`, "&amp;", `'`, "&#39;", `<`, "&lt;", `>`, "&gt;", `"`, "&#34;").Replace
