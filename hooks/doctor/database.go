package doctor

import (
	"context"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/watchdog"
)

// open opens the database to be read only. One that nobody has open and that
// was closed in order has no log beside it: it is read as a file that does not
// change, for SQLite would make the log's files even to read.
func open(dir string) (*dbx.DB, error) {
	name := filepath.Join(dir, database)
	mode := "mode=ro"
	if !isFile(name+"-wal") && !isFile(name+"-shm") {
		mode += "&immutable=1"
	}
	path := (&url.URL{Path: filepath.ToSlash(name)}).EscapedPath()
	return dbx.Open("sqlite", "file:"+path+"?"+mode+"&_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-2000)")
}

// database looks at all that the database tells.
func (d *Doctor) database(ctx context.Context) {
	db, err := open(d.Dir)
	if err != nil {
		d.line(schema.CheckBad, "database", "database_closed", i18n.V{"said": d.because(err)})
		return
	}
	defer db.Close()
	if !d.whole(ctx, db) {
		d.space(db)
		return
	}
	d.version(db)
	d.space(db)
	d.owners(db)
	d.watched(db)
	d.server(ctx, db)
}

// whole has SQLite check the database.
func (d *Doctor) whole(ctx context.Context, db *dbx.DB) bool {
	var said string
	err := db.NewQuery(`PRAGMA quick_check(1)`).WithContext(ctx).Row(&said)
	switch {
	case err != nil:
		d.line(schema.CheckBad, "database", "database_closed", i18n.V{"said": d.because(err)})
		return false
	case said != "ok":
		d.line(schema.CheckBad, "database", "database_damaged", i18n.V{"said": d.private(said)})
		return false
	}
	d.line(schema.CheckOK, "database", "database_ok", nil)
	return true
}

// version compares the database with the executable.
func (d *Doctor) version(db *dbx.DB) {
	v := i18n.V{"version": d.Version}
	switch how, err := d.Compare(db); {
	case err != nil:
		d.unread("version", err)
	case how == VersionNewer:
		d.line(schema.CheckBad, "version", "version_newer", v)
	case how == VersionOlder:
		d.line(schema.CheckWarn, "version", "version_older", v)
	default:
		d.line(schema.CheckOK, "version", "version_ok", v)
	}
}

func (d *Doctor) unread(kind string, err error) {
	d.line(schema.CheckWarn, kind, "unread", i18n.V{"said": d.because(err)})
}

// space looks at the disk, with the shop's own floor where it can be read.
func (d *Doctor) space(db *dbx.DB) {
	s, err := disk.Look(d.Dir)
	if err != nil {
		d.unread("disk", err)
		return
	}
	var row struct {
		Floor int    `db:"disk_floor_mb"`
		Zone  string `db:"time_zone"`
	}
	if err := db.NewQuery(`SELECT disk_floor_mb, time_zone FROM shop LIMIT 1`).One(&row); err != nil {
		d.unread("disk", err) // an older database: the usual floor holds
	} else if zone, err := time.LoadLocation(row.Zone); err == nil {
		d.zone = zone
	}
	d.finding(watchdog.JudgeDisk(s, s.Floor(row.Floor), ""))
}

// owners looks for somebody who may change the shop.
func (d *Doctor) owners(db *dbx.DB) {
	var n int
	err := db.NewQuery(`SELECT COUNT(*) FROM agents WHERE role = {:role}`).Bind(dbx.Params{"role": schema.RoleOwner}).Row(&n)
	switch {
	case err != nil:
		d.unread("owner", err)
	case n == 0:
		d.line(schema.CheckBad, "owner", "owner_none", nil)
	default:
		d.line(schema.CheckOK, "owner", "owner_ok", i18n.V{"n": n})
	}
}

