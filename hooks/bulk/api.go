package bulk

import (
	"database/sql"
	"errors"
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
)

const (
	most     = 1000 // conversations changed by one request
	rowsMost = 100  // rows in the answer; of more the desks hear by their stream
)

// form is the body of POST /api/desk/bulk: which conversations, by their ids
// or as those of a view, and what becomes of them.
type form struct {
	IDs    []string `json:"ids"`
	View   string   `json:"view"`
	Query  string   `json:"q"`
	Change change   `json:"change"`
}

// failure is a conversation that was not changed.
type failure struct {
	ID      string `json:"id"`
	Number  int64  `json:"number"`
	Message string `json:"message"`
}

// change answers {"done": n, "failed": [failure], "rows": [row], "more": the
// view has more than were changed, "undo": name}.
func (r *room) change(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var f form
	if err := e.BindBody(&f); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	if f.Change.empty() {
		return e.BadRequestError(i18n.T(lang, "error.bulk_nothing"), nil)
	}
	if f.View != "" {
		ids, err := r.Conversation.IDs(e.App, conversation.Filter{View: f.View, Query: f.Query, Agent: e.Auth.Id, Limit: most + 1})
		if err != nil {
			return e.BadRequestError(i18n.T(lang, "error.list"), err)
		}
		f.IDs = ids
	} else if len(f.IDs) > most {
		return e.BadRequestError(i18n.T(lang, "error.bulk_many", i18n.V{"n": most}), nil)
	}
	more := len(f.IDs) > most
	f.IDs = f.IDs[:min(len(f.IDs), most)]
	if len(f.IDs) == 0 {
		return e.BadRequestError(i18n.T(lang, "error.bulk_none"), nil)
	}

	var done []step
	failed := []failure{}
	for _, id := range unique(f.IDs) {
		s, err := r.apply(e.App, id, e.Auth.Id, f.Change)
		if err != nil {
			failed = append(failed, failure{ID: id, Number: s.number, Message: r.words(e, err)})
			continue
		}
		done = append(done, s)
	}
	rows := []conversation.Row{}
	for _, s := range done[:min(len(done), rowsMost)] {
		row, err := r.Conversation.RowOf(e.App, s.id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return r.Conversation.Fail(e, err)
		}
		if err == nil {
			rows = append(rows, row)
		}
	}
	undo := ""
	if len(done) > 0 {
		agent := e.Auth.Id
		undo = r.Undo.Keep(agent, func(app core.App) error { return r.back(app, agent, done) })
	}
	return e.JSON(http.StatusOK, map[string]any{"done": len(done), "failed": failed, "rows": rows, "more": more, "undo": undo})
}

// unique keeps the first of each, in order.
func unique(ids []string) (list []string) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return slices.Clip(list)
}

// words is why one conversation was not changed.
func (r *room) words(e *core.RequestEvent, err error) string {
	lang := conversation.LanguageOf(e)
	var refused conversation.ErrChange
	switch {
	case errors.As(err, &refused):
		return i18n.T(lang, string(refused))
	case errors.Is(err, sql.ErrNoRows):
		return i18n.T(lang, "error.conversation_gone")
	}
	e.App.Logger().Error("one of many conversations could not be changed", "error", err)
	return i18n.T(lang, "error.internal")
}
