package bot

import (
	"encoding/json/v2"
	"slices"
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/bot/flow"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// flowRecord is a flow as it is kept.
type flowRecord struct{ flow.Flow }

// flowFor is the flow that a conversation is in, else the first active one for
// the page, else the first for all; nil if there is none.
func (room *Room) flowFor(app core.App, id, page string) (*flowRecord, error) {
	var rows []struct {
		ID    string `db:"id"`
		Page  string `db:"page"`
		Steps string `db:"steps"`
	}
	err := app.DB().NewQuery(`SELECT id, page, COALESCE(steps, '') AS steps FROM bot_flows WHERE active = TRUE ORDER BY page = '', sort, id`).All(&rows)
	if err != nil {
		return nil, err
	}
	for _, own := range []bool{true, false} {
		for _, r := range rows {
			if own && r.ID != id || !own && !flow.OnPage(page, r.Page) {
				continue
			}
			f := &flowRecord{flow.Flow{ID: r.ID}}
			if err := json.Unmarshal([]byte(r.Steps), &f.Steps); err != nil {
				app.Logger().Error("a flow of the bot cannot be read", "flow", r.ID, "error", err)
				continue
			}
			return f, nil
		}
	}
	return nil, nil
}

// known is what flows may name now.
func (room *Room) known(app core.App) flow.Known {
	exists := func(collection string) func(string) bool {
		return func(id string) bool {
			_, err := app.FindRecordById(collection, id)
			return err == nil
		}
	}
	return flow.Known{
		Languages: settings.Shop(app).Languages(), Agent: exists(schema.Agents), Tag: exists(schema.Tags),
		Article: func(group string) bool {
			l, err := room.Knowledge.Library(app)
			return err == nil && l.In(settings.Shop(app).Language(), group) != nil
		},
		Field: func(key string) bool {
			keys, err := room.Fields(app)
			return err == nil && slices.Contains(keys, key)
		},
	}
}

// checkFlow refuses what would leave a visitor standing, in words. What is
// switched off may be unfinished.
func (room *Room) checkFlow(e *core.RecordEvent) error {
	if faults := room.faults(e.App, e.Record.GetString(schema.FlowSteps)); len(faults) > 0 && (e.Record.GetBool(schema.FlowActive) || faults[0].Key == "flow_json") {
		lang := settings.Shop(e.App).Language()
		return validation.Errors{schema.FlowSteps: validation.NewError(faults[0].Key, sayFault(lang, faults[0]))}
	}
	return e.Next()
}

// faults are what is wrong with steps as they are kept.
func (room *Room) faults(app core.App, raw string) []flow.Fault {
	var f flow.Flow
	if raw == "" || raw == "null" {
		raw = "[]"
	}
	if err := json.Unmarshal([]byte(raw), &f.Steps); err != nil {
		return []flow.Fault{{Key: "flow_json"}}
	}
	return f.Check(room.known(app))
}

// sayFault names the step and what is wrong with it.
func sayFault(lang string, f flow.Fault) string {
	value := f.Value
	if f.Key == "flow_text" || f.Key == "flow_text_long" {
		value = word(lang, "lang", f.Value)
	}
	said := i18n.T(lang, "error."+f.Key, i18n.V{"value": value})
	if f.Step == "" {
		return said
	}
	return i18n.T(lang, "error.flow_step", i18n.V{"step": f.Step, "what": said})
}

// checkNames keeps what the bot is called to what can be called out.
func checkNames(e *core.RecordEvent) error {
	var names map[string]string
	_ = e.Record.UnmarshalJSONField(schema.BotNames, &names) // what is no such text is none
	kept := map[string]string{}
	for lang, name := range names {
		if name = strings.Join(strings.Fields(name), " "); name != "" && i18n.Current().Has(lang) {
			kept[lang] = clip(name, 40)
		}
	}
	e.Record.Set(schema.BotNames, kept)
	return e.Next()
}

// nameOf is what the bot is called.
func nameOf(app core.App, lang string) string {
	r, err := app.FindRecordById(schema.Bot, botID)
	if err == nil {
		var names map[string]string
		_ = r.UnmarshalJSONField(schema.BotNames, &names)
		if names[lang] != "" {
			return names[lang]
		}
	}
	return i18n.T(lang, "bot.name")
}

const (
	botID   = "bot000000000001"
	modelID = "model0000000001"
)

// Greeting is what the bot shows a visitor who opens the widget, before
// anything is kept; nil if it is switched off.
func (room *Room) Greeting(app core.App, lang, page string, open, known bool) any {
	if !enabled(app) {
		return nil
	}
	f, err := room.flowFor(app, "", page)
	if err != nil {
		app.Logger().Error("the bot's greeting cannot be read", "error", err)
	}
	says, choices := []string{}, []string{}
	if f != nil {
		out := f.Begin(flow.Env{Language: lang, Open: open, Page: page, Known: known})
		for _, s := range out.Says {
			if s.Text != "" {
				says = append(says, s.Text)
			}
		}
		choices = append(choices, out.Choices...)
	}
	if len(says) == 0 {
		says = append(says, i18n.T(lang, "bot.hello"))
	}
	return map[string]any{"name": nameOf(app, lang), "says": says, "choices": choices}
}
