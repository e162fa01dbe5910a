package mail

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// bindOutbound binds what concerns mail on its way out.
func (room *Room) bindOutbound(app core.App, d Deps) {
	app.OnRecordCreate(schema.Mailboxes).BindFunc(room.makeKey)
	app.OnRecordUpdate(schema.Mailboxes).BindFunc(room.makeKey)
	app.OnRecordValidate(schema.Mailboxes).BindFunc(checkSignature)
	app.OnRecordValidate(schema.Agents).BindFunc(checkOwnSignature)
	app.OnRecordValidate(schema.MailTemplates).BindFunc(checkTemplate)
	app.OnRecordEnrich(schema.Mailboxes).BindFunc(concealKey)
	app.OnRecordAfterUpdateSuccess(schema.Mailboxes).BindFunc(room.lanesChanged)
	app.OnMailerRecordOTPSend(schema.Contacts).BindFunc(room.codeMail)
	d.Group.Go("mail out", room.tendLanes)
}

func (room *Room) routesOutbound(e *core.ServeEvent) {
	e.Router.POST("/api/desk/conversations/{id}/transcript", room.sendTranscript).Bind(apis.RequireAuth(schema.Agents))
	e.Router.GET("/api/desk/mailboxes/{id}/dkim", room.dkim).Bind(apis.RequireAuth(schema.Agents)).BindFunc(ownersOnly)
	e.Router.POST("/api/desk/mail/signature", room.trySignature).Bind(apis.RequireAuth(schema.Agents), apis.SkipSuccessActivityLog())
	e.Router.GET("/api/desk/mail/preview", room.preview).Bind(apis.RequireAuth(schema.Agents)).BindFunc(ownersOnly)
}
