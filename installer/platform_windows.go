package installer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

const (
	elevateHow        = "open a terminal with \"Run as administrator\" and run"
	elevatePrefix     = ""
	endsByItself      = false
	statusNeedsRights = false
)

func elevated() bool { return windows.GetCurrentProcessToken().IsElevated() }

// prepare readies the process that the service manager started: it begins in
// the system's folder.
func prepare() error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the executable: %w", err)
	}
	if err := os.Chdir(filepath.Dir(exe)); err != nil {
		return fmt.Errorf("go to the executable's folder: %w", err)
	}
	return nil
}

// defined is for managers that do not say so themselves.
func defined() bool { return true }

// installed compares the plan with the definition that is installed.
func installed(p plan) bool {
	m, err := mgr.Connect()
	if err != nil {
		return false
	}
	defer func() { _ = m.Disconnect() }()
	s, err := m.OpenService(name)
	if err != nil {
		return false
	}
	defer func() { _ = s.Close() }()
	c, err := s.Config()
	if err != nil {
		return false
	}
	// as mgr.CreateService writes it
	line := windows.EscapeArg(p.exe)
	for _, a := range p.arguments() {
		line += " " + windows.EscapeArg(a)
	}
	return c.BinaryPathName == line
}

// DataPlace is where the data of services lies on this platform.
func DataPlace() string {
	base := os.Getenv("ProgramData")
	if base == "" {
		base = `C:\ProgramData`
	}
	return filepath.Join(base, "Shohay")
}

// temporaryFolders are emptied by the system's clean-up.
func temporaryFolders() []string { return []string{strings.TrimRight(os.TempDir(), `\`)} }

func logs() string { return "the Windows event log, Application, source " + name }

// logReader is the command that prints the service's entries in the event log;
// that cannot be followed.
func logReader(lines int, _ bool) []string {
	return []string{"wevtutil", "query-events", "Application", "/query:*[System[Provider[@Name='" + name + "']]]", fmt.Sprintf("/count:%d", lines), "/reversedirection:true", "/format:text"}
}

// look has nothing to add to what the library says.
func look() (state, bool) { return absent, false }

// serviceUser is none: the service runs as LocalSystem.
func serviceUser() string { return "" }

func account(plan) error { return nil }
