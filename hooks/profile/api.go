package profile

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func fail(e *core.RequestEvent, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return e.NotFoundError(i18n.T(language(e), "error.contact_gone"), nil)
	}
	return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
}

func refuse(e *core.RequestEvent, key string, v ...i18n.V) error {
	return e.BadRequestError(i18n.T(language(e), key, v...), nil)
}

// blockView is a block with what it shows.
type blockView struct {
	ID   string `json:"id"`
	Data any    `json:"data"`
}

// show answers GET …/blocks: everything that blocks know of the contact. A
// block that fails is left out, and logged: the others still help.
func (room *Room) show(e *core.RequestEvent) error {
	id := e.Request.PathValue("id")
	if _, err := e.App.FindRecordById(schema.Contacts, id); err != nil {
		return fail(e, err)
	}
	list := []blockView{}
	for _, b := range room.blocks {
		data, err := b.Data(e.App, id, language(e))
		if err != nil {
			e.App.Logger().Error("a block of the contact panel failed", "block", b.ID(), "contact", id, "error", err)
			continue
		}
		if data != nil {
			list = append(list, blockView{b.ID(), data})
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"blocks": list})
}

// change answers PATCH …/custom: values by key; what is not named stays, an
// empty value is taken away.
func (room *Room) change(e *core.RequestEvent) error {
	var body map[string]string
	if err := json.UnmarshalRead(http.MaxBytesReader(e.Response, e.Request.Body, 64<<10), &body); err != nil {
		return refuse(e, "error.body")
	}
	fields, err := Fields(e.App, language(e))
	if err != nil {
		return fail(e, err)
	}
	id := e.Request.PathValue("id")
	bad := ""
	err = e.App.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Contacts, id)
		if err != nil {
			return err
		}
		values := valuesOf(r)
		for key, v := range body {
			i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key })
			if i < 0 {
				bad = key
				return errBad
			}
			kept, ok := fields[i].Fit(v)
			switch {
			case !ok:
				bad = fields[i].Label
				return errBad
			case kept == "":
				delete(values, key)
			default:
				values[key] = kept
			}
		}
		r.Set(schema.ContactCustom, values)
		return tx.Save(r)
	})
	if errors.Is(err, errBad) {
		return refuse(e, "error.field_value", i18n.V{"field": bad})
	}
	if err != nil {
		return fail(e, err)
	}
	return room.answer(e, id)
}

var errBad = errors.New("not a value of the field")

// answer is the contact's blocks after a change; other desks hear of it.
func (room *Room) answer(e *core.RequestEvent, id string) error {
	room.Tell(e.App, id)
	return room.show(e)
}

// mostWords are the letters of the words that a customer agreed to, and of a
// note.
const mostWords = 600

// consent answers POST …/consents: writes down what the customer said.
func (room *Room) consent(e *core.RequestEvent) error {
	var body struct {
		What         string `json:"what"`
		Given        bool   `json:"given"`
		Channel      string `json:"channel"`
		Words        string `json:"words"`
		Conversation string `json:"conversation"`
		Note         string `json:"note"`
	}
	if err := e.BindBody(&body); err != nil || !slices.Contains(contact.ConsentKinds, body.What) || body.Channel != "" && !slices.Contains(contact.ConsentChannels, body.Channel) {
		return refuse(e, "error.body")
	}
	if utf8.RuneCountInString(body.Words) > mostWords || utf8.RuneCountInString(body.Note) > mostWords {
		return refuse(e, "profile.words_long", i18n.V{"most": mostWords})
	}
	id := e.Request.PathValue("id")
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Contacts, id)
		if err != nil {
			return err
		}
		said := contact.Consent{
			What: body.What, Given: body.Given, At: room.now().UTC().Format(time.RFC3339), Source: "desk",
			By: e.Auth.GetString(schema.AgentName), Channel: body.Channel, Words: strings.TrimSpace(body.Words), Note: strings.TrimSpace(body.Note),
		}
		if body.Conversation != "" {
			conv, err := tx.FindRecordById(schema.Conversations, body.Conversation)
			if err != nil || conv.GetString(schema.ConvContact) != id {
				return sql.ErrNoRows // nothing that this customer said
			}
			said.Number = int64(conv.GetInt(schema.ConvNumber))
			if said.Channel == "" {
				said.Channel = conv.GetString(schema.ConvChannel)
			}
		}
		contact.AddConsents(r, said)
		return tx.Save(r)
	})
	if err != nil {
		return fail(e, err)
	}
	return room.answer(e, id)
}

