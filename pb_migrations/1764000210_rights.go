package migrations

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What agents may throw away at the desk they may throw away by REST; and no
// route that makes the shop send mail can be called without end.
func init() {
	m.Register(func(app core.App) error {
		return rights(app, isAgent, func(rules []core.RateLimitRule) []core.RateLimitRule {
			return append(rules, core.RateLimitRule{Label: "*:requestVerification", MaxRequests: 5, Duration: 300}, core.RateLimitRule{Label: "*:requestEmailChange", MaxRequests: 5, Duration: 300})
		})
	}, func(app core.App) error {
		return rights(app, isOwner, func(rules []core.RateLimitRule) []core.RateLimitRule {
			return slices.DeleteFunc(rules, func(r core.RateLimitRule) bool {
				return r.Label == "*:requestVerification" || r.Label == "*:requestEmailChange"
			})
		})
	})
}

func rights(app core.App, discard string, change func([]core.RateLimitRule) []core.RateLimitRule) error {
	quarantine, err := app.FindCollectionByNameOrId("quarantine")
	if err != nil {
		return err
	}
	quarantine.DeleteRule = types.Pointer(discard)
	if err := app.Save(quarantine); err != nil {
		return err
	}
	settings := app.Settings()
	settings.RateLimits.Rules = change(settings.RateLimits.Rules)
	return app.Save(settings)
}
