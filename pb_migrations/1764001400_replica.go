package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	fields := map[string][]core.Field{"backup_places": {
		flag("continuous", "Also copy every change here within about a second, so that almost nothing is lost when this machine is. Only one place, and not on this machine's own disk. The command restore --from brings the shop back."),
		moment("live_good", "When every change was last known to be there."),
		text("live_error", "What is wrong with copying every change; empty when it goes well.", long(1000)),
	}}
	m.Register(
		func(app core.App) error { return extend(app, fields, nil) },
		func(app core.App) error { return shrink(app, fields, nil) },
	)
}