// A code that is mailed to prove an address.
const (
	codeLife  = 15 * time.Minute
	codeTries = 5
	codeAgain = time.Minute // between two codes to one address
)

func (room *Room) identity(e *core.RequestEvent, app core.App) (*core.Record, error) {
	r, err := app.FindRecordById(schema.Identities, e.Request.PathValue("identity"))
	if err == nil && r.GetString(schema.IdentityContact) != e.Request.PathValue("id") {
		err = sql.ErrNoRows
	}
	return r, err
}

func hashOf(identity, code string) string {
	sum := sha256.Sum256([]byte(identity + ":" + code))
	return hex.EncodeToString(sum[:])
}

// sendCode answers POST …/identities/{identity}/code: mails the customer a
// code that they tell the agent.
func (room *Room) sendCode(e *core.RequestEvent) error {
	r, err := room.identity(e, e.App)
	if err != nil {
		return fail(e, err)
	}
	if r.GetString(schema.IdentityKind) != schema.KindEmail {
		return refuse(e, "error.code_email_only")
	}
	now := room.now()
	if until := r.GetDateTime(schema.IdentityCodeUntil).Time(); until.Sub(now) > codeLife-codeAgain {
		return refuse(e, "error.code_wait")
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fail(e, err)
	}
	code := fmt.Sprintf("%06d", n)
	until, err := types.ParseDateTime(now.Add(codeLife))
	if err != nil {
		return fail(e, err)
	}
	r.Set(schema.IdentityCode, hashOf(r.Id, code))
	r.Set(schema.IdentityCodeUntil, until)
	r.Set(schema.IdentityCodeTries, 0)
	if err := e.App.Save(r); err != nil {
		return fail(e, err)
	}
	who, err := e.App.FindRecordById(schema.Contacts, e.Request.PathValue("id"))
	if err != nil {
		return fail(e, err)
	}
	lang := who.GetString(schema.ContactLanguage)
	if !i18n.Current().Has(lang) {
		lang = settings.Shop(e.App).Language()
	}
	if err := room.Code(e.Request.Context(), e.App, r.GetString(schema.IdentityValue), lang, code, codeLife); err != nil {
		e.App.Logger().Warn("a code to prove an address could not be mailed", "identity", r.Id, "error", err)
		return refuse(e, "error.code_mail")
	}
	return e.NoContent(http.StatusNoContent)
}

