package backup

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	afterStart  = 3 * time.Minute  // a machine that just started has other things to do
	afterFault  = 30 * time.Minute // and again, until it goes well
	scheduleMax = time.Hour        // clocks are set and time zones changed
)

// run makes each place's backup when it is due.
func (room *Room) run(ctx context.Context) {
	started := room.now()
	for {
		next := room.now().Add(scheduleMax)
		places, err := activePlaces(room.app)
		if err != nil && ctx.Err() == nil {
			room.app.Logger().Error("the places of backups cannot be read", "error", err)
		}
		for _, p := range places {
			at := room.dueAt(p, started)
			if _, asked := room.asked.LoadAndDelete(p.Id); asked {
				at = room.now()
			}
			if at.After(room.now()) {
				if at.Before(next) {
					next = at
				}
				continue
			}
			room.attempt(ctx, p)
			if ctx.Err() != nil {
				return
			}
			next = room.now() // the times of all have to be seen anew
		}
		select {
		case <-ctx.Done():
			return
		case <-room.wake:
		case <-time.After(max(next.Sub(room.now()), time.Second)):
		}
	}
}

// dueAt is when a place's next backup begins.
func (room *Room) dueAt(p *Place, started time.Time) time.Time {
	good, try := p.GetDateTime(schema.PlaceLastGood).Time(), p.GetDateTime(schema.PlaceLastTry).Time()
	at := due(good, p.GetInt(schema.PlaceHour), location(room.app))
	if first := started.Add(afterStart); at.Before(first) {
		at = first
	}
	if again := try.Add(afterFault); p.GetString(schema.PlaceLastError) != "" && at.Before(again) {
		at = again
	}
	return at
}

// attempt makes one backup and notes how it went.
func (room *Room) attempt(ctx context.Context, p *Place) {
	room.running.Store(p.Id, true)
	defer room.running.Delete(p.Id)
	begun := room.now()
	made, err := room.Make(ctx, room.app, p)
	if ctx.Err() != nil {
		return // the program stops; nothing is wrong with the place
	}
	if err != nil {
		room.app.Logger().Error("a backup failed", "place", p.Id, "error", err)
	}
	if err := note(room.app, p.Id, begun, made, err); err != nil {
		room.app.Logger().Error("how a backup went cannot be noted", "place", p.Id, "error", err)
	}
}

// note writes behind the record's back: the place itself is the same, and the
// schedule need not be woken.
func note(app core.App, id string, begun time.Time, made *Made, fault error) error {
	at, err := types.ParseDateTime(begun)
	if err != nil {
		return err
	}
	params := dbx.Params{"id": id, "try": at.String()}
	set := `last_try = {:try}`
	if made != nil {
		set += `, last_good = {:try}, last_file = {:file}, last_bytes = {:bytes}`
		params["file"], params["bytes"] = made.Name, made.Bytes
	}
	set += `, last_error = {:error}`
	params["error"] = ""
	if fault != nil {
		params["error"] = clip(fault.Error(), 1000)
	}
	if _, err := app.NonconcurrentDB().NewQuery(`UPDATE backup_places SET ` + set + ` WHERE id = {:id}`).Bind(params).Execute(); err != nil {
		return fmt.Errorf("note a backup: %w", err)
	}
	return nil
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// activePlaces are few: an owner has one or two.
func activePlaces(app core.App) ([]*Place, error) {
	records, err := app.FindAllRecords(schema.BackupPlaces, dbx.HashExp{schema.PlaceActive: true})
	if err != nil {
		return nil, fmt.Errorf("find the places of backups: %w", err)
	}
	return wrapAll(records), nil
}

// Continuous is the place that every change is copied to, nil if there is none.
func Continuous(app core.App) (*Place, error) {
	records, err := app.FindAllRecords(schema.BackupPlaces, dbx.HashExp{schema.PlaceActive: true, schema.PlaceContinuous: true})
	if err != nil || len(records) == 0 {
		return nil, err
	}
	return wrap(records[0]), nil
}

func wrapAll(records []*core.Record) []*Place {
	places := make([]*Place, 0, len(records))
	for _, r := range records {
		places = append(places, wrap(r))
	}
	return places
}
