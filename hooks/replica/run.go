package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	interval  = 500 * time.Millisecond // between looks at the log, and between uploads
	filesEach = time.Second
	scanEach  = time.Hour
	again     = 30 * time.Second // after a fault
	flushTime = 8 * time.Second  // for the last changes when the program stops; see lifecycle.StopTimeout

	snapshotEach = 24 * time.Hour
	historyKept  = 48 * time.Hour // how far back one can go
)

// LastingDays is for how long what is gone from the shop may still be in a
// replica: the history, and the snapshot that has to be older than it.
const LastingDays = int((historyKept + snapshotEach) / (24 * time.Hour))

// levels are how often small files are made into larger ones.
var levels = litestream.CompactionLevels{
	{Level: 0}, {Level: 1, Interval: 30 * time.Second}, {Level: 2, Interval: 5 * time.Minute}, {Level: 3, Interval: time.Hour},
}

// run copies while there is a place to copy to.
func (room *Room) run(ctx context.Context) {
	for ctx.Err() == nil {
		var pause <-chan time.Time
		p, err := backup.Continuous(room.app)
		if err == nil && p != nil {
			room.set(func(s *Status) { s.On, s.Place = true, p.Id })
			err = room.replicate(ctx, p)
		} else if err == nil {
			room.set(func(s *Status) { *s = Status{} })
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			room.app.Logger().Error("the replica is not written", "error", err)
			room.fault(err)
			pause = time.After(again)
		}
		if err == nil && p != nil {
			continue // the place changed
		}
		select {
		case <-ctx.Done():
		case <-room.wake:
		case <-pause:
		}
	}
}

func (room *Room) fault(err error) {
	room.set(func(s *Status) { s.Fault, s.Since = err.Error(), time.Time{} })
	room.note()
}

// note writes how it goes behind the record's back: the place is the same.
func (room *Room) note() {
	s := room.Status()
	if s.Place == "" {
		return
	}
	good := ""
	if at, err := types.ParseDateTime(s.Good); err == nil && !s.Good.IsZero() {
		good = at.String()
	}
	words := []rune(s.Fault)
	if len(words) > 1000 {
		words = append(words[:999], '…')
	}
	// One row by its id.
	_, err := room.app.NonconcurrentDB().NewQuery(`UPDATE backup_places SET live_good = CASE WHEN {:good} = '' THEN live_good ELSE {:good} END, live_error = {:fault} WHERE id = {:id}`).
		Bind(dbx.Params{"id": s.Place, "good": good, "fault": string(words)}).Execute()
	if err != nil {
		room.app.Logger().Error("how the replica goes cannot be noted", "error", err)
	}
}

// replicate copies until the context ends, the place changes (nil), or
// something is wrong that Litestream does not get over by itself.
func (room *Room) replicate(ctx context.Context, p *backup.Place) (err error) {
	data := room.app.DataDir()
	d, passphrase, err := p.Depot(room.keys(), data)
	if err != nil {
		return err
	}
	// A program that is stopped while this begins still copies what it wrote.
	last, end := lingering(ctx, flushTime)
	defer end()
	in, err := open(last, d, passphrase, true)
	if err != nil {
		return err
	}
	mine, head, err := room.claim(last, in, p.Id)
	if err != nil {
		return err
	}
	m := &mirror{data: data, in: in, mails: room.mails, told: map[string]bool{}}
	if err := m.begin(last); err != nil {
		return err
	}
	room.mirror.Store(m)
	defer room.mirror.Store(nil)

	heard := newListener(room.app.Logger().Handler())
	c := &client{in: in, top: generationTop(mine.Generation)}
	db := litestream.NewDB(filepath.Join(data, "data.db"))
	db.SetMetaPath(filepath.Join(data, Folder, mine.Generation))
	db.MonitorInterval = interval
	db.Replica = litestream.NewReplicaWithClient(db, c)
	db.Replica.SyncInterval = interval
	db.Replica.AutoRecoverEnabled = true
	store := litestream.NewStore([]*litestream.DB{db}, levels)
	store.Logger = slog.New(heard)
	db.SetLogger(store.Logger)
	store.SnapshotInterval, store.SnapshotRetention = snapshotEach, historyKept
	store.SetShutdownSyncTimeout(flushTime)
	if err := store.Open(last); err != nil {
		return fmt.Errorf("follow the database: %w", err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(last, flushTime+2*time.Second)
		defer cancel()
		err = errors.Join(err, store.Close(closing))
	}()
	room.set(func(s *Status) { s.Since, s.Fault = time.Now(), "" })

	files := &worker{}
	work, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { files.mirror(work, m) })
	defer wg.Wait() // before the store is closed; deferred functions run backwards
	defer stop()

	tick := time.NewTicker(beat)
	defer tick.Stop()
	look := time.After(3 * time.Second) // the first news soon
	for {
		select {
		case <-ctx.Done():
			return db.Sync(last) // closing alone copies nothing of what was not looked at yet
		case <-room.wake:
			now, err := backup.Continuous(room.app)
			if err == nil && now != nil && now.Same(p) {
				continue
			}
			return nil
		case <-look:
		case <-tick.C:
		}
		if err := room.beat(ctx, in, head); err != nil {
			if taken := (*TakenOverError)(nil); errors.As(err, &taken) {
				return err
			}
			room.fault(err)
			continue
		}
		room.judge(ctx, db, c, heard, files)
		if err := dropOld(ctx, in, c, head.Generation); err != nil {
			room.app.Logger().Warn("old generations of the replica stay", "error", err)
		}
	}
}

