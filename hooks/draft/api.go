package draft

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	maxText  = 400_000 // bytes
	maxFiles = 20
	maxHold  = 2 * time.Minute
	maxAhead = 370 * 24 * time.Hour
)

func say(e *core.RequestEvent, key string) string {
	return i18n.T(conversation.LanguageOf(e), key)
}

func (room *Room) fail(e *core.RequestEvent, err error) error {
	if errors.Is(err, errGone) {
		return e.Error(http.StatusConflict, say(e, "error.held_gone"), nil)
	}
	return room.talks.Fail(e, err)
}

func (room *Room) bootPart(app core.App, agent string) (any, error) { return drafted(app, agent) }

func (room *Room) heldPart(app core.App, conv, _ string) (any, error) { return waiting(app, conv) }

func (room *Room) draftPart(app core.App, conv, agent string) (any, error) {
	d, err := mine(app, conv, agent)
	if err != nil || d == nil {
		return nil, err
	}
	return view(d), nil
}

func (room *Room) show(e *core.RequestEvent) error {
	d, err := mine(e.App, e.Request.PathValue("id"), e.Auth.Id)
	if err != nil {
		return room.fail(e, err)
	}
	if d == nil {
		return e.JSON(http.StatusOK, map[string]any{"draft": nil})
	}
	return e.JSON(http.StatusOK, map[string]any{"draft": view(d)})
}

// draftForm is a draft as a desk saves it. Rev is the one it began with; Keep,
// if given, are the stored names of the attachments that stay, and files of a
// multipart body come to them.
type draftForm struct {
	Kind   string    `json:"kind" form:"kind"`
	Text   string    `json:"text" form:"text"`
	HTML   string    `json:"html" form:"html"`
	CC     string    `json:"cc" form:"cc"`
	BCC    string    `json:"bcc" form:"bcc"`
	Base   int64     `json:"base" form:"base"`
	Rev    int       `json:"rev" form:"rev"`
	Device string    `json:"device" form:"device"`
	Settle bool      `json:"settle" form:"settle"` // the other device's text was looked at
	Keep   *[]string `json:"keep"`
	Kept   []string  `json:"-" form:"keep"`
	CIDs   []string  `json:"-" form:"cids"`
}

