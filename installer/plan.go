package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// name is the service's name for the operating system.
const name = "shohay"

// RunName is the name of the hidden command that the service manager runs. It
// takes the manager's signals itself.
const RunName = "service"

// plan is how the service will run.
type plan struct {
	exe     string // absolute
	dir     string // data folder, absolute
	http    string // address, "" for the default of serve
	https   string
	domains []string
	acme    string // address of the ACME directory, "" for the default of serve
	roots   string // file with authorities it is trusted by
	user    string // of its own that it runs as, "" for the administrator's
}

// arguments are those that the service manager gives to the executable.
func (p plan) arguments() []string {
	args := []string{RunName, "--dir", p.dir}
	if p.http != "" {
		args = append(args, "--http", p.http)
	}
	if p.https != "" {
		args = append(args, "--https", p.https)
	}
	if p.acme != "" {
		args = append(args, "--acme", p.acme)
	}
	if p.roots != "" {
		args = append(args, "--acme-root", p.roots)
	}
	return append(args, p.domains...)
}

// wish is what the person typed.
type wish struct {
	exe       string
	dir       string // value of --dir
	dirGiven  bool   // false: dir is the folder that serve would use
	http      string
	https     string
	domains   []string
	acme      string
	roots     string
	temporary []string // folders that do not outlive a restart or that the service cannot see
	plain     bool     // the service manager's definitions hold plain paths only
}

// resolve makes a plan of a wish. place is the platform's folder for the data
// of services.
func (w wish) resolve(place string) (plan, error) {
	p := plan{exe: w.exe, http: w.http, https: w.https, domains: w.domains, acme: w.acme}
	for _, t := range w.temporary {
		if inside(p.exe, t) {
			return plan{}, fmt.Errorf("the executable %s lies in a temporary folder, where a service does not find it; put it where it can stay, such as /usr/local/bin, and run install from there", p.exe)
		}
	}
	p.dir = place
	switch {
	case w.dirGiven:
		p.dir = w.dir
	case hasData(w.dir):
		p.dir = w.dir // the shop that "serve" was tried with goes on
	}
	var err error
	if p.dir, err = filepath.Abs(p.dir); err != nil {
		return plan{}, fmt.Errorf("find the data folder: %w", err)
	}
	for _, t := range w.temporary {
		if inside(p.dir, t) {
			return plan{}, fmt.Errorf("the data folder %s is a temporary one; choose another with --dir", p.dir)
		}
	}
	if w.roots != "" {
		if p.roots, err = filepath.Abs(w.roots); err != nil {
			return plan{}, fmt.Errorf("find the file of --acme-root: %w", err)
		}
	}
	for _, path := range []string{p.exe, p.dir, p.roots} {
		if strings.ContainsFunc(path, unicode.IsControl) || w.plain && strings.ContainsAny(path, " \"'$\\{&<>") {
			return plan{}, fmt.Errorf("the path %q has characters that a service of this system cannot be given", path)
		}
	}
	return p, nil
}

func inside(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// DataFolder is the data folder for commands that are told none: beside the
// executable, or the service's if only that has a shop.
func DataFolder(home string) string {
	beside := filepath.Join(home, "pb_data")
	if service := DataPlace(); !hasData(beside) && (hasData(service) || closed(service)) {
		return service
	}
	return beside
}

// closed tells whether the folder is another user's to look into: the
// service's.
func closed(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "data.db"))
	return errors.Is(err, fs.ErrPermission)
}

func hasData(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "data.db"))
	return err == nil
}
