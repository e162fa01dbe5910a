package canned

import (
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/live"
	"github.com/shohay/shohay/hooks/rich"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/variable"
)

// Room tells desks of canned replies.
type Room struct{ hub *live.Hub }

// Register binds the room's hooks.
func Register(app core.App, hub *live.Hub) *Room {
	room := &Room{hub: hub}
	app.OnRecordCreate(schema.CannedReplies).BindFunc(tidy)
	app.OnRecordUpdate(schema.CannedReplies).BindFunc(tidy)
	app.OnRecordValidate(schema.CannedReplies).BindFunc(check)
	app.OnRecordAfterCreateSuccess(schema.CannedReplies).BindFunc(room.tell)
	app.OnRecordAfterUpdateSuccess(schema.CannedReplies).BindFunc(room.tell)
	app.OnRecordAfterDeleteSuccess(schema.CannedReplies).BindFunc(room.tell)
	return room
}

// tell says to all desks that there is something else to fetch.
func (room *Room) tell(e *core.RecordEvent) error {
	room.hub.TellStaff(live.Inbox, live.ForStaff("canned", 0, struct{}{}))
	return e.Next()
}

// check refuses variables that nobody knows: they would stay in the answer. A
// text from before is let be while something else of it is changed.
func check(e *core.RecordEvent) error {
	r := e.Record
	text := r.GetString(schema.CannedText)
	if odd := variable.Strangers(text); len(odd) > 0 && (r.IsNew() || text != r.Original().GetString(schema.CannedText)) {
		return validation.Errors{schema.CannedText: validation.NewError("variable_unknown", i18n.T(settings.Shop(e.App).Language(), "error.variable_unknown", variable.Said(odd[0])))}
	}
	return e.Next()
}

// tidy cleans what is saved. Where the text was changed and the formatting was
// not, in the admin UI for instance, the text is what was meant.
func tidy(e *core.RecordEvent) error {
	r := e.Record
	html := r.GetString(schema.CannedHTML)
	was := r.Original()
	if !r.IsNew() && html == was.GetString(schema.CannedHTML) && r.GetString(schema.CannedText) != was.GetString(schema.CannedText) {
		html = ""
	}
	if html != "" {
		doc := rich.Parse(html).WithImages(func(string) bool { return false })
		html = ""
		if text := doc.Text(); text != "" {
			r.Set(schema.CannedText, text)
			if !doc.Plain() {
				html = doc.HTML(nil)
			}
		}
	}
	r.Set(schema.CannedHTML, html)
	r.Set(schema.CannedFolder, strings.Join(strings.Fields(r.GetString(schema.CannedFolder)), " "))
	r.Set(schema.CannedShortcut, strings.TrimPrefix(strings.TrimSpace(r.GetString(schema.CannedShortcut)), "/"))
	return e.Next()
}
