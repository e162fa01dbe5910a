package bot

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/bot/flow"
	"github.com/shohay/shohay/hooks/bot/model"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func language(e *core.RequestEvent) string {
	shop := settings.Shop(e.App)
	if l := e.Request.URL.Query().Get("lang"); i18n.Current().Has(l) {
		return l
	}
	return i18n.Match(e.Request.Header.Get("Accept-Language"), shop.Languages(), shop.Language())
}

func say(e *core.RequestEvent, key string) string { return i18n.T(language(e), key) }

// owner refuses everybody else.
func owner(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	return nil
}

// overview is what the owner sets: the bot, the model with its use, the flows.
func (room *Room) overview(e *core.RequestEvent) error {
	if err := owner(e); err != nil {
		return err
	}
	fail := func(err error) error { return e.InternalServerError(say(e, "error.internal"), err) }
	bot, err := e.App.FindRecordById(schema.Bot, botID)
	if err != nil {
		return fail(err)
	}
	llm, err := e.App.FindRecordById(schema.LanguageModel, modelID)
	if err != nil {
		return fail(err)
	}
	hasKey := llm.GetString(schema.ModelSealed) != ""
	llm.Hide(schema.ModelKey, schema.ModelSealed)
	flows, err := e.App.FindRecordsByFilter(schema.BotFlows, "", schema.FlowSort+",id", 0, 0)
	if err != nil {
		return fail(err)
	}
	var use struct {
		Requests int `json:"requests" db:"requests"`
		Tokens   int `json:"tokens" db:"tokens"`
	}
	err = e.App.DB().NewQuery(`SELECT COALESCE(MAX(requests), 0) AS requests, COALESCE(MAX(tokens), 0) AS tokens FROM language_model_use WHERE month = {:month}`).
		Bind(dbx.Params{"month": room.month(e.App)}).One(&use)
	if err != nil {
		return fail(err)
	}
	fields, err := room.Fields(e.App)
	if err != nil {
		return fail(err)
	}
	return e.JSON(http.StatusOK, map[string]any{
		"bot": bot, "model": llm, "has_key": hasKey, "use": use, "flows": flows, "fields": fields, "languages": settings.Shop(e.App).Languages(),
	})
}

type previewForm struct {
	Steps   jsontext.Value `json:"steps"`
	Text    string         `json:"text"` // "" opens the widget
	Session Session        `json:"session"`
	Env     flow.Env       `json:"env"`
}

// preview runs the bot with the steps given: the engine itself, with nothing
// behind it. Nothing is written, no model is asked.
func (room *Room) preview(e *core.RequestEvent) error {
	if err := owner(e); err != nil {
		return err
	}
	var form previewForm
	if err := json.UnmarshalRead(e.Request.Body, &form, json.MatchCaseInsensitiveNames(true)); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	lang := language(e)
	type fault struct {
		Step string `json:"step"`
		Text string `json:"text"`
	}
	faults := []fault{}
	for _, f := range room.faults(e.App, string(form.Steps)) {
		faults = append(faults, fault{f.Step, sayFault(lang, f)})
	}
	answer := map[string]any{"faults": faults, "says": []string{}, "choices": []string{}, "session": form.Session, "done": []string{}}
	var f flowRecord
	if json.Unmarshal(form.Steps, &f.Steps) != nil || len(f.Steps) == 0 || utf8.RuneCountInString(form.Text) > 2000 {
		return e.JSON(http.StatusOK, answer)
	}
	f.ID = "preview"
	if !i18n.Current().Has(form.Env.Language) {
		form.Env.Language = lang
	}
	if form.Text == "" {
		out := f.Begin(form.Env)
		says, choices := []string{}, append([]string{}, out.Choices...)
		for _, s := range out.Says {
			says = append(says, s.Text)
		}
		answer["says"], answer["choices"], answer["session"] = says, choices, Session{Flow: f.ID, Step: out.Waits, Language: form.Env.Language}
		return e.JSON(http.StatusOK, answer)
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), 5*time.Second)
	defer cancel()
	if form.Session.Handed > 0 {
		answer["done"] = []string{i18n.T(lang, "bot.silent")}
		return e.JSON(http.StatusOK, answer)
	}
	turn, err := room.think(ctx, e.App, Heard{
		Text: strings.TrimSpace(form.Text), Session: form.Session, Lang: form.Env.Language, Page: form.Env.Page, Open: form.Env.Open, Known: form.Env.Known, Dry: true, Steps: &f,
	})
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	choices, done := []string{}, []string{}
	for _, c := range turn.Session.Choices {
		choices = append(choices, c.Label)
	}
	for _, k := range turn.Keep {
		done = append(done, i18n.T(lang, "bot.done_kept", i18n.V{"value": k.Value, "where": k.Save}))
	}
	if n := len(turn.Tags); n > 0 {
		done = append(done, i18n.T(lang, "bot.done_tagged", i18n.V{"n": n}))
	}
	if turn.Solve {
		done = append(done, i18n.T(lang, "bot.done_solved"))
	}
	if turn.Hand != "" {
		turn.Session.Handed = 1
		done = append(done, i18n.T(lang, "bot.done_handed", i18n.V{"why": reason(lang, turn.Hand)}))
	}
	answer["says"], answer["choices"], answer["session"], answer["done"] = []string{turn.Text}, choices, turn.Session, done
	return e.JSON(http.StatusOK, answer)
}

