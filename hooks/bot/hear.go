package bot

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search"
	"github.com/shohay/shohay/hooks/settings"
)

// Heard is a message and what there is to know for answering it.
type Heard struct {
	Text    string
	Files   bool
	Session Session
	Lang    string
	Page    string
	Open    bool // the office
	Known   bool // there is an address to answer to
	Dry     bool // nothing is behind it: the preview
	Steps   *flowRecord
}

// hear reads a message; quiet if the bot has nothing to say to it.
func (room *Room) hear(app core.App, t task) (h Heard, quiet bool, err error) {
	m, err := app.FindRecordById(schema.Messages, t.Message)
	if errors.Is(err, sql.ErrNoRows) {
		return h, true, nil
	}
	if err != nil {
		return h, false, err
	}
	conv, err := conversation.Live(app, m.GetString(schema.MsgConversation))
	if err != nil || conv == nil {
		return h, true, err
	}
	var blocked bool
	if who, err := app.FindRecordById(schema.Contacts, conv.Contact()); err == nil {
		blocked = who.GetBool(schema.ContactBlocked)
	}
	if blocked || conv.Deleted() || conv.GetBool(schema.ConvSpam) || m.GetString(schema.MsgTrust) == schema.TrustOther || !enabled(app) {
		return h, true, nil
	}
	if h.Session, err = sessionOf(app, conv.Id); err != nil {
		return h, false, err
	}
	at, err := marksOf(app, conv.Id)
	if err != nil {
		return h, false, err
	}
	if t.Seq <= h.Session.Seq {
		return h, true, nil
	}
	awaits := h.Session.Awaits
	if h.Session.silent(at) {
		// Only what it asked for itself at the end: where to write to.
		if h.Session.Handed <= at.Solved || at.Spoken > at.Solved || awaits != schema.AwaitsAddress {
			return h, true, nil
		}
	} else {
		h.Session = h.Session.renewed(at)
	}
	h.Text = strings.TrimSpace(m.GetString(schema.MsgText))
	h.Files = len(m.GetStringSlice(schema.MsgFiles)) > 0
	h.Page = conv.GetString(schema.ConvPage)
	address := conv.GetString(schema.ConvEmail)
	if address == "" {
		if address, err = contact.Address(app, conv.Contact(), schema.KindEmail); err != nil {
			return h, false, err
		}
	}
	h.Known = address != ""
	h.Open, _ = rules.Office(app, room.now())
	h.Lang = speaks(app, h.Text, h.Session.Language, conv.GetString(schema.ConvLanguage))
	h.Steps, err = room.flowFor(app, h.Session.Flow, h.Page)
	return h, false, err
}

// attends tells whether the bot has the word after a message, or had it: then
// the event of its handing over calls people, not the message.
func (room *Room) attends(app core.App, conv string, seq int64) bool {
	if !enabled(app) {
		return false
	}
	s, err := sessionOf(app, conv)
	if err != nil {
		return false
	}
	at, err := marksOf(app, conv)
	if err != nil {
		return false
	}
	return s.Handed > seq || !s.silent(at)
}

// speaks is the language to answer in: that of what was written, else the one
// it was before, else that of the page. Banglish is Bangla.
func speaks(app core.App, text string, before ...string) string {
	shop := settings.Shop(app)
	lang := ""
	switch search.Writing(text) {
	case search.Bangla, search.Banglish:
		lang = "bn"
	case search.English:
		lang = "en"
	}
	for _, l := range append([]string{lang}, before...) {
		if l != "" && i18n.Current().Has(l) && slices.Contains(shop.Languages(), l) {
			return l
		}
	}
	return shop.Language()
}
