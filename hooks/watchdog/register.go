package watchdog

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/live"
)

const every = 30 * time.Second

// Release is a newer release, for the health.
type Release struct {
	Version string `json:"version"`
	URL     string `json:"url"`
}

// Deps are what the room is built with.
type Deps struct {
	Group   *lifecycle.Group
	Hub     *live.Hub
	Disk    *disk.Guard
	Version string
	// Replica tells how the copying of every change goes.
	Replica func() Replica
	// Mail sends to somebody of the staff, by a way that is none of avoid (ids
	// of mailboxes) where there is one. Its error is ErrNoMail when it never can.
	Mail func(app core.App, to, lang string, l letter.Letter, avoid map[string]bool) error
	// Refused are domains whose certificate cannot be had or renewed, with what
	// its issuer said.
	Refused func() map[string]string
	// Newer is the newer release that is known of, if any.
	Newer func() (Release, bool)
}

// Room watches.
type Room struct {
	Deps
	app core.App
	now func() time.Time

	bell chan struct{} // there is something to mail
	ask  chan chan struct{}

	certs certificates
	tick  time.Time // of the last look, for the clock

	mu       sync.Mutex
	up       time.Time
	looked   time.Time
	clock    Clock
	findings []Finding
	kept     map[string]Kept
	unsaved  map[string]bool // checks whose memory is not in the database yet
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app, now: time.Now, bell: make(chan struct{}, 1), ask: make(chan chan struct{}), unsaved: map[string]bool{}}
	room.certs.reach = handshake
	app.OnServe().BindFunc(room.serve)
	d.Group.Go("watchdog", room.run)
	d.Group.Go("watchdog mail", room.post)
	d.Group.Go("certificates", room.watchCertificates)
	return room
}

func (room *Room) serve(e *core.ServeEvent) error {
	e.Router.BindFunc(room.health)
	return e.Next()
}

// run looks until ctx ends.
func (room *Room) run(ctx context.Context) {
	room.begin()
	for {
		room.look()
		select {
		case <-ctx.Done():
			return
		case done := <-room.ask:
			room.look()
			close(done)
		case <-time.After(every):
		}
	}
}

// Look looks at everything now.
func (room *Room) Look(ctx context.Context) {
	done := make(chan struct{})
	select {
	case room.ask <- done:
		select {
		case <-done:
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
}
