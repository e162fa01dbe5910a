package team

import (
	"database/sql"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// find loads the conversation in the path.
func find(e *core.RequestEvent) (*conversation.Conversation, error) {
	conv, err := conversation.Live(e.App, e.Request.PathValue("id"))
	if err == nil && conv == nil {
		err = sql.ErrNoRows
	}
	return conv, err
}

// follow answers POST …/follow {"on": bool} with {"followers": [ids]}.
func (r *room) follow(e *core.RequestEvent) error {
	var body struct {
		On bool `json:"on"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(conversation.LanguageOf(e), "error.body"), err)
	}
	conv, err := find(e)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	if err := setFollow(e.App, conv.Id, e.Auth.Id, body.On); err != nil {
		return r.Conversation.Fail(e, err)
	}
	agents, err := Followers(e.App, conv.Id)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	r.tellFollowers(e.App, conv.Id)
	return e.JSON(http.StatusOK, map[string]any{"followers": agents})
}

// seen answers POST …/mentions/seen: the agent has looked at what calls them.
func (r *room) seen(e *core.RequestEvent) error {
	conv, err := find(e)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	some, err := look(e.App, conv.Id, e.Auth.Id)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	if some {
		r.tellCalled(e.Auth.Id, conv.Id, false)
	}
	return e.NoContent(http.StatusNoContent)
}

// handover answers POST …/handover {"assignee": id or "", "text", "html",
// "client_id"}: the note and the assignment are one, and so is their undo.
func (r *room) handover(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var body struct {
		Assignee string `json:"assignee"`
		Text     string `json:"text"`
		HTML     string `json:"html"`
		ClientID string `json:"client_id"`
	}
	if err := e.BindBody(&body); err != nil || len(body.ClientID) > 80 {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	agent := e.Auth.Id
	d := conversation.Draft{Kind: schema.MessageNote, Agent: agent, ClientID: body.ClientID, Text: body.Text}
	if body.HTML != "" {
		d.Format(body.HTML)
	}
	var note conversation.Sent
	var before string
	err := e.App.RunInTransaction(func(tx core.App) error {
		conv, err := conversation.Live(tx, e.Request.PathValue("id"))
		if err != nil {
			return err
		}
		if conv == nil {
			return sql.ErrNoRows
		}
		before, d.Conversation = conv.GetString(schema.ConvAssignee), conv.Id
		if note, err = r.Conversation.Reply(tx, d); err != nil || !note.New {
			return err
		}
		if before == body.Assignee {
			return conversation.ErrChange("error.handover_same")
		}
		note.Conversation, err = conversation.Apply(tx, conv.Id, agent, conversation.Change{Assignee: &body.Assignee, Note: note.Message.Id})
		return err
	})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	undo := ""
	if note.New {
		undo = r.Undo.Keep(agent, func(app core.App) error { return r.takeBack(app, agent, note, before, body.Assignee) })
	}
	message, row, err := r.Conversation.Views(e.App, note)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"message": message, "conversation": row, "undo": undo})
}

// takeBack undoes a hand-over: the note goes, and who had the conversation has
// it again, unless somebody else was given it meanwhile.
func (r *room) takeBack(app core.App, agent string, note conversation.Sent, before, after string) error {
	err := app.RunInTransaction(func(tx core.App) error {
		conv, err := conversation.Withdraw(tx, note.Message.Id)
		if err != nil {
			return err
		}
		if conv.GetString(schema.ConvAssignee) != after {
			return nil
		}
		_, err = conversation.Apply(tx, conv.Id, agent, conversation.Change{Assignee: &before})
		return err
	})
	if err == nil {
		r.Conversation.TellGone(note.Message.Conversation(), note.Message.Id)
		r.Conversation.CountsChanged()
	}
	return err
}
