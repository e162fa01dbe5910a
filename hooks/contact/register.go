package contact

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Register binds the room's hooks and the desk's routes.
func Register(app core.App) {
	app.OnRecordCreate(schema.Contacts).BindFunc(numberNew)
	app.OnRecordCreate(schema.Contacts).BindFunc(unusableUnlessGiven)
	app.OnRecordCreateRequest(schema.Contacts).BindFunc(noPasswordAsked)

	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		desk := e.Router.Group("/api/desk/contacts").Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
		desk.GET("", search)
		desk.GET("/{id}", show)
		desk.PATCH("/{id}", change)
		desk.POST("/{id}/identities", addIdentity)
		desk.DELETE("/{id}/identities/{identity}", removeIdentity)
		desk.POST("/{id}/identities/{identity}/clear", clearIdentity)
		return e.Next()
	})
}

// noPasswordAsked lets a request without a password pass PocketBase's form,
// which looks before any record hook does.
func noPasswordAsked(e *core.RecordRequestEvent) error {
	if v, ok := e.Record.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue); !ok || v.Plain == "" && v.Hash == "" {
		e.Record.SetRaw(core.FieldNamePassword, &core.PasswordFieldValue{Hash: unusablePassword})
	}
	return e.Next()
}

// unusableUnlessGiven spares contacts made in the admin UI or by REST from
// needing a password: they sign in by a code or not at all.
func unusableUnlessGiven(e *core.RecordEvent) error {
	if e.Record.GetString(core.FieldNamePassword+":hash") == "" {
		e.Record.SetRaw(core.FieldNamePassword, &core.PasswordFieldValue{Hash: unusablePassword})
	}
	return e.Next()
}