// lingering is a context that ends when end is called, or a while after another.
func lingering(ctx context.Context, while time.Duration) (last context.Context, end func()) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-last.Done():
		case <-time.After(while):
			cancel()
		}
	})
	return last, func() { stop(); cancel() }
}

// judge tells whether everything is there.
func (room *Room) judge(ctx context.Context, db *litestream.DB, c *client, heard *listener, files *worker) {
	status, err := db.SyncStatus(ctx)
	switch said, at := heard.last(); {
	case ctx.Err() != nil:
		return
	case err != nil:
	case time.Since(at) < beat+5*time.Second && c.written.Load() < at.UnixMilli():
		err = errors.New(said)
	case files.fault() != nil:
		err = files.fault()
	}
	if err != nil {
		room.fault(err)
		return
	}
	if status.LocalTXID > 0 && status.RemoteTXID+20 >= status.LocalTXID && files.all() { // it goes on while it is looked at
		room.set(func(s *Status) {
			s.Good, s.Fault = time.Now(), ""
			if s.Since.IsZero() {
				s.Since = s.Good
			}
		})
	}
	room.note()
}

// claim makes this data folder the one that writes, and says which generation.
func (room *Room) claim(ctx context.Context, in *sealed, place string) (local, *Head, error) {
	data := room.app.DataDir()
	mine, err := readLocal(data)
	if err != nil {
		return mine, nil, err
	}
	shop := room.keys().MAC(settings.PurposeReplica, "shop")
	head, err := readHead(ctx, in.Depot)
	switch {
	case errors.Is(err, ErrNone):
		head = &Head{}
	case err != nil:
		return mine, nil, err
	case head.Shop != shop:
		return mine, nil, ErrOtherShop
	case head.Machine != mine.Machine && !mine.Claim && time.Since(head.Seen) < stale:
		return mine, nil, &TakenOverError{head.Host}
	}
	if mine.Place != place || mine.Claim || head.Generation != mine.Generation || mine.Generation == "" {
		mine.Generation = newGeneration(time.Now())
	}
	mine.Place, mine.Claim = place, false
	if err := mine.write(data); err != nil {
		return mine, nil, fmt.Errorf("note the replica's state: %w", err)
	}
	host, _ := os.Hostname() // for people only
	*head = Head{Form: headForm, Version: room.version, Shop: shop, Machine: mine.Machine, Host: host, Generation: mine.Generation, Seen: time.Now().UTC()}
	if err := head.write(ctx, in.Depot); err != nil {
		return mine, nil, fmt.Errorf("write to the replica: %w", err)
	}
	return mine, head, forgetMeta(data, mine.Generation)
}

// forgetMeta removes what Litestream kept here of older generations.
func forgetMeta(data, keep string) error {
	old, err := filepath.Glob(filepath.Join(data, Folder, "g*"))
	for _, name := range old {
		if filepath.Base(name) != keep {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	return err
}

// beat says that this machine lives, and hears whether another took over.
func (room *Room) beat(ctx context.Context, in *sealed, head *Head) error {
	now, err := readHead(ctx, in.Depot)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	if now != nil && now.Machine != head.Machine {
		return &TakenOverError{now.Host}
	}
	head.Seen = time.Now().UTC()
	if err := head.write(ctx, in.Depot); err != nil {
		return fmt.Errorf("write to the replica: %w", err)
	}
	return nil
}

// dropOld removes older generations once this one reaches back far enough.
func dropOld(ctx context.Context, in *sealed, c *client, current string) error {
	began, err := time.Parse("20060102T150405Z", current[1:17])
	if err != nil || time.Since(began) < historyKept {
		return nil // the name is ours, so it is only young
	}
	names, err := generations(ctx, in)
	if err != nil || len(names) < 2 {
		return err
	}
	if whole, err := c.whole(ctx); err != nil || !whole {
		return err
	}
	for _, name := range names {
		if name != current {
			err = errors.Join(err, removeAll(ctx, in, generationTop(name)+"/"))
		}
	}
	return err
}

// worker copies files beside the database.
type worker struct {
	mu    sync.Mutex
	err   error
	whole bool // everything was compared once
}

// all tells whether everything that lay here at the start is there.
func (w *worker) all() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.whole
}

func (w *worker) fault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *worker) compared() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = true
}

func (w *worker) set(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

func (w *worker) mirror(ctx context.Context, m *mirror) {
	var scanned time.Time
	for ctx.Err() == nil {
		var err error
		if now := time.Now(); now.Sub(scanned) >= scanEach {
			if err = m.all(ctx, now); err == nil {
				scanned = now
				w.compared()
			}
		} else {
			err = m.quick(ctx)
		}
		if ctx.Err() != nil {
			break
		}
		w.set(err)
		pause := filesEach
		if err != nil {
			pause = 10 * filesEach
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	// What came at the very end still goes.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime/2)
	defer cancel()
	if scanned.IsZero() {
		w.set(m.all(last, time.Now()))
	} else if err := m.quick(last); err != nil {
		w.set(err)
	}
}
