package view

import (
	"database/sql"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	nameMost  = 40
	mine      = 50               // views of one agent, the shared ones apart
	countMost = 100              // more is 99+
	countFor  = 10 * time.Second // a count serves so long,
	countRest = 200              // or so many times as long as it took,
	countLong = time.Minute      // but no longer
)

// saved is a view as the desk has it.
type saved struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Shared bool           `json:"shared"`
	Filter jsontext.Value `json:"filter"`
	Sort   string         `json:"sort"`
	Count  int            `json:"count"` // at most countMost
}

// may tells whether an agent may change a view.
func may(agent, view *core.Record) bool {
	owner := view.GetString(schema.ViewOwner)
	return owner == agent.Id || owner == "" && agent.GetString(schema.AgentRole) == schema.RoleOwner
}

// look is the condition of a saved view. One of somebody else does not exist.
func (r *room) look(app core.App, agent, id string) (conversation.Choice, error) {
	view, err := app.FindRecordById(schema.Views, id)
	if err != nil {
		return conversation.Choice{}, err
	}
	if owner := view.GetString(schema.ViewOwner); owner != "" && owner != agent {
		return conversation.Choice{}, sql.ErrNoRows
	}
	f, err := Read([]byte(view.GetString(schema.ViewFilter)))
	if err != nil {
		return conversation.Choice{}, err
	}
	c := f.choice(agent, time.Now())
	c.Sort = view.GetString(schema.ViewSort)
	return c, nil
}

// count is how many conversations stand in a view, counted every few seconds, or less often
// where counting takes long.
func (r *room) count(app core.App, agent, id string) (int, error) {
	key := agent + "/" + id
	r.mu.Lock()
	was, ok := r.counted[key]
	r.mu.Unlock()
	if ok && time.Since(was.at) < was.lasts {
		return was.n, nil
	}
	begun := time.Now()
	n, err := r.Conversation.CountView(app, conversation.Filter{View: "saved:" + id, Agent: agent}, countMost)
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	if len(r.counted) > 1000 {
		clear(r.counted)
	}
	r.counted[key] = counted{n, time.Now(), min(max(countFor, countRest*time.Since(begun)), countLong)}
	r.mu.Unlock()
	return n, nil
}

func (r *room) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.counted {
		if strings.HasSuffix(key, "/"+id) {
			delete(r.counted, key)
		}
	}
}

// list answers GET /api/desk/views: the shared ones, then the agent's own.
// Uses idx_views_owner.
func (r *room) list(e *core.RequestEvent) error {
	records, err := e.App.FindRecordsByFilter(schema.Views, "owner = '' || owner = {:agent}", "owner,position,created", 2*mine, 0, dbx.Params{"agent": e.Auth.Id})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	list := make([]saved, 0, len(records))
	for _, view := range records {
		v, err := r.viewOf(e, view)
		if err != nil {
			return r.Conversation.Fail(e, err)
		}
		list = append(list, v)
	}
	return e.JSON(http.StatusOK, map[string]any{"views": list})
}

func (r *room) viewOf(e *core.RequestEvent, view *core.Record) (saved, error) {
	v := saved{ID: view.Id, Name: view.GetString(schema.ViewName), Shared: view.GetString(schema.ViewOwner) == "", Sort: view.GetString(schema.ViewSort), Filter: jsontext.Value("{}")}
	if raw := view.GetString(schema.ViewFilter); strings.HasPrefix(raw, "{") {
		v.Filter = jsontext.Value(raw)
	}
	var err error
	v.Count, err = r.count(e.App, e.Auth.Id, view.Id)
	return v, err
}

// form is what an agent writes of a view; nil leaves a field.
type form struct {
	Name   *string         `json:"name"`
	Shared *bool           `json:"shared"`
	Filter *jsontext.Value `json:"filter"`
	Sort   *string         `json:"sort"`
}

