package hooks

import (
	"context"
	"errors"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/settings"
)

// lookFor is how long the name of PocketBase's mail server is looked up.
const lookFor = 15 * time.Second

// guardMailer keeps PocketBase's own mailer, whose server a superuser names,
// from addresses at which no mail server is. It dials by itself, so its name is
// looked up before each mail; a number is refused when it is saved.
func guardMailer(app core.App) {
	app.OnMailerSend().BindFunc(mailerReaches)
	app.OnSettingsUpdateRequest().BindFunc(mailerSaved)
}

func mailerReaches(e *core.MailerEvent) error {
	if client, ok := e.Mailer.(*mailer.SMTPClient); ok {
		ctx, cancel := context.WithTimeout(context.Background(), lookFor)
		defer cancel()
		err := outward.Network.Leads(ctx, client.Host)
		if errors.Is(err, outward.ErrForbidden) {
			err = errors.Join(errors.New(forbiddenHost(e.App, client.Host)), err)
		}
		if err != nil {
			return err
		}
	}
	return e.Next()
}

func mailerSaved(e *core.SettingsUpdateRequestEvent) error {
	host := e.NewSettings.SMTP.Host
	if ip, ok := outward.Named(host); ok && e.NewSettings.SMTP.Enabled && !outward.Network.Allows(host, ip) {
		return e.BadRequestError(forbiddenHost(e.App, host), validation.Errors{
			"smtp": validation.Errors{"host": validation.NewError("smtp_host_forbidden", forbiddenHost(e.App, host))},
		})
	}
	return e.Next()
}

func forbiddenHost(app core.App, host string) string {
	return i18n.T(settings.Shop(app).Language(), "error.mailer_host", i18n.V{"host": host})
}
