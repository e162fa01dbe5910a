package callback

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// claimFor is how long a call keeps others from calling.
const claimFor = 20 * time.Minute

// view is a call as the desk lists it.
type view struct {
	ID           string `json:"id" db:"id"`
	Conversation string `json:"conversation" db:"conversation"`
	Number       int64  `json:"number" db:"number"`
	Name         string `json:"name" db:"name"`
	Phone        string `json:"phone" db:"phone"`
	Tel          string `json:"tel" db:"-"`
	Topic        string `json:"topic" db:"topic"`
	From         string `json:"from" db:"wanted_from"`
	Until        string `json:"until" db:"wanted_until"`
	Due          string `json:"due" db:"due"`
	Outcome      string `json:"outcome" db:"outcome"`
	Tries        int    `json:"tries" db:"tries"`
	Agent        string `json:"agent" db:"agent"`
	Claimed      bool   `json:"claimed" db:"claimed"`
	Overdue      bool   `json:"overdue" db:"overdue"`
}

// list answers GET /api/desk/callbacks: who waits for a call, the first due
// first. Uses idx_callbacks_due.
func (room *Room) list(e *core.RequestEvent) error {
	list := []view{}
	now := moment(room.now()).String()
	err := e.App.DB().NewQuery(`SELECT b.id, b.conversation, c.number, COALESCE(k.name, '') AS name, b.phone, b.topic, b.wanted_from, b.wanted_until, b.due, b.outcome, b.tries, b.agent,
			b.claimed_until > {:now} AS claimed, MAX(b.due, b.wanted_until) < {:now} AS overdue
		FROM callbacks b JOIN conversations c ON c.id = b.conversation LEFT JOIN contacts k ON k.id = c.contact
		WHERE b.state = 'waiting' AND c.deleted_at = '' ORDER BY b.due, b.id LIMIT 200`).Bind(dbx.Params{"now": now}).All(&list)
	if err != nil {
		return e.InternalServerError(i18n.T(conversation.LanguageOf(e), "error.internal"), err)
	}
	for i := range list {
		v := &list[i]
		v.Tel = "tel:" + dialled(v.Phone)
		v.From, v.Until, v.Due = iso(v.From), iso(v.Until), iso(v.Due)
	}
	return e.JSON(http.StatusOK, map[string]any{"callbacks": list, "outcomes": []string{schema.CallbackReached, schema.CallbackNoAnswer, schema.CallbackBusy, schema.CallbackLater, schema.CallbackWrong}})
}

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }

// errTaken says that somebody else is calling.
var errTaken = errors.New("taken")

// waiting loads a call that nobody else has.
func (room *Room) waiting(tx core.App, id, agent string) (*core.Record, error) {
	r, err := tx.FindRecordById(schema.Callbacks, id)
	if err != nil {
		return nil, err
	}
	if r.GetString(schema.CallbackState) != schema.CallbackWaiting {
		return nil, sql.ErrNoRows
	}
	if by := r.GetString(schema.CallbackAgent); by != agent && by != "" && r.GetDateTime(schema.CallbackClaimed).Time().After(room.now()) {
		return nil, errTaken
	}
	return r, nil
}

func (room *Room) fail(e *core.RequestEvent, err error) error {
	lang := conversation.LanguageOf(e)
	switch {
	case errors.Is(err, errTaken):
		return e.Error(http.StatusConflict, i18n.T(lang, "callback.taken"), nil)
	case errors.Is(err, sql.ErrNoRows):
		return e.NotFoundError(i18n.T(lang, "callback.gone"), nil)
	}
	return room.Conversation.Fail(e, err)
}

// claim answers POST …/{id}/claim: this agent calls, nobody else does.
func (room *Room) claim(e *core.RequestEvent) error {
	return room.hold(e, func(r *core.Record) {
		r.Set(schema.CallbackAgent, e.Auth.Id)
		r.Set(schema.CallbackClaimed, moment(room.now().Add(claimFor)))
	})
}

// release answers POST …/{id}/release.
func (room *Room) release(e *core.RequestEvent) error {
	return room.hold(e, func(r *core.Record) {
		r.Set(schema.CallbackAgent, "")
		r.Set(schema.CallbackClaimed, "")
	})
}

func (room *Room) hold(e *core.RequestEvent, change func(*core.Record)) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := room.waiting(tx, e.Request.PathValue("id"), e.Auth.Id)
		if err != nil {
			return err
		}
		change(r)
		return tx.Save(r)
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.changed()
	return room.list(e)
}

// outcomes are what may come of a try.
var outcomes = []string{schema.CallbackReached, schema.CallbackNoAnswer, schema.CallbackBusy, schema.CallbackWrong, schema.CallbackLater, schema.CallbackCancelled}

// eventWords are the sentences of the conversation's events.
var eventWords = map[string]string{
	schema.CallbackReached: "callback.event_reached", schema.CallbackNoAnswer: "callback.event_no_answer", schema.CallbackBusy: "callback.event_busy",
	schema.CallbackWrong: "callback.event_wrong_number", schema.CallbackLater: "callback.event_call_later", schema.CallbackCancelled: "callback.event_cancelled",
}

