package kb

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Deps are what the room is built with.
type Deps struct {
	Group *lifecycle.Group
	Keys  func() *settings.Keys
}

// Room is the knowledge of one app.
type Room struct {
	Deps
	shelf    shelf
	synonyms ownSynonyms
	views    views
	limiter  *limit.Limiter
	now      func() time.Time
}

// flushEvery is how long views wait in memory.
const flushEvery = time.Minute

// Register binds the room.
func Register(app core.App, d Deps) *Room {
	room := &Room{Deps: d, limiter: limit.New(10*time.Second, 20), now: time.Now}
	app.OnRecordCreate(schema.Articles).BindFunc(room.saveArticle)
	app.OnRecordUpdate(schema.Articles).BindFunc(room.saveArticle)
	app.OnRecordDelete(schema.Articles).BindFunc(removeArticle)
	app.OnRecordCreateRequest(schema.Articles).BindFunc(signed)
	app.OnRecordUpdateRequest(schema.Articles).BindFunc(signed)
	app.OnRecordUpdate(schema.Shop).BindFunc(checkSynonyms)
	app.OnRecordCreate(schema.Categories).BindFunc(saveCategory)
	app.OnRecordUpdate(schema.Categories).BindFunc(saveCategory)
	for _, name := range []string{schema.Articles, schema.Categories, schema.Shop} {
		app.OnRecordAfterCreateSuccess(name).BindFunc(room.changed)
		app.OnRecordAfterUpdateSuccess(name).BindFunc(room.changed)
		app.OnRecordAfterDeleteSuccess(name).BindFunc(room.changed)
	}
	d.Group.Go("article views", func(ctx context.Context) { room.keepCounts(ctx, app) })
	return room
}

// signed notes which agent saves an article by the database's own API.
func signed(e *core.RecordRequestEvent) error {
	if e.Auth != nil && e.Auth.Collection().Name == schema.Agents {
		e.Record.Set(schema.ArticleWrittenBy, e.Auth.Id)
	}
	return e.Next()
}