// verify answers POST …/identities/{identity}/verify: {"code"} proves it by
// the mailed code, {"verified"} says it by hand, with who said so.
func (room *Room) verify(e *core.RequestEvent) error {
	var body struct {
		Code     string `json:"code"`
		Verified *bool  `json:"verified"`
	}
	if err := e.BindBody(&body); err != nil || body.Code == "" && body.Verified == nil {
		return refuse(e, "error.body")
	}
	wrong := ""
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := room.identity(e, tx)
		if err != nil {
			return err
		}
		on, how := true, schema.IdentityHowCode
		if body.Code != "" {
			code := strings.Map(func(c rune) rune {
				switch {
				case c >= '০' && c <= '৯':
					return '0' + c - '০'
				case c >= '0' && c <= '9':
					return c
				}
				return -1
			}, body.Code)
			kept := r.GetString(schema.IdentityCode)
			tries := r.GetInt(schema.IdentityCodeTries) + 1
			switch {
			case kept == "" || r.GetDateTime(schema.IdentityCodeUntil).Time().Before(room.now()) || tries > codeTries:
				wrong = "error.code_over"
				return nil
			case subtle.ConstantTimeCompare([]byte(kept), []byte(hashOf(r.Id, code))) != 1:
				wrong = "error.code_wrong"
				r.Set(schema.IdentityCodeTries, tries)
				return tx.Save(r)
			}
		} else {
			on, how = *body.Verified, schema.IdentityHowHand
		}
		r.Set(schema.IdentityVerified, on)
		r.Set(schema.IdentityCode, "")
		r.Set(schema.IdentityCodeUntil, "")
		r.Set(schema.IdentityCodeTries, 0)
		for field, v := range map[string]any{schema.IdentityVerifiedBy: e.Auth.Id, schema.IdentityVerifiedHow: how, schema.IdentityVerifiedAt: types.NowDateTime()} {
			if !on {
				v = ""
			}
			r.Set(field, v)
		}
		return tx.Save(r)
	})
	if err != nil {
		return fail(e, err)
	}
	if wrong != "" {
		return refuse(e, wrong)
	}
	v, err := contact.View(e.App, e.Request.PathValue("id"))
	if err != nil {
		return fail(e, err)
	}
	room.Tell(e.App, v.ID)
	return e.JSON(http.StatusOK, map[string]any{"contact": v})
}

// moment is a line of the timeline.
type moment struct {
	ID      string `json:"id" db:"id"`
	Kind    string `json:"kind" db:"kind"` // conversation, rating, note
	At      string `json:"at" db:"at"`
	Number  int64  `json:"number" db:"number"`
	Channel string `json:"channel" db:"channel"`
	Status  string `json:"status" db:"status"`
	Text    string `json:"text" db:"text"`
	Rating  int    `json:"rating" db:"rating"`
	Agent   string `json:"agent" db:"agent"`
}

const timelinePage = 30

// timeline answers GET …/timeline?before=: what happened with the customer
// over all channels, the newest first: conversations, ratings, notes. Uses
// idx_conversations_contact and idx_messages_conversation.
func (room *Room) timeline(e *core.RequestEvent) error {
	at, id, _ := strings.Cut(e.Request.URL.Query().Get("before"), "|")
	if at == "" {
		at, id = "9999", ""
	}
	list := []moment{}
	err := e.App.DB().NewQuery(fmt.Sprintf(`WITH mine AS (SELECT id, number, channel, status, subject, preview, rating, rating_comment, created, last_activity FROM conversations
			WHERE contact = {:contact} AND merged_into = '')
		SELECT * FROM (
			SELECT id, 'conversation' AS kind, created AS at, number, channel, status, COALESCE(NULLIF(subject, ''), preview) AS text, 0 AS rating, '' AS agent FROM mine
			UNION ALL
			SELECT m.id, 'rating', m.created, c.number, c.channel, c.status, c.rating_comment, CAST(json_extract(m.event, '$.to') AS INTEGER), '' FROM mine c JOIN messages m ON m.conversation = c.id
				WHERE m.kind = 'event' AND json_extract(m.event, '$.type') = 'rated'
			UNION ALL
			SELECT m.id, 'note', m.created, c.number, c.channel, c.status, SUBSTR(m.text, 1, 300), 0, m.agent FROM mine c JOIN messages m ON m.conversation = c.id WHERE m.kind = 'note'
		) WHERE (at, id) < ({:at}, {:id}) ORDER BY at DESC, id DESC LIMIT %d`, timelinePage+1)).
		Bind(dbx.Params{"contact": e.Request.PathValue("id"), "at": strings.Replace(at, "T", " ", 1), "id": id}).All(&list)
	if err != nil {
		return fail(e, err)
	}
	next := ""
	if len(list) > timelinePage {
		list = list[:timelinePage]
		next = list[timelinePage-1].At + "|" + list[timelinePage-1].ID
	}
	for i := range list {
		list[i].At = iso(list[i].At)
	}
	return e.JSON(http.StatusOK, map[string]any{"moments": list, "next": next})
}
