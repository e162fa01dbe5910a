package conversation

import (
	"encoding/json/jsontext"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/rich"
	"github.com/shohay/shohay/hooks/schema"
)

// MeView is the signed-in agent.
type MeView struct {
	AgentView     `json:",inline"`
	Signature     string         `json:"signature"`
	SignatureHTML string         `json:"signature_html"`
	AwayAfter     int            `json:"away_after"` // minutes; 0 is the usual, -1 never
	Languages     []string       `json:"languages"`
	Notify        jsontext.Value `json:"notify"`
}

func (room *Room) meView(r *core.Record) MeView {
	v := MeView{AgentView: AgentViewOf(r), Signature: r.GetString(schema.AgentSignature), SignatureHTML: r.GetString(schema.AgentSignatureHTML), AwayAfter: r.GetInt(schema.AgentAwayAfter), Languages: r.GetStringSlice(schema.AgentLanguages), Notify: jsontext.Value("{}")}
	v.Online = room.agents.seen(r.Id)
	v.State = room.agents.state(v.AgentView)
	if n := r.GetString(schema.AgentNotify); n != "" && n != "null" {
		v.Notify = jsontext.Value(n)
	}
	return v
}

// changeMe lets agents change what is theirs; role and address are not.
func (room *Room) changeMe(e *core.RequestEvent) error {
	var body struct {
		Name          *string        `json:"name"`
		Availability  *string        `json:"availability"`
		Signature     *string        `json:"signature"`
		SignatureHTML *string        `json:"signature_html"`
		AwayAfter     *int           `json:"away_after"`
		Languages     *[]string      `json:"languages"`
		Notify        jsontext.Value `json:"notify"`
	}
	lang := language(e)
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(room.say(lang, "error.body"), err)
	}
	r, err := e.App.FindRecordById(schema.Agents, e.Auth.Id)
	if err != nil {
		return room.fail(e, err)
	}
	if body.Name != nil {
		r.Set(schema.AgentName, clip(clean(*body.Name), 79))
	}
	if body.Availability != nil {
		if !slices.Contains([]string{schema.AvailabilityOnline, schema.AvailabilityAway, schema.AvailabilityOffline}, *body.Availability) {
			return e.BadRequestError(room.say(lang, "error.body"), nil)
		}
		r.Set(schema.AgentAvailability, *body.Availability)
	}
	if body.Signature != nil {
		r.Set(schema.AgentSignature, clip(clean(*body.Signature), 499))
		r.Set(schema.AgentSignatureHTML, "")
	}
	if body.SignatureHTML != nil && *body.SignatureHTML != "" {
		// Both forms from one source, so that they say the same.
		doc := rich.Parse(*body.SignatureHTML).WithImages(func(string) bool { return false })
		r.Set(schema.AgentSignature, strings.TrimSpace(doc.Text()))
		r.Set(schema.AgentSignatureHTML, doc.HTML(nil))
	}
	if body.AwayAfter != nil {
		r.Set(schema.AgentAwayAfter, *body.AwayAfter)
	}
	if body.Languages != nil {
		r.Set(schema.AgentLanguages, *body.Languages)
	}
	if len(body.Notify) > 0 {
		r.Set(schema.AgentNotify, string(body.Notify))
	}
	if err := e.App.Save(r); err != nil {
		return e.BadRequestError(room.say(lang, "error.save"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"me": room.meView(r)})
}

type tagView struct {
	ID     string `json:"id" db:"id"`
	Name   string `json:"name" db:"name"`
	Colour string `json:"colour" db:"colour"`
}

func tagViews(app core.App) ([]tagView, error) {
	tags := []tagView{}
	err := app.DB().NewQuery(`SELECT id, name, colour FROM tags ORDER BY name COLLATE NOCASE`).All(&tags)
	return tags, err
}

type cannedView struct {
	ID       string `json:"id" db:"id"`
	Title    string `json:"title" db:"title"`
	Shortcut string `json:"shortcut" db:"shortcut"`
	Text     string `json:"text" db:"text"`
	Language string `json:"language" db:"language"`
	HTML     string `json:"html" db:"html"`
	Folder   string `json:"folder" db:"folder"`
	Owner    string `json:"owner" db:"owner"`
}

// cannedViews lists everybody's canned replies and the agent's own.
func cannedViews(app core.App, agent string) ([]cannedView, error) {
	canned := []cannedView{}
	err := app.DB().NewQuery(`SELECT id, title, shortcut, text, language, html, folder, owner FROM canned_replies WHERE owner IN ('', {:agent}) ORDER BY title COLLATE NOCASE LIMIT 500`).
		Bind(dbx.Params{"agent": agent}).All(&canned)
	return canned, err
}
