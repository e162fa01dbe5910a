package audit

import (
	"encoding/json/jsontext"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func say(e *core.RequestEvent, key string) string {
	return i18n.T(i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language()), key)
}

// ownersOnly lets owners of the desk pass.
func ownersOnly(e *core.RequestEvent) error {
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	return e.Next()
}

// row is an entry as the desk shows it.
type row struct {
	ID         string         `json:"id" db:"id"`
	Kind       string         `json:"kind" db:"kind"`
	Action     string         `json:"action" db:"action"`
	Agent      string         `json:"agent" db:"agent"`
	Actor      string         `json:"actor" db:"actor"`
	Collection string         `json:"collection" db:"collection"`
	Target     string         `json:"target" db:"target"`
	Label      string         `json:"label" db:"label"`
	Changes    jsontext.Value `json:"changes" db:"-"`
	Raw        string         `json:"-" db:"changes"`
	Address    string         `json:"address" db:"address"`
	Created    string         `json:"created" db:"created"`
}

const pageSize = 50

// list answers GET /api/desk/audit with the filters kind, agent, from, to
// (RFC 3339) and q, newest first; before is the cursor of the next page.
func list(e *core.RequestEvent) error {
	q := e.Request.URL.Query()
	where, params := []string{"1 = 1"}, dbx.Params{"limit": pageSize + 1}
	if kind := q.Get("kind"); kind != "" {
		where, params["kind"] = append(where, "kind = {:kind}"), kind
	}
	if agent := q.Get("agent"); agent != "" {
		where, params["agent"] = append(where, "agent = {:agent}"), agent
	}
	for name, op := range map[string]string{"from": ">=", "to": "<"} {
		if raw := q.Get(name); raw != "" {
			at, err := time.Parse(time.RFC3339, raw)
			if err != nil {
				return e.BadRequestError(say(e, "error.list"), nil)
			}
			when, _ := types.ParseDateTime(at)
			where, params[name] = append(where, "created "+op+" {:"+name+"}"), when.String()
		}
	}
	if words := strings.TrimSpace(q.Get("q")); words != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(clip(words, 100)) + "%"
		where = append(where, `(label LIKE {:q} ESCAPE '\' OR actor LIKE {:q} ESCAPE '\' OR action LIKE {:q} ESCAPE '\' OR address LIKE {:q} ESCAPE '\' OR changes LIKE {:q} ESCAPE '\')`)
		params["q"] = like
	}
	if cursor := q.Get("before"); cursor != "" {
		created, id, ok := strings.Cut(cursor, "~")
		if !ok {
			return e.BadRequestError(say(e, "error.list"), nil)
		}
		where = append(where, "(created < {:before} OR created = {:before} AND id < {:id})")
		params["before"], params["id"] = strings.Replace(created, "T", " ", 1), id
	}
	rows := []row{}
	err := e.App.DB().NewQuery(`SELECT id, kind, action, agent, actor, collection, target, label, COALESCE(changes, '') AS changes, address, created
		FROM audit WHERE ` + strings.Join(where, " AND ") + ` ORDER BY created DESC, id DESC LIMIT {:limit}`).Bind(params).All(&rows)
	if err != nil {
		return err
	}
	next := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		next = strings.Replace(last.Created, " ", "T", 1) + "~" + last.ID
	}
	for i := range rows {
		rows[i].Created = strings.Replace(rows[i].Created, " ", "T", 1)
		rows[i].Changes = jsontext.Value("[]")
		if v := jsontext.Value(rows[i].Raw); rows[i].Raw != "" && rows[i].Raw != "null" && v.IsValid() {
			rows[i].Changes = v
		}
	}
	people := []struct {
		ID   string `json:"id" db:"agent"`
		Name string `json:"name" db:"actor"`
	}{}
	if q.Get("before") == "" {
		err := e.App.DB().NewQuery(`SELECT agent, MAX(actor) AS actor FROM audit WHERE agent != '' GROUP BY agent ORDER BY actor COLLATE NOCASE LIMIT 200`).All(&people)
		if err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"rows": rows, "next": next, "people": people, "days": keepDays(e.App)})
}

// keepDays is how long entries are kept.
func keepDays(app core.App) int {
	if n := settings.Shop(app).GetInt(schema.ShopAuditDays); n > 0 {
		return n
	}
	return 365
}