// tryModel asks the model, as it is saved, one question of our own.
func (room *Room) tryModel(e *core.RequestEvent) error {
	if err := owner(e); err != nil {
		return err
	}
	r, err := e.App.FindRecordById(schema.LanguageModel, modelID)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	config, ok := room.configOf(e.App, r)
	if !ok || !room.mayAsk(e.App) {
		return e.BadRequestError(say(e, "error.model_cap"), nil)
	}
	lang := language(e)
	a, err := model.Ask(e.Request.Context(), config, lang, i18n.T(lang, "bot.try_question"), []model.Passage{{Title: i18n.T(lang, "bot.try_question"), Text: i18n.T(lang, "bot.try_passage")}})
	room.spent(e.App, a.Tokens)
	if err != nil {
		var why model.Failure
		if !errors.As(err, &why) {
			return e.InternalServerError(say(e, "error.internal"), err)
		}
		return e.JSON(http.StatusOK, map[string]any{"ok": false, "text": i18n.T(lang, "bot."+"model_why_"+why.Key, i18n.V{"status": why.Status, "seconds": config.Timeout.Seconds()})})
	}
	return e.JSON(http.StatusOK, map[string]any{"ok": true, "text": a.Text})
}

// questions lists what could not be answered, grouped, and what is answered
// since.
func (room *Room) questions(e *core.RequestEvent) error {
	fail := func(err error) error { return e.InternalServerError(say(e, "error.internal"), err) }
	list, err := open(e.App)
	if err != nil {
		return fail(err)
	}
	groups := group(list)
	for _, g := range groups {
		if err := answers(e.App, g); err != nil {
			return fail(err)
		}
	}
	since, err := answered(e.App)
	if err != nil {
		return fail(err)
	}
	if groups == nil {
		groups = []*Group{}
	}
	return e.JSON(http.StatusOK, map[string]any{"groups": groups, "answered": since})
}

// dismiss sets questions aside, or back if undo is set.
func (room *Room) dismiss(e *core.RequestEvent) error {
	var form struct {
		IDs  []string `json:"ids"`
		Undo bool     `json:"undo"`
	}
	if err := e.BindBody(&form); err != nil || len(form.IDs) > mostQuestions {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	state, article := schema.QuestionAside, "-"
	if form.Undo {
		state, article = schema.QuestionOpen, ""
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		for _, id := range form.IDs {
			p := dbx.Params{"id": id, "state": state, "article": article, "now": types.NowDateTime().String()}
			if _, err := tx.DB().NewQuery(`UPDATE bot_questions SET state = {:state}, updated = {:now} WHERE id = {:id} AND state != 'answered'`).Bind(p).Execute(); err != nil {
				return err
			}
			if _, err := tx.DB().NewQuery(`UPDATE search_misses SET article = {:article}, updated = {:now} WHERE id = {:id} AND article IN ('', '-')`).Bind(p).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.NoContent(http.StatusNoContent)
}
