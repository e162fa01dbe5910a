package bot

import (
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/bot/model"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// sealKey seals a typed key and refuses an address that is none.
func (room *Room) sealKey(e *core.RecordEvent) error {
	url := strings.TrimSpace(e.Record.GetString(schema.ModelURL))
	e.Record.Set(schema.ModelURL, url)
	if why := model.Check(url); why != "" && (e.Record.GetBool(schema.ModelEnabled) || url != "") {
		return validation.Errors{schema.ModelURL: validation.NewError(why, i18n.T(settings.Shop(e.App).Language(), "error."+why))}
	}
	if e.Record.GetBool(schema.ModelEnabled) && strings.TrimSpace(e.Record.GetString(schema.ModelName)) == "" {
		return validation.Errors{schema.ModelName: validation.NewError("model_name", i18n.T(settings.Shop(e.App).Language(), "error.model_name"))}
	}
	stored := ""
	if e.Record.IsNew() {
		// nothing is kept of it yet
	} else if err := e.App.DB().NewQuery(`SELECT key_sealed FROM language_model WHERE id = {:id}`).Bind(dbx.Params{"id": e.Record.Id}).Row(&stored); err != nil {
		return err
	}
	// A key goes to the host it was typed for and to no other.
	if e.Record.GetString(schema.ModelURL) != e.Record.Original().GetString(schema.ModelURL) {
		stored = ""
	}
	if key := strings.TrimSpace(e.Record.GetString(schema.ModelKey)); key != "" {
		stored = room.Keys().Seal([]byte(key))
	}
	e.Record.Set(schema.ModelSealed, stored)
	e.Record.Set(schema.ModelKey, "")
	return e.Next()
}

// conceal keeps the key even from those who see hidden fields.
func conceal(e *core.RecordEnrichEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	e.Record.Hide(schema.ModelKey, schema.ModelSealed)
	return nil
}

// modelOf is the language model, and whether there is one.
func (room *Room) modelOf(app core.App) (model.Config, bool) {
	r, err := app.FindRecordById(schema.LanguageModel, modelID)
	if err != nil || !r.GetBool(schema.ModelEnabled) {
		return model.Config{}, false
	}
	return room.configOf(app, r)
}

func (room *Room) configOf(app core.App, r *core.Record) (model.Config, bool) {
	c := model.Config{URL: r.GetString(schema.ModelURL), Model: r.GetString(schema.ModelName), Timeout: time.Duration(max(2, r.GetInt(schema.ModelTimeout))) * time.Second}
	if sealed := r.GetString(schema.ModelSealed); sealed != "" {
		key, err := room.Keys().Open(sealed)
		if err != nil {
			app.Logger().Error("the key of the language model cannot be opened", "error", err)
			return c, false
		}
		c.Key = string(key)
	}
	return c, true
}

func (room *Room) month(app core.App) string {
	return room.now().In(settings.Shop(app).Location()).Format("2006-01")
}

// mayAsk counts a question to the model; false if this month's are used up.
// Uses idx_language_model_use_month.
func (room *Room) mayAsk(app core.App) bool {
	now, month := types.NowDateTime().String(), room.month(app)
	_, err := app.NonconcurrentDB().NewQuery(`INSERT INTO language_model_use (id, month, requests, tokens, created, updated) VALUES ({:id}, {:month}, 0, 0, {:now}, {:now}) ON CONFLICT (month) DO NOTHING`).
		Bind(dbx.Params{"id": core.GenerateDefaultRandomId(), "month": month, "now": now}).Execute()
	if err == nil {
		res, err := app.NonconcurrentDB().NewQuery(`UPDATE language_model_use SET requests = requests + 1, updated = {:now} WHERE month = {:month}
			AND EXISTS (SELECT 1 FROM language_model m WHERE m.id = {:model} AND (m.requests = 0 OR language_model_use.requests < m.requests) AND (m.tokens = 0 OR language_model_use.tokens < m.tokens))`).
			Bind(dbx.Params{"month": month, "now": now, "model": modelID}).Execute()
		if err == nil {
			n, err := res.RowsAffected()
			return err == nil && n == 1
		}
	}
	app.Logger().Error("the use of the language model cannot be counted", "error", err)
	return false
}

func (room *Room) spent(app core.App, tokens int) {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE language_model_use SET tokens = tokens + {:n} WHERE month = {:month}`).
		Bind(dbx.Params{"n": tokens, "month": room.month(app)}).Execute()
	if err != nil {
		app.Logger().Error("the use of the language model cannot be counted", "error", err)
	}
}
