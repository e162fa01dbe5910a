package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/redact"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/watchdog"
)

// Line is what one check found.
type Line struct {
	State string // schema.CheckOK, CheckWarn or CheckBad
	Label string
	Said  string
	Do    string // "" for nothing
}

// States of the service, as [Deps].Service tells them.
const (
	ServiceRunning = "running"
	ServiceStopped = "stopped"
	ServiceAbsent  = "absent"
)

// Version is how the database stands to this release.
type Version int

// How it can stand.
const (
	VersionSame  Version = iota
	VersionOlder         // the next start changes it
	VersionNewer         // it belongs to a newer release
)

// Deps are what the doctor is given.
type Deps struct {
	Dir     string // the data folder
	URL     string // where the server should answer; "" for where it served last, or the shop's own address
	Version string // of the executable
	// PocketBase is the version of it that was built in.
	PocketBase string
	// Compare tells how the migrations of the database stand to ours.
	Compare func(db *dbx.DB) (Version, error)
	// Service is the state of the service, "" where that cannot be told.
	Service func() string
}

// Doctor examines one data folder.
type Doctor struct {
	Deps
	lang      string
	anonymous bool // names, addresses and words of others are left out
	now       time.Time
	zone      *time.Location
	client    *http.Client
	say       func(Line)
	bad, warn int
}

// New is a doctor who speaks lang.
func New(d Deps, lang string) *Doctor {
	return &Doctor{Deps: d, lang: lang, now: time.Now(), zone: time.UTC, client: &http.Client{Timeout: 5 * time.Second}}
}

// Language is the one that the machine's locale names, English where it has no
// texts or names none.
func Language(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			lang, _, _ := strings.Cut(strings.ToLower(v), "_")
			lang, _, _ = strings.Cut(lang, ".")
			lang, _, _ = strings.Cut(lang, "@")
			if i18n.Current().Has(lang) {
				return lang
			}
			break
		}
	}
	return i18n.Fallback
}

// Examine looks at everything, says each line as it is found, and tells how
// many things are wrong and how many want a look.
func (d *Doctor) Examine(ctx context.Context, say func(Line)) (bad, warn int) {
	d.say, d.bad, d.warn = say, 0, 0
	if d.folder() {
		d.key()
		d.database(ctx)
	}
	return d.bad, d.warn
}

// line says one check: its words are doctor.<code> and doctor.<code>_do.
func (d *Doctor) line(state, kind, code string, v i18n.V) {
	if v == nil {
		v = i18n.V{}
	}
	v["dir"] = d.private(d.Dir)
	l := Line{State: state, Label: i18n.T(d.lang, fmt.Sprintf("doctor.kind_%s", kind)), Said: i18n.T(d.lang, "doctor."+code, v)}
	if state != schema.CheckOK {
		l.Do = i18n.T(d.lang, "doctor."+code+"_do", v)
	}
	d.tell(l)
}

// finding says what the watchdog would say.
func (d *Doctor) finding(f watchdog.Finding) {
	f.Facts.Name, f.Facts.Said = d.private(f.Facts.Name), d.private(f.Facts.Said)
	said, do := watchdog.WordsAt(d.zone, d.lang, f)
	d.tell(Line{f.State, watchdog.Label(d.lang, f), said, do})
}

func (d *Doctor) tell(l Line) {
	switch l.State {
	case schema.CheckBad:
		d.bad++
	case schema.CheckWarn:
		d.warn++
	}
	if d.anonymous {
		l.Label, l.Said, l.Do = redact.Text(l.Label), redact.Text(l.Said), redact.Text(l.Do)
	}
	d.say(l)
}

// private leaves out what is of this shop alone where nobody may see it.
func (d *Doctor) private(s string) string {
	if d.anonymous && s != "" {
		return "‹…›"
	}
	return s
}

// because is an error without the path, which the sentence says already.
func (d *Doctor) because(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return d.private(err.Error())
}

// isFile tells whether name is there.
func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
