package disk

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Floors when the shop has set none. A small disk has lower ones.
const (
	floor     = 200 << 20 // bytes below which nothing is taken in
	mailFloor = 500 << 20 // bytes below which no mail is fetched: it waits well where it is
	smallPart = 10        // the floor is at most this part of the whole
)

// looked is how long what was seen of the disk is believed.
const looked = time.Second

// ErrFull says that there is too little room on the disk to take anything in.
var ErrFull = errors.New("the disk is nearly full")

// Space is the room on a file system, in bytes.
type Space struct{ Free, Total uint64 }

// Floor is the room below which nothing is taken in. set is the shop's own
// floor in megabytes, 0 for none.
func (s Space) Floor(set int) uint64 { return s.least(set, floor) }

// MailFloor is the room below which no mail is fetched.
func (s Space) MailFloor(set int) uint64 { return s.least(set, mailFloor) }

func (s Space) least(set int, usual uint64) uint64 {
	if set > 0 {
		return uint64(set) << 20
	}
	return min(usual, s.Total/smallPart)
}

// Guard knows how much room the data folder has.
type Guard struct {
	app  core.App
	look func(dir string) (Space, error)
	now  func() time.Time

	mu   sync.Mutex
	last Space
	err  error
	at   time.Time
}

// storeKey is where the guard of each app hangs.
const storeKey = "shohay.disk"

// Register binds the room. look is [Look] unless a test knows better.
func Register(app core.App, look func(dir string) (Space, error)) *Guard {
	if look == nil {
		look = Look
	}
	g := &Guard{app: app, look: look, now: time.Now}
	app.Store().Set(storeKey, g)
	app.OnServe().BindFunc(g.serve)
	return g
}

// Space is the room of the data folder, as seen a second ago at most.
func (g *Guard) Space() (Space, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.now(); g.at.IsZero() || now.Sub(g.at) > looked || now.Before(g.at) {
		g.last, g.err = g.look(g.app.DataDir())
		g.at = now
	}
	return g.last, g.err
}

// Check is ErrFull while nothing may be taken in. A disk that cannot be asked
// is not full: its writes will say.
func Check(app core.App) error {
	g, ok := app.Store().Get(storeKey).(*Guard)
	if !ok {
		return nil
	}
	s, err := g.Space()
	if err == nil && s.Free < s.Floor(Set(app)) {
		return ErrFull
	}
	return nil
}

// Set is the shop's own floor in megabytes, 0 for none.
func Set(app core.App) int { return settings.Shop(app).GetInt(schema.ShopDiskFloor) }

// Primary result codes of SQLite, and the bits they are in.
const (
	primary     = 0xff
	sqliteIOErr = 10
	sqliteFull  = 13
)

// IsFull tells whether something failed because there was no room on the disk,
// however deep the reason lies.
func IsFull(err error) bool {
	if err == nil {
		return false
	}
	var api *router.ApiError
	if errors.As(err, &api) {
		inner, ok := api.RawData().(error)
		return ok && IsFull(inner)
	}
	if errors.Is(err, ErrFull) || isNoRoom(err) {
		return true
	}
	var code interface{ Code() int }
	if errors.As(err, &code) {
		switch code.Code() & primary {
		case sqliteFull:
			return true
		case sqliteIOErr: // the shared memory of the log could not grow, or a sync found no room
			return strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "disk is full") || code.Code() == ioErrShmSize
		}
	}
	return strings.Contains(err.Error(), "database or disk is full")
}

const ioErrShmSize = sqliteIOErr | 19<<8

func isNoRoom(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && noRoom(errno)
}

// Wrap marks an error that a full disk caused as ErrFull, and leaves others.
func Wrap(err error) error {
	if IsFull(err) && !errors.Is(err, ErrFull) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
