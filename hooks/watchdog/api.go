package watchdog

import (
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Health is how the shop is, for owners.
type Health struct {
	State   string    `json:"state"`   // of the worst check
	Looked  string    `json:"looked"`  // RFC 3339, "" before the first look
	Started string    `json:"started"` // RFC 3339
	Version string    `json:"version"`
	Release *Release  `json:"release"` // a newer one, if that is asked for and known
	Checks  []Check   `json:"checks"`  // the gravest first
	Disk    *DiskRoom `json:"disk"`    // null where it cannot be asked
	Workers []Worker  `json:"workers"`

	Goroutines int `json:"goroutines"` // all of the program's: a number that only grows is a leak
}

// Check is one of them in words.
type Check struct {
	Name  string `json:"name"` // such as mail_in:<mailbox>
	Kind  string `json:"kind"`
	Label string `json:"label"`
	State string `json:"state"`
	Since string `json:"since"` // RFC 3339
	Said  string `json:"said"`
	Do    string `json:"do"`
}

// DiskRoom is the room on the disk in bytes.
type DiskRoom struct {
	Free  uint64 `json:"free"`
	Total uint64 `json:"total"`
	Floor uint64 `json:"floor"`
}

// Worker is a loop of background work.
type Worker struct {
	Name  string `json:"name"`
	Alive int    `json:"alive"`
	Falls int    `json:"falls"` // since the start
	Last  string `json:"last"`  // RFC 3339
}

// gravity orders states.
var gravity = map[string]int{schema.CheckBad: 0, schema.CheckWarn: 1, schema.CheckOK: 2}

// health answers owners who ask for GET /api/health, and leaves everybody else,
// superusers too, to PocketBase; these get it with ?details=1.
func (room *Room) health(e *core.RequestEvent) error {
	if e.Request.URL.Path != "/api/health" || e.Request.Method != http.MethodGet || !mayRead(e) {
		return e.Next()
	}
	shop := settings.Shop(e.App)
	lang := e.Request.URL.Query().Get("lang")
	if !i18n.Current().Has(lang) {
		lang = i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), shop.Language())
	}
	if e.Request.URL.Query().Get("now") == "1" {
		room.Look(e.Request.Context())
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"message": "API is healthy.", "code": http.StatusOK, "data": room.Health(lang)})
}

func mayRead(e *core.RequestEvent) bool {
	if e.HasSuperuserAuth() {
		return e.Request.URL.Query().Get("details") == "1"
	}
	return e.Auth != nil && e.Auth.Collection().Name == schema.Agents && e.Auth.GetString(schema.AgentRole) == schema.RoleOwner
}

// Health is the last look in words.
func (room *Room) Health(lang string) Health {
	room.mu.Lock()
	defer room.mu.Unlock()
	h := Health{State: worst(room.findings), Looked: rfc3339(room.looked), Started: rfc3339(room.up), Version: room.Version, Checks: []Check{}}
	for _, f := range room.findings {
		said, do := Words(room.app, lang, f)
		h.Checks = append(h.Checks, Check{f.Check, f.Kind, Label(lang, f), f.State, rfc3339(room.kept[f.Check].Since), said, do})
	}
	slices.SortStableFunc(h.Checks, func(a, b Check) int { return gravity[a.State] - gravity[b.State] })
	if s, err := room.Disk.Space(); err == nil {
		h.Disk = &DiskRoom{s.Free, s.Total, s.Floor(disk.Set(room.app))}
	}
	h.Workers, h.Goroutines = workers(room.Group), runtime.NumGoroutine()
	if r, ok := room.Newer(); ok {
		h.Release = &r
	}
	return h
}

func workers(g *lifecycle.Group) []Worker {
	list := []Worker{}
	for name, n := range g.Alive() {
		list = append(list, Worker{Name: name, Alive: n})
	}
	for _, f := range g.Falls() {
		i := slices.IndexFunc(list, func(w Worker) bool { return w.Name == f.Name })
		if i < 0 {
			list = append(list, Worker{Name: f.Name})
			i = len(list) - 1
		}
		list[i].Falls, list[i].Last = f.Count, rfc3339(f.Times[len(f.Times)-1])
	}
	slices.SortFunc(list, func(a, b Worker) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

func rfc3339(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}
