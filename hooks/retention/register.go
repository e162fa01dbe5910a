package retention

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	// Erase removes a conversation for good with all that belongs to it.
	Erase func(id string) error
	// Discard removes a mail from the quarantine, and its original.
	Discard func(app core.App, id string) error
	// Originals counts the kept originals of mails from before a time, and
	// removes them if it is told to.
	Originals func(ctx context.Context, app core.App, before string, remove bool) (int, error)
	// Logs does so with the log.
	Logs func(app core.App, before string, remove bool) (int, error)
	// Strays removes files that nothing names any more.
	Strays func(ctx context.Context, at time.Time) error
	// Backups is after how many days what was erased is in no backup any more,
	// and in no copy of every change; 0 where there is none.
	Backups func(app core.App) (backups, copies int, err error)
}

// Room lets go of things.
type Room struct {
	Deps
	app core.App
	one sync.Mutex   // one night at a time
	due atomic.Int64 // when the next one begins, in Unix milliseconds; 0 before it is known
}

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, app: app}
	d.Group.Go("retention", room.nightly)
	app.OnRecordValidate(schema.Shop).BindFunc(room.validate)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/retention").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog()).BindFunc(ownersOnly)
		desk.GET("", room.show)
		desk.POST("/try", room.try)
		return e.Next()
	})
	return room
}

// validate refuses times that are too short to be meant. What stands there
// already is not looked at, so that it keeps nobody from changing the rest.
func (room *Room) validate(e *core.RecordEvent) error {
	lang := e.Record.GetString(schema.ShopLanguage)
	faults := validation.Errors{}
	for _, k := range Kinds {
		days := e.Record.GetInt(k.Field)
		if days != e.Record.Original().GetInt(k.Field) && !k.Fits(days) {
			faults[k.Field] = validation.NewError("retention_days", tooShort(lang, k))
		}
	}
	if err := faults.Filter(); err != nil {
		return err
	}
	return e.Next()
}

// tooShort says what the owner may choose.
func tooShort(lang string, k Kind) string {
	key := "retention.least"
	if k.Zero == Forever {
		key = "retention.least_or_ever"
	}
	return i18n.T(lang, key, i18n.V{"least": max(k.Least, 1), "most": k.Most})
}
