package hooks

import (
	"errors"
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// mendSentences looks at every error on its way out: PocketBase ends each
// message with a full stop even where a danda stands already, and its own
// limiter answers without a sentence.
func mendSentences(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{
			Id:       "shohaySentences",
			Func:     mendSentence,
			Priority: -1100, // around PocketBase's rate limiter (-1000)
		})
		return e.Next()
	})
}

func mendSentence(e *core.RequestEvent) error {
	err := e.Next()
	var api *router.ApiError
	if !errors.As(err, &api) {
		return err
	}
	api.Message = strings.Replace(api.Message, "।.", "।", 1)
	mendFields(api.Data)
	if api.Status == http.StatusTooManyRequests && e.Response.Header().Get("Retry-After") == "" {
		e.Response.Header().Set("Retry-After", "10")
		shop := settings.Shop(e.App)
		api.Message = i18n.T(i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), shop.Language()), "error.too_many")
	}
	return err
}

// mendFields does the same to what is said of each field, however deep it lies.
func mendFields(data map[string]any) {
	for key, value := range data {
		switch v := value.(type) {
		case map[string]any:
			mendFields(v)
		case string:
			if key == "message" {
				data[key] = strings.Replace(v, "।.", "।", 1)
			}
		}
	}
}
