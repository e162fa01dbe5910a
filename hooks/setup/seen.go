package setup

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// widgetProof is the page that loaded the chat first. Anybody can say that
// they are some page, so the owner is shown the host and may say that it is
// none of theirs.
type widgetProof struct {
	Host    string   `json:"host"`
	At      string   `json:"at"`
	Strange []string `json:"strange,omitempty"` // hosts that the owner knows nothing of
}

// mostStrange are kept; whoever names more hosts is not worth the space.
const mostStrange = 20

// watch notes the first page that loads the chat. While nobody waits for it,
// it costs a look at a flag.
func (room *Room) watch(e *core.RequestEvent) error {
	if !room.waiting.Load() {
		return e.Next()
	}
	path := e.Request.URL.Path
	if path != "/widget.js" && !strings.HasPrefix(path, "/api/chat/") {
		return e.Next()
	}
	if host := room.foreign(e); host != "" {
		if err := room.sawWidget(e.App, host); err != nil {
			e.App.Logger().Error("that the chat was loaded is not noted", "error", err)
		}
	}
	return e.Next()
}

// foreign is the host of the page that asks, if it is another site that the
// shop allows; "" otherwise.
func (room *Room) foreign(e *core.RequestEvent) string {
	from := e.Request.Header.Get("Origin")
	if from == "" || from == "null" {
		from = e.Request.Referer()
	}
	u, err := url.Parse(from)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(u.Host) > 200 || u.User != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	if host == strings.ToLower(e.Request.Host) || e.Request.Method == http.MethodOptions {
		return ""
	}
	if own, err := url.Parse(e.App.Settings().Meta.AppURL); err == nil && strings.EqualFold(own.Host, host) {
		return ""
	}
	if !settings.Shop(e.App).AllowsOrigin(u.Scheme + "://" + host) {
		return ""
	}
	return host
}

func (room *Room) sawWidget(app core.App, host string) error {
	room.seeing.Lock()
	defer room.seeing.Unlock()
	if !room.waiting.Load() {
		return nil
	}
	was := readWidget(app)
	if slices.Contains(was.Strange, host) {
		return nil
	}
	was.Host, was.At = host, room.now().UTC().Format(time.RFC3339)
	if err := mark(app, schema.StepWidget, schema.StepDone, was); err != nil {
		return err
	}
	room.waiting.Store(false)
	return nil
}

// notOurs forgets the page that was seen and goes on waiting for another.
func (room *Room) notOurs(app core.App) error {
	room.seeing.Lock()
	defer room.seeing.Unlock()
	p := readWidget(app)
	if p.Host != "" && len(p.Strange) < mostStrange {
		p.Strange = append(p.Strange, p.Host)
	}
	p.Host, p.At = "", ""
	var proof any = p
	if len(p.Strange) == 0 {
		proof = nil
	}
	// With hosts to remember the record stays, as left out.
	state := schema.StepSkipped
	if proof == nil {
		state = stepOpen
	}
	return mark(app, schema.StepWidget, state, proof)
}

func readWidget(app core.App) (p widgetProof) {
	r, err := app.FindFirstRecordByData(schema.SetupSteps, schema.StepName, schema.StepWidget)
	if err == nil {
		_ = r.UnmarshalJSONField(schema.StepProof, &p) // nothing was seen then
	}
	return p
}

// look finds out whether somebody waits for the chat to be loaded.
func (room *Room) look(app core.App) {
	p, err := progress(app)
	if err != nil {
		app.Logger().Error("the set-up cannot be read", "error", err)
		return
	}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name == schema.StepWidget })
	room.waiting.Store(!p.Closed && p.Steps[i].State != schema.StepDone && HasOwner(app))
}