func (room *Room) save(e *core.RequestEvent) error {
	var form draftForm
	if err := e.BindBody(&form); err != nil || len(form.Text) > maxText || len(form.HTML) > maxText || len(form.CC)+len(form.BCC) > 4000 || form.Base < 0 || len(form.Device) > 40 {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	var files []conversation.File
	if e.Request.MultipartForm != nil {
		form.Keep = &form.Kept
		for i, h := range e.Request.MultipartForm.File["files"] {
			f := conversation.UploadedFile(h)
			if f.Size > conversation.MaxFile {
				return e.BadRequestError(i18n.T(conversation.LanguageOf(e), "error.file_size", i18n.V{"mb": conversation.MaxFile >> 20, "name": conversation.FileName(f.Name)}), nil)
			}
			if i < len(form.CIDs) {
				f.ContentID = form.CIDs[i]
			}
			files = append(files, f)
		}
	}
	form.Text = strings.ReplaceAll(form.Text, "\r\n", "\n") // as a multipart body has it
	conv := e.Request.PathValue("id")
	var d *Draft
	err := e.App.RunInTransaction(func(tx core.App) error {
		var err error
		if d, err = mine(tx, conv, e.Auth.Id); err != nil {
			return err
		}
		if d == nil {
			if _, err := tx.FindRecordById(schema.Conversations, conv); err != nil {
				return err
			}
			if d, err = create(tx, conv, e.Auth.Id); err != nil {
				return err
			}
		} else if d.GetInt(schema.DraftRev) != form.Rev {
			d.replaced(form.Text)
		}
		if form.Settle {
			d.Set(schema.DraftOther, nil)
		}
		d.written(form.Kind, form.Text, form.HTML, form.CC, form.BCC)
		d.Set(schema.DraftBase, form.Base)
		d.Set(schema.DraftRev, d.GetInt(schema.DraftRev)+1)
		if form.Keep != nil {
			if len(*form.Keep)+len(files) > maxFiles {
				return conversation.ErrChange("error.draft_files")
			}
			if err := d.addFiles(*form.Keep, files); err != nil {
				return err
			}
		}
		if d.empty() {
			if !d.IsNew() {
				err = tx.Delete(d.ProxyRecord())
			}
			d = nil
			return err
		}
		return tx.Save(d.ProxyRecord())
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.tellAuthor(e.Auth.Id, conv, d, form.Device)
	if d == nil {
		return e.JSON(http.StatusOK, map[string]any{"draft": nil})
	}
	return e.JSON(http.StatusOK, map[string]any{"draft": view(d)})
}

func create(tx core.App, conv, agent string) (*Draft, error) {
	c, err := tx.FindCachedCollectionByNameOrId(schema.Drafts)
	if err != nil {
		return nil, err
	}
	d := wrap(core.NewRecord(c))
	d.Set(schema.DraftAgent, agent)
	d.Set(schema.DraftConversation, conv)
	d.Set(schema.DraftState, schema.DraftWriting)
	return d, nil
}

func (room *Room) drop(e *core.RequestEvent) error {
	conv := e.Request.PathValue("id")
	if err := dropMine(e.App, conv, e.Auth.Id); err != nil {
		return room.fail(e, err)
	}
	room.tellAuthor(e.Auth.Id, conv, nil, e.Request.URL.Query().Get("device"))
	return e.NoContent(http.StatusNoContent)
}

func dropMine(app core.App, conv, agent string) error {
	d, err := mine(app, conv, agent)
	if err != nil || d == nil {
		return err
	}
	return app.Delete(d.ProxyRecord())
}

// when reads how long or until when a message waits.
func (room *Room) when(seconds int, at string) (time.Time, string, error) {
	now := room.now()
	if at == "" {
		if seconds < 1 || time.Duration(seconds)*time.Second > maxHold {
			return now, "", conversation.ErrChange("error.held_time")
		}
		return now.Add(time.Duration(seconds) * time.Second), schema.DraftHeld, nil
	}
	due, err := time.Parse(time.RFC3339, at)
	if err != nil || due.Before(now.Add(-time.Minute)) || due.After(now.Add(maxAhead)) {
		return now, "", conversation.ErrChange("error.held_time")
	}
	return due, schema.DraftScheduled, nil
}

func ifReply(s string) string {
	if s == schema.DraftSend {
		return s
	}
	return schema.DraftStop
}

// hold answers POST …/hold: the body of an answer, with seconds for one that
// can be taken back so long, or due for one that goes later.
func (room *Room) hold(e *core.RequestEvent) error {
	m, err := room.talks.DraftOf(e)
	if err != nil {
		return err
	}
	var form struct {
		Seconds int    `json:"seconds" form:"seconds"`
		Due     string `json:"due" form:"due"`
		IfReply string `json:"if_reply" form:"if_reply"`
	}
	if err := e.BindBody(&form); err != nil || m.ClientID == "" {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	at, state, err := room.when(form.Seconds, form.Due)
	if err != nil {
		return room.fail(e, err)
	}
	var d *Draft
	err = e.App.RunInTransaction(func(tx core.App) error {
		if sent, err := sentAs(tx, m.Conversation, m.ClientID); err != nil || sent {
			if err == nil {
				err = errGone
			}
			return err
		}
		if d, err = byClient(tx, m.Conversation, m.ClientID); err != nil || d != nil {
			return err
		}
		if err := room.talks.Check(tx, m); err != nil {
			return err
		}
		if err := dropMine(tx, m.Conversation, e.Auth.Id); err != nil {
			return err
		}
		d, err = keep(tx, m, at, state, form.IfReply)
		return err
	})
	if errors.Is(err, errGone) { // it went out meanwhile: the message comes by the stream
		return e.JSON(http.StatusOK, map[string]any{"held": nil})
	}
	if err != nil {
		return room.fail(e, err)
	}
	room.wakeUp()
	room.tell(e.App, m.Conversation)
	room.tellAuthor(e.Auth.Id, m.Conversation, nil, "")
	return e.JSON(http.StatusOK, map[string]any{"held": view(d)})
}

// keep stores an answer that waits.
func keep(tx core.App, m conversation.Draft, at time.Time, state, reply string) (*Draft, error) {
	d, err := create(tx, m.Conversation, m.Agent)
	if err != nil {
		return nil, err
	}
	d.Set(schema.DraftState, state)
	d.written("", m.Text, m.HTML, strings.Join(m.CC, ", "), strings.Join(m.BCC, ", "))
	d.Set(schema.DraftTo, m.To)
	d.Set(schema.DraftBase, m.Base)
	d.Set(schema.DraftKind, m.Kind)
	d.Set(schema.DraftThen, m.Then)
	d.Set(schema.DraftChannel, m.Channel)
	d.Set(schema.DraftClientID, m.ClientID)
	d.Set(schema.DraftDue, at)
	d.Set(schema.DraftIfReply, ifReply(reply))
	if err := d.addFiles(nil, m.Files); err != nil {
		return nil, err
	}
	return d, tx.Save(d.ProxyRecord())
}

// open begins a conversation by e-mail whose first mail goes later: the body
// of POST /api/desk/conversations, with due.
func (room *Room) open(e *core.RequestEvent) error {
	o, err := room.talks.OpeningOf(e)
	if err != nil {
		return err
	}
	var form struct {
		Due string `json:"due" form:"due"`
	}
	if err := e.BindBody(&form); err != nil || form.Due == "" || o.Draft.ClientID == "" {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	at, state, err := room.when(0, form.Due)
	if err != nil {
		return room.fail(e, err)
	}
	var d *Draft
	err = e.App.RunInTransaction(func(tx core.App) error {
		if d, err = openedBy(tx, e.Auth.Id, o.Draft.ClientID); err != nil || d != nil {
			return err
		}
		conv, err := conversation.Begin(tx, o)
		if err != nil {
			return err
		}
		o.Draft.Conversation, o.Draft.Kind = conv.Id, schema.MessageOutgoing
		if err := room.talks.Check(tx, o.Draft); err != nil {
			return err
		}
		d, err = keep(tx, o.Draft, at, state, schema.DraftSend)
		return err
	})
	if err != nil {
		return room.fail(e, err)
	}
	row, err := room.talks.RowOf(e.App, d.GetString(schema.DraftConversation))
	if err != nil {
		return room.fail(e, err)
	}
	room.wakeUp()
	room.tell(e.App, row.ID)
	return e.JSON(http.StatusOK, map[string]any{"held": view(d), "conversation": row})
}

// list are the agent's scheduled messages, and those that need a decision.
func (room *Room) list(e *core.RequestEvent) error {
	list, err := all(e.App, "agent = {:agent} && state != 'writing'", "due,created", dbx.Params{"agent": e.Auth.Id})
	if err != nil {
		return room.fail(e, err)
	}
	views := make([]View, 0, len(list))
	for _, d := range list {
		views = append(views, view(d))
	}
	return e.JSON(http.StatusOK, map[string]any{"held": views})
}

// alter changes a message that waits, in a transaction; errGone if it does not
// wait any more.
func (room *Room) alter(e *core.RequestEvent, act func(tx core.App, d *Draft) error) (*Draft, error) {
	var d *Draft
	err := e.App.RunInTransaction(func(tx core.App) error {
		var err error
		d, err = find(tx, e.Request.PathValue("id"))
		if errors.Is(err, sql.ErrNoRows) || err == nil && d.State() == schema.DraftWriting {
			return errGone
		}
		if err != nil {
			return err
		}
		return act(tx, d)
	})
	return d, err
}

func (room *Room) change(e *core.RequestEvent) error {
	var form struct {
		Due     string `json:"due"`
		IfReply string `json:"if_reply"`
	}
	if err := e.BindBody(&form); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	d, err := room.alter(e, func(tx core.App, d *Draft) error {
		if form.Due != "" {
			at, state, err := room.when(0, form.Due)
			if err != nil {
				return err
			}
			d.Set(schema.DraftDue, at)
			d.Set(schema.DraftState, state)
			d.Set(schema.DraftError, "")
		}
		if form.IfReply != "" {
			d.Set(schema.DraftIfReply, ifReply(form.IfReply))
		}
		return tx.Save(d.ProxyRecord())
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.wakeUp()
	room.tell(e.App, d.Conversation())
	return e.JSON(http.StatusOK, map[string]any{"held": view(d)})
}

// back takes a message back: it is its author's draft again, with everything.
// A draft that they began meanwhile stays beside it.
func (room *Room) back(e *core.RequestEvent) error {
	d, err := room.alter(e, func(tx core.App, d *Draft) error {
		begun, err := mine(tx, d.Conversation(), d.Agent())
		if err != nil {
			return err
		}
		if begun != nil {
			d.Set(schema.DraftOther, other{begun.GetString(schema.DraftText), begun.GetString(schema.DraftHTML)})
			if err := tx.Delete(begun.ProxyRecord()); err != nil {
				return err
			}
		}
		d.Set(schema.DraftState, schema.DraftWriting)
		d.Set(schema.DraftClientID, "")
		d.Set(schema.DraftDue, types.DateTime{})
		d.Set(schema.DraftError, "")
		d.Set(schema.DraftRev, d.GetInt(schema.DraftRev)+1)
		return tx.Save(d.ProxyRecord())
	})
	if err != nil {
		return room.fail(e, err)
	}
	room.tell(e.App, d.Conversation())
	room.tellAuthor(d.Agent(), d.Conversation(), d, e.Request.URL.Query().Get("device"))
	return e.JSON(http.StatusOK, map[string]any{"draft": view(d)})
}

func (room *Room) discard(e *core.RequestEvent) error {
	d, err := room.alter(e, func(tx core.App, d *Draft) error { return tx.Delete(d.ProxyRecord()) })
	if err != nil {
		return room.fail(e, err)
	}
	room.tell(e.App, d.Conversation())
	return e.NoContent(http.StatusNoContent)
}

func (room *Room) sendNow(e *core.RequestEvent) error {
	if err := room.send(e.Request.PathValue("id"), true); err != nil {
		return room.fail(e, err)
	}
	return e.NoContent(http.StatusNoContent)
}

// file serves an attachment of a draft to its author, and of a message that
// waits to all staff.
func (room *Room) file(e *core.RequestEvent) error {
	d, err := find(e.App, e.Request.PathValue("id"))
	if err != nil || d.State() == schema.DraftWriting && d.Agent() != e.Auth.Id {
		return e.NotFoundError(say(e, "error.file_gone"), err)
	}
	infos := d.infos()
	at := slices.IndexFunc(infos, func(f info) bool { return f.Stored == e.Request.PathValue("name") })
	if at < 0 {
		return e.NotFoundError(say(e, "error.file_gone"), nil)
	}
	store, err := e.App.NewFilesystem()
	if err != nil {
		return room.fail(e, err)
	}
	defer store.Close()
	h := e.Response.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(infos[at].Name))
	if err := store.Serve(e.Response, e.Request, d.BaseFilesPath()+"/"+infos[at].Stored, infos[at].Name); err != nil {
		return e.NotFoundError(say(e, "error.file_gone"), err)
	}
	return nil
}
