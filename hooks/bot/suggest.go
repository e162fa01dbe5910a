package bot

import (
	"context"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/bot/judge"
	"github.com/shohay/shohay/hooks/kb"
	"github.com/shohay/shohay/hooks/schema"
)

// Suggestion is an article that would answer what a customer wrote.
type Suggestion struct {
	Title string `json:"title"`
	Text  string `json:"text"` // ready to be sent, with the address
	URL   string `json:"url"`
}

// suggest finds, for whoever opens a conversation, what would answer the
// customer's last mail or form; nothing is sent or kept. It is none once
// somebody has answered.
func (room *Room) suggest(app core.App, conv, _ string) (any, error) {
	list := []Suggestion{}
	var row struct {
		Kind    string `db:"kind"`
		Channel string `db:"channel"`
		Text    string `db:"text"`
		Lang    string `db:"language"`
	}
	// idx_messages_conversation
	err := app.DB().NewQuery(`SELECT m.kind, m.channel, substr(m.text, 1, 1000) AS text, c.language FROM messages m JOIN conversations c ON c.id = m.conversation
		WHERE m.conversation = {:conv} AND m.kind IN ('incoming', 'outgoing') AND m.automatic = FALSE ORDER BY m.seq DESC LIMIT 1`).Bind(dbx.Params{"conv": conv}).One(&row)
	if err != nil || row.Kind != schema.MessageIncoming {
		return list, nil
	}
	switches := map[string]string{schema.ChannelPortal: schema.BotSuggestPortal, schema.ChannelEmail: schema.BotSuggestMail}
	field := switches[row.Channel]
	if field == "" {
		return list, nil
	}
	r, err := app.FindRecordById(schema.Bot, botID)
	if err != nil || !r.GetBool(field) {
		return list, nil
	}
	lang := speaks(app, row.Text, row.Lang)
	found, err := room.Knowledge.Search(context.Background(), app, kb.Question{Text: clip(impersonal(row.Text), 300), Language: lang, Limit: 3, Extract: extractWidth})
	if err != nil { // a search that takes too long keeps nobody from the conversation
		app.Logger().Warn("nothing could be suggested", "error", err)
		return list, nil
	}
	if _, n := judge.Of(candidates(found)); n > 0 {
		for _, f := range found[:n] {
			list = append(list, Suggestion{f.Entry.Title, f.Extract + "\n" + addressOf(app, f.Entry), addressOf(app, f.Entry)})
		}
	}
	return list, nil
}
