package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kardianos/service"
)

const statusNeedsRights = false

// definitions are the files in which service managers keep the service.
var definitions = []string{
	"/etc/systemd/system/" + name + ".service",
	"/etc/init/" + name + ".conf",
	"/etc/init.d/" + name,
}

// DataPlace is where the data of services lies on this platform.
func DataPlace() string { return "/var/lib/" + name }

// temporaryFolders are emptied at restart, and hidden by PrivateTmp.
func temporaryFolders() []string { return []string{"/tmp", "/var/tmp"} }

func logs() string {
	if service.Platform() == "linux-systemd" {
		return "journalctl -u " + name
	}
	return "/var/log/" + name + ".err"
}

// logReader is the command that prints the service's log.
func logReader(lines int, follow bool) []string {
	n := strconv.Itoa(lines)
	command := []string{"tail", "-n", n, "/var/log/" + name + ".log", "/var/log/" + name + ".err"}
	if service.Platform() == "linux-systemd" {
		command = []string{"journalctl", "-u", name, "-n", n, "--no-pager"}
	}
	if follow {
		command = append(command, "-f")
	}
	return command
}

// look asks systemd itself: the library takes a service that waits for its next
// try for one that runs, and one that is stopping for one that is not there.
func look() (state, bool) {
	if service.Platform() != "linux-systemd" {
		return absent, false
	}
	out, err := exec.Command("systemctl", "show", name+".service", "--property=LoadState,ActiveState,SubState").Output()
	if err != nil {
		return absent, false
	}
	return unitState(string(out))
}

// unitState reads what "systemctl show" says.
func unitState(said string) (state, bool) {
	is := map[string]string{}
	for line := range strings.Lines(said) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is[key] = value
	}
	if is["LoadState"] == "not-found" {
		return absent, true
	}
	switch is["ActiveState"] {
	case "active", "reloading":
		return running, true
	case "activating":
		if is["SubState"] == "auto-restart" {
			return trying, true
		}
		return starting, true
	case "deactivating":
		return stopping, true
	case "failed":
		return failed, true
	case "inactive":
		return stopped, true
	}
	return absent, false
}

// serviceUser is the user of its own that the service runs as. An init script
// starts as root and would have to change users by itself.
func serviceUser() string {
	if service.Platform() == "linux-systemd" {
		return name
	}
	return ""
}

// account makes the service's user and gives it the data folder.
func account(p plan) error {
	for _, path := range []string{p.exe, p.dir} {
		if closed := closedTo(filepath.Dir(path)); closed != "" {
			return fmt.Errorf("the service runs as the user %s, who cannot look into %s; put the executable where everybody can reach it, such as /usr/local/bin, and the data where its user can, such as %s", p.user, closed, DataPlace())
		}
	}
	u, err := user.Lookup(p.user)
	if unknown := user.UnknownUserError(""); errors.As(err, &unknown) {
		if err := addUser(p.user, p.dir); err != nil {
			return err
		}
		u, err = user.Lookup(p.user)
	}
	if err != nil {
		return fmt.Errorf("find the user %s: %w", p.user, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return fmt.Errorf("find the user %s: %w", p.user, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return fmt.Errorf("find the user %s: %w", p.user, err)
	}
	err = filepath.WalkDir(p.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, gid)
	})
	if err != nil {
		return fmt.Errorf("give the data folder to the user %s: %w", p.user, err)
	}
	return nil
}

// closedTo is the first folder on the way that strangers may not pass.
func closedTo(folder string) string {
	for {
		if info, err := os.Stat(folder); err == nil && info.Mode().Perm()&0o001 == 0 {
			return folder
		}
		up := filepath.Dir(folder)
		if up == folder {
			return ""
		}
		folder = up
	}
}

// addUser makes a system user that nobody can sign in as. There are two
// programs for it: of shadow, and of BusyBox.
func addUser(user, home string) error {
	var err error
	for _, command := range [][]string{
		{"useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home, "--shell", "/usr/sbin/nologin", user},
		{"adduser", "-S", "-D", "-H", "-h", home, "-s", "/sbin/nologin", "-G", "nogroup", user},
	} {
		if _, missing := exec.LookPath(command[0]); missing != nil {
			continue
		}
		out, failed := exec.Command(command[0], command[1:]...).CombinedOutput()
		if failed == nil {
			return nil
		}
		err = fmt.Errorf("make the user %s: %w: %s", user, failed, out)
	}
	if err == nil {
		err = fmt.Errorf("make the user %s: this system has neither useradd nor adduser; make the user by hand and run install again", user)
	}
	return err
}
