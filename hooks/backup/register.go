package backup

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Keys seals what the places need; settings.Keys does.
type Keys interface {
	Seal(secret []byte) string
	Open(sealed string) ([]byte, error)
}

// Deps are what the room is built with.
type Deps struct {
	Group   *lifecycle.Group
	Keys    func() *settings.Keys
	Version string // of the program, written into each backup
}

// Room makes backups.
type Room struct {
	app     core.App
	keys    func() Keys
	version string
	now     func() time.Time
	wake    chan struct{} // a place changed, or a backup is asked for
	one     sync.Mutex
	asked   sync.Map // ids of places whose owner wants a backup now
	running sync.Map // ids of places being written to
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{app: app, keys: func() Keys { return d.Keys() }, version: d.Version, now: time.Now, wake: make(chan struct{}, 1)}
	app.OnRecordCreate(schema.BackupPlaces).BindFunc(room.seal)
	app.OnRecordUpdate(schema.BackupPlaces).BindFunc(room.seal)
	app.OnRecordValidate(schema.BackupPlaces).BindFunc(room.validate)
	app.OnRecordCreateRequest(schema.BackupPlaces).BindFunc(room.tryRequest)
	app.OnRecordUpdateRequest(schema.BackupPlaces).BindFunc(room.tryRequest)
	app.OnRecordAfterCreateSuccess(schema.BackupPlaces).BindFunc(room.changed)
	app.OnRecordAfterUpdateSuccess(schema.BackupPlaces).BindFunc(room.changed)
	app.OnServe().BindFunc(room.routes)
	d.Group.Go("backups", room.run)
	return room
}

func (room *Room) routes(e *core.ServeEvent) error {
	owners := e.Router.Group("/api/desk/backups").Bind(apis.RequireAuth(schema.Agents)).BindFunc(ownersOnly)
	owners.GET("", room.list)
	owners.POST("/{place}/now", room.makeNow)
	return e.Next()
}

func (room *Room) changed(e *core.RecordEvent) error {
	room.ring()
	return e.Next()
}

func (room *Room) ring() {
	select {
	case room.wake <- struct{}{}:
	default:
	}
}
