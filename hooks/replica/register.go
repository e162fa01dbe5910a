package replica

import (
	"log/slog"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Deps are what the room is built with.
type Deps struct {
	Group   *lifecycle.Group
	Keys    func() *settings.Keys
	Version string // of the program, written into the head
	Mails   string // folder of kept mails in the data folder
}

// Room copies the shop to its continuous place.
type Room struct {
	app     core.App
	keys    func() *settings.Keys
	version string
	mails   string
	wake    chan struct{} // a place changed

	mirror atomic.Pointer[mirror] // nil while nothing is copied

	mu     sync.Mutex
	status Status
}

// Status is how the copying goes.
type Status struct {
	On    bool      // a place is continuous
	Place string    // id of its record
	Since time.Time // when the copying began; zero while it does not run
	Good  time.Time // when everything was last known to be there
	Fault string    // what is wrong, "" when nothing is
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{app: app, keys: d.Keys, version: d.Version, mails: d.Mails, wake: make(chan struct{}, 1)}
	app.OnBootstrap().BindFunc(refuseStandby)
	app.OnRecordAfterCreateSuccess(schema.BackupPlaces).BindFunc(room.changed)
	app.OnRecordAfterUpdateSuccess(schema.BackupPlaces).BindFunc(room.changed)
	app.OnRecordAfterDeleteSuccess(schema.BackupPlaces).BindFunc(room.changed)
	app.OnRecordAfterCreateSuccess().BindFunc(room.filesOf)
	app.OnRecordAfterUpdateSuccess().BindFunc(room.filesOf)
	app.Cron().MustAdd(optimizeJob, "0 0 * * *", room.optimize)
	d.Group.GoLast("replica", room.run) // what others write while they end is copied too
	return room
}

// Status tells how the copying goes.
func (room *Room) Status() Status {
	room.mu.Lock()
	defer room.mu.Unlock()
	return room.status
}

func (room *Room) set(change func(*Status)) {
	room.mu.Lock()
	defer room.mu.Unlock()
	change(&room.status)
}

func (room *Room) changed(e *core.RecordEvent) error {
	select {
	case room.wake <- struct{}{}:
	default:
	}
	return e.Next()
}

// filesOf tells the mirror which files a record names.
func (room *Room) filesOf(e *core.RecordEvent) error {
	if m := room.mirror.Load(); m != nil {
		m.tell(recordFiles(e.Record)...)
	}
	return e.Next()
}

func recordFiles(r *core.Record) (paths []string) {
	for _, f := range r.Collection().Fields {
		if f.Type() != core.FieldTypeFile {
			continue
		}
		for _, name := range r.GetStringSlice(f.GetName()) {
			p := path.Join(core.LocalStorageDirName, r.BaseFilesPath(), name)
			paths = append(paths, p, p+".attrs") // its type lies beside it
		}
	}
	return paths
}

// optimizeJob is PocketBase's own nightly job, which empties the write-ahead
// log and would stop every writer for seconds while that is being read.
const optimizeJob = "__pbDBOptimize__"

func (room *Room) optimize() {
	empty := func(name, query string, run func() error) {
		if err := run(); err != nil {
			room.app.Logger().Warn("the nightly care of a database failed", slog.String("database", name), slog.String("query", query), slog.Any("error", err))
		}
	}
	const truncate = "PRAGMA wal_checkpoint(TRUNCATE)"
	if room.mirror.Load() == nil {
		empty("data", truncate, func() error { _, err := room.app.NonconcurrentDB().NewQuery(truncate).Execute(); return err })
	}
	empty("auxiliary", truncate, func() error { _, err := room.app.AuxNonconcurrentDB().NewQuery(truncate).Execute(); return err })
	empty("data", "PRAGMA optimize", func() error {
		_, err := room.app.NonconcurrentDB().NewQuery("PRAGMA optimize").Execute()
		return err
	})
}
