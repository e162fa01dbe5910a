package replica

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup/depot"
)

// Keys in the depot.
const (
	top      = "live"
	headName = top + "/head.json"
	keyName  = top + "/key.age"
	filesTop = top + "/files/"
)

const headForm = 1

// Head says whose replica it is. It lies there in the clear.
type Head struct {
	Form       int       `json:"form"`
	Version    string    `json:"version"`    // of the program that writes it
	Shop       string    `json:"shop"`       // fingerprint of the shop's key file
	Machine    string    `json:"machine"`    // the data folder that writes, drawn at random
	Host       string    `json:"host"`       // its computer's name, for people
	Generation string    `json:"generation"` // the newest
	Seen       time.Time `json:"seen"`       // when that machine last said that it lives
}

// Beats of the machine that writes.
const (
	beat  = 30 * time.Second
	stale = 2 * time.Minute // without one for so long it is taken to be gone
)

// What may be in the way.
var (
	ErrOtherShop = errors.New("there is a replica of another shop at this place; choose another folder or prefix")
	ErrNone      = errors.New("there is no replica at this place")
)

// TakenOverError says that another machine writes the replica.
type TakenOverError struct{ Host string }

func (e *TakenOverError) Error() string {
	return fmt.Sprintf("another machine (%s) writes the replica at this place: this one stopped copying; if the other one took over, switch this one off", e.Host)
}

func readHead(ctx context.Context, d depot.Depot) (*Head, error) {
	r, err := d.Open(ctx, headName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("read the replica: %w", err)
	}
	defer r.Close()
	h := new(Head)
	if err := json.UnmarshalRead(io.LimitReader(r, 64<<10), h); err != nil {
		return nil, fmt.Errorf("read the replica: %w", err)
	}
	if h.Form != headForm {
		return nil, fmt.Errorf("the replica was written by version %s in a form that this version does not read; use that version", h.Version)
	}
	return h, nil
}

func (h *Head) write(ctx context.Context, d depot.Depot) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return d.Put(ctx, headName, bytes.NewReader(b))
}

// local is what a data folder knows of its own part in replication.
type local struct {
	Machine    string `json:"machine"`
	Place      string `json:"place"`      // id of the record
	Generation string `json:"generation"` // the one that is being written
	Claim      bool   `json:"claim"`      // take over, whoever wrote before
}

// Folder is where this room keeps what it needs in the data folder. No backup
// and no replica holds it.
const Folder = "replica"

func localFile(data string) string { return filepath.Join(data, Folder, "state.json") }

func readLocal(data string) (l local, err error) {
	b, err := os.ReadFile(localFile(data))
	if errors.Is(err, fs.ErrNotExist) {
		return local{Machine: core.GenerateDefaultRandomId()}, nil
	}
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(b, &l); err != nil || l.Machine == "" {
		return local{Machine: core.GenerateDefaultRandomId()}, nil // a new generation puts it right
	}
	return l, nil
}

func (l local) write(data string) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return depot.Folder(filepath.Join(data, Folder)).Put(context.Background(), "state.json", bytes.NewReader(b))
}

// newGeneration names a generation so that names sort by time.
func newGeneration(now time.Time) string {
	return "g" + now.UTC().Format("20060102T150405Z") + "-" + strings.ToLower(core.GenerateDefaultRandomId())
}

// generations lists those that are there, the newest first.
func generations(ctx context.Context, d depot.Depot) ([]string, error) {
	all, err := d.List(ctx, top+"/g")
	if err != nil {
		return nil, fmt.Errorf("list the replica: %w", err)
	}
	var names []string
	for _, o := range all {
		name, _, ok := strings.Cut(strings.TrimPrefix(o.Key, top+"/"), "/")
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

func generationTop(name string) string { return path.Join(top, name) }
