package retention

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// patience is for how long it is counted; a large shop's originals are many
// files.
const patience = 20 * time.Second

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(i18n.T(language(e), "error.owners_only"), nil)
	}
	return e.Next()
}

// view is a kind as the desk shows it.
type view struct {
	Name  string `json:"name"`
	Field string `json:"field"`
	Days  int    `json:"days"`
	First int    `json:"first"`
	Least int    `json:"least"`
	Most  int    `json:"most"`
	Zero  string `json:"zero"`
}

// night is what went the last time.
type night struct {
	At   string         `json:"at"`
	Gone []audit.Change `json:"gone"`
}

// show answers GET /api/desk/retention.
func (room *Room) show(e *core.RequestEvent) error {
	shop := settings.Shop(e.App)
	views := []view{}
	for _, k := range Kinds {
		days := shop.GetInt(k.Field)
		if days == 0 && (k.Zero == Usual || k.Zero == None) {
			days = k.First
		}
		views = append(views, view{k.Name, k.Field, days, k.First, max(k.Least, 1), k.Most, k.Zero})
	}
	backups, copies, err := room.Backups(e.App)
	if err != nil {
		return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
	}
	last, err := lastNight(e.App)
	if err != nil {
		return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
	}
	at, err := room.next(e.App, time.Now())
	if err != nil {
		return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"kinds": views, "backups": backups, "copies": copies, "last": last, "next": at.UTC()})
}

// lastNight is what the trail says of it; nil before the first. Uses
// idx_audit_kind.
func lastNight(app core.App) (*night, error) {
	var r struct {
		ID string `db:"id"`
	}
	err := app.DB().NewQuery(`SELECT id FROM audit WHERE kind = {:kind} AND action = {:action} ORDER BY created DESC, id DESC LIMIT 1`).
		Bind(dbx.Params{"kind": schema.AuditConfiguration, "action": action}).One(&r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entry, err := app.FindRecordById(schema.Audit, r.ID)
	if err != nil {
		return nil, err
	}
	n := &night{At: strings.Replace(entry.GetString(schema.Created), " ", "T", 1), Gone: []audit.Change{}}
	if entry.GetString(schema.AuditChanges) != "" && entry.GetString(schema.AuditChanges) != "null" {
		err = entry.UnmarshalJSONField(schema.AuditChanges, &n.Gone)
	}
	return n, err
}

// try answers POST /api/desk/retention/try {"days": {kind: n}}: how much would
// go the next time that something goes, by kind, and when that is. Nothing is
// changed.
func (room *Room) try(e *core.RequestEvent) error {
	lang := language(e)
	var body struct {
		Days map[string]int `json:"days"`
	}
	if err := e.BindBody(&body); err != nil || len(body.Days) == 0 {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), patience)
	defer cancel()
	at, err := room.next(e.App, time.Now())
	if err != nil {
		return e.InternalServerError(i18n.T(lang, "error.internal"), err)
	}
	counts := map[string]int{}
	faults := validation.Errors{}
	for _, k := range Kinds {
		days, asked := body.Days[k.Name]
		if !asked {
			continue
		}
		if !k.Fits(days) {
			faults[k.Field] = validation.NewError("retention_days", tooShort(lang, k))
			continue
		}
		before, ever := bound(k, days, at)
		if !ever {
			counts[k.Name] = 0
			continue
		}
		n, err := k.count(ctx, room, before)
		if err != nil {
			return e.InternalServerError(i18n.T(lang, "error.internal"), err)
		}
		counts[k.Name] = n
	}
	if len(faults) > 0 {
		return e.BadRequestError(i18n.T(lang, "error.body"), faults)
	}
	return e.JSON(http.StatusOK, map[string]any{"counts": counts, "at": at.UTC()})
}
