package audit

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/schema"
)

// pruneEvery is how often old entries are dropped.
const pruneEvery = 6 * time.Hour

// Register binds the room.
func Register(app core.App, group *lifecycle.Group) {
	app.OnRecordCreate(schema.Messages).BindFunc(eventWritten)
	app.OnRecordCreateRequest(schema.Audit).BindFunc(keepEntries)
	app.OnRecordUpdateRequest(schema.Audit).BindFunc(keepEntries)
	app.OnRecordDeleteRequest(schema.Audit).BindFunc(keepEntries)
	app.OnRecordCreateRequest().BindFunc(recordCreated)
	app.OnRecordUpdateRequest().BindFunc(recordUpdated)
	app.OnRecordDeleteRequest().BindFunc(recordDeleted)
	app.OnSettingsUpdateRequest().BindFunc(settingsChanged)
	app.OnCollectionCreateRequest().BindFunc(collectionCreated)
	app.OnCollectionUpdateRequest().BindFunc(collectionUpdated)
	app.OnCollectionDeleteRequest().BindFunc(collectionDeleted)
	group.Go("audit", func(ctx context.Context) { prune(ctx, app) })
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		// Inside of PocketBase's own, so that it is known who asks.
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayAudit", Func: routed, Priority: 100})
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayAuditBackup", Func: downloaded, Priority: 100})
		e.Router.GET("/api/desk/audit", list).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog()).BindFunc(ownersOnly)
		return e.Next()
	})
}

func prune(ctx context.Context, app core.App) {
	for {
		if err := Prune(app, time.Now()); err != nil {
			app.Logger().Error("old entries of who did what cannot be dropped", "error", err)
		}
		timer := time.NewTimer(pruneEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
