package audit

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/schema"
)

// Register binds the room.
func Register(app core.App) {
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
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		// Inside of PocketBase's own, so that it is known who asks.
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayAudit", Func: routed, Priority: 100})
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "shohayAuditBackup", Func: downloaded, Priority: 100})
		e.Router.GET("/api/desk/audit", list).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog()).BindFunc(ownersOnly)
		return e.Next()
	})
}
