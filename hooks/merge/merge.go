// Package merge has the desk's routes for making one conversation of several,
// and two of one, and one contact of two. What happens to them is the business
// of the packages conversation and contact; here is who may ask for it and the
// way back.
package merge

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/undo"
)

// most conversations are merged by one request.
const most = 20

// Deps are what the room is built with.
type Deps struct {
	Conversation *conversation.Room
	Undo         *undo.Keeper
}

type room struct{ Deps }

// Register binds the routes.
func Register(app core.App, d Deps) {
	r := &room{d}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.POST("/conversations/{id}/merge", r.merge)
		desk.POST("/messages/{id}/split", r.split)
		desk.POST("/contacts/{id}/merge", r.people)
		return e.Next()
	})
}

// merge answers POST /api/desk/conversations/{id}/merge {"others": [ids],
// "across": bool}: the others become part of the one in the path, all or none.
// Conversations of different customers need across, which says that the agent
// has seen the warning.
func (r *room) merge(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var body struct {
		Others []string `json:"others"`
		Across bool     `json:"across"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	keep := e.Request.PathValue("id")
	slices.Sort(body.Others)
	others := slices.Compact(body.Others)
	if len(others) == 0 || len(others) > most {
		return e.BadRequestError(i18n.T(lang, "error.merge_some", i18n.V{"n": most}), nil)
	}
	var done []conversation.Merged
	err := e.App.RunInTransaction(func(tx core.App) error {
		done = nil
		if !body.Across {
			if err := sameContact(tx, append([]string{keep}, others...)); err != nil {
				return err
			}
		}
		for _, other := range others {
			m, err := conversation.Merge(tx, keep, other, e.Auth.Id)
			if err != nil {
				return err
			}
			done = append(done, m)
		}
		return nil
	})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	agent := e.Auth.Id
	undo := r.Undo.Keep(agent, func(app core.App) error {
		return app.RunInTransaction(func(tx core.App) error {
			for _, m := range slices.Backward(done) {
				if err := conversation.Unmerge(tx, m, agent); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return r.answer(e, done[0].Keep, undo)
}

// sameContact refuses conversations of different customers.
func sameContact(tx core.App, ids []string) error {
	contact := ""
	for _, id := range ids {
		c, err := tx.FindRecordById(schema.Conversations, id)
		if err != nil {
			return err
		}
		if of := c.GetString(schema.ConvContact); contact != "" && of != contact {
			return conversation.ErrChange("error.merge_across")
		} else {
			contact = of
		}
	}
	return nil
}

// split answers POST /api/desk/messages/{id}/split {"following": bool}: the
// message, and with following all after it, becomes a conversation of its own.
func (r *room) split(e *core.RequestEvent) error {
	var body struct {
		Following bool `json:"following"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(conversation.LanguageOf(e), "error.body"), err)
	}
	from, out, err := conversation.Split(e.App, e.Request.PathValue("id"), e.Auth.Id, body.Following)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	agent, a, b := e.Auth.Id, from.Id, out.Id
	undo := r.Undo.Keep(agent, func(app core.App) error {
		_, err := conversation.Merge(app, a, b, agent)
		return err
	})
	return r.answer(e, out.Id, undo)
}

func (r *room) answer(e *core.RequestEvent, id, undo string) error {
	row, err := r.Conversation.RowOf(e.App, id)
	if err != nil {
		return r.Conversation.Fail(e, fmt.Errorf("read conversation: %w", err))
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": row, "undo": undo})
}