// watched says what the watchdog would find now, and what it remembers of what
// only a running server sees.
func (d *Doctor) watched(db *dbx.DB) {
	all, err := watchdog.Stored(db, d.now)
	if err != nil {
		d.unread("watchdog", err)
		return
	}
	clock := schema.CheckOK
	for i, f := range all {
		if f.Kind == watchdog.KindClock {
			clock = f.State
		}
		// What a server said last is news even before it has lasted.
		again := i > 0 && all[i-1].Kind == watchdog.KindMailIn && f.Kind == watchdog.KindMailOut && f.Facts.Name == all[i-1].Facts.Name
		if mail := f.Kind == watchdog.KindMailIn || f.Kind == watchdog.KindMailOut; mail && f.State == schema.CheckOK && f.Facts.Said != "" && !again {
			f.Facts.Name = d.private(f.Facts.Name)
			said := d.private(i18n.Current().Told(d.lang, f.Facts.Said, d.zone))
			d.tell(Line{schema.CheckWarn, watchdog.Label(d.lang, f), i18n.T(d.lang, "doctor.mail_error", i18n.V{"said": said}), i18n.T(d.lang, "watch."+f.Kind+"_do")})
			continue
		}
		if f.Kind == watchdog.KindBackup && f.State == schema.CheckOK {
			d.backed(f)
			continue
		}
		d.finding(f)
	}
	kept, err := watchdog.Memory(db)
	if err != nil {
		d.unread("watchdog", err)
		return
	}
	for _, r := range kept {
		switch r.Kind {
		case watchdog.KindDisk, watchdog.KindMailIn, watchdog.KindMailOut, watchdog.KindBackup, watchdog.KindQueue:
			continue // judged anew above
		case watchdog.KindClock:
			if clock != schema.CheckOK {
				continue
			}
		}
		label := watchdog.Label(d.lang, watchdog.Finding{Kind: r.Kind, Facts: watchdog.Facts{Name: d.private(r.Of)}})
		said := i18n.T(d.lang, "doctor.remembered", i18n.V{"at": i18n.Current().DateTime(d.lang, r.Since.In(d.zone))})
		d.tell(Line{r.State, label, said, r.Do(d.lang)})
	}
}

// backed says of when the last good backup of a place is.
func (d *Doctor) backed(f watchdog.Finding) {
	said := i18n.T(d.lang, "doctor.backup_first")
	if !f.Facts.At.IsZero() {
		said = i18n.T(d.lang, "doctor.backup_ok", i18n.V{"at": i18n.Current().DateTime(d.lang, f.Facts.At.In(d.zone))})
	}
	f.Facts.Name = d.private(f.Facts.Name)
	d.tell(Line{State: f.State, Label: watchdog.Label(d.lang, f), Said: said})
}

const defaultURL = "http://127.0.0.1:8090"

// ownAddress is what PocketBase's settings have as the address; these may be
// encrypted.
func ownAddress(db *dbx.DB) string {
	var raw []byte
	var s struct {
		Meta struct {
			AppURL string `json:"appURL"`
		} `json:"meta"`
	}
	if db.NewQuery(`SELECT value FROM _params WHERE id = 'settings'`).Row(&raw) != nil || json.Unmarshal(raw, &s) != nil || s.Meta.AppURL == "" {
		return defaultURL
	}
	return s.Meta.AppURL
}

// server asks for the service's state, and the server whether it is well.
func (d *Doctor) server(ctx context.Context, db *dbx.DB) {
	at, client := d.URL, d.client
	if at == "" {
		at, client = NotedAddress(d.Dir)
	}
	if at == "" {
		at = ownAddress(db)
	}
	at = strings.TrimRight(at, "/")
	err := answers(ctx, client, at+"/api/health")
	service := d.Service()
	v := i18n.V{"url": d.private(at)}
	switch {
	case err == nil, Answered(err): // it has no certificate yet, see what is remembered
		d.line(schema.CheckOK, "server", "server_ok", v)
	case service == ServiceRunning:
		v["said"] = d.private(err.Error())
		d.line(schema.CheckBad, "server", "server_silent", v)
	case service == ServiceStopped:
		d.line(schema.CheckBad, "server", "server_stopped", v)
	default:
		v["said"] = d.private(err.Error())
		d.line(schema.CheckWarn, "server", "server_none", v)
	}
	switch {
	case service == ServiceRunning:
		d.line(schema.CheckOK, "service", "service_running", nil)
	case service == ServiceStopped && err == nil:
		d.line(schema.CheckWarn, "service", "service_beside", nil)
	case service == ServiceStopped:
		d.line(schema.CheckBad, "service", "service_stopped", nil)
	case service == ServiceAbsent:
		d.line(schema.CheckOK, "service", "service_absent", nil)
	}
}

func answers(ctx context.Context, client *http.Client, at string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		if u := new(url.Error); errors.As(err, &u) {
			return u.Err // the address is in the sentence already
		}
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "API is healthy") {
		return errors.New("HTTP " + res.Status)
	}
	return nil
}
