package backup

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(i18n.T(language(e), "error.owners_only"), nil)
	}
	return e.Next()
}

// View is one place as the desk shows it.
type View struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Active    bool   `json:"active"`
	Where     string `json:"where"` // folder, or bucket and prefix
	Encrypted bool   `json:"encrypted"`
	Running   bool   `json:"running"`
	Next      string `json:"next"`      // RFC 3339
	LastGood  string `json:"last_good"` // RFC 3339 or ""
	LastTry   string `json:"last_try"`
	LastFile  string `json:"last_file"`
	LastBytes int64  `json:"last_bytes"`
	Error     string `json:"error"` // as the disk or the storage said it

	Continuous bool   `json:"continuous"`
	LiveGood   string `json:"live_good"`  // RFC 3339 or "": when every change was last known to be there
	LiveError  string `json:"live_error"` // as the disk or the storage said it

	Files []File `json:"files"` // the newest first
}

// inBucket is the bucket in which attachments lie, and so in no backup; "" while
// they are on the disk.
func inBucket(app core.App) string {
	if s := app.Settings().S3; s.Enabled {
		return s.Bucket
	}
	return ""
}

// list answers GET /api/desk/backups. The listing of a place that does not
// answer is left out; its error says why.
func (room *Room) list(e *core.RequestEvent) error {
	records, err := e.App.FindAllRecords(schema.BackupPlaces)
	if err != nil {
		return e.InternalServerError(i18n.T(language(e), "error.internal"), err)
	}
	views := []View{}
	for _, p := range wrapAll(records) {
		v := View{
			ID: p.Id, Name: p.GetString(schema.PlaceName), Kind: p.GetString(schema.PlaceKind), Active: p.GetBool(schema.PlaceActive),
			Encrypted: p.GetString(schema.PlacePassphraseSealed) != "", LastFile: p.GetString(schema.PlaceLastFile), LastBytes: int64(p.GetInt(schema.PlaceLastBytes)),
			LastGood: rfc3339(p, schema.PlaceLastGood), LastTry: rfc3339(p, schema.PlaceLastTry), Error: p.GetString(schema.PlaceLastError), Files: []File{},
			Continuous: p.GetBool(schema.PlaceContinuous), LiveGood: rfc3339(p, schema.PlaceLiveGood), LiveError: p.GetString(schema.PlaceLiveError),
		}
		_, v.Running = room.running.Load(p.Id)
		if v.Active {
			v.Next = due(p.GetDateTime(schema.PlaceLastGood).Time(), p.GetInt(schema.PlaceHour), location(e.App)).UTC().Format("2006-01-02T15:04:05Z")
		}
		v.Where = p.Folder(e.App.DataDir())
		if p.bucket() {
			v.Where = p.GetString(schema.PlaceBucket) + "/" + p.GetString(schema.PlacePrefix)
		}
		if in, _, err := p.open(room.keys(), e.App.DataDir()); err != nil {
			v.Error = err.Error()
		} else if all, err := in.list(e.Request.Context()); err != nil {
			v.Error = err.Error()
		} else if len(all) > 0 {
			v.Files = newest(all)
		}
		views = append(views, v)
	}
	return e.JSON(http.StatusOK, map[string]any{"places": views, "bucket": inBucket(e.App)})
}

func rfc3339(p *Place, field string) string {
	at := p.GetDateTime(field)
	if at.IsZero() {
		return ""
	}
	return at.Time().UTC().Format("2006-01-02T15:04:05Z")
}

// makeNow answers POST /api/desk/backups/{place}/now: 202, and the loop makes
// the backup. Asking twice makes one.
func (room *Room) makeNow(e *core.RequestEvent) error {
	r, err := e.App.FindFirstRecordByFilter(schema.BackupPlaces, "id = {:id} && active = true", dbx.Params{"id": e.Request.PathValue("place")})
	if err != nil {
		return e.NotFoundError(i18n.T(language(e), "backup.no_place"), err)
	}
	room.asked.Store(r.Id, true)
	room.ring()
	return e.NoContent(http.StatusAccepted)
}
