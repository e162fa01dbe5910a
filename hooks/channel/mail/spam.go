package mail

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/original"
	"github.com/shohay/shohay/hooks/channel/mail/spam"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	modelFile  = "mail/spam.model"
	lessonEach = 20 // mails of one conversation that are learned from
	lessonSave = 30 * time.Second
)

// lesson is a conversation whose mails staff have called spam, or have
// answered.
type lesson struct {
	conversation string
	spam         bool
}

// model is what the shop's own staff have taught; loaded once.
func (room *Room) model() *spam.Model {
	room.taught.Do(func() {
		room.filter = spam.New()
		blob, err := os.ReadFile(filepath.Join(room.app.DataDir(), modelFile))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		m, lerr := spam.Load(blob)
		if err = errors.Join(err, lerr); err != nil {
			room.app.Logger().Warn("mail: what the spam filter had learned cannot be read; it begins anew", "error", err)
			return
		}
		room.filter = m
	})
	return room.filter
}

// classify marks what the provider's filter or the shop's own calls spam.
// Somebody who answers a mail of ours is no spammer.
func (room *Room) classify(in *conversation.Incoming, m *mime.Mail, folder string) {
	ev := &in.Evidence
	if mark := spam.Provider(m.Header, folder); mark.Spam {
		in.Spam, ev.SpamReason, ev.SpamBy = true, mark.Reason, mark.By
		return
	}
	f := spam.Of(m)
	score, known := room.model().Score(f)
	if !known {
		return
	}
	ev.Spam = score
	if score >= spam.Threshold {
		in.Spam, ev.SpamReason = true, spam.ByLearning
	}
}

// learn teaches the filter until ctx ends.
func (room *Room) learn(ctx context.Context) {
	changed := false
	timer := time.NewTicker(lessonSave)
	defer timer.Stop()
	save := func() {
		if !changed {
			return
		}
		changed = false
		if err := original.Write(filepath.Join(room.app.DataDir(), modelFile), room.model().Blob()); err != nil {
			room.app.Logger().Error("mail: what the spam filter learned cannot be stored", "error", err)
		}
	}
	defer save()
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-room.lessons:
			if room.study(l) {
				changed = true
			}
		case <-timer.C:
			save()
		}
	}
}

// study learns from the mails of one conversation; true when that was news.
func (room *Room) study(l lesson) (news bool) {
	defer func() {
		if r := recover(); r != nil {
			room.app.Logger().Error("mail: learning from a mail panicked", "conversation", l.conversation)
		}
	}()
	var raws []string
	err := room.app.DB().NewQuery(`SELECT raw FROM messages WHERE conversation = {:id} AND kind = 'incoming' AND raw != '' AND trust != 'other' ORDER BY seq LIMIT {:n}`).
		Bind(dbx.Params{"id": l.conversation, "n": lessonEach}).Column(&raws)
	if err != nil {
		room.app.Logger().Error("mail: a conversation cannot be learned from", "error", err)
		return false
	}
	for _, sha := range raws {
		err := withKept(room.app, sha, func(_ []byte, m *mime.Mail) error {
			news = room.model().Train(sha, spam.Of(m), l.spam) || news
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // kept as long as the shop wants
			room.app.Logger().Warn("mail: an original cannot be learned from", "raw", sha, "error", err)
		}
	}
	return news
}

// teach hands over a lesson; when there are too many, one more or less is no
// matter.
func (room *Room) teach(l lesson) {
	select {
	case room.lessons <- l:
	default:
	}
}

// answeredMail learns that a mail was wanted: an agent has answered it.
func (room *Room) answeredMail(e *core.RecordEvent) error {
	r := e.Record
	if r.GetString(schema.MsgKind) == schema.MessageOutgoing && r.GetString(schema.MsgAgent) != "" && r.GetString(schema.MsgChannel) == schema.ChannelEmail {
		room.teach(lesson{r.GetString(schema.MsgConversation), false})
	}
	return e.Next()
}

// markSpam answers POST /api/desk/conversations/{id}/spam {"on"}: the
// conversation goes to the spam view or comes back, and the shop's filter
// learns from it.
func (room *Room) markSpam(e *core.RequestEvent) error {
	lang := language(e)
	var body struct {
		On bool `json:"on"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	r, err := e.App.FindRecordById(schema.Conversations, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(lang, "error.conversation_gone"), nil)
	}
	conv, err := conversation.SetSpam(e.App, r.Id, e.Auth.Id, body.On)
	if err != nil {
		return e.InternalServerError("", err)
	}
	room.teach(lesson{conv.Id, body.On})
	return e.JSON(http.StatusOK, map[string]any{"id": conv.Id, "spam": conv.GetBool(schema.ConvSpam), "status": conv.Status()})
}
