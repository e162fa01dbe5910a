// Package undo keeps the way back of what somebody has just done at the desk.
//
// A room that does something gives [Keeper.Keep] a function that takes it back
// and hands the name it gets to the desk; POST /api/desk/undo with that name
// runs the function, once, for the one who did it, within two minutes. It is
// kept in memory: after a restart nothing is undone by halves, for it is not
// undone at all.
package undo

import (
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	keptFor  = 2 * time.Minute
	keptMost = 500
)

// Keeper holds what can be undone.
type Keeper struct {
	mu   sync.Mutex
	kept map[string]way
	fail func(e *core.RequestEvent, err error) error
}

type way struct {
	agent string
	until time.Time
	back  func(app core.App) error
}

// Register binds the route.
func Register(app core.App, conv *conversation.Room) *Keeper {
	k := &Keeper{kept: map[string]way{}, fail: conv.Fail}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.POST("/api/desk/undo", k.undo).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		return e.Next()
	})
	return k
}

// Keep remembers the way back of what an agent did and returns its name.
func (k *Keeper) Keep(agent string, back func(app core.App) error) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := time.Now()
	oldest := ""
	for name, w := range k.kept {
		if w.until.Before(at) {
			delete(k.kept, name)
		} else if oldest == "" || w.until.Before(k.kept[oldest].until) {
			oldest = name
		}
	}
	if len(k.kept) >= keptMost {
		delete(k.kept, oldest)
	}
	name := security.RandomString(20)
	k.kept[name] = way{agent: agent, until: at.Add(keptFor), back: back}
	return name
}

// take gives a way back to the one who may go it, once.
func (k *Keeper) take(name, agent string) (back func(app core.App) error, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.kept[name]
	if !ok || w.agent != agent || w.until.Before(time.Now()) {
		return nil, false
	}
	delete(k.kept, name)
	return w.back, true
}

// undo answers POST /api/desk/undo {"undo": name}.
func (k *Keeper) undo(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var body struct {
		Undo string `json:"undo"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	back, ok := k.take(body.Undo, e.Auth.Id)
	if !ok {
		return e.NotFoundError(i18n.T(lang, "error.undo_late"), nil)
	}
	if err := back(e.App); err != nil {
		return k.fail(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}
