package notice

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

// language is the one that sentences are said in.
func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), languageOf(e.Auth))
}

func say(e *core.RequestEvent, key string, v ...i18n.V) string { return i18n.T(language(e), key, v...) }

// deviceView is a device as its agent sees it.
type deviceView struct {
	ID       string `json:"id"`
	Device   string `json:"device"`
	Created  string `json:"created"`
	LastSent string `json:"last_sent"`
	Trouble  bool   `json:"trouble"`
}

func iso(s string) string { return strings.Replace(s, " ", "T", 1) }

// devices answers GET /api/desk/push: what a browser subscribes with, and the
// devices that are.
func (room *Room) devices(e *core.RequestEvent) error {
	key, err := publicKey(room.keys().PushKey())
	if err != nil {
		return err
	}
	list, err := subscriptionsOf(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	views := []deviceView{}
	for _, s := range list {
		views = append(views, deviceView{s.ID, s.Device, iso(s.Created.String()), iso(s.LastSent.String()), s.Failures > 0})
	}
	return e.JSON(http.StatusOK, map[string]any{"key": key, "devices": views})
}

// subscribe answers POST /api/desk/push: a browser may be called from now on.
// The same browser again is the same device, now of whoever is signed in.
func (room *Room) subscribe(e *core.RequestEvent) error {
	var body struct {
		Endpoint string `json:"endpoint"`
		Keys     struct {
			Key  string `json:"p256dh"`
			Auth string `json:"auth"`
		} `json:"keys"`
		Device string `json:"device"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	if _, err := checkEndpoint(body.Endpoint); err != nil {
		return e.BadRequestError(say(e, "notice.bad_device"), nil)
	}
	if _, err := readDevice(body.Keys.Key, body.Keys.Auth); err != nil {
		return e.BadRequestError(say(e, "notice.bad_device"), nil)
	}
	var id string
	err := e.App.RunInTransaction(func(tx core.App) error {
		r := &core.Record{}
		err := tx.RecordQuery(schema.PushSubscriptions).AndWhere(dbx.HashExp{schema.PushEndpoint: body.Endpoint}).Limit(1).One(r)
		if err != nil {
			collection, err := tx.FindCachedCollectionByNameOrId(schema.PushSubscriptions)
			if err != nil {
				return err
			}
			r = core.NewRecord(collection)
			r.Set(schema.PushEndpoint, body.Endpoint)
		}
		r.Set(schema.PushAgent, e.Auth.Id)
		r.Set(schema.PushKey, body.Keys.Key)
		r.Set(schema.PushAuth, body.Keys.Auth)
		r.Set(schema.PushDevice, shortTo(body.Device, 78))
		r.Set(schema.PushLanguage, language(e))
		r.Set(schema.PushFailures, 0)
		if err := tx.Save(r); err != nil {
			return err
		}
		id = r.Id
		return trimDevices(tx, e.Auth.Id)
	})
	if err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"id": id})
}

// unsubscribe answers DELETE /api/desk/push/{id}.
func (room *Room) unsubscribe(e *core.RequestEvent) error {
	s, err := findSubscription(e.App, e.Request.PathValue("id"))
	if err != nil || s.Agent != e.Auth.Id {
		return e.NotFoundError(say(e, "notice.device_gone"), nil)
	}
	r, err := e.App.FindRecordById(schema.PushSubscriptions, s.ID)
	if err != nil {
		return err
	}
	if err := e.App.Delete(r); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// tryTime is how long a try may take for all devices.
const tryTime = 15 * time.Second

// tryOut answers POST /api/desk/push/try: a notice to each of one's devices,
// and what came of it.
func (room *Room) tryOut(e *core.RequestEvent) error {
	if wait, ok := room.often.Allow(e.Auth.Id); !ok {
		e.Response.Header().Set("Retry-After", "10")
		return e.TooManyRequestsError(say(e, "error.too_many"), wait)
	}
	list, err := subscriptionsOf(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	badge, err := unread(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), tryTime)
	defer cancel()
	sent, failed := 0, []string{}
	for _, s := range list {
		lang := s.Language
		if !i18n.Current().Has(lang) {
			lang = language(e)
		}
		content, err := encode(notice{Title: i18n.T(lang, "notice.try_title"), Body: i18n.T(lang, "notice.try_body"), URL: "/desk/", Tag: "try", Lang: lang, Badge: badge})
		if err != nil {
			return err
		}
		err = room.post(ctx, s, content, "")
		room.note(s, err)
		if err == nil {
			sent++
			continue
		}
		why := say(e, "notice.try_failed", i18n.V{"device": s.Device})
		if errors.Is(err, errGone) {
			why = say(e, "notice.try_gone", i18n.V{"device": s.Device})
		}
		failed = append(failed, why)
		e.App.Logger().Warn("a push to try it out was refused", "subscription", s.ID, "error", err)
	}
	return e.JSON(http.StatusOK, map[string]any{"sent": sent, "failed": failed})
}

// active answers POST /api/desk/active: whether the agent is at this desk, and
// how many seconds ago they last touched it.
func (room *Room) active(e *core.RequestEvent) error {
	var body struct {
		On   bool `json:"on"`
		Idle int  `json:"idle"`
	}
	if err := e.BindBody(&body); err != nil || body.Idle < 0 {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	room.touched(e.Auth.Id, room.now().Add(-time.Duration(min(body.Idle, 1<<20))*time.Second))
	room.desks.set(e.Auth.Id, body.On, room.now())
	return e.NoContent(http.StatusNoContent)
}
