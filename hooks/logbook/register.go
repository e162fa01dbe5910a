package logbook

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/redact"
)

const (
	most = 8 << 20
	keep = 4
	old  = 365 * 24 * time.Hour // at the most; the shop says how long (room retention)
)

// Room writes the book of one app.
type Room struct {
	app  core.App
	book *Book
}

// Register binds the room.
func Register(app core.App, g *lifecycle.Group) *Room {
	room := &Room{app: app, book: &Book{Dir: filepath.Join(app.DataDir(), Folder), Most: most, Keep: keep, Age: old, Now: time.Now}}
	app.OnModelCreate(core.LogsTableName).BindFunc(room.line)
	app.OnBootstrapClear().BindFunc(room.close)
	g.Go("log files", room.tidy)
	return room
}

// line is on every line's way into the table.
func (room *Room) line(e *core.ModelEvent) error {
	l, ok := e.Model.(*core.Log)
	if !ok {
		return e.Next()
	}
	l.Message = redact.Text(l.Message)
	l.Data = redact.Data(l.Data)
	if disk.Check(e.App) == nil { // what is left of a full disk is not for logs
		_ = room.write(l) // the table has it
	}
	return e.Next()
}

func (room *Room) write(l *core.Log) error {
	entry := map[string]any{"time": l.Created.Time().UTC().Format("2006-01-02T15:04:05.000Z"), "level": slog.Level(l.Level).String(), "msg": l.Message}
	for k, v := range l.Data {
		if _, taken := entry[k]; !taken {
			entry[k] = v
		}
	}
	raw, err := json.Marshal(entry, json.Deterministic(true))
	if err != nil {
		return err
	}
	return room.book.Write(append(raw, '\n'))
}

func (room *Room) close(e *core.BootstrapEvent) error {
	err := e.Next()
	_ = room.book.Close() // PocketBase has written its last lines by now
	return err
}

// Old counts the lines and files of the log from before a time, and removes
// them if it is told to.
func (room *Room) Old(app core.App, before string, remove bool) (n int, err error) {
	at, err := types.ParseDateTime(before)
	if err != nil {
		return 0, err
	}
	files, err := room.book.Old(at.Time())
	if err != nil {
		return 0, err
	}
	var lines int
	if err := app.LogQuery().Select("COUNT(*)").AndWhere(dbx.NewExp("created < {:before}", dbx.Params{"before": before})).Row(&lines); err != nil {
		return 0, fmt.Errorf("count old lines of the log: %w", err)
	}
	if remove {
		for _, name := range files {
			err = errors.Join(err, os.Remove(name))
		}
		err = errors.Join(err, app.DeleteOldLogs(at.Time()))
	}
	return lines + len(files), err
}

// tidy thins the files out once a day, also in a quiet shop.
func (room *Room) tidy(ctx context.Context) {
	for {
		if err := room.book.Thin(); err != nil {
			room.app.Logger().Warn("old log files cannot be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
	}
}
