package newer

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Releases is where the project tells its newest release.
const Releases = "https://api.github.com/repos/shohay/shohay/releases/latest"

const (
	every   = 24 * time.Hour
	first   = 5 * time.Minute // after a start
	largest = 1 << 20         // bytes of an answer
)

// Release is one that is newer than this program.
type Release struct{ Version, URL string }

// Room asks.
type Room struct {
	app     core.App
	version string
	http    *http.Client
	wake    chan struct{}

	mu    sync.Mutex
	found Release
	asked time.Time
}

// Register binds the room. client is nil for one that reaches the internet only.
func Register(app core.App, g *lifecycle.Group, version string, client *http.Client) *Room {
	room := &Room{app: app, version: version, http: client, wake: make(chan struct{}, 1)}
	if client == nil {
		room.http = outward.Internet.Client(20 * time.Second)
	}
	app.OnRecordAfterUpdateSuccess(schema.Shop).BindFunc(room.changed)
	g.Go("releases", room.run)
	return room
}

// Found is the newer release that is known of.
func (room *Room) Found() (Release, bool) {
	room.mu.Lock()
	defer room.mu.Unlock()
	on := settings.Shop(room.app).GetBool(schema.ShopReleaseNotice)
	return room.found, on && room.found.Version != ""
}

func (room *Room) changed(e *core.RecordEvent) error {
	select {
	case room.wake <- struct{}{}:
	default:
	}
	return e.Next()
}

func (room *Room) run(ctx context.Context) {
	wait := first
	for {
		select {
		case <-ctx.Done():
			return
		case <-room.wake: // switched on, or something else of the shop changed
		case <-time.After(wait):
		}
		wait = time.Hour // the day is counted by due
		if room.due(time.Now()) {
			if err := room.Ask(ctx); err != nil && ctx.Err() == nil {
				room.app.Logger().Info("whether there is a newer release is not known", "error", err)
			}
		}
	}
}

// due is whether to ask now: at most once a day, and only if that is wanted.
func (room *Room) due(now time.Time) bool {
	room.mu.Lock()
	defer room.mu.Unlock()
	if !settings.Shop(room.app).GetBool(schema.ShopReleaseNotice) || !room.asked.IsZero() && now.Sub(room.asked) < every {
		return false
	}
	room.asked = now
	return true
}

// Ask asks now.
func (room *Room) Ask(ctx context.Context) error {
	where := settings.Shop(room.app).GetString(schema.ShopReleaseURL)
	if where == "" {
		where = Releases
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "") // not even that it is us
	res, err := room.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the list of releases answered %d", res.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, largest))
	if err != nil {
		return err
	}
	var said struct {
		TagName    string `json:"tag_name"`
		Version    string `json:"version"`
		HTMLURL    string `json:"html_url"`
		URL        string `json:"url"`
		Prerelease bool   `json:"prerelease"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("the list of releases is not understood: %w", err)
	}
	version, page := said.TagName, said.HTMLURL
	if version == "" {
		version, page = said.Version, said.URL
	}
	if u, err := url.Parse(page); err != nil || u.Scheme != "https" {
		page = ""
	}
	found := Release{strings.TrimPrefix(strings.TrimSpace(version), "v"), page}
	if _, ok := parse(found.Version); !ok {
		return errors.New("the list of releases names no version")
	}
	if said.Prerelease || !Newer(found.Version, room.version) {
		found = Release{}
	}
	room.mu.Lock()
	room.found = found
	room.mu.Unlock()
	return nil
}

// Newer tells whether a version comes after another. One that is no release,
// such as one built from the sources, is told of none.
func Newer(a, than string) bool {
	x, ok := parse(a)
	y, known := parse(than)
	if !ok || !known {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] > y[i]
		}
	}
	return false
}

// parse reads v1.2.3; what follows a minus or a plus is left out.
func parse(v string) (n [3]int, ok bool) {
	v, _, _ = strings.Cut(strings.TrimPrefix(v, "v"), "-")
	v, _, _ = strings.Cut(v, "+")
	parts := strings.Split(v, ".")
	if len(parts) > 3 {
		return n, false
	}
	for i, p := range parts {
		x, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return n, false
		}
		n[i] = int(x)
	}
	return n, true
}
