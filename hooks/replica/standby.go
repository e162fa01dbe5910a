package replica

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup/depot"
)

const (
	markName   = "standby.json" // in the data folder of a stand-by machine
	askName    = "takeover"     // beside it: whoever follows has to stop
	placeName  = "from"         // in this room's folder: the replica that was followed, as the command was told
	followEach = time.Second
	lastFetch  = 40 * time.Second // for files when somebody takes over; see TakeoverCommand
	gone       = 15 * time.Second // a follower that says nothing for so long is no more
)

// ErrStandby says that a folder belongs to a stand-by machine.
var ErrStandby = errors.New("this folder follows another machine and cannot be served yet; to take over: shohay takeover --dir …")

// refuseStandby stops before the database of a stand-by machine is opened.
func refuseStandby(e *core.BootstrapEvent) error {
	if _, err := os.Stat(filepath.Join(e.App.DataDir(), markName)); err == nil {
		return ErrStandby
	}
	return e.Next()
}

// mark is what a stand-by folder says of itself. It is written anew every
// second: whoever takes over sees by its age whether somebody still follows.
type mark struct {
	Until time.Time `json:"until"` // when the newest change it has was stored
	Alive bool      `json:"alive"`
}

func (m mark) write(dir string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return depot.Folder(dir).Put(context.Background(), markName, bytes.NewReader(b))
}

// Follow keeps a folder up to date until the context ends or somebody takes
// over, which is no error. from is noted for whoever takes over when nobody
// follows any more; say is told what happens.
func Follow(ctx context.Context, d depot.Depot, passphrase, from, dir string, say func(string)) error {
	in, err := openForReading(ctx, d, passphrase)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	database := filepath.Join(dir, "data.db")
	if _, err := os.Stat(filepath.Join(dir, markName)); errors.Is(err, fs.ErrNotExist) {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			return errors.Join(fmt.Errorf("%s is not empty; give --dir a new folder for the stand-by machine", dir), err)
		}
	} else if age, err := markAge(dir); err == nil && age < gone {
		if m, err := readMark(dir); err == nil && m.Alive {
			return errors.New("somebody follows into this folder already")
		}
	}
	if err := (mark{Alive: true}).write(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, Folder), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, Folder, placeName), []byte(from), 0o600); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for ctx.Err() == nil {
		if err := followOne(ctx, in, dir, database, say, stop); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return mark{Until: time.Now().UTC()}.write(dir)
}

// followOne follows one generation until it is no longer the newest.
func followOne(ctx context.Context, in *sealed, dir, database string, say func(string), stop func()) error {
	c, err := newest(ctx, in, time.Time{})
	if err != nil {
		return err
	}
	name := filepath.Base(c.top)
	of := filepath.Join(dir, Folder, "of")
	if was, err := os.ReadFile(of); err != nil || string(was) != name {
		for _, f := range []string{database, database + "-txid", database + "-wal", database + "-shm"} {
			if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := os.WriteFile(of, []byte(name), 0o600); err != nil {
			return err
		}
	}
	say("following " + name)
	whole := ctx // goes on when this generation is at its end
	ctx, end := context.WithCancel(ctx)
	defer end()
	followed := make(chan error, 1)
	go func() {
		opt := litestream.NewRestoreOptions()
		opt.OutputPath, opt.Follow, opt.FollowInterval = database, true, followEach
		followed <- restorer(c).Restore(ctx, opt)
	}()
	tick := time.NewTicker(followEach)
	defer tick.Stop()
	var looked, fetched time.Time
	for {
		select {
		case err := <-followed:
			if ctx.Err() != nil {
				return nil
			}
			return err
		case <-tick.C:
		}
		if _, err := os.Stat(filepath.Join(dir, askName)); err == nil {
			say("another command takes over")
			for range 2 { // what was stored last comes along
				<-tick.C
				if err := (mark{Alive: true}).write(dir); err != nil {
					break
				}
			}
			end()
			err := <-followed
			lastFiles(whole, in, dir, say)
			stop()
			return err
		}
		now := time.Now()
		if now.Sub(fetched) >= 5*followEach {
			if n, err := fetch(ctx, in, dir); err != nil {
				say(err.Error()) // the next time goes better, or says it again
			} else if n > 0 {
				say(fmt.Sprintf("%d files came", n))
			}
			fetched = time.Now()
		}
		if now.Sub(looked) >= 10*followEach {
			if names, err := generations(ctx, in); err == nil && len(names) > 0 && names[0] != name {
				if whole, err := (&client{in: in, top: generationTop(names[0])}).whole(ctx); err == nil && whole {
					end()
					return <-followed
				}
			}
			looked = now
		}
		until, err := c.until(ctx)
		if err != nil {
			say(err.Error())
		}
		if err := (mark{Until: until, Alive: true}).write(dir); err != nil {
			end()
			return errors.Join(err, <-followed)
		}
	}
}

// lastFiles brings the files that changes of the last seconds belong to. It says
// meanwhile that somebody is still here.
func lastFiles(ctx context.Context, in *sealed, dir string, say func(string)) {
	ctx, cancel := context.WithTimeout(ctx, lastFetch)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if n, err := fetch(ctx, in, dir); err != nil {
			say(err.Error())
		} else if n > 0 {
			say(fmt.Sprintf("%d files came", n))
		}
	}()
	tick := time.NewTicker(followEach)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if err := (mark{Alive: true}).write(dir); err != nil {
				say(err.Error()) // who takes over waits in vain, and then goes on
			}
		}
	}
}

func readMark(dir string) (m mark, err error) {
	b, err := os.ReadFile(filepath.Join(dir, markName))
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, err
}

func markAge(dir string) (time.Duration, error) {
	info, err := os.Stat(filepath.Join(dir, markName))
	if err != nil {
		return 0, err
	}
	return time.Since(info.ModTime()), nil
}