// create answers POST /api/desk/views.
func (r *room) create(e *core.RequestEvent) error {
	collection, err := e.App.FindCachedCollectionByNameOrId(schema.Views)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	view := core.NewRecord(collection)
	view.Set(schema.ViewOwner, e.Auth.Id)
	n, err := e.App.CountRecords(schema.Views, dbx.HashExp{schema.ViewOwner: e.Auth.Id})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	if n >= mine {
		return r.Conversation.Fail(e, conversation.ErrChange("error.view_many"))
	}
	view.Set(schema.ViewPosition, n+1)
	return r.save(e, view)
}

// kept loads the view in the path for somebody who may change it.
func (r *room) kept(e *core.RequestEvent) (*core.Record, error) {
	view, err := e.App.FindRecordById(schema.Views, e.Request.PathValue("id"))
	if err != nil || !may(e.Auth, view) {
		return nil, e.NotFoundError(i18n.T(conversation.LanguageOf(e), "error.view_gone"), nil)
	}
	return view, nil
}

// change answers PATCH /api/desk/views/{id}.
func (r *room) change(e *core.RequestEvent) error {
	view, err := r.kept(e)
	if err != nil {
		return err
	}
	return r.save(e, view)
}

func (r *room) save(e *core.RequestEvent, view *core.Record) error {
	lang := conversation.LanguageOf(e)
	var f form
	if err := e.BindBody(&f); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	if f.Name != nil {
		view.Set(schema.ViewName, strings.Join(strings.Fields(*f.Name), " "))
	}
	if n := utf8.RuneCountInString(view.GetString(schema.ViewName)); n == 0 || n > nameMost {
		return e.BadRequestError(i18n.T(lang, "error.view_name", i18n.V{"n": nameMost}), nil)
	}
	if f.Filter != nil {
		filter, err := Read(*f.Filter)
		if err != nil {
			return r.Conversation.Fail(e, err)
		}
		raw, err := json.Marshal(filter)
		if err != nil {
			return r.Conversation.Fail(e, err)
		}
		view.Set(schema.ViewFilter, string(raw))
	}
	if f.Sort != nil {
		view.Set(schema.ViewSort, *f.Sort)
	}
	if f.Shared != nil {
		if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner && *f.Shared {
			return e.ForbiddenError(i18n.T(lang, "error.owners_only"), nil)
		}
		view.Set(schema.ViewOwner, e.Auth.Id)
		if *f.Shared {
			view.Set(schema.ViewOwner, "")
		}
	}
	if err := e.App.Save(view); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.save"), err)
	}
	r.forget(view.Id)
	v, err := r.viewOf(e, view)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"view": v})
}

// remove answers DELETE /api/desk/views/{id}.
func (r *room) remove(e *core.RequestEvent) error {
	view, err := r.kept(e)
	if err != nil {
		return err
	}
	if err := e.App.Delete(view); err != nil {
		return r.Conversation.Fail(e, err)
	}
	r.forget(view.Id)
	undo := r.Undo.Keep(e.Auth.Id, func(app core.App) error {
		again := core.NewRecord(view.Collection())
		for _, f := range []string{schema.ID, schema.ViewName, schema.ViewOwner, schema.ViewFilter, schema.ViewSort, schema.ViewPosition} {
			again.Set(f, view.Get(f))
		}
		return app.Save(again)
	})
	return e.JSON(http.StatusOK, map[string]string{"id": view.Id, "undo": undo})
}

// order answers POST /api/desk/views/order {"ids"}: those that the agent may
// change stand in this order from now on.
func (r *room) order(e *core.RequestEvent) error {
	var body struct {
		IDs []string `json:"ids"`
	}
	if err := e.BindBody(&body); err != nil || len(body.IDs) > 2*mine {
		return e.BadRequestError(i18n.T(conversation.LanguageOf(e), "error.body"), err)
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		for i, id := range body.IDs {
			view, err := tx.FindRecordById(schema.Views, id)
			if errors.Is(err, sql.ErrNoRows) || err == nil && !may(e.Auth, view) {
				continue
			}
			if err != nil {
				return err
			}
			view.Set(schema.ViewPosition, i+1)
			if err := tx.Save(view); err != nil {
				return fmt.Errorf("save view: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}