// outcome answers POST …/{id}/outcome {"outcome", "next", "note"}: what came
// of a try. next is when to try again, RFC 3339; "" takes what is proposed.
func (room *Room) outcome(e *core.RequestEvent) error {
	lang := conversation.LanguageOf(e)
	var body struct {
		Outcome string `json:"outcome"`
		Next    string `json:"next"`
		Note    string `json:"note"`
	}
	if err := e.BindBody(&body); err != nil || !slices.Contains(outcomes, body.Outcome) || len(body.Note) > 5000 {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	again := time.Time{}
	if body.Next != "" {
		at, err := time.Parse(time.RFC3339, body.Next)
		if err != nil || at.Before(room.now()) || at.After(room.now().AddDate(0, 3, 0)) {
			return e.BadRequestError(i18n.T(lang, "callback.error_next"), err)
		}
		again = at
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		return room.noteOutcome(tx, e.Request.PathValue("id"), e.Auth.Id, body.Outcome, strings.TrimSpace(body.Note), again)
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.changed()
	return room.list(e)
}

func (room *Room) noteOutcome(tx core.App, id, agent, outcome, note string, again time.Time) error {
	r, err := room.waiting(tx, id, agent)
	if err != nil {
		return err
	}
	now, shop := room.now(), settings.Shop(tx)
	if outcome != schema.CallbackCancelled {
		r.Set(schema.CallbackTries, r.GetInt(schema.CallbackTries)+1)
	}
	if again.IsZero() {
		again = next(outcome, r.GetInt(schema.CallbackTries), rules.Current(tx), now)
	}
	if outcome == schema.CallbackReached || outcome == schema.CallbackWrong || outcome == schema.CallbackCancelled {
		again = time.Time{}
	}
	r.Set(schema.CallbackOutcome, outcome)
	r.Set(schema.CallbackAgent, agent)
	r.Set(schema.CallbackClaimed, "")
	if again.IsZero() {
		r.Set(schema.CallbackState, schema.CallbackDone)
	} else {
		r.Set(schema.CallbackDue, moment(again))
		r.Set(schema.CallbackTold, false)
	}
	if err := tx.Save(r); err != nil {
		return err
	}
	conv, err := conversation.Live(tx, r.GetString(schema.CallbackConversation))
	if err != nil {
		return err
	}
	if conv == nil {
		return sql.ErrNoRows
	}
	words := i18n.T(shop.Language(), eventWords[outcome], i18n.V{"phone": r.GetString(schema.CallbackPhone), "n": r.GetInt(schema.CallbackTries)})
	if !again.IsZero() {
		words += " " + i18n.T(shop.Language(), "callback.event_next", i18n.V{"when": rules.When(room.Catalogue, shop.Language(), again, now, shop.Location())})
	}
	if err := conversation.AddNotice(tx, conv.Id, conversation.Event{Type: "callback", To: outcome, Text: words}); err != nil {
		return err
	}
	if note != "" {
		if _, err := room.Conversation.Reply(tx, conversation.Draft{Conversation: conv.Id, Kind: schema.MessageNote, Agent: agent, Text: note}); err != nil {
			return err
		}
	}
	return room.tellCustomer(tx, conv, r, outcome, again, now)
}

// tellCustomer says by mail what happens next, where there is an address and a
// reason to.
func (room *Room) tellCustomer(tx core.App, conv *conversation.Conversation, r *core.Record, outcome string, again, now time.Time) error {
	shop := settings.Shop(tx)
	lang := conv.GetString(schema.ConvLanguage)
	if !i18n.Current().Has(lang) {
		lang = shop.Language()
	}
	text := ""
	switch {
	case outcome == schema.CallbackWrong:
		text = i18n.T(lang, "callback.mail_wrong", i18n.V{"phone": r.GetString(schema.CallbackPhone)})
	case (outcome == schema.CallbackNoAnswer || outcome == schema.CallbackBusy) && again.IsZero():
		text = i18n.T(lang, "callback.mail_over")
	case outcome == schema.CallbackNoAnswer:
		text = i18n.T(lang, "callback.mail_again", i18n.V{"when": rules.When(room.Catalogue, lang, again, now, shop.Location())})
	default:
		return nil
	}
	address, err := channel.MailAddress(tx, conv)
	if err != nil || address == "" {
		return err
	}
	if box, err := channel.Mailbox(tx, conv); err != nil || box == "" {
		return err
	}
	_, err = room.Conversation.Reply(tx, conversation.Draft{
		Conversation: conv.Id, Kind: schema.MessageOutgoing, AuthorKind: schema.AuthorBot, ClientID: fmt.Sprintf("callback-%s-%d", r.Id, r.GetInt(schema.CallbackTries)),
		Channel: schema.ChannelEmail, Recipient: address, Automatic: true, Text: text, Then: schema.StatusOpen,
	})
	return err
}
